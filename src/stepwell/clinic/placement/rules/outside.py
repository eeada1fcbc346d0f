"""Levels that other instruments give: recorded as they are, compared with ours, never put in their place."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from stepwell.clinic.placement.rules.levels import Level
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class OutsideInstrument:
    """``levels``: the instrument's own level -> the level here that it is compared with."""

    code: str
    label: str
    levels: dict[str, str]


@dataclass(frozen=True)
class Comparison:
    """``agrees`` is None while there is nothing to compare with."""

    agrees: bool | None
    sentence: str


@cache
def outside_instruments() -> tuple[OutsideInstrument, ...]:
    """The instruments whose results can be recorded."""
    path = files("stepwell.clinic.placement").joinpath("data", "outside.json")
    return tuple(OutsideInstrument(**row) for row in json.loads(path.read_text("utf-8"))["instruments"])


def outside_level(code: str, level: str) -> tuple[OutsideInstrument, Level]:
    """The instrument and the level here that its level is compared with. Refused for one that it does not have."""
    instrument = next((one for one in outside_instruments() if one.code == code), None)
    if instrument is None:
        raise Refused("There is no such instrument; choose one from the list.")
    if level not in instrument.levels:
        raise Refused(f"{instrument.label} has no level {level[:10]}; it has {', '.join(instrument.levels)}.")
    return instrument, Level(instrument.levels[level])


def outside_label(code: str) -> str:
    """The instrument's name, or the code of one that is not known any more."""
    return next((one.label for one in outside_instruments() if one.code == code), code)


def may_be_from(on: date, today: date, born: date) -> None:
    """Refused for a day that lies ahead or before the person was born."""
    if on > today:
        raise Refused("The day of the result lies ahead; correct the date.")
    if on < born:
        raise Refused("The day of the result lies before the person was born; correct the date.")


def compare(theirs: Level | None, ours: Level | None) -> Comparison:
    """In one sentence. The two are never converted into each other: only more, less or the same."""
    if theirs is None or ours is None:
        return Comparison(None, "There is nothing to compare it with yet.")
    if theirs is ours:
        return Comparison(True, f"The same as ours: level {ours}.")
    side = "more" if theirs > ours else "less"
    return Comparison(False, f"It asks for {side} care than ours: about level {theirs} against {ours}.")
