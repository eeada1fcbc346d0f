"""A step up or down with all that belongs to it: one form, one call."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.placement import queries
from stepwell.clinic.placement.rules import level_from, level_name, offered_levels
from stepwell.clinic.plan.queries import care_team_of, colleagues, order_on, orders_of
from stepwell.clinic.timetable.queries import enrollments_of, groups_for, programs_for
from stepwell.clinic.transition import actions
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.placement.forms import StepTo


@staff_page(P.PLACEMENT_DECIDE)
def step_up(request: Request, code: str) -> HttpResponse:
    """More care, with the order, the groups and the team that go with it."""
    return _step(request, code, up=True)


@staff_page(P.PLACEMENT_DECIDE)
def step_down(request: Request, code: str) -> HttpResponse:
    """Less care, with the order, the groups and the team that go with it."""
    return _step(request, code, up=False)


def _step(request: Request, code: str, *, up: bool) -> HttpResponse:
    chart = open_chart(request, code, "placement")
    by, patient = request.actor, chart.patient
    episode = queries.episodes_of(by, patient).select_related("patient__site").get(closed_at__isnull=True)
    now = level_from(patient.level)
    levels = sorted(level for level in offered_levels() if (level > now if up else level < now))
    since = queries.newest_recommendation_since(episode)
    indicated = level_from(since.level) if since and since.level else None
    nearest = (levels[0] if up else levels[-1]) if levels else None
    aim = indicated if indicated in levels else nearest
    orders = list(orders_of(by, patient))
    may_book = by.may(P.SEAT_BOOK, patient.site_id)
    held = [e for e in enrollments_of(by, patient) if e.ends_on is None] if may_book else []
    mine = {e.group_id for e in held}
    form = StepTo(
        request.POST or None,
        levels=levels,
        initial={"to": aim.value if aim else "", **_order(request, patient, aim, orders, chart.today)},
        enrollments=held,
        groups=[g for g in groups_for(by, chart.today) if g.site_id == patient.site_id and g.pk not in mine]
        if may_book
        else [],
        team=list(care_team_of(by, patient)),
        staff=list(colleagues(by, chart.today)),
    )
    verb = "Step up" if up else "Step down"
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            move = actions.move(
                by=by,
                at=request.at,
                episode=episode,
                up=up,
                **form.move(),
                order=form.order(_doses(orders, chart.today)),
            )
            done = "Stepped up to" if up else "Stepped down to"
            messages.success(
                request, f"{done} {queries.level_words(move.level)}. Make the hand-over packet next."
            )
            return redirect("desk:placement", patient.code)
    side = "more" if up else "less"
    context = {
        "form": form,
        "verb": verb,
        "recommended": f"{indicated.value} {level_name(indicated)}" if indicated else None,
        "refused": None
        if levels
        else f"This program offers no level with {side} care than {now.value}; transfer or discharge instead.",
        "may_book": may_book,
        "ordered": order_on(orders, chart.today),
    }
    return chart_page(request, chart, "desk/placement/step.html", context)


def _order(request: Request, patient: Any, aim: Any, orders: list[Any], today: Any) -> dict[str, Any]:
    """The week that the program of the aimed level asks for, from today, or tomorrow when today has its order."""
    first = today + timedelta(days=1) if any(o.starts_on == today for o in orders) else today
    for program in programs_for(request.actor):
        if aim is not None and program.level == aim.value and program.site_id == patient.site_id:
            return {
                "hours": f"{(Decimal(program.minutes_least) / 60).quantize(Decimal('0.01')).normalize():f}",
                "days_least": program.days_least,
                "days_most": program.days_most,
                "starts_on": first,
                "joins_on": today,
            }
    return {"starts_on": first, "joins_on": today}


def _doses(orders: list[Any], today: Any) -> dict[str, int]:
    """Minutes by kind of what is ordered now."""
    now = order_on(orders, today)
    return dict(now.doses) if now is not None else {}
