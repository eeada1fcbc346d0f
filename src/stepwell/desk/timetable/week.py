"""The week's board: every session of the site, and beside it who is short of hours and what would mend it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.ahead import together
from stepwell.clinic.hours.queries import Place, ask_hours, places_of
from stepwell.clinic.hours.rules import week_bounds, week_start_of
from stepwell.clinic.timetable import queries
from stepwell.desk.hours.aside import by_danger, in_danger, worst_of
from stepwell.desk.pages import render, staff_page
from stepwell.desk.rail import ask_rail
from stepwell.ui.filters import day as said_day
from stepwell.ui.jinja import address

FIRST_HOUR, LAST_HOUR = 8, 21
MOST_WELLS = 10
MOST_LANES = 6
"""Sessions side by side that can still be read; of more, the last lane says how many and leads to the day's list."""


@staff_page(P.TIMETABLE_READ)
def week(request: Request) -> HttpResponse:
    """`?on=` any day of the week; `?all=1` shows every well; `?single=1` single sessions of everybody;
    `?day=` one day of the week with every session in a list.

    The board is for groups: of single sessions it shows the reader's own unless asked for all.
    """
    with together():
        return _week(request)


def _week(request: Request) -> HttpResponse:
    by, at = request.actor, request.at
    assert by.home is not None  # noqa: S101 - staff pages have a home
    zone = ZoneInfo(by.home.zone)
    today = at.astimezone(zone).date()
    only = _day_asked(request, "day")
    first = week_start_of(only or _day_asked(request, "on") or today, by.home.week_starts_on)
    _, ends = week_bounds(first, zone)
    asked = queries.ask_board(by, first, first + timedelta(days=6))
    rail = ask_rail(by, request.path)
    sees_hours = by.may(P.HOURS_READ)
    hours_asked = ask_hours(by=by, at=at, site_id=by.home.site_id, week_start=first) if sees_hours else dict
    everything = asked()
    with_single = bool(request.GET.get("single"))
    sessions = [o for o in everything if with_single or o.kind == "group" or _is_led_by(o, by)]
    # Side by side the reader's own come first: they are never among those that only a number stands for.
    sessions.sort(key=lambda o: (o.starts, not _is_led_by(o, by), o.pk))
    found = hours_asked()
    wells = by_danger(found.values())
    danger = in_danger(found.values())
    shown = wells if request.GET.get("all") else wells[:MOST_WELLS]
    places = places_of(by, [h.patient.pk for h in shown]) if shown else {}
    standing = [o for o in sessions if o.cancelled_at is None]
    hours = [o.starts.astimezone(zone).hour for o in sessions]
    lasts = [sum(_minutes_of(o, zone)) for o in sessions]
    by_id = {o.pk: o for o in everything}
    worst = worst_of(danger, at) if at < ends else None
    return render(
        request,
        "desk/timetable/week.html",
        {
            "rail": rail(),
            "first": first,
            "this_week": first == week_start_of(today, by.home.week_starts_on),
            "before": _address(first - timedelta(days=7)),
            "after": _address(first + timedelta(days=7)),
            "hidden": len(everything) - len(sessions),
            "single": f"{_address(first)}&single=1" if not with_single else _address(first),
            "with_single": with_single,
            "days": _days(sessions, first, today, zone)
            if only is None
            else [_day(sessions, only, today, zone)],
            "only": only,
            "whole": _address(first),
            "first_hour": min([FIRST_HOUR, *hours]),
            "last_hour": min(24, max([LAST_HOUR, *(-(-minute // 60) for minute in lasts)])),
            "counted": {
                "sessions": len(standing),
                "facilitators": len({o.facilitator_id for o in standing if o.facilitator_id}),
                "patients": sum(bool(h.sessions) for h in found.values()),
            },
            "sees_hours": sees_hours,
            "wells": [(h, _detail(places.get(h.patient.pk, Place()))) for h in shown],
            "more": len(wells) - len(shown),
            "all": f"{_address(first)}&all=1",
            "worst": worst,
            "worst_mends": [(m, by_id[m.id]) for m in worst.mends if m.id in by_id] if worst else [],
            "danger": len(danger),
            "may_book": by.may(P.SEAT_BOOK),
        },
    )


def _is_led_by(o: Any, by: Any) -> bool:
    return by.staff_id is not None and by.staff_id in (o.facilitator_id, o.cofacilitator_id)


def _detail(place: Place) -> str:
    """'2.1 · Evening'."""
    return " · ".join(word for word in (place.level, place.track) if word)


def _days(sessions: Sequence[Any], first: date, today: date, zone: ZoneInfo) -> list[dict[str, Any]]:
    days = [first + timedelta(days=n) for n in range(7)]
    used = {o.local_date for o in sessions}
    # A day without sessions at the end of the week takes no room on the board.
    while len(days) > 5 and days[-1] not in used:
        days.pop()
    return [_day(sessions, day, today, zone, most=MOST_LANES) for day in days]


def _day(
    sessions: Sequence[Any], day: date, today: date, zone: ZoneInfo, most: int | None = None
) -> dict[str, Any]:
    return {
        "label": " ".join(said_day(day).split()[:2]),
        "today": day == today,
        "blocks": _blocks([o for o in sessions if o.local_date == day], zone, most, _list_of(day)),
    }


def _blocks(sessions: Sequence[Any], zone: ZoneInfo, most: int | None, whole: str) -> list[dict[str, Any]]:
    """Sessions of a day, given by time, side by side where they overlap; beyond `most` lanes a block that leads to `whole`."""
    blocks: list[dict[str, Any]] = []
    cluster: list[dict[str, Any]] = []
    free_at: list[int] = []
    """Minute at which the last session of each lane of the cluster ends."""
    for o in sessions:
        start, minutes = _minutes_of(o, zone)
        if start >= max(free_at, default=0):
            blocks += _closed(cluster, len(free_at), most, whole)
            cluster, free_at = [], []
        lane = next((n for n, ends in enumerate(free_at) if ends <= start), len(free_at))
        free_at[lane : lane + 1] = [start + minutes]
        block = {
            "start_minute": start,
            "minutes": minutes,
            "title": o.title,
            "line": _line(o),
            "kind": o.treatment,
            "taken": o.taken if o.kind == "group" else None,
            "capacity": o.capacity if o.kind == "group" else None,
            "href": address("desk:session", o.pk),
            "state": "cancelled" if o.cancelled_at else None,
            "lane": lane,
        }
        cluster.append(block)
    return blocks + _closed(cluster, len(free_at), most, whole)


def _closed(cluster: list[dict[str, Any]], lanes: int, most: int | None, whole: str) -> list[dict[str, Any]]:
    """Everything that overlaps, directly or through others, is as narrow as the others."""
    if most is not None and lanes > most:
        shown = [block for block in cluster if block["lane"] < most - 1]
        rest = [block for block in cluster if block["lane"] >= most - 1]
        starts = min(block["start_minute"] for block in rest)
        ends = max(block["start_minute"] + block["minutes"] for block in rest)
        more = {"start_minute": starts, "minutes": ends - starts, "title": f"{len(rest)} more"}
        cluster, lanes = [*shown, {**more, "href": whole, "lane": most - 1}], most
    for block in cluster:
        block["lanes"] = lanes
    return cluster


def _line(o: Any) -> str:
    where = o.room or ("Video" if o.mode == "video" else "no room")
    return f"{o.leads or 'no facilitator'} · {where}"


def _minutes_of(o: Any, zone: ZoneInfo) -> tuple[int, int]:
    starts = o.starts.astimezone(zone)
    return starts.hour * 60 + starts.minute, int((o.ends - o.starts).total_seconds() // 60)


def _day_asked(request: Request, name: str) -> date | None:
    """The day of the address; None for anything else."""
    try:
        day = parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year <= 2100 else None


def _list_of(day: date) -> str:
    return f"{reverse('desk:week')}?day={day.isoformat()}"


def _address(day: date) -> str:
    return f"{reverse('desk:week')}?on={day.isoformat()}"
