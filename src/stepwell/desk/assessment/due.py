"""The work list of questionnaires: who is due for which, latest first, at the sites of whoever asks."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment import queries
from stepwell.clinic.assessment.rules import load_instrument
from stepwell.clinic.chart.queries import due_of
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.queries import admitted_days
from stepwell.clinic.site_days import site_day
from stepwell.desk.pages import render, staff_page

MOST = 200


@staff_page(P.ASSESSMENT_READ)
def due_questionnaires(request: Request) -> HttpResponse:
    """Everybody in treatment with something due in the window of the schedule. Five statements, however many people."""
    by = request.actor
    days = admitted_days(by)
    people = list(
        patients_for(by, P.ASSESSMENT_READ).filter(pk__in=days).select_related("site").order_by("pk")
    )
    today = request.at.astimezone(ZoneInfo(by.home.zone)).date()
    things = due_of(by, [p.pk for p in people], at=request.at, today=today)
    filled = queries.newest_fillings(by, [p.pk for p in people])
    rows = []
    for patient in people:
        zone = ZoneInfo(patient.site.zone)
        day = site_day(patient.site, request.at)
        due = queries.due_after(
            filled[patient.pk],
            zone=patient.site.zone,
            admitted_at=datetime.combine(days[patient.pk], time(12), zone),
            today=day,
            review_on=things[patient.pk].review_on if patient.pk in things else None,
        )
        if due:
            asked = [
                {"title": load_instrument(d.instrument).title, "slug": d.instrument, "because": d.because}
                for d in due
            ]
            rows.append({"patient": patient, "due": asked, "on": due[0].on, "late": due[0].late(day)})
    rows.sort(key=lambda row: (row["on"], row["patient"].pk))
    context = {
        "rows": rows[:MOST],
        "more": len(rows) > MOST,
        "may_record": by.may(P.ASSESSMENT_RECORD),
        "late": sum(1 for row in rows if row["late"]),
    }
    return render(request, "desk/assessment/due.html", context)
