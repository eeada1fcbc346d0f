"""Good-faith estimates at the desk: what is due, the sheet that is given, and the program's own facts on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.coverage.good_faith import actions, queries
from stepwell.clinic.coverage.rules import load_good_faith
from stepwell.clinic.inquiry.queries import inquiry_for
from stepwell.clinic.people.queries import site_of
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.coverage.good_faith_forms import (
    AskedForEstimate,
    Identity,
    NewGoodFaithEstimate,
    NotNeeded,
)
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.COVERAGE_READ)
def good_faith(request: Request) -> HttpResponse:
    """What is due, the nearest deadline first, and what was given lately."""
    today = localdate(request.at)
    context = {
        "due": queries.due_estimates(request.actor, today),
        "given": [(row, queries.name_of(row.asked)) for row in queries.given_estimates(request.actor)],
        "may_record": request.actor.may(P.COVERAGE_RECORD),
        "may_set": request.actor.may(P.STAFF_MANAGE),
        "identity": queries.identity_of(request.actor.home.site_id),
    }
    return render(request, "desk/coverage/good_faith.html", context)


@staff_page(P.COVERAGE_RECORD)
def estimate_asked(request: Request, code: str) -> HttpResponse:
    """A patient asked what it costs, was scheduled, or the plan changed."""
    chart = open_chart(request, code, "coverage")
    form = AskedForEstimate(request.POST or None, initial={"asked_on": localdate(request.at)})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.record_asking(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            messages.success(request, f"The estimate is due. {row.because}")
            return redirect("desk:give_good_faith", row.pk)
    context = {"form": form, "rows": queries.of_patient(request.actor, chart.patient)}
    return chart_page(request, chart, "desk/coverage/estimate_asked.html", context)


@staff_page(P.COVERAGE_RECORD)
def inquiry_estimate_asked(request: Request, code: str) -> HttpResponse:
    """Somebody who asks for help asks what it costs."""
    inquiry = inquiry_for(request.actor, code)
    form = AskedForEstimate(request.POST or None, initial={"asked_on": localdate(request.at)})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.record_asking(by=request.actor, at=request.at, inquiry=inquiry, **form.cleaned_data)
            messages.success(request, f"The estimate is due. {row.because}")
            return redirect("desk:give_good_faith", row.pk)
    context = {
        "form": form,
        "inquiry": inquiry,
        "rows": queries.of_inquiry(request.actor, inquiry),
    }
    return render(request, "desk/coverage/inquiry_estimate_asked.html", context)


@staff_page(P.COVERAGE_RECORD)
def give_good_faith(request: Request, asked_id: int) -> HttpResponse:
    """The document is made, kept and shown; from then on it stays as it is."""
    asked = queries.asked_one(request.actor, asked_id)
    if hasattr(asked, "given"):
        return redirect("desk:good_faith_sheet", asked.given.pk)
    _note_access(request, asked)
    form = NewGoodFaithEstimate(
        request.POST or None,
        initial={
            "name": queries.name_of(asked),
            "birth_date": queries.birth_date_of(asked),
            "starts_on": asked.service_on or localdate(request.at),
            "scheduled": asked.service_on is not None,
        },
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.give_estimate(by=request.actor, at=request.at, asked=asked, **form.facts())
            messages.success(request, "The estimate is kept as it stands here. Print it, or send it.")
            return redirect("desk:good_faith_sheet", row.pk)
    context = {
        "form": form,
        "asked": asked,
        "name": queries.name_of(asked),
        "identity": queries.identity_of(asked.site_id),
        "may_set": request.actor.may(P.STAFF_MANAGE, asked.site_id),
        "not_needed": NotNeeded(),
    }
    return render(request, "desk/coverage/give_good_faith.html", context)


@staff_page(P.COVERAGE_RECORD)
def good_faith_not_needed(request: Request, asked_id: int) -> HttpResponse:
    """Insurance is used after all, or the person does not come."""
    asked = queries.asked_one(request.actor, asked_id)
    if hasattr(asked, "given") or hasattr(asked, "not_needed"):
        return redirect("desk:good_faith")
    form = NotNeeded(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.not_needed(by=request.actor, at=request.at, asked=asked, **form.cleaned_data)
            messages.success(request, "Nobody is waiting for this estimate any more.")
            return redirect("desk:good_faith")
    context = {"form": form, "asked": asked, "name": queries.name_of(asked)}
    return render(request, "desk/coverage/good_faith_not_needed.html", context)


@staff_page(P.COVERAGE_READ)
def good_faith_sheet(request: Request, estimate_id: int) -> HttpResponse:
    """The estimate as it was given, to be printed."""
    row = queries.given_one(request.actor, estimate_id)
    _note_access(request, row.asked)
    words = load_good_faith().words[row.language]
    context = {
        "row": row,
        "sheet": row.document,
        "words": words,
        "made_on": _day_in(words, row.document["made_on"]),
        "born": _day_in(words, row.document["patient"]["born"]),
        "first_visit": _day_in(words, row.document["primary"]["first_visit"]),
        "items": [_in_money(item, ("usual", "expected", "sum")) for item in row.document["items"]],
        "weeks": [
            {**_in_money(week, ("expected",)), "starts_on": _day_in(words, week["starts_on"])}
            for week in row.document["weeks"]
        ],
        "may_record": request.actor.may(P.COVERAGE_RECORD, row.asked.site_id),
    }
    return render(request, "desk/coverage/good_faith_sheet.html", context)


@staff_page(P.STAFF_MANAGE)
def provider_identity(request: Request) -> HttpResponse:
    """How the program is named on estimates."""
    site = site_of(request.actor)
    now = queries.identity_of(site.pk)
    initial = (
        {name: getattr(now, name) for name in ("legal_name", "npi", "tin", "state", "address")}
        if now
        else {"npi": site.npi, "address": site.address}
    )
    form = Identity(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.set_identity(by=request.actor, at=request.at, site=site, **form.cleaned_data)
            messages.success(request, "New estimates name the program so.")
            return redirect("desk:good_faith")
    return render(request, "desk/coverage/provider_identity.html", {"form": form})


def _note_access(request: Request, asked: Any) -> None:
    """Whoever looks at a patient's estimate leaves a trace of it."""
    if asked.patient_id is not None and request.method in ("GET", "HEAD"):
        trail.record_access(
            by=request.actor,
            at=request.at,
            patient_id=asked.patient_id,
            subject="Good-faith estimate",
        )


def _in_money(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {**row, **{name: Decimal(row[name]) for name in names}}


def _day_in(words: Mapping[str, Any], told: str) -> str:
    """A day in the language of the sheet; what is no day (a visit not scheduled yet) stands as it is."""
    try:
        day = date.fromisoformat(told)
    except ValueError:
        return told
    return str(words["date"]).format(day=day.day, month=words["months"][day.month - 1], year=day.year)
