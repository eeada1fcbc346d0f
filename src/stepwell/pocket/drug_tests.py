"""Own drug tests: the notice of the day, and what came of earlier ones. No day is told before it comes."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.clinic.drug_tests import queries, rules
from stepwell.pocket.pages import patient_page, render

_SAID = {
    "as expected": "Everything was as expected.",
    "unexpected": "Something was not as expected. Your counselor talks it over with you.",
    "dilute": "The specimen was too thin to tell. It is collected again.",
    "invalid": "It could not be read. It is collected again.",
    "substituted": "It could not be read. Your counselor talks it over with you.",
    "tampered": "It could not be read. Your counselor talks it over with you.",
}


@patient_page
def tests(request: Request, patient: Any) -> HttpResponse:
    """A test of today with until when to come; earlier ones in plain words, results once they were reviewed."""
    zone = ZoneInfo(patient.site.zone)
    today = request.at.astimezone(zone).date()
    rows = queries.own_tests(request.actor, today=today)
    due = [one for one in rows if one.due_on == today and not _done(one)]
    closes = datetime.combine(today, time(0), zone) + timedelta(hours=24)
    until = min(request.at + timedelta(hours=rules.appear_within_hours()), closes - timedelta(minutes=1))
    context = {
        "patient": patient,
        "due": due,
        "until": until,
        "earlier": [(one, _said(one, today)) for one in rows if one not in due],
    }
    return render(request, "pocket/drug_tests.html", context)


def _done(test: Any) -> bool:
    return hasattr(test, "collection") or hasattr(test, "excuse")


def _said(test: Any, today: Any) -> str:
    """What came of it; nothing of a result that no clinician has looked at."""
    if hasattr(test, "excuse"):
        return "Excused."
    taken = getattr(test, "collection", None)
    if taken is None:
        return "No specimen was given." if test.due_on < today else ""
    if taken.refused:
        return "No specimen was given. It is not a positive."
    reviewed = [one for one in test.results.all() if one.reviewed_at is not None]
    if not reviewed:
        return "The result is not in yet, or nobody has looked at it yet."
    return _SAID.get(str(reviewed[-1].reading.get("outcome")), "Your counselor tells you more.")
