"""What is written of one person before signing, and whether it says anything that is not stored yet.

Rows are anything with the attributes named here, so that this stays free of the tables.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

WRITTEN = ("participation", "affect", "response", "skill", "risk", "done", "objective_id", "text", "sections")
"""The fields of a part that a person writes."""


@dataclass(frozen=True, kw_only=True)
class DraftPart:
    """What is written of one person; fields as in `NotePart`."""

    patient_id: int
    participation: str = ""
    affect: str = ""
    response: str = ""
    skill: str = ""
    risk: str = ""
    done: str = ""
    objective_id: int | None = None
    text: str = ""
    sections: Mapping[str, str] = field(default_factory=dict)


class _Shared(Protocol):
    shared: str
    topic: str
    format: str


def same_shared(stored: _Shared, *, shared: str, topic: str, format: str) -> bool:
    """Whether the shared part says what is stored already."""
    return (stored.shared, stored.topic, stored.format) == (shared, topic.strip()[:200], format)


def changed_parts(parts: Iterable[DraftPart], stored: Mapping[int, Any]) -> list[DraftPart]:
    """Those that say something else than what is stored of the same patient, or of whom nothing is stored."""
    return [part for part in parts if _differs(part, stored.get(part.patient_id))]


def _differs(part: DraftPart, stored: Any | None) -> bool:
    return stored is None or any(getattr(part, name) != getattr(stored, name) for name in WRITTEN)


def follows_taps(text: str, former: str) -> bool:
    """Whether a part's text is the taps' to write: nobody wrote any, or it is still what the former taps wrote."""
    return not text.strip() or (former != "" and text.strip() == former)
