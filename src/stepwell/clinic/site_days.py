"""The day at a site, told by the database: where rows of several sites meet in one statement."""

from __future__ import annotations

from typing import Any

from django.db.models import DateField, Func


class LocalDay(Func):
    """`LocalDay(instant, zone)`: the date that the calendar of that IANA zone shows at that instant."""

    template = "((%(expressions)s)::date)"
    arg_joiner = " AT TIME ZONE "
    arity = 2

    def __init__(self, instant: Any, zone: Any) -> None:
        super().__init__(instant, zone, output_field=DateField())
