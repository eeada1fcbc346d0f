"""The day at a site: for one instant, and in the database where rows of several sites meet in one statement."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, Func


def site_day(site: Any, at: datetime) -> date:
    """The date that the calendar on the wall of a site (whatever has a `zone`) shows at an instant."""
    return at.astimezone(ZoneInfo(site.zone)).date()


class LocalDay(Func):
    """`LocalDay(instant, zone)`: the date that the calendar of that IANA zone shows at that instant."""

    template = "((%(expressions)s)::date)"
    arg_joiner = " AT TIME ZONE "
    arity = 2

    def __init__(self, instant: Any, zone: Any) -> None:
        super().__init__(instant, zone, output_field=DateField())
