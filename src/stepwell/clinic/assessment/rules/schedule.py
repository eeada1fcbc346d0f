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
    *, filled: Mapping[str, date], admitted: date | None, today: date, everything: bool = False
) -> tuple[Due, ...]:
    """What is due today or within the window of the schedule, soonest first.

    ``filled``: instrument -> day of its newest complete filling. ``admitted``: the first day of the open
    episode; None before admission, when only the intake set is asked. ``everything`` leaves the window out.
    """
    found: dict[str, Due] = {}
    for part in _data()["sets"]:
        for slug in part["instruments"]:
            last = filled.get(slug)
            if part["once"] and last is None:
                found.setdefault(slug, Due(slug, admitted or today, f"asked {part['label']}"))
            elif not part["once"] and last is not None and admitted is not None:
                because = f"asked {part['label']}, last on {last:%-d %b %Y}"
                found.setdefault(slug, Due(slug, last + timedelta(days=part["every_days"]), because))
    latest = date.max if everything else today + timedelta(days=_data()["window_days"])
    return tuple(sorted((d for d in found.values() if d.on <= latest), key=lambda d: (d.on, d.instrument)))
