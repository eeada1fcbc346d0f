"""What decides at the door of a session by video. Pure: no clock, no tables.

Numbers are dated data (`data/video.json`): minutes and seconds as their names say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise


@dataclass(frozen=True, kw_only=True)
class Video:
    """The numbers in force; units are minutes unless the name says seconds or hours."""

    staff_opens_before: int
    people_come_before: int
    closes_after: int
    mesh_most: int
    room_most: int
    ticket_seconds: int
    beat_seconds: int
    gone_after_seconds: int
    cut_after_seconds: int
    resume_within_seconds: int
    signal_seconds: int
    relay_hours: int
    stayed_to_the_end: int
    gap_minutes: int
    chat_most: int


@cache
def load_video() -> Video:
    """The numbers that ship with this version."""
    raw = json.loads(files("stepwell.clinic.sessions.video").joinpath("data/video.json").read_text("utf-8"))
    return Video(**{name: raw[name] for name in Video.__dataclass_fields__})


class RoomKind(StrEnum):
    """How pictures travel: each browser to each other, or through a gateway beside Stepwell."""

    MESH = "mesh"
    JANUS = "janus"


@dataclass(frozen=True)
class Chosen:
    """How a room is held, how many it carries, and why."""

    kind: RoomKind
    most: int
    reason: str


def kind_for(expected: int, *, group: bool, gateway: bool, rule: Video) -> Chosen:
    """`expected`: everybody with a seat and who leads; `gateway`: whether the site runs one."""
    if gateway and (group or expected > rule.mesh_most):
        why = "a group" if group else f"{expected} people are expected"
        return Chosen(RoomKind.JANUS, rule.room_most, f"Through the gateway, because it is {why}.")
    return Chosen(
        RoomKind.MESH,
        rule.mesh_most,
        f"From browser to browser, for up to {rule.mesh_most} people."
        if expected <= rule.mesh_most
        else f"From browser to browser: without a gateway only {rule.mesh_most} of {expected} people fit.",
    )


@dataclass(frozen=True)
class Door:
    """Whether one may come in now; the sentence says why not."""

    open: bool
    sentence: str = ""
    opens: datetime | None = None


def door(*, starts: datetime, ends: datetime, at: datetime, host: bool, rule: Video) -> Door:
    """Who leads comes earlier than the others; some time after the end nobody comes in any more."""
    before = rule.staff_opens_before if host else rule.people_come_before
    opens = starts - timedelta(minutes=before)
    if at < opens:
        return Door(
            False, f"The room opens {before} minutes before the session. Come back a little later.", opens
        )
    if at >= ends + timedelta(minutes=rule.closes_after):
        return Door(False, "This session is over, and its room is closed.", opens)
    return Door(True, "", opens)


class ShownAs(StrEnum):
    """How somebody wants to be named to the others."""

    FIRST = "first"
    BOARD = "board"


def shown_name(called: str, family_name: str, shown_as: ShownAs) -> str:
    """'Ana' or 'Ana R.'; never the family name. Somebody known by one word only is shown by it."""
    first = called.split()[0] if called.split() else "Guest"
    initial = family_name.strip()[:1]
    return f"{first} {initial}." if shown_as is ShownAs.BOARD and initial else first


class Listening(StrEnum):
    """Whether anybody else can hear."""

    ALONE = "alone"
    OTHERS = "others"


LISTENING_WORDS = {
    Listening.ALONE: "No, I am alone",
    Listening.OTHERS: "Yes, somebody can hear",
}


@dataclass(frozen=True, kw_only=True)
class Said:
    """What somebody answered at the door, as typed."""

    birth_date: date | None = None
    place: str = ""
    listening: str = ""
    listeners: str = ""
    phone: str = ""


def lacking(said: Said, *, birth_date: date) -> dict[str, str]:
    """Field -> the sentence that asks for it; empty when the answers are whole and the person is who signed in."""
    wrong: dict[str, str] = {}
    if said.birth_date is None:
        wrong["birth_date"] = "Enter your date of birth, so that we know it is you."
    elif said.birth_date != birth_date:
        wrong["birth_date"] = "This is not the date of birth in your record. Check it, or call your program."
    if len(said.place.strip()) < 3:
        wrong["place"] = "Say where you are now: street and town, so that help would find you."
    if said.listening not in tuple(Listening):
        wrong["listening"] = "Say whether anybody can hear you."
    elif said.listening == Listening.OTHERS and not said.listeners.strip():
        wrong["listeners"] = "Say who can hear you."
    if sum(letter.isdigit() for letter in said.phone) < 7:
        wrong["phone"] = "Give a number where we reach you if the picture stops."
    return wrong


Stay = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Proposal:
    """What presence in the room says about attendance; the facilitator confirms it."""

    arrived: datetime
    left: datetime | None
    away: tuple[tuple[datetime, datetime], ...] = ()


def propose(
    stays: Sequence[Stay], *, starts: datetime, ends: datetime, at: datetime, rule: Video
) -> Proposal | None:
    """From admitted stays [(came in, went or None), …]; None when nobody was in during the session.

    Coming early counts from the start. Who was in until `stayed_to_the_end` minutes before the end stayed to
    the end. Gaps of `gap_minutes` and more were spent outside; shorter ones are a broken line.
    """
    now = min(at, ends)
    inside = sorted(
        (max(came, starts), min(went or now, ends))
        for came, went in stays
        if max(came, starts) < min(went or now, ends)
    )
    if not inside:
        return None
    gap = timedelta(minutes=rule.gap_minutes)
    merged = [inside[0]]
    for came, went in inside[1:]:
        if came - merged[-1][1] < gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], went))
        else:
            merged.append((came, went))
    last = merged[-1][1]
    still_in = any(went is None for _, went in stays)
    to_the_end = last >= ends - timedelta(minutes=rule.stayed_to_the_end)
    return Proposal(
        arrived=merged[0][0],
        left=None if still_in or to_the_end else last,
        away=tuple((one[1], two[0]) for one, two in pairwise(merged)),
    )
