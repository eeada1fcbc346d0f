"""The taps that the session room offers, and when it opens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Chips = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Room:
    """(value, label) of each tap by field, and how many minutes before its start a session may be checked in to."""

    opens_before: int
    chips: Mapping[str, Chips]

    def label(self, field: str, value: str) -> str:
        """What people read; a value that is no longer offered is shown as it was stored."""
        return dict(self.chips[field]).get(value, value)

    def offers(self, field: str, value: str) -> bool:
        """Whether it is one of the taps; nothing chosen yet is allowed."""
        return value == "" or value in dict(self.chips[field])


CHIP_FIELDS = ("participation", "response", "affect", "risk")


@cache
def load_room() -> Room:
    """The taps that ship with this version."""
    raw = json.loads(files("stepwell.clinic.sessions").joinpath("data/room.json").read_text("utf-8"))
    return Room(
        opens_before=raw["opens_before"],
        chips={field: tuple((value, label) for value, label in raw[field]) for field in CHIP_FIELDS},
    )
