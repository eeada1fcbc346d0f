"""How a page says days, times, money and distances in its language. In templates: `say.day(x)`."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from django.utils import timezone

from stepwell.front.content import load

Day = date
"""A day of the calendar: inside of `Saying` the name `date` is taken by what says it."""


@cache
def saying(language: str) -> Saying:
    """The one `Saying` of a language."""
    return Saying(language=language, words=load("dates", language))


@dataclass(frozen=True, eq=False)
class Saying:
    """The words of content/<language>/dates.toml and the order in which the language says them."""

    language: str
    words: dict[str, Any]

    def weekday(self, number: int) -> str:
        """0 is Monday: 'Monday', 'lunes'."""
        return str(self.words["days"][number])

    def weekday_short(self, number: int) -> str:
        """0 is Monday: 'Mon', 'lun'."""
        return str(self.words["days_short"][number])

    def day(self, value: Day | datetime, zone: str | None = None) -> str:
        """'Wednesday, November 25', 'miércoles 25 de noviembre'."""
        at = _day_of(value, zone)
        return self._filled("day", at)

    def date(self, value: Day | datetime, zone: str | None = None) -> str:
        """'November 25, 2026', '25 de noviembre de 2026'."""
        return self._filled("date", _day_of(value, zone))

    def clock(self, value: datetime | time, zone: str | None = None) -> str:
        """'6:00 pm', '6:00 p. m.'; a `time` is said as it stands."""
        at = value if isinstance(value, time) else _local(value, zone)
        half = self.words["am"] if at.hour < 12 else self.words["pm"]
        return f"{at.hour % 12 or 12}:{at.minute:02} {half}"

    def span(self, start: datetime | time, end: datetime | time, zone: str | None = None) -> str:
        """'6:00 pm to 9:00 pm', 'de 6:00 p. m. a 9:00 p. m.'."""
        return str(self.words["span"]).format(start=self.clock(start, zone), end=self.clock(end, zone))

    def money(self, value: Decimal | int | str) -> str:
        """US dollars and cents as both languages write them in the United States: '$1,234.50'."""
        amount = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return f"{'−' if amount < 0 else ''}${abs(amount):,.2f}"

    def number(self, value: Decimal | int) -> str:
        """'1,234'; a Decimal without idle zeros."""
        said = f"{value:,}"
        return said.rstrip("0").rstrip(".") if "." in said else said

    def miles(self, value: float | Decimal) -> str:
        """'less than 1 mile', '1 mile', '12 miles'."""
        whole = int(Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP))
        words = self.words["miles"]
        if whole < 1:
            return str(words["near"])
        return str(words["one"] if whole == 1 else words["many"]).format(n=self.number(whole))

    def count(self, number: int, one: str, many: str) -> str:
        """'1 week', '3 weeks' from the two words."""
        return f"{self.number(number)} {one if number == 1 else many}"

    def listed(self, words: Iterable[str]) -> str:
        """'a, b and c', 'a, b y c'."""
        each = [str(word) for word in words]
        if len(each) < 2:
            return "".join(each)
        last = each[-1]
        # Before the sound of i, Spanish says e: "padres e hijos".
        sound = last.lower().startswith(("i", "í", "hi", "hí")) and not last.lower().startswith("hie")
        return f"{', '.join(each[:-1])} {self.words['and_i'] if sound else self.words['and']} {last}"

    def _filled(self, form: str, at: Day) -> str:
        return str(self.words[form]).format(
            weekday=self.weekday(at.weekday()),
            day=at.day,
            month=self.words["months"][at.month - 1],
            year=at.year,
        )


def _local(value: datetime, zone: str | None) -> datetime:
    return timezone.localtime(value, zoneinfo.ZoneInfo(zone) if zone else None)


def _day_of(value: date | datetime, zone: str | None) -> date:
    return _local(value, zone).date() if isinstance(value, datetime) else value
