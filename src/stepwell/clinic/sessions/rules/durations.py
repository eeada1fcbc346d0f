"""Whether a session lasted as long as its kind usually does: a sentence, never a refusal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stepwell.clinic.people.rules import SessionKind


@dataclass(frozen=True, kw_only=True)
class Usual:
    """Minutes; None is no limit."""

    least: int | None
    most: int | None


@cache
def load_durations() -> Mapping[str, Usual]:
    """Kind of session -> what is usual, as it ships with this version."""
    raw = json.loads(files("stepwell.clinic.sessions").joinpath("data/durations.json").read_text("utf-8"))
    return {kind: Usual(**facts) for kind, facts in raw["kinds"].items()}


def duration_sentence(kind: SessionKind, minutes: int, usual: Mapping[str, Usual] | None = None) -> str:
    """What to say of a session of that kind that took `minutes`; "" when that is usual."""
    known = (load_durations() if usual is None else usual).get(kind.value)
    if known is None:
        return ""
    name = f"{'An' if kind.value[0] in 'aeiou' else 'A'} {kind.value.replace('_', '-')}"
    if known.least is not None and minutes < known.least:
        return f"{name} session of {minutes} minutes is short; {known.least} are usual at least. A payer may not pay it."
    if known.most is not None and minutes > known.most:
        return (
            f"{name} session of {minutes} minutes is long; {known.most} are usual at most. Check the times."
        )
    return ""
