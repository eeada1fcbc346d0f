"""What a person ticked that means danger, and what a referral elsewhere must say. Never a diagnosis."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Danger(IntEnum):
    """How soon somebody must act; higher is sooner."""

    NONE = 0
    TODAY = 1
    NOW = 2


@dataclass(frozen=True, kw_only=True)
class RedFlag:
    """One thing that can be ticked: its words, how soon, what the person is told, what staff do."""

    key: str
    words: str
    danger: Danger
    say: str
    do: str


@dataclass(frozen=True, kw_only=True)
class RedFlags:
    """The soonest danger, what to tell the person, what staff do, and ticked words nobody knows."""

    danger: Danger
    flags: tuple[RedFlag, ...]
    say: tuple[str, ...]
    do: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ScreenOutReason:
    """Why somebody is referred elsewhere, where to, and whether a warm hand-off is wanted."""

    key: str
    words: str
    refer_to: tuple[str, ...]
    warm: bool


@cache
def load_red_flags() -> Mapping[str, RedFlag]:
    """Everything that can be ticked, by key, in the order it is asked."""
    return {
        row["key"]: RedFlag(
            key=row["key"],
            words=row["words"],
            danger=Danger[row["danger"].upper()],
            say=row["say"],
            do=row["do"],
        )
        for row in _data()["red_flags"]
    }


@cache
def load_screen_out_reasons() -> Mapping[str, ScreenOutReason]:
    """The reasons for a referral elsewhere, by key."""
    return {
        row["key"]: ScreenOutReason(
            key=row["key"], words=row["words"], refer_to=tuple(row["refer_to"]), warm=row["warm"]
        )
        for row in _data()["screen_out_reasons"]
    }


def _data() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(
        files("stepwell.clinic.inquiry").joinpath("data/screening.json").read_text("utf-8")
    )
    return raw


def red_flags(ticked: Iterable[str], known: Mapping[str, RedFlag] | None = None) -> RedFlags:
    """What the ticked keys mean together, soonest danger first. An unknown key counts as danger today."""
    flags = load_red_flags() if known is None else known
    keys = tuple(dict.fromkeys(ticked))
    found = sorted((flags[k] for k in keys if k in flags), key=lambda f: -f.danger)
    unknown = [k for k in keys if k not in flags]
    danger = max([f.danger for f in found] + [Danger.TODAY for _ in unknown], default=Danger.NONE)
    do = [f.do for f in found] + [f"Ask what was meant by “{key}”." for key in unknown]
    sentence = {
        Danger.NONE: "No danger was ticked; ask about safety on the call all the same.",
        Danger.TODAY: "Call today.",
        Danger.NOW: "Danger now: act before anything else.",
    }[danger]
    return RedFlags(
        danger=danger,
        flags=tuple(found),
        say=tuple(dict.fromkeys(f.say for f in found)),
        do=tuple(dict.fromkeys(do)),
        sentence=sentence,
    )


def screen_out_gaps(
    reason: str,
    referred_to: str,
    referral_contact: str,
    reasons: Mapping[str, ScreenOutReason] | None = None,
) -> tuple[str, ...]:
    """What is still missing before somebody may be referred elsewhere; empty when nothing is."""
    known = load_screen_out_reasons() if reasons is None else reasons
    gaps = []
    if reason not in known:
        gaps.append("Choose why this program is not the right one.")
    if not referred_to.strip():
        gaps.append("Name where the person is referred to; nobody is sent away with nothing.")
    if reason in known and known[reason].warm and not referral_contact.strip():
        gaps.append("Name whom you spoke with there, so that the person is expected.")
    return tuple(gaps)
