from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Actor, Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.authorization import actions, queries
from stepwell.clinic.authorization.rules import Tone, load_asking
from stepwell.clinic.billing.queries import day_code
from stepwell.clinic.coverage.queries import policies_of
from stepwell.clinic.hours.queries import days_of
from stepwell.clinic.people.queries import patient_for
from stepwell.clinic.placement.queries import level_words, open_episode, placement_on
from stepwell.clinic.plan.queries import order_on, orders_of
from stepwell.clinic.transition.queries import moves_to_authorize
from stepwell.desk.authorization.forms import Answer, Asked
from stepwell.desk.pages import refusals_on, render, staff_page

TONES = {Tone.GOOD: "good", Tone.ASKED: "water", Tone.WATCH: "warn", Tone.ALERT: "bad"}
WORDS = {Tone.GOOD: "enough", Tone.ASKED: "asked for", Tone.WATCH: "watch", Tone.ALERT: "act now"}


@staff_page(P.AUTHORIZATION_READ)
def authorizations(request: Request) -> HttpResponse:
    """What runs out first, what waits for an answer, what was denied, and who has none."""
    by, today = request.actor, _today(request)
    listed = _projected(by, queries.in_force(by, today), request)
    calm = [one for one in listed if one.standing.tone in (Tone.GOOD, Tone.ASKED)]
    context = {
        "listed": listed,
        "due": [one for one in listed if one.standing.tone is Tone.ALERT],
        "watched": [one for one in listed if one.standing.tone is Tone.WATCH],
        "calm": calm,
        "pressing": [one for one in listed if one.standing.tone is Tone.ALERT],
        "pending": queries.pending(by),
        "denied": queries.denied(by, today - load_asking().denials_listed),
        "unasked": queries.unasked(by, today),
        "moved": [(row, level_words(row.level)) for row in moves_to_authorize(by, today)],
        "tones": TONES,
        "words": WORDS,
        "may_record": by.may(P.AUTHORIZATION_RECORD),
    }
    return render(request, "desk/authorization/authorizations.html", context)


@staff_page(P.AUTHORIZATION_READ)
def authorization(request: Request, number: int) -> HttpResponse:
    """One authorization: where it stands, every answer of the payer, and the form for the next one."""
    by = request.actor
    row = queries.authorization(by, number)
    trail.record_access(by=by, at=request.at, patient_id=row.patient_id, subject=f"Authorization {row.pk}")
    return _page(request, row, Answer(initial=_as_asked(row)))


@staff_page(P.AUTHORIZATION_RECORD)
def decision(request: Request, number: int) -> HttpResponse:
    row = queries.authorization(request.actor, number)
    if request.method != "POST":
        return redirect("desk:authorization", row.pk)
    form = Answer(request.POST)
    if form.is_valid():
        with refusals_on(form):
            made = actions.record_decision(
                by=request.actor, at=request.at, authorization=row, **form.cleaned_data
            )
            messages.success(request, f"The answer is on file: {made.get_outcome_display()}.")
            return redirect("desk:authorization", row.pk)
    return _page(request, row, form)


@staff_page(P.AUTHORIZATION_RECORD)
def new_authorization(request: Request, code: str) -> HttpResponse:
    """Ask the payer: the days follow the level and the last authorization, so that most need no typing."""
    by, today = request.actor, _today(request)
    patient = patient_for(by, code, P.AUTHORIZATION_RECORD)
    policies = policies_of(by, patient, on=today)
    before = queries.authorizations_of(by, patient)
    ends = max((row.to_day for row in before if row.outcome in queries.APPROVED), default=None)
    starts = max(today, ends + timedelta(days=1)) if ends else today
    usual = load_asking()
    level = _clinical_level(by, patient, request) or usual.level
    days = _days_a_week(by, patient, today) or usual.days_a_week
    form = Asked(
        request.POST or None,
        policies=policies,
        initial={
            "level": level,
            "service_code": day_code(policies[0].row.payer_id, level, starts) if policies else "",
            "units_asked": before[0].units_asked if before else usual.weeks * days,
            "unit": before[0].unit if before else "day",
            "starts_on": starts,
            "ends_on": starts + timedelta(weeks=usual.weeks, days=-1),
        },
    )
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        chosen = facts.pop("policy")
        policy = next(p.row for p in policies if str(p.row.pk) == chosen)
        with refusals_on(form):
            actions.request_authorization(by=by, at=request.at, patient=patient, policy=policy, **facts)
            messages.success(request, "Kept as asked. Record the payer's answer when it comes.")
            return redirect("desk:authorizations")
    context = {"form": form, "patient": patient, "policies": policies, "before": before}
    return render(request, "desk/authorization/new_authorization.html", context)


def _page(request: Request, row: Any, form: Answer) -> HttpResponse:
    by = request.actor
    projected = _projected(by, [row], request) if row.outcome in queries.APPROVED else []
    context = {
        "row": row,
        "patient": row.patient,
        "one": projected[0] if projected else None,
        "decisions": queries.decisions_of(row),
        "clinical_level": level_words(_clinical_level(by, row.patient, request)),
        "level_words": level_words,
        "tones": TONES,
        "words": WORDS,
        "form": form,
        "may_record": by.may(P.AUTHORIZATION_RECORD, row.patient.site_id),
    }
    return render(request, "desk/authorization/authorization.html", context)


def _projected(by: Actor, rows: list[Any], request: Request) -> list[queries.OnList]:
    """The rows along the booked weeks, in one query more, whatever their number."""
    today = _today(request)
    first, last = queries.span(rows, today)
    ids = {row.patient_id for row in rows}
    days = days_of(by=by, at=request.at, patient_ids=ids, first=first, last=last)
    return queries.standings(
        rows,
        {number: found.attended for number, found in days.items()},
        {number: found.booked for number, found in days.items()},
        today,
        queries.follow_ons(by, rows),
    )


def _days_a_week(by: Actor, patient: Any, on: date) -> int | None:
    """The least days ordered, for those who may read the plan."""
    order = order_on(orders_of(by, patient), on) if by.may(P.PLAN_READ, patient.site_id) else None
    return order.days_least if order else None


def _as_asked(row: Any) -> dict[str, Any]:
    return {
        "outcome": "approved",
        "units": row.units_asked,
        "level": row.level,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
    }


def _clinical_level(by: Actor, patient: Any, request: Request) -> str:
    episode = open_episode(by, patient)
    placed = placement_on(episode, request.at) if episode else None
    return placed.level if placed else ""


def _today(request: Request) -> date:
    home = request.actor.home
    return request.at.astimezone(ZoneInfo(home.zone if home else "UTC")).date()
