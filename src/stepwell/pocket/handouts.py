"""The hand-outs of topics that the patient attended: to read, and to print."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse

from stepwell.accounts.actor import Request
from stepwell.clinic.timetable.curriculum import queries
from stepwell.pocket.pages import patient_page, render


@patient_page
def handouts(request: Request, patient: Any) -> HttpResponse:
    found = queries.own_handouts(request.actor, patient.site_id)
    return render(request, "pocket/handouts.html", {"found": found})


@patient_page
def handout(request: Request, patient: Any, key: str, topic: str) -> HttpResponse:
    """One of her own; 404 for a topic she did not attend."""
    return render(request, "pocket/handout.html", {"h": _own(request, patient, key, topic)})


@patient_page
def handout_print(request: Request, patient: Any, key: str, topic: str) -> HttpResponse:
    """The same as a sheet."""
    return render(request, "pocket/handout_print.html", {"h": _own(request, patient, key, topic)})


def _own(request: Request, patient: Any, key: str, topic: str) -> queries.Handout:
    found = queries.own_handout(request.actor, patient.site_id, key, topic)
    if found is None:
        raise Http404
    return found
