"""Contingency management: what a test earns, by a schedule that is data, within the cap of the year.

A negative earns, and each further one in a row earns more. A positive or a test not given earns nothing and starts the
row again; after enough negatives in a row the height reached before comes back. An excused test neither raises nor resets.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.refusal import Refused


class Event(StrEnum):
    """What a test was, for the rewards."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    MISSED = "missed"
    EXCUSED = "excused"


@dataclass(frozen=True)
class Slips:
    """So many slips of one kind in the bowl."""

    label: str
    count: int
    amount: Decimal


@dataclass(frozen=True)
class Schedule:
    """`start` and `step` in dollars for vouchers, in slips for the bowl; `most` is never exceeded."""

    code: str
    label: str
    kind: str
    weeks: int
    start: Decimal
    step: Decimal
    most: Decimal
    restore_after: int
    slips: tuple[Slips, ...] = ()


@dataclass(frozen=True)
class Target:
    """What the rewards are for: tests in which none of the classes is found."""

    code: str
    label: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Height:
    """Where somebody stands after some tests: negatives in a row, and the height that comes back."""

    level: int = 0
    in_a_row: int = 0
    before: int = 0


@dataclass(frozen=True)
class Earned:
    """What one test earns: dollars after the cap, how many slips were drawn, and the sentence for the receipt."""

    amount: Decimal
    height: Height
    sentence: str
    drawn: tuple[str, ...] = ()


def after(schedule: Schedule, height: Height, event: Event) -> Height:
    """The height after one more test."""
    if event is Event.EXCUSED:
        return height
    if event is not Event.NEGATIVE:
        return Height(0, 0, max(height.level, height.before))
    in_a_row = height.in_a_row + 1
    level = height.level + 1
    if height.before and in_a_row >= schedule.restore_after:
        return Height(max(level, height.before), in_a_row, 0)
    return Height(level, in_a_row, height.before)


def worth(schedule: Schedule, level: int) -> Decimal:
    """Dollars (or slips) of the so manieth negative in a row, from 1; 0 for none."""
    if level < 1:
        return Decimal(0)
    return min(schedule.most, schedule.start + (level - 1) * schedule.step)


def earn(
    schedule: Schedule,
    height: Height,
    event: Event,
    *,
    in_year: Decimal,
    cap: Decimal,
    seed: bytes = b"",
    label: str = "",
) -> Earned:
    """What a test earns. `in_year`: earned in the year before it. `seed` and `label` draw the slips of the bowl."""
    now = after(schedule, height, event)
    if event is Event.EXCUSED:
        return Earned(Decimal(0), now, "Excused: nothing is earned and nothing is lost.")
    if event is not Event.NEGATIVE:
        why = "Found" if event is Event.POSITIVE else "No specimen given"
        return Earned(Decimal(0), now, f"{why}: nothing is earned, and the row starts again.")
    size, drawn = worth(schedule, now.level), tuple[str, ...]()
    if schedule.kind == "fishbowl":
        slips = draw_slips(schedule, int(size), seed, label)
        size, drawn = sum((one.amount for one in slips), Decimal(0)), tuple(one.label for one in slips)
    left = max(Decimal(0), cap - in_year)
    said = f"{now.in_a_row} in a row" + (f", drawn: {', '.join(drawn)}" if drawn else "")
    if size > left:
        return Earned(left, now, f"{said}. The cap of the year, ${cap:.2f}, leaves ${left:.2f}.", drawn)
    return Earned(size, now, f"{said}.", drawn)


def height_after(schedule: Schedule, events: Iterable[Event]) -> Height:
    """Where somebody stands after these tests, the oldest first."""
    height = Height()
    for event in events:
        height = after(schedule, height, event)
    return height


def event_of(results: Mapping[str, str], target: Target) -> Event | None:
    """A result against the target: positive if one of its classes was found; None while one of them is open.

    What cannot be read is neither: it earns nothing and resets nothing until somebody collects again.
    """
    words = [results[code] for code in target.classes if code in results]
    if "positive" in words:
        return Event.POSITIVE
    return Event.NEGATIVE if words and set(words) == {"negative"} else None


def draw_slips(schedule: Schedule, count: int, seed: bytes, label: str) -> tuple[Slips, ...]:
    """Slips drawn one after the other, each put back: HMAC-SHA256(seed, label and number) modulo the bowl."""
    total = sum(one.count for one in schedule.slips)
    found = []
    for number in range(count):
        place = int.from_bytes(hmac.new(seed, f"{label}|{number}".encode(), "sha256").digest(), "big") % total
        for one in schedule.slips:
            if place < one.count:
                found.append(one)
                break
            place -= one.count
    return tuple(found)


def cap_of(year: int) -> Decimal:
    """The most that one patient may earn in a calendar year, in dollars."""
    begun = [row for row in _data()["cap"]["years"] if row["from"] <= year]
    return Decimal((begun or _data()["cap"]["years"])[-1 if begun else 0]["amount"])


def year_of(on: date) -> int:
    """The year whose cap counts."""
    return on.year


@cache
def schedules() -> tuple[Schedule, ...]:
    """All schedules on hand."""
    return tuple(
        Schedule(
            code=row["code"], label=row["label"], kind=row["kind"], weeks=row["weeks"], start=Decimal(row["start"]),
            step=Decimal(row["step"]), most=Decimal(row["most"]), restore_after=row["restore_after"],
            slips=tuple(Slips(s["label"], s["count"], Decimal(s["amount"])) for s in row.get("slips", ())),
        )
        for row in _data()["schedules"]
    )  # fmt: skip


@cache
def targets() -> tuple[Target, ...]:
    """All targets on hand."""
    return tuple(Target(row["code"], row["label"], tuple(row["classes"])) for row in _data()["targets"])


def schedule(code: str) -> Schedule:
    """The schedule with this code. Refused for an unknown one."""
    for one in schedules():
        if one.code == code:
            return one
    raise Refused("Choose a schedule of rewards from the list.")


def target(code: str) -> Target:
    """The target with this code. Refused for an unknown one."""
    for one in targets():
        if one.code == code:
            return one
    raise Refused("Choose from the list what the rewards are for.")


@cache
def _data() -> dict[str, Any]:
    path = files("stepwell.clinic.drug_tests").joinpath("data", "rewards.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
