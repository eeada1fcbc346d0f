"""The shape of a note: its formats, the rule that holds for it, its parts, and when it is late."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.people.rules import SessionKind


@dataclass(frozen=True, kw_only=True)
class NoteFormat:
    """One format; `sections` are (key, title, what it asks for), empty for the group note."""

    key: str
    title: str
    sections: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class NoteRule:
    """Hours after the session until a note is late, and the likeness from which parts count as cloned.

    `own_words`: words that a sentence of one's own needs; `last_parts`: how many earlier parts are compared.
    """

    due_hours: int
    clone_likeness: Decimal
    own_words: int = 4
    last_parts: int = 3


@dataclass(frozen=True, kw_only=True)
class PersonPart:
    """One person's own part: what it says and the minutes attended (None: not recorded).

    `done`: what was done about a raised risk. `own_last`: the texts of the person's last signed parts.
    `full_name` and `other_names` stand in nobody else's chart.
    """

    patient_id: int | str
    called: str
    outcome: str
    minutes: int | None
    text: str = ""
    sections: Mapping[str, str] = field(default_factory=dict)
    participation: str = ""
    response: str = ""
    risk: str = ""
    objective_id: int | str | None = None
    full_name: str = ""
    other_names: tuple[str, ...] = ()
    skill: str = ""
    done: str = ""
    own_last: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """All that stands in the part as one text, sections in the order of their keys as in `queries.last`."""
        return " ".join([self.text, *(self.sections[key] for key in sorted(self.sections))]).strip()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.full_name, *self.other_names) if name.strip())


@dataclass(frozen=True, kw_only=True)
class NoteDraft:
    """A note about to be signed: the session it is about, the shared part and the part of each person."""

    kind: SessionKind
    format: str
    topic: str
    shared: str
    service_starts: datetime
    service_ends: datetime
    parts: tuple[PersonPart, ...]
    signed_at: datetime | None = None


class AddendumKind(StrEnum):
    """What may be added to a signed note; the note itself stays as it was."""

    ADDENDUM = "addendum"
    CORRECTION = "correction"
    ENTERED_IN_ERROR = "entered_in_error"


@cache
def load_note_formats() -> Mapping[str, NoteFormat]:
    """Every note format that ships with this version, by key."""
    return {
        row["key"]: NoteFormat(
            key=row["key"],
            title=row["title"],
            sections=tuple((s["key"], s["title"], s["asks"]) for s in row["sections"]),
        )
        for row in _data()["formats"]
    }


@cache
def load_note_rule() -> NoteRule:
    """The note rule that ships with this version; a site may set its own hours and likeness (`rule_of`)."""
    raw = _data()
    return NoteRule(
        due_hours=raw["due_hours"],
        clone_likeness=Decimal(raw["clone_likeness"]),
        own_words=raw["own_sentence_words"],
        last_parts=raw["last_parts"],
    )


@cache
def formats_of(kind: str) -> tuple[NoteFormat, ...]:
    """The formats that a kind of session may use, the one offered first; of an unknown kind all with sections."""
    formats = load_note_formats()
    keys = _data()["kinds"].get(kind)
    return tuple(formats[key] for key in keys) if keys else tuple(f for f in formats.values() if f.sections)


def _data() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(
        files("stepwell.clinic.sessions").joinpath("data/notes.json").read_text("utf-8")
    )
    return raw


def note_due_at(service_ends: datetime, due_hours: int) -> datetime:
    """The first instant at which an unsigned note is late."""
    return service_ends + timedelta(hours=due_hours)


def is_late(service_ends: datetime, at: datetime, due_hours: int) -> bool:
    """Signing at `at` makes it a late entry."""
    return at >= note_due_at(service_ends, due_hours)
