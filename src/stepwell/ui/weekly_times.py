"""The form of a week's times: for each day some rows of from, to and, if wanted, how well and how it suits.

Works without JavaScript: "more rows" and "copy Monday" are buttons that send the form and change nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.http import QueryDict

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_ROWS = 8
_TIME = {"type": "time", "step": "900"}


@dataclass(frozen=True)
class WeeklyTime:
    """A time of each week as it was typed; weekday 0 is Monday."""

    weekday: int
    starts_at: time
    ends_at: time
    preferred: bool = True
    on_site: bool = True
    video: bool = True


@dataclass(frozen=True)
class TimeRow:
    """The bound fields of one row, for the template; `label` is said to who hears the page."""

    label: str
    starts: Any
    ends: Any
    wish: Any
    mode: Any


class WeeklyTimes(forms.Form):
    """Rows of a week. `simple`: times alone, as for staff; otherwise each says how well it suits, and where."""

    HOW_WELL = (("good", "Suits well"), ("possible", "If it must be"))
    WHERE = (("any", "Any way"), ("on_site", "In person"), ("video", "By video"))

    def __init__(
        self,
        data: QueryDict | None = None,
        *args: Any,
        times: Iterable[Any] = (),
        simple: bool = False,
        week_starts: int = 0,
        **kwargs: Any,
    ) -> None:
        self.simple, self.order = simple, [(week_starts + n) % 7 for n in range(7)]
        self.asked = str(data.get("do", "save")) if data is not None else "save"
        if data is not None and self.asked == "copy":
            data = _monday_copied(data)
        super().__init__(data, *args, **kwargs)
        given: dict[int, list[Any]] = {day: [] for day in range(7)}
        for one in times:
            given[one.weekday].append(one)
        self.counts = {day: self._rows_of(day, len(given[day]), data) for day in range(7)}
        for day in self.order:
            for n in range(self.counts[day]):
                self._add_row(day, n, given[day][n] if n < len(given[day]) else None)

    @property
    def only_changed_rows(self) -> bool:
        """Whether a button was pressed that shows other rows and saves nothing."""
        return self.is_bound and self.asked in ("copy", "more")

    def days(self) -> list[tuple[str, list[TimeRow]]]:
        """Name of the day and its rows, in the order of the site's week."""
        return [(DAYS[day], [self._row(day, n) for n in range(self.counts[day])]) for day in self.order]

    def clean(self) -> dict[str, Any]:
        """Puts the rows that hold something into `self.times`; a half filled one is an error."""
        got = super().clean() or {}
        self.times: list[WeeklyTime] = []
        for day in self.order:
            for n in range(self.counts[day]):
                starts, ends = got.get(f"t{day}-{n}-from"), got.get(f"t{day}-{n}-to")
                broken = any(f"t{day}-{n}-{part}" in self.errors for part in ("from", "to"))
                if broken or (starts is None and ends is None):
                    continue
                if starts is None or ends is None:
                    self.add_error(
                        f"t{day}-{n}-{'from' if starts is None else 'to'}",
                        f"{DAYS[day]}: say from when until when, or empty both.",
                    )
                    continue
                where = got.get(f"t{day}-{n}-where") or "any"
                self.times.append(
                    WeeklyTime(
                        weekday=day,
                        starts_at=starts,
                        ends_at=ends,
                        preferred=(got.get(f"t{day}-{n}-wish") or "good") == "good",
                        on_site=where != "video",
                        video=where != "on_site",
                    )
                )
        return got

    def _rows_of(self, day: int, given: int, data: Mapping[str, Any] | None) -> int:
        if data is None:
            return min(max(given, 1), _MOST_ROWS)
        sent = [int(key.split("-")[1]) for key in data if key.startswith(f"t{day}-") and _is_row(key)]
        return min(max(sent, default=0) + 1 + (self.asked == "more"), _MOST_ROWS)

    def _add_row(self, day: int, n: int, one: Any) -> None:
        name = f"{DAYS[day]}, time {n + 1}"
        for part, label, value in (
            ("from", "from", one.starts_at if one else None),
            ("to", "to", one.ends_at if one else None),
        ):
            self.fields[f"t{day}-{n}-{part}"] = forms.TimeField(
                label=f"{name}, {label}",
                required=False,
                initial=value,
                widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
            )
        if self.simple:
            return
        wish = "good" if one is None or one.preferred else "possible"
        where = "any" if one is None or (one.on_site and one.video) else "on_site" if one.on_site else "video"
        self.fields[f"t{day}-{n}-wish"] = forms.ChoiceField(
            label=f"{name}, how well", choices=self.HOW_WELL, required=False, initial=wish
        )
        self.fields[f"t{day}-{n}-where"] = forms.ChoiceField(
            label=f"{name}, where", choices=self.WHERE, required=False, initial=where
        )

    def _row(self, day: int, n: int) -> TimeRow:
        return TimeRow(
            label=f"{DAYS[day]}, time {n + 1}",
            starts=self[f"t{day}-{n}-from"],
            ends=self[f"t{day}-{n}-to"],
            wish=None if self.simple else self[f"t{day}-{n}-wish"],
            mode=None if self.simple else self[f"t{day}-{n}-where"],
        )


def _is_row(key: str) -> bool:
    """t0-3-from: the number is at most the most rows of a day, whatever was sent."""
    parts = key.split("-")
    return len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) == 1 and int(parts[1]) < _MOST_ROWS


def _monday_copied(data: QueryDict) -> QueryDict:
    """Tuesday to Friday get the rows of Monday; the weekend stays."""
    copied = data.copy()
    for key in list(copied):
        if key[:3] in ("t1-", "t2-", "t3-", "t4-"):
            del copied[key]
    for key in data:
        if key.startswith("t0-"):
            for day in range(1, 5):
                copied[f"t{day}-{key[3:]}"] = str(data[key])
    return copied
