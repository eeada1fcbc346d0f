"""The taps that the session room offers, when it opens, and what a raised risk asks for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Chips = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class RaisedRisk:
    """A risk that is not passed over. `alert` continues "Ana R. …"; `now` and `ask` name the person as {name}.

    `now` is what to do at once; `ask` is what must be written down before the note is signed.
    """

    value: str
    alert: str
    urgent: bool
    now: str
    ask: str

    def say_now(self, called: str) -> str:
        return self.now.replace("{name}", called)

    def say_ask(self, called: str) -> str:
        return f"Write {self.ask.replace('{name}', called)}."


@dataclass(frozen=True, kw_only=True)
class Room:
    """(value, label) of each tap by field, how many minutes before its start a session may be checked in to, and
    the risks that are raised."""

    opens_before: int
    chips: Mapping[str, Chips]
    raised: Mapping[str, RaisedRisk]

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
        raised={value: RaisedRisk(value=value, **facts) for value, facts in raw["raised"].items()},
    )
