"""Checking in by a code: how codes are written and read, and which session somebody who stands at the door is in."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class ArrivingRule:
    """`letters` of a code and how many it has; a code is good for the span in which it was made and the next one.

    `shown`: how long a kiosk leaves its answer; `idle`: after how long it forgets what was begun. More than
    `wrong_most` wrong tries within `wrong_within` and a kiosk takes no more for so long.
    """

    letters: str
    length: int
    lasts: timedelta
    place_length: int
    place_lasts: timedelta
    shown: timedelta
    idle: timedelta
    wrong_most: int
    wrong_within: timedelta
    kiosk_open: timedelta


@dataclass(frozen=True, slots=True)
class DoorSeat:
    """A seat in a session of this day that can be checked in to now. `outcome` is "" while nothing is recorded."""

    seat_id: int
    occurrence_id: int
    patient_id: int
    starts: datetime
    ends: datetime
    outcome: str = ""
    left: datetime | None = None


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """The session that somebody is in or comes to. `already`: checked in before, nothing is to be written."""

    seat: DoorSeat
    already: bool


@cache
def load_arriving() -> ArrivingRule:
    """The rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.sessions").joinpath("data/arriving.json").read_text("utf-8"))
    return ArrivingRule(
        letters=raw["letters"],
        length=raw["length"],
        lasts=timedelta(minutes=raw["minutes"]),
        place_length=raw["place_length"],
        place_lasts=timedelta(minutes=raw["place_minutes"]),
        shown=timedelta(seconds=raw["shown_seconds"]),
        idle=timedelta(seconds=raw["idle_seconds"]),
        wrong_most=raw["wrong_most"],
        wrong_within=timedelta(minutes=raw["wrong_minutes"]),
        kiosk_open=timedelta(days=raw["kiosk_days"]),
    )


def span_of(at: datetime, lasts: timedelta) -> int:
    """The number of the span that holds `at`; spans of the length `lasts` are counted from 1970."""
    return int(at.timestamp() // lasts.total_seconds())


def good_until(at: datetime, lasts: timedelta) -> datetime:
    """Until when a code shown at `at` is taken: the end of the next span."""
    return datetime.fromtimestamp((span_of(at, lasts) + 2) * lasts.total_seconds(), UTC)


def written(digest: bytes, length: int, letters: str) -> str:
    """A code of so many letters out of a digest, each letter as likely as any other but for one part in 2^40."""
    number, code = int.from_bytes(digest[:16], "big"), []
    for _ in range(length):
        number, place = divmod(number, len(letters))
        code.append(letters[place])
    return "".join(code)


def read_code(text: str, rule: ArrivingRule) -> str:
    """What was typed, without blanks and hyphens and in capitals; "" when it cannot be a code of a person's phone."""
    typed = _plain(text)
    return typed if len(typed) == rule.length and set(typed) <= set(rule.letters) else ""


def read_place_code(text: str, rule: ArrivingRule) -> str:
    """As `read_code`, for the code that a kiosk shows."""
    typed = _plain(text)
    return typed if len(typed) == rule.place_length and set(typed) <= set(rule.letters) else ""


def at_the_door(seats: Iterable[DoorSeat], at: datetime, opens_before: timedelta) -> AtTheDoor | None:
    """Which of one person's sessions a check-in at `at` is for; None when there is none that the door can answer.

    The first that has opened and is not over. Whoever is in it already is told so again: a second try before the
    group must not check anybody in to the group after it. Of somebody recorded as absent, or gone home, the
    people at the desk know more than the door.
    """
    open_now = [s for s in seats if s.starts - opens_before <= at < s.ends]
    for seat in sorted(open_now, key=lambda s: (s.starts, s.seat_id)):
        if seat.outcome == "":
            return AtTheDoor(seat, already=False)
        if seat.outcome == "present" and seat.left is None:
            return AtTheDoor(seat, already=True)
        if seat.outcome != "present":
            return None
    return None


def _plain(text: str) -> str:
    return "".join(text.split()).replace("-", "").upper()[:40]
