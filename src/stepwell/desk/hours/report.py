"""The weekly report: hours ordered, delivered, lost and why, for each program of the site; on the screen and on paper."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.hours import queries
from stepwell.clinic.hours.rules import WeekAccount, week_start_of
from stepwell.desk.pages import render, staff_page
from stepwell.ui.charts import Series, bars
from stepwell.ui.filters import day as day_words

CAUSES = (
    ("unexcused", "Absent, not excused", "no-show"),
    ("excused", "Absent, excused", "excused"),
    ("given_back", "Seat given back", "given back"),
    ("left_early", "Late or left early", "in part"),
    ("cancelled", "Cancelled by us", "cancelled"),
    ("closed", "Site closed", "closed"),
    ("unrecorded", "Attendance not recorded", "no record"),
    ("not_booked", "Not booked", "not booked"),
)
"""Of `WeekAccount`: the cause, as a table says it, and in a word under a chart."""


@staff_page(P.HOURS_READ)
def hours_report(request: Request) -> HttpResponse:
    """`?on=` any day of the week; without it the last whole week."""
    return render(request, "desk/hours/report.html", _report(request))


@staff_page(P.HOURS_READ)
def hours_report_print(request: Request) -> HttpResponse:
    """The same on paper."""
    return render(request, "desk/hours/report_print.html", _report(request))


def _report(request: Request) -> dict[str, Any]:
    by, at = request.actor, request.at
    assert by.home is not None  # noqa: S101 - staff pages have a home
    today = at.astimezone(ZoneInfo(by.home.zone)).date()
    this_week = week_start_of(today, by.home.week_starts_on)
    first = week_start_of(_day_asked(request) or this_week - timedelta(days=1), by.home.week_starts_on)
    found = queries.hours_report(by, at, first)
    lines = [*found.programs]
    rows = [_row(line.program, line.account) for line in lines]
    if len(lines) > 1:
        rows.append(_row("All programs", found.total))
    labels = [word for _, _, word in CAUSES]
    says = f"Hours lost in the week of {day_words(first)}, by cause and program."
    drawn = bars(
        labels,
        [Series(one.program, [_hours(getattr(one.account, key)) for key, _, _ in CAUSES]) for one in lines],
        says=says,
    )
    shown = [one.account for one in lines] + ([found.total] if len(lines) > 1 else [])
    lost_rows = [(label, *(_hours(getattr(one, key)) for one in shown)) for key, label, _ in CAUSES]
    return {
        "first": first,
        "last": first + timedelta(days=6),
        "running": first >= this_week,
        "rows": rows,
        "total": found.total,
        "share": _share(found.total),
        "svg": drawn if lines else None,
        "says": says,
        "columns": ["Why", *(one.program for one in lines), *(["Together"] if len(lines) > 1 else [])],
        "lost_rows": lost_rows,
        "before": _address(first - timedelta(days=7)),
        "after": None if first >= this_week else _address(first + timedelta(days=7)),
        "print": f"{reverse('desk:hours_report_print')}?on={first.isoformat()}",
        "worst": max(CAUSES, key=lambda cause: getattr(found.total, cause[0])) if found.total.lost else None,
    }


def _row(name: str, account: WeekAccount) -> tuple[Any, ...]:
    return (
        name,
        account.people,
        _hours(account.ordered),
        _hours(account.delivered),
        f"{_share(account):.0%}" if account.ordered else None,
        _hours(account.to_come),
        _hours(account.lost),
    )


def _share(account: WeekAccount) -> float | None:
    return (account.delivered - account.extra) / account.ordered if account.ordered else None


def _hours(minutes: int) -> float:
    return round(minutes / 60, 1)


def _day_asked(request: Request) -> date | None:
    """The day of the address; anything else is the last whole week."""
    try:
        day = parse_date(request.GET.get("on", ""))
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year <= 2100 else None


def _address(day: date) -> str:
    return f"{reverse('desk:hours_report')}?on={day.isoformat()}"
