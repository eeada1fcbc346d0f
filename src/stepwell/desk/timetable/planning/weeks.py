"""Which weeks are planned, and one of them: its drafts, computing a new one with its progress, mending."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people.queries import site_of
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.actions import planning as actions
from stepwell.clinic.timetable.queries import absences, case_of, closures, rooms_out
from stepwell.clinic.timetable.queries import versions as queries
from stepwell.clinic.timetable.queries.broken import WEEKS_AHEAD, broken_sessions, names_for
from stepwell.clinic.timetable.rules.telling import gap_of, in_words, seconds_since
from stepwell.desk.live import fragment, live_for
from stepwell.desk.pages import render, staff_page
from stepwell.desk.timetable.planning.forms import SolveForm
from stepwell.ui.filters import day as said_day
from stepwell.ui.filters import hours_short
from stepwell.ui.jinja import address


@staff_page(P.TIMETABLE_MANAGE)
def weeks(request: Request) -> HttpResponse:
    """This week and the next ones, each with its drafts; POST opens one for planning."""
    by, at = request.actor, request.at
    if request.method == "POST":
        return _open(request)
    first = _this_week(request)
    days = [first + timedelta(weeks=n) for n in range(WEEKS_AHEAD)]
    broken = broken_sessions(by, at, last=days[-1] + timedelta(days=6))
    opened = queries.planned_weeks(by, days)
    special = _special(request, days)
    rows = []
    for day in days:
        mine = [one for one in broken if day <= one.local_date < day + timedelta(days=7)]
        rows.append({"starts_on": day, "week": opened.get(day), "broken": mine, "special": special[day]})
    return render(
        request,
        "desk/timetable/planning/weeks.html",
        {"rows": rows, "first": first, "worst": next((row for row in rows if row["broken"]), None)},
    )


def _special(request: Request, days: list[date]) -> dict[date, list[str]]:
    """What is unlike other weeks, for each first day of a week: closed days, who is away, rooms out of use."""
    by, at, zone = request.actor, request.at, ZoneInfo(request.actor.home.zone)
    found: dict[date, list[str]] = {day: [] for day in days}

    def say(first: date, last: date, words: str) -> None:
        for day in days:
            if first < day + timedelta(days=7) and day <= last and words not in found[day]:
                found[day].append(words)

    for one in closures(by, days[0]):
        say(one.on, one.on, f"{said_day(one.on)} is closed, {one.because}")
    spans = [(f"{one.staff.short_name} is away", one) for one in absences(by, at)]
    spans += [(f"{one.room.name} cannot be used", one) for one in rooms_out(by, at)]
    for words, one in spans:
        ends = one.ends - timedelta(seconds=1)  # until midnight is not a moment of the next day
        say(one.starts.astimezone(zone).date(), ends.astimezone(zone).date(), words)
    return found


def _open(request: Request) -> HttpResponse:
    try:
        day = parse_date(request.POST.get("starts_on", ""))
    except ValueError:
        day = None
    if day is None:
        raise Http404
    try:
        version = actions.open_week(
            by=request.actor, at=request.at, site=site_of(request.actor), starts_on=day
        )
    except Refused as no:
        messages.error(request, no.sentence)
        return redirect("desk:planning")
    if request.POST.get("then") == "mend":
        return _mended(request, version.week)
    return redirect("desk:plan_week", version.week_id)


@staff_page(P.TIMETABLE_MANAGE)
def week(request: Request, week_id: int) -> HttpResponse:
    """The drafts of a week and what is being computed."""
    found = queries.weeks_for(request.actor).get(pk=week_id)
    return _week(request, found)


def _week(request: Request, found: Any, *, wrong: str = "") -> HttpResponse:
    context = _context(request, found)
    answer = render(
        request,
        "desk/timetable/planning/week.html",
        {
            **context,
            "live": live_for(request, f"week:{found.pk}"),
            "wrong": wrong,
            **({} if context["over"] else _before(request, found)),
        },
    )
    if wrong:
        answer.status_code = 422
    return answer


def _before(request: Request, found: Any) -> dict[str, Any]:
    """What planners should know before they compute: who has not said when she can come, what nobody offers."""
    case = case_of(request.actor, found, request.at)
    people = [case.rows.patients[pk] for pk in case.guessed]
    return {"guessed": sorted(people, key=lambda one: one.board_name), "unmet": case.unmet}


@staff_page(P.TIMETABLE_MANAGE)
def progress(request: Request, week_id: int) -> HttpResponse:
    """The part of the page that changes while a week is computed."""
    found = queries.weeks_for(request.actor).get(pk=week_id)
    return fragment(request, "desk/timetable/planning/progress.html", _context(request, found))


def _context(request: Request, found: Any) -> dict[str, Any]:
    by, at = request.actor, request.at
    versions = list(queries.versions_of(by, found))
    running = queries.solving_now(by, found)
    last = queries.solves_of(by, found).exclude(state__in=["waiting", "running"]).first()
    newer = last is not None and (not versions or last.ended_at >= versions[0].at)
    failed = _said_failure(by, found, last) if newer and last.message else ""
    ends = found.starts_on + timedelta(days=6)
    return {
        "week": found,
        "versions": [_row(one) for one in versions],
        "running": running_words(running, at) if running is not None else None,
        "failed": failed if running is None else "",
        "with_it": last.result if failed and last.result_id else None,
        "form": SolveForm(),
        "broken": broken_sessions(by, at, first=found.starts_on, last=ends),
        "over": ends < at.astimezone(ZoneInfo(by.home.zone)).date(),
    }


def _row(one: Any) -> dict[str, Any]:
    return {
        "v": one,
        "quality": quality_words(one),
        "short": "nobody is short" if one.short_minutes == 0 else _short_words(one.short_minutes),
        "locked": one.locked_count,
    }


def quality_words(version: Any) -> str:
    """'best possible', 'at most 4 % from the best', or nothing for what was not computed."""
    if version.cost is None or version.bound is None:
        return ""
    gap = gap_of(version.cost, version.bound)
    if version.cost <= version.bound:
        return "proven best"
    return f"within {gap} % of the best" if gap is not None and gap < 100 else ""


def _short_words(minutes: int | None) -> str:
    return f"{hours_short(minutes)} short in all" if minutes else ""


def running_words(solve: Any, at: Any) -> dict[str, Any]:
    """How far a solve is, for the page."""
    passed = min(seconds_since(solve.started_at, at), solve.seconds)
    gap = gap_of(solve.cost, solve.bound)
    return {
        "solve": solve,
        "waiting": solve.state == "waiting",
        "passed": passed,
        "stopping": solve.stop_asked_at is not None,
        "best": None if solve.short_minutes is None else _short_words(solve.short_minutes) or "nobody short",
        "gap": f"at most {gap} % from the best" if gap is not None and gap < 100 else "",
    }


def _said_failure(by: Any, found: Any, solve: Any) -> str:
    names = names_for(by, [solve.message])
    return in_words(solve.message, names, {}, found.starts_on)


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def solves(request: Request, week_id: int) -> HttpResponse:
    """Has the week computed."""
    found = queries.weeks_for(request.actor).get(pk=week_id)
    form = SolveForm(request.POST)
    if not form.is_valid():
        return _week(request, found, wrong="Choose how long to compute.")
    keeping = form.cleaned_data["keeping"]
    version = queries.versions_of(request.actor, found).get(number=keeping) if keeping else None
    try:
        actions.ask_solve(
            by=request.actor,
            at=request.at,
            week=found,
            seconds=form.cleaned_data["seconds"],
            version=version,
        )
    except Refused as no:
        return _week(request, found, wrong=no.sentence)
    return redirect("desk:plan_week", week_id)


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def solve_stop(request: Request, week_id: int, solve_id: int) -> HttpResponse:
    """Stop now and keep the best week so far."""
    found = queries.weeks_for(request.actor).get(pk=week_id)
    solve = queries.solves_of(request.actor, found).get(pk=solve_id)
    try:
        actions.stop_solve(by=request.actor, at=request.at, solve=solve)
    except Refused as no:
        messages.info(request, no.sentence)
    return redirect("desk:plan_week", week_id)


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def mending(request: Request, week_id: int) -> HttpResponse:
    """A draft in which everything that is broken is mended."""
    return _mended(request, queries.weeks_for(request.actor).get(pk=week_id))


def _mended(request: Request, found: Any) -> HttpResponse:
    try:
        version = actions.mend_week(by=request.actor, at=request.at, week=found)
    except Refused as no:
        messages.info(request, no.sentence)
        return redirect("desk:plan_week", found.pk)
    return redirect(address("desk:week-version", version.pk))


def _this_week(request: Request) -> date:
    home = request.actor.home
    today = request.at.astimezone(ZoneInfo(home.zone)).date()
    return today - timedelta(days=(today.weekday() - home.week_starts_on) % 7)
