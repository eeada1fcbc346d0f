"""Who can when: the staff's hours and limits, who is away, rooms out of use, and days on which the site is closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.hours.rules import week_start_of
from stepwell.clinic.people.queries import site_of
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.queries.broken import WEEKS_AHEAD, broken_sessions
from stepwell.clinic.timetable.queries.closed_days import people_by_closed_day
from stepwell.clinic.timetable.rules.windows import Window
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, render, staff_page
from stepwell.desk.timetable.availability_forms import (
    AbsenceForm,
    ClosureForm,
    RoomOutForm,
    StaffHoursForm,
)
from stepwell.ui.filters import day as day_words
from stepwell.ui.filters import day_long
from stepwell.ui.jinja import address

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def today_of(request: Request) -> date:
    """The day at the home site of who asks."""
    return request.at.astimezone(ZoneInfo(request.actor.home.zone)).date()


@staff_page(P.TIMETABLE_MANAGE)
def availability(request: Request) -> HttpResponse:
    """Everybody's week in words, who is away, and what has to be decided."""
    by, at, today = request.actor, request.at, today_of(request)
    site = site_of(by)
    staff = [
        {
            "s": one,
            "words": week_words(queries.windows_on(one.hours, today)),
            "load": next((row for row in one.limits if row.first_on <= today), None),
            "leads": [_kind(k.kind) for k in one.kinds if k.leads],
            "away": one.away,
        }
        for one in queries.staff_with_hours(by, at, today)
    ]
    return render(
        request,
        "desk/timetable/availability.html",
        {
            **what_is_broken(request),
            "staff": staff,
            "unknown": [row for row in staff if row["leads"] and not row["words"]],
            "absences": list(queries.absences(by, at)),
            "rooms_out": list(queries.rooms_out(by, at)),
            "closures": list(queries.closures(by, today))[:6],
            "undecided": queries.holidays_to_decide(by, site, today, days=load_looking().holidays_ahead.days),
        },
    )


def what_is_broken(request: Request) -> dict[str, Any]:
    """For the notice that offers to mend: sessions that cannot be held, and the first day of a day's week."""
    by = request.actor
    last = today_of(request) + timedelta(weeks=WEEKS_AHEAD)
    return {
        "broken": broken_sessions(by, request.at, last=last),
        "week_of": lambda day: week_start_of(day, by.home.week_starts_on),
    }


def week_words(windows: Iterable[Any]) -> str:
    """'Mon to Fri 8:30 am – 5:00 pm; Sat 8:30 am – 1:00 pm'."""
    by_span: dict[tuple[time, time], list[int]] = defaultdict(list)
    for one in sorted(windows, key=lambda w: (w.weekday, w.starts_at)):
        by_span[one.starts_at, one.ends_at].append(one.weekday)
    return "; ".join(
        f"{_days_words(days)} {_clock(starts)} – {_clock(ends)}" for (starts, ends), days in by_span.items()
    )


def _days_words(days: list[int]) -> str:
    days = sorted(set(days))
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}"
    return ", ".join(_DAYS[day] for day in days)


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"


def _kind(code: str) -> str:
    return next((kind.label for kind in Kind if kind.value == code), code)


@staff_page(P.TIMETABLE_MANAGE)
def staff_hours(request: Request, staff_id: int) -> HttpResponse:
    """Weekly hours, limits and kinds of one person: one page, one save."""
    by, at, today = request.actor, request.at, today_of(request)
    staff: Any = queries.staff_hours(by, staff_id, at, today)
    form = StaffHoursForm(
        request.POST or None,
        times=queries.windows_on(staff.hours, _latest(staff.hours, today)),
        simple=True,
        week_starts=by.home.week_starts_on,
        initial=_as_it_is(staff, today),
    )
    if form.only_changed_rows:
        return _hours_page(request, staff, form)
    if request.method == "POST" and form.is_valid():
        got = form.cleaned_data
        with refusals_on(form), transaction.atomic():
            windows = [Window(**asdict(one)) for one in form.times]
            actions.set_staff_availability(
                by=by, at=at, staff=staff, windows=windows, first_on=got["first_on"]
            )
            actions.set_staff_load(by=by, at=at, staff=staff, first_on=got["first_on"], **form.load())
            actions.set_staff_treatments(
                by=by, at=at, staff=staff, leads=got["leads"], coleads=got["coleads"]
            )
        if not form.errors:
            messages.success(request, f"The hours of {staff.name} hold from {day_words(got['first_on'])} on.")
            return redirect("desk:availability")
    return _hours_page(request, staff, form)


def _hours_page(request: Request, staff: Any, form: StaffHoursForm) -> HttpResponse:
    return render(
        request,
        "desk/timetable/staff_hours.html",
        {
            "staff": staff,
            "form": form,
            "later": sorted({r.first_on for r in staff.hours if r.first_on > today_of(request)}),
        },
    )


def _latest(rows: Iterable[Any], today: date) -> date:
    """The last day on which hours begin, so that what is to come is not typed again."""
    latest: date = max([today, *(row.first_on for row in rows)])
    return latest


def _as_it_is(staff: Any, today: date) -> dict[str, Any]:
    load = staff.limits[0] if staff.limits else None
    return {
        "first_on": today,
        "day_hours": f"{(load.day_most if load else 360) / 60:g}",
        "week_hours": f"{(load.week_most if load else 1800) / 60:g}",
        "usual_hours": f"{(load.week_usual if load else 1500) / 60:g}",
        "rest": load.rest if load else 10,
        "travel": load.travel if load else 15,
        "leads": [k.kind for k in staff.kinds if k.leads],
        "coleads": [k.kind for k in staff.kinds if not k.leads],
    }


