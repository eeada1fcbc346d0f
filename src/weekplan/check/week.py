"""The two JSON objects, put side by side so that rules and wishes can be read off them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_SCHEMAS = Path(__file__).resolve().parents[1] / "schema"


@dataclass(frozen=True, slots=True)
class Held:
    """A session of the plan, or one that stands in the case. Times are minutes of the week."""

    id: str
    offer: str | None
    owed: str | None
    kind: str
    start: int
    minutes: int
    mode: str
    room: str | None
    leaders: tuple[str, ...]
    people: tuple[str, ...]
    fixed: str
    others: int

    @property
    def end(self) -> int:
        return self.start + self.minutes

    @property
    def day(self) -> int:
        return self.start // 1440

    def overlaps(self, other: Held) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Week:
    """A case and its plan. Everything is found by its id; what was left out is filled in."""

    starts_on: date
    grid: int
    closed: frozenset[int]
    now: int
    name: str
    weights: dict[str, int]
    rooms: dict[str, Json]
    facilitators: dict[str, Json]
    offers: dict[str, Json]
    patients: dict[str, Json]
    owed: dict[str, Json]
    owed_by: dict[str, str]
    standing: dict[str, Held]
    sessions: tuple[Held, ...]
    seats: dict[str, list[Held]]
    led: dict[str, list[Held]]

    def delivered(self, session: Held) -> bool:
        """What the case says was held; a plan cannot make it so."""
        return session.id in self.standing and self.standing[session.id].fixed == "delivered"

    def locked(self, session: Held) -> bool:
        return session.id in self.standing and self.standing[session.id].fixed == "locked"

    def spoken_for(self) -> list[Held]:
        """The delivered and locked sessions of the case."""
        return [one for one in self.standing.values() if one.fixed != "no"]

    def of_patient(self, patient: str) -> list[Held]:
        """Her sessions in the order of the week, each once."""
        return self.seats.get(patient, [])

    def of_leader(self, facilitator: str) -> list[Held]:
        return self.led.get(facilitator, [])

    def told(self, session: Held) -> str:
        """A session as a sentence names it: skills “s1” (Monday 09:00 to 10:30)."""
        return (
            f"{session.kind} “{session.id}” ({self.when(session.start)} to {clock(session.end, ends=True)})"
        )

    def when(self, minute: int) -> str:
        return f"{self.day_name(minute // 1440)} {clock(minute)}"

    def day_name(self, day: int) -> str:
        return (self.starts_on + timedelta(days=day)).strftime("%A")


def clock(minute: int, *, ends: bool = False) -> str:
    """A minute of the week as a time of its day; what ends at midnight ends at 24:00."""
    of_day = minute % 1440
    if ends and of_day == 0:
        of_day = 1440
    return f"{of_day // 60:02}:{of_day % 60:02}"


def minute_of(day: int, at: str) -> int:
    hours, minutes = at.split(":")
    return day * 1440 + int(hours) * 60 + int(minutes)


def start_of(value: Json) -> int:
    """The minute of the week of {"day", "at"}."""
    return minute_of(value["day"], value["at"])


def holds(span: Json, session: Held) -> bool:
    """Whether a session lies within one {"day", "from", "to"}."""
    return minute_of(span["day"], span["from"]) <= session.start and session.end <= minute_of(
        span["day"], span["to"]
    )


def open_throughout(spans: Iterable[Json], start: int, end: int) -> bool:
    """Whether hours cover all of a session; spans that touch or overlap count as one."""
    reached = start
    for span in sorted(spans, key=lambda one: minute_of(one["day"], one["from"])):
        opens, shuts = minute_of(span["day"], span["from"]), minute_of(span["day"], span["to"])
        if opens <= reached < shuts:
            reached = shuts
    return reached >= end


def filled(document: Json, schema: str) -> Json:
    """The document with every default of its schema filled in."""
    whole = _schema(schema)
    return _filled(document, whole, whole)  # type: ignore[no-any-return] # an object stays an object


@cache
def _schema(name: str) -> Json:
    return json.loads((_SCHEMAS / f"{name}.json").read_text("utf-8"))  # type: ignore[no-any-return] # our own file


def _filled(value: Any, schema: Json, whole: Json) -> Any:
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if isinstance(value, list) and "items" in schema:
        return [_filled(one, schema["items"], whole) for one in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    given = dict(value)
    for key, about in schema["properties"].items():
        if key in given or "default" in about:
            given[key] = _filled(given.get(key, about.get("default")), about, whole)
    return given


def week_of(case: Json, plan: Json) -> Week:
    """Both documents with their defaults filled in, and every name known."""
    rooms, facilitators = _by_id(case["rooms"]), _by_id(case["facilitators"])
    offers, patients = _by_id(case["offers"]), _by_id(case["patients"])
    owed, owed_by = {}, {}
    for patient in patients.values():
        patient.setdefault("most", patient["ordered"] + 30)
        patient.setdefault("video_most", patient["most"])
        for one in patient["owed"]:
            owed[one["id"]], owed_by[one["id"]] = one, patient["id"]
    for person in facilitators.values():
        person.setdefault("week_usual", person["week_most"])
    for offer in offers.values():
        offer.setdefault("good", offer["least"])
    standing = {}
    for one in case["standing"]:
        about = offers[one["offer"]] if one["offer"] is not None else owed[one["owed"]]
        standing[one["id"]] = _held({"minutes": about["minutes"], **one, "kind": about["kind"]})
    sessions = tuple(_held(one) for one in plan["sessions"])
    seats: dict[str, list[Held]] = {}
    led: dict[str, list[Held]] = {}
    for session in sorted(sessions, key=lambda one: (one.start, one.id)):
        for name in dict.fromkeys(session.people):
            seats.setdefault(name, []).append(session)
        for name in dict.fromkeys(session.leaders):
            led.setdefault(name, []).append(session)
    return Week(
        starts_on=date.fromisoformat(case["starts_on"]),
        grid=case["grid"],
        closed=frozenset(case["closed"]),
        now=start_of(case["now"]),
        name=case["name"],
        weights=case["weights"],
        rooms=rooms,
        facilitators=facilitators,
        offers=offers,
        patients=patients,
        owed=owed,
        owed_by=owed_by,
        standing=standing,
        sessions=sessions,
        seats=seats,
        led=led,
    )


def _by_id(values: list[Json]) -> dict[str, Json]:
    return {one["id"]: one for one in values}


def _held(one: Json) -> Held:
    return Held(
        id=one["id"],
        offer=one["offer"],
        owed=one["owed"],
        kind=one["kind"],
        start=start_of(one),
        minutes=one["minutes"],
        mode=one["mode"],
        room=one["room"],
        leaders=tuple(one["leaders"]),
        people=tuple(one["people"]),
        fixed=one["fixed"],
        others=one["others"],
    )
