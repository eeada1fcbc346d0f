from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit.queries import visits_of_patient
from stepwell.clinic.ahead import together
from stepwell.clinic.chart.queries import ask_front, ask_happened
from stepwell.desk.chart.due import due_lines
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.chart.words import changes, instrument_title, lines_of, looks
from stepwell.desk.hours.doses import DoseLine, dose_lines
from stepwell.desk.pages import staff_page
from stepwell.ui.jinja import address

UNFOLDED = 12
"""Entries of what happened that lie open; the earlier ones of the page are folded under them."""


@staff_page(P.CHART_READ)
def overview(request: Request, code: str) -> HttpResponse:
    """One patient on one page. With `?after=` only the older part of what happened."""
    with together():
        return _overview(request, code)


def _overview(request: Request, code: str) -> HttpResponse:
    by, asked = request.actor, request.GET.get("after", "")
    waiting: list[Any] = []

    def ahead(patient: Any, today: date) -> None:
        waiting.append(ask_front(by, patient, at=request.at, today=today))
        waiting.append(ask_happened(by, patient, at=request.at, after=asked))

    chart = open_chart(request, code, "overview", ahead=ahead)
    patient = chart.patient
    front, page = (answer() for answer in waiting)
    here = address("desk:chart", patient.code)
    return chart_page(
        request,
        chart,
        "desk/chart/overview.html",
        {
            "due": due_lines(by, chart, front, at=request.at),
            "objectives": [{**o, "due_on": date.fromisoformat(o["due_on"])} for o in front.objectives],
            "team": [(m["role"].replace("_", " ").capitalize(), m["name"]) for m in front.team],
            "scores": _scores(front.scores),
            "doses": _doses(chart, front.given),
            "since": _admitted_on(chart),
            "shown": len(page.events) if asked else UNFOLDED,
            "events": lines_of(page.events, patient.code, patient.site.zone),
            "older": f"{here}?{urlencode({'after': page.older})}#what-happened" if page.older else None,
            "newest": f"{here}#what-happened" if asked else None,
        },
    )


@staff_page(P.AUDIT_READ)
def who_saw(request: Request, code: str) -> HttpResponse:
    """Who saw this chart: who, when, why, from where; looks of one visit are one line."""
    chart = open_chart(request, code, "seen")
    before = request.GET.get("before", "")
    kind = request.GET.get("kind", "")
    page = visits_of_patient(
        chart.patient.pk,
        zone=chart.patient.site.zone,
        before_seq=int(before) if before.isdecimal() and len(before) < 19 else None,
        kind=kind if kind in ("access", "write") else None,
    )
    here = reverse("desk:who_saw", args=[chart.patient.code])
    chosen = {"kind": kind} if kind in ("access", "write") else {}
    older = f"{here}?{urlencode({**chosen, 'before': page.older})}" if page.older else None
    newest = f"{here}?{urlencode(chosen)}" if before else None
    return chart_page(
        request,
        chart,
        "desk/chart/who_saw.html",
        {
            "visits": page.visits,
            "older": older,
            "newest": newest,
            "kind": kind,
            "here": here,
            "looks": looks,
            "changes": changes,
        },
    )


def _doses(chart: Chart, given: Mapping[str, int]) -> list[DoseLine]:
    """By kind of treatment since admission; nothing for somebody who is not in treatment."""
    first = _admitted_on(chart)
    if first is None or not chart.sees_hours:
        return []
    return dose_lines(chart.patient, given, first, chart.today, chart.week.ledger)


def _admitted_on(chart: Chart) -> date | None:
    if not chart.head.in_treatment or chart.head.admitted_at is None:
        return None
    return chart.head.admitted_at.astimezone(ZoneInfo(chart.patient.site.zone)).date()


def _scores(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Instrument by instrument: the newest total with its band, and what it was before."""
    newest = [row for row in rows if row["n"] == 1]
    before = {row["instrument"]: row for row in rows if row["n"] == 2}
    return [
        {
            "title": instrument_title(row["instrument"]),
            "total": row["total"],
            "band": row["band"],
            "taken_at": row["taken_at"],
            "before": before.get(row["instrument"]),
        }
        for row in newest
        if row["total"] is not None or row["band"]
    ]
