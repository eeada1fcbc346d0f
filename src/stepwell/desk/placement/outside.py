"""Results of other instruments, recorded beside ours."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.placement import actions, queries
from stepwell.clinic.placement.rules import Level, compare, level_from, outside_label
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.placement.forms import Outside, Strike


@staff_page(P.ASSESSMENT_RECORD)
def outside_placement(request: Request, code: str) -> HttpResponse:
    """Record what CONTINUUM, LOCUS or another instrument gave, with who did it and where its paper is."""
    chart = open_chart(request, code, "placement")
    form = Outside(request.POST or None, initial={"on": chart.today})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_outside_placement(
                by=request.actor, at=request.at, patient=chart.patient, **form.result()
            )
            messages.success(request, "The result is on file beside ours.")
            return redirect("desk:placement", chart.patient.code)
    return chart_page(request, chart, "desk/placement/outside.html", {"form": form, "struck": None})


@staff_page(P.ASSESSMENT_RECORD)
def outside_strike(request: Request, code: str, number: int) -> HttpResponse:
    """Entered in error: struck out, still readable."""
    chart = open_chart(request, code, "placement")
    row = queries.outside_of(request.actor, chart.patient).get(pk=number)
    form = Strike(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.strike_outside_placement(
                by=request.actor, at=request.at, outside=row, because=form.cleaned_data["because"]
            )
            messages.success(request, "The result is struck out.")
            return redirect("desk:placement", chart.patient.code)
    context = {"form": form, "struck": f"{outside_label(row.instrument)} level {row.level}"}
    return chart_page(request, chart, "desk/placement/outside.html", context)


def outside_lines(rows: Any, ours: Level | None) -> list[dict[str, Any]]:
    """Each result in words, compared with ours."""
    return [
        {
            "pk": row.pk,
            "title": f"{outside_label(row.instrument)}: level {row.level}",
            "on": row.on,
            "rater": row.rater,
            "document": row.document,
            "note": row.note,
            "struck": row.entered_in_error_because if row.entered_in_error_at else "",
            "comparison": compare(level_from(row.matches) if row.matches else None, ours),
        }
        for row in rows
    ]
