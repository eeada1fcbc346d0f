"""A turn at the tablet in the lobby: how its code is written, and how long everything lasts."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class LobbyRule:
    """``code_lasts``: how long the code may be typed; ``open_lasts``: how long the questionnaires stay open."""

    letters: str
    length: int
    code_lasts: timedelta
    open_lasts: timedelta
    idle: timedelta
    wrong_most: int
    wrong_within: timedelta

    def read(self, typed: str) -> str:
        """What was typed in capitals without blanks; "" when it cannot be a code."""
        code = "".join(typed.split()).replace("-", "").upper()
        return code if len(code) == self.length and set(code) <= set(self.letters) else ""


@cache
def load_lobby() -> LobbyRule:
    """The rule that ships with this version."""
    path = files("stepwell.clinic.assessment").joinpath("data", "lobby.json")
    raw = json.loads(path.read_text("utf-8"))
    return LobbyRule(
        letters=raw["letters"],
        length=raw["length"],
        code_lasts=timedelta(minutes=raw["code_minutes"]),
        open_lasts=timedelta(minutes=raw["open_minutes"]),
        idle=timedelta(seconds=raw["idle_seconds"]),
        wrong_most=raw["wrong_most"],
        wrong_within=timedelta(minutes=raw["wrong_minutes"]),
    )
