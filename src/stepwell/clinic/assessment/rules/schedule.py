"""When an instrument is due: a full set at intake, a short one again and again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Due:
    """An instrument and the last day by which to fill it. ``because``: why, in words."""

    instrument: str
    on: date
    because: str

    def late(self, today: date) -> bool:
        """Whether the day has passed."""
        return self.on < today


@cache
def _data() -> dict[str, Any]:
    path = files("stepwell.clinic.assessment").joinpath("data", "schedule.json")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def due_instruments(
    *,
    filled: Mapping[str, date],
    admitted: date | None,
    today: date,
    everything: bool = False,
    review_on: date | None = None,
) -> tuple[Due, ...]:
    """What is due today or within the window of the schedule, soonest first.

    ``filled``: instrument -> day of its newest complete filling. ``admitted``: the first day of the open
    episode; None before admission, when only the intake set is asked. ``review_on``: the day of the next review, None
    when none is planned. ``everything`` leaves the window out.
    """
    found: dict[str, Due] = {}
    for part in _data()["sets"]:
        for slug in part["instruments"]:
            due = _due(part, slug, filled.get(slug), admitted, today, review_on)
            if due is not None and (slug not in found or due.on < found[slug].on):
                found[slug] = due
    latest = date.max if everything else today + timedelta(days=_data()["window_days"])
    return tuple(sorted((d for d in found.values() if d.on <= latest), key=lambda d: (d.on, d.instrument)))


def _due(
    part: Mapping[str, Any],
    slug: str,
    last: date | None,
    admitted: date | None,
    today: date,
    review_on: date | None,
) -> Due | None:
    if part["once"]:
        return Due(slug, admitted or today, f"asked {part['label']}") if last is None else None
    if last is None or admitted is None:
        return None
    if "every_days" in part:
        because = f"asked {part['label']}, last on {last:%-d %b %Y}"
        return Due(slug, last + timedelta(days=part["every_days"]), because)
    if review_on is not None and last < review_on - timedelta(days=part["before_review_days"]):
        return Due(slug, review_on, f"asked {part['label']} on {review_on:%-d %b %Y}")
    return None
