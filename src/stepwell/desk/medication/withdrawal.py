"""Withdrawal: everybody watched, the flow sheet of one patient, one reading, the end of a watch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.rules import load_instrument
from stepwell.clinic.medication import actions, queries, rules
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.medication.forms import WatchEnd, once_key
from stepwell.desk.medication.sheet_forms import Reading
from stepwell.desk.medication.tabs import tabs
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.ui import charts
from stepwell.ui.filters import clock, day

_SHOWN = 24
"""Readings drawn in the trend; the table beneath has all of them."""


@staff_page(P.MEDICATION_READ)
def watched(request: Request) -> HttpResponse:
    """Everybody whose withdrawal is watched, the reading that is due first at the top."""
    by = request.actor
    context = {
        "tabs": tabs("withdrawal"),
        "watched": queries.watched_now(by, at=request.at),
        "may_give": by.may(P.MEDICATION_GIVE),
    }
    return render(request, "desk/medication/watched.html", context)


@staff_page(P.MEDICATION_READ)
def sheet(request: Request, code: str) -> HttpResponse:
    """The flow sheets of one patient with their trend."""
    chart = open_chart(request, code, "medication")
    found = queries.sheets_of(request.actor, chart.patient)
    context = {
        "sheets": [_drawn(row) for row in found],
        "scales": list(rules.scales().values()),
        "vitals": rules.vitals(),
        "action_label": rules.action_label,
        "may_give": request.actor.may(P.MEDICATION_GIVE, chart.patient.site_id),
    }
    return chart_page(request, chart, "desk/medication/sheet.html", context)


def _drawn(watch: Any) -> dict[str, Any]:
    """A watch with its trend: the score over its bands, and pulse and pressure."""
    facts, instrument = rules.scale(watch.instrument), load_instrument(watch.instrument)
    shown = [r for r in reversed(list(watch.readings.all())) if r.total is not None][-_SHOWN:]
    names = [f"{day(r.at)[4:]} {clock(r.at)}" for r in shown]
    svg = (
        charts.line(
            names,
            [charts.Series("Score", [r.total for r in shown])],
            [charts.Band(b.label, b.low, b.high + 1) for b in instrument.bands],
            says=f"{facts['label']} over time",
        )
        if len(shown) > 1
        else None
    )
    signs = (
        charts.line(
            names,
            [
                charts.Series("Pulse", [r.pulse for r in shown]),
                charts.Series("Systolic", [r.systolic for r in shown]),
                charts.Series("Diastolic", [r.diastolic for r in shown]),
            ],
            says="Pulse and blood pressure over time",
        )
        if len(shown) > 1 and any(r.pulse or r.systolic for r in shown)
        else None
    )
    return {
        "row": watch,
        "label": facts["label"],
        "chart": svg,
        "signs": signs,
        "rows": [[name, r.total] for name, r in zip(names, shown, strict=True)],
        "sign_rows": [[name, r.pulse, r.systolic, r.diastolic] for name, r in zip(names, shown, strict=True)],
    }


@staff_page(P.MEDICATION_GIVE)
def new_reading(request: Request, code: str, instrument: str) -> HttpResponse:
    """A scale and the vital signs: one tap for each line, then save."""
    chart = open_chart(request, code, "medication")
    try:
        facts = rules.scale(instrument)
    except Refused as unknown:
        raise Http404 from unknown
    asked = load_instrument(instrument)
    form = Reading(
        request.POST if request.method == "POST" else None, instrument=asked, initial={"once_key": once_key()}
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.record_reading(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                instrument=instrument,
                answers=form.answers(),
                vitals=form.vitals(),
                note=form.cleaned_data["note"],
                once_key=form.cleaned_data["once_key"],
            )
            said = f"{asked.title}: {row.total}."
            if row.action:
                messages.error(request, f"{said} {rules.action_label(row.action)}. {' '.join(row.sentences)}")
            else:
                messages.success(request, said)
            return redirect("desk:chart_withdrawal", chart.patient.code)
    context = {"form": form, "instrument": asked, "label": facts["label"]}
    return chart_page(request, chart, "desk/medication/new_reading.html", context)


@staff_page(P.MEDICATION_GIVE)
def watch_end(request: Request, code: str, watch_id: int) -> HttpResponse:
    """No more readings of this scale."""
    chart = open_chart(request, code, "medication")
    row = queries.watch_for(request.actor, chart.patient, watch_id)
    form = WatchEnd(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.end_watch(by=request.actor, at=request.at, watch=row, **form.cleaned_data)
            messages.success(request, "Withdrawal is watched no more with this scale.")
            return redirect("desk:chart_withdrawal", chart.patient.code)
    context = {
        "form": form,
        "title": f"End the watch: {rules.scale(row.instrument)['label']}",
        "explain": "The readings stay on file.",
        "button": "End the watch",
    }
    return chart_page(request, chart, "desk/medication/one_form.html", context)