@staff_page(P.TIMETABLE_MANAGE)
def new_absence(request: Request) -> HttpResponse:
    """Somebody is ill or on leave."""
    by, today = request.actor, today_of(request)
    form = AbsenceForm(
        request.POST or None,
        staff=queries.staff_here(by, today),
        zone=ZoneInfo(by.home.zone),
        initial={"first_on": today, "staff": request.GET.get("staff", "")},
    )
    return _said_out(request, form, "staff", "Somebody is away", "is away", actions.declare_absence)


@staff_page(P.TIMETABLE_MANAGE)
def new_room_out(request: Request) -> HttpResponse:
    """A room cannot be used."""
    by = request.actor
    form = RoomOutForm(
        request.POST or None,
        rooms=queries.rooms_here(by),
        zone=ZoneInfo(by.home.zone),
        initial={"first_on": today_of(request)},
    )
    return _said_out(request, form, "room", "A room cannot be used", "cannot be used", actions.take_room_out)


def _said_out(
    request: Request,
    form: AbsenceForm | RoomOutForm,
    of: str,
    title: str,
    words: str,
    declare: Callable[..., object],
) -> HttpResponse:
    """What cannot be had, from when to when and why; which sessions that touches is said at once."""
    by, at = request.actor, request.at
    if request.method == "POST" and form.is_valid():
        starts, ends = form.span()
        which = {of: form.cleaned_data[of]}
        with refusals_on(form):
            declare(by=by, at=at, starts=starts, ends=ends, because=form.cleaned_data["because"], **which)
            hit = queries.sessions_hit(by, at, starts=starts, ends=ends, **which).count()
            tell_what_is_hit(request, f"{which[of].name} {words}.", hit)
            return redirect("desk:availability")
    return render(request, "desk/timetable/span.html", {"form": form, "title": title, "go": "Say so"})


def tell_what_is_hit(request: Request, said: str, hit: int) -> None:
    """The message after an absence or a room out of use."""
    if hit:
        text = f"{said} {hit} session{' needs' if hit == 1 else 's need'} somebody or something else."
        messages.warning(request, text)
    else:
        messages.success(request, f"{said} No session is touched.")


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def absence_withdrawal(request: Request, number: int) -> HttpResponse:
    absence = queries.absence_for(request.actor, number)
    return _answered(
        request,
        f"{absence.staff.name} is here again.",
        lambda: actions.withdraw_absence(by=request.actor, at=request.at, absence=absence),
    )


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def room_return(request: Request, number: int) -> HttpResponse:
    out = queries.room_out_for(request.actor, number)
    return _answered(
        request,
        f"{out.room.name} can be used again.",
        lambda: actions.put_room_back(by=request.actor, at=request.at, out=out),
    )


@staff_page(P.TIMETABLE_MANAGE)
def closures(request: Request) -> HttpResponse:
    """Closed days, holidays to decide about, and a form for any other day. A POST closes a day."""
    by, at, today = request.actor, request.at, today_of(request)
    site = site_of(by)
    form = ClosureForm(request.POST or None, initial={"on": request.GET.get("on") or today})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row, cancelled = actions.close_day(by=by, at=at, site=site, **form.cleaned_data)
            left = 0 if form.cleaned_data["cancel"] else queries.sessions_on(by, row.on, at)
            said = f"{day_long(row.on)}: closed, {row.because}."
            if cancelled:
                said += f" {cancelled} session{' is' if cancelled == 1 else 's are'} cancelled."
            if left:
                said += f" {left} session{' stands' if left == 1 else 's stand'} and cannot be held."
            messages.success(request, said)
            return redirect(f"{address('desk:closures')}?closed={row.on.isoformat()}")
    return render(
        request,
        "desk/timetable/closures.html",
        {
            **what_is_broken(request),
            "form": form,
            "closures": list(queries.closures(by, today)),
            "losing": people_by_closed_day(by, at),
            "just_closed": request.GET.get("closed", ""),
            "plannable": today + timedelta(weeks=WEEKS_AHEAD),
            "undecided": queries.holidays_to_decide(by, site, today, days=load_looking().holidays_ahead.days),
            "until": today + load_looking().holidays_ahead,
        },
    )


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def closure_opening(request: Request, number: int) -> HttpResponse:
    closure = queries.closure_for(request.actor, number)
    return _answered(
        request,
        f"{day_long(closure.on)}: open. What was cancelled stays so until it is planned again.",
        lambda: actions.open_day(by=request.actor, at=request.at, closure=closure),
        to="desk:closures",
    )


@require_POST
@staff_page(P.TIMETABLE_MANAGE)
def open_days(request: Request) -> HttpResponse:
    """A holiday on which the site is open."""
    by, today = request.actor, today_of(request)
    site = site_of(by)
    undecided = queries.holidays_to_decide(by, site, today, days=load_looking().holidays_ahead.days)
    day = next((d for d in undecided if d.on.isoformat() == request.POST.get("on")), None)
    if day is None:
        messages.warning(request, "It is said already whether the site is open on that day.")
        return redirect("desk:closures")
    return _answered(
        request,
        f"{day_long(day.on)}: open.",
        lambda: actions.keep_open(by=by, at=request.at, site=site, on=day.on, because=day.name),
        to="desk:closures",
    )


def _answered(request: Request, said: str, act: Any, to: str = "desk:availability") -> HttpResponse:
    try:
        act()
        messages.success(request, said)
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect(to)
