"""The frame of a chart: finds the patient for who asks, writes the access into the trail, draws head and tabs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import NoReverseMatch

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.ahead import send
from stepwell.clinic.chart.queries import ChartWeek, Head, OpenAlert, ask_week, chart_patient, head_of
from stepwell.clinic.people.rules import age_on
from stepwell.clinic.placement.queries import level_words
from stepwell.desk.chart.journey import journey
from stepwell.desk.pages import render
from stepwell.ui.jinja import address

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
    ("consent", "Consents", "desk:consent", P.CONSENT_READ),
    ("documents", "Documents", "desk:documents", P.CHART_READ),
    ("aftercare", "Aftercare", "desk:chart_aftercare", P.AFTERCARE_READ),
    ("details", "Details", "desk:patient_details", P.PEOPLE_READ),
    ("seen", "Who saw this", "desk:who_saw", P.AUDIT_READ),
)
"""Key, label, route (with the patient's code), permission: a tab is shown only to whom it opens."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the chart that the role may open."""

    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Chart:
    """The patient of this page, the tab that is open, and what the head shows."""

    patient: Any
    tab: str
    tabs: list[Tab]
    head: Head
    week: ChartWeek
    steps: list[dict[str, str]]
    age: int | None
    level: str
    week_of_program: str
    today: date
    sees_hours: bool

    @property
    def alerts(self) -> tuple[OpenAlert, ...]:
        return self.head.alerts

    @property
    def well(self) -> Any:
        """The ledger of this week, for `ui.well`."""
        return self.week.ledger


def open_chart(
    request: Request,
    code: str,
    tab: str,
    *,
    record: bool = True,
    ahead: Callable[[Any, date], None] | None = None,
) -> Chart:
    """The chart of the patient with `code` for who asks; `ObjectDoesNotExist` (a 404) for a stranger's.

    The look is in the audit trail before anything is answered. Two reads, whatever the length of the chart:
    the patient with all that the head shows, and the seats of this week. `ahead` is given the patient and the day
    as soon as it is sure that the chart may be opened: there a tab sends its own statements (`clinic.ahead`).
    """
    by = request.actor
    permission = next(p for key, _, _, p in TABS if key == tab)
    today = request.at.astimezone(ZoneInfo(by.home.zone)).date()
    patient: Any = chart_patient(by, code, permission, on=today)
    week = ask_week(by, patient, at=request.at)
    if ahead is not None:
        ahead(patient, today)
    if record and request.method in ("GET", "HEAD"):
        trail.record_access(by=by, at=request.at, patient_id=patient.pk, subject=f"Chart {tab}", send=send)
    zone = ZoneInfo(patient.site.zone)
    head = head_of(by, patient)
    sees_level = by.may(P.PLACEMENT_READ, patient.site_id)
    return Chart(
        patient=patient,
        tab=tab,
        tabs=_tabs(by, patient, tab),
        head=head,
        steps=journey(head, zone=zone, today=today),
        age=age_on(patient.birth_date, today) if patient.birth_date <= today else None,
        level=level_words(patient.level) if sees_level else "",
        week_of_program=_week_of_program(patient, zone, today),
        today=today,
        sees_hours=by.may(P.HOURS_READ, patient.site_id),
        week=week(),
    )


def chart_page(
    request: Request, chart: Chart, template: str, context: dict[str, Any] | None = None
) -> HttpResponse:
    """A tab of the chart; `template` extends desk/chart/chart.html."""
    return render(request, template, {"chart": chart, "patient": chart.patient, **(context or {})})


def route(name: str, *parts: object) -> str:
    """The address of a route, or an empty text where a site has no such page."""
    try:
        return address(name, *parts)
    except NoReverseMatch:
        return ""


def _tabs(by: Any, patient: Any, current: str) -> list[Tab]:
    shown = []
    for key, label, name, needed in TABS:
        url = route(name, patient.code)
        if url and by.may(needed, patient.site_id):
            shown.append(Tab(label, url, key == current))
    return shown


def _week_of_program(patient: Any, zone: ZoneInfo, today: date) -> str:
    if patient.admitted_at is None:
        return ""
    week = (today - patient.admitted_at.astimezone(zone).date()).days // 7 + 1
    planned = patient.planned_weeks
    return f"week {week} of {planned}" if planned and week <= planned else f"week {week}"
