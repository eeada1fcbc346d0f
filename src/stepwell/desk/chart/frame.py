"""The frame of a chart: finds the patient for who asks, writes the access into the trail, draws head and tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.people.queries import patient_for
from stepwell.desk.pages import render

TABS: tuple[tuple[str, str, str, P], ...] = (
    ("overview", "Overview", "desk:chart", P.CHART_READ),
    ("assessment", "Assessments", "desk:assessment", P.ASSESSMENT_READ),
    ("placement", "Level of care", "desk:placement", P.PLACEMENT_READ),
    ("plan", "Plan", "desk:plan", P.PLAN_READ),
    ("schedule", "Schedule", "desk:schedule", P.TIMETABLE_READ),
    ("notes", "Notes", "desk:chart_notes", P.NOTE_READ),
    ("medication", "Medication", "desk:chart_medication", P.MEDICATION_READ),
    ("tests", "Tests", "desk:chart_tests", P.DRUG_TEST_READ),
    ("recovery", "Recovery", "desk:recovery", P.RECOVERY_READ),
    ("coverage", "Coverage", "desk:coverage", P.COVERAGE_READ),
    ("consent", "Consent and documents", "desk:consent", P.CONSENT_READ),
    ("aftercare", "Aftercare", "desk:chart_aftercare", P.AFTERCARE_READ),
    ("details", "Details", "desk:patient_details", P.PEOPLE_READ),
    ("seen", "Who saw this", "desk:who_saw", P.AUDIT_READ),
)
"""Key, label, route (with the patient's code), permission: a tab is shown only to whom it opens."""


@dataclass(frozen=True)
class Chart:
    """The patient of this page and the tab that is open."""

    patient: Any
    tab: str
    tabs: list[dict[str, Any]]


def open_chart(request: HttpRequest, code: str, tab: str, *, record: bool = True) -> Chart:
    """The chart of the patient with `code` for who asks; `ObjectDoesNotExist` (a 404) for a stranger's.

    The look is in the audit trail before anything is answered.
    """
    by = request.actor  # type: ignore[attr-defined]
    permission = next(p for key, _, _, p in TABS if key == tab)
    patient = patient_for(by, code, permission)
    if record and request.method == "GET":
        trail.record_access(by=by, at=request.at, patient_id=patient.pk, subject=f"Chart {tab}")  # type: ignore[attr-defined]
    tabs = []
    for key, label, route, needed in TABS:
        url = _url(route, patient.code)
        if url and by.may(needed, patient.site_id):
            tabs.append({"label": label, "url": url, "current": key == tab})
    return Chart(patient, tab, tabs)


def chart_page(
    request: HttpRequest, chart: Chart, template: str, context: dict[str, Any] | None = None
) -> HttpResponse:
    """A tab of the chart; `template` extends desk/chart/chart.html."""
    return render(request, template, {"chart": chart, "patient": chart.patient, **(context or {})})


def _url(route: str, code: str) -> str:
    try:
        return reverse(route, args=[code])
    except NoReverseMatch:
        return ""
