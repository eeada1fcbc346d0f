"""The few grounds on which Part 2 lets a record be told without consent, and what must then be written down."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class DecidedBy(StrEnum):
    """Whose decision it is: of who treats (it cannot wait), or of who leads and watches over the program."""

    CARE = "care"
    LEAD = "lead"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """One ground: its section, when it applies, how much may be told, and the facts to record.

    `must_document` is (field key, label) pairs; the keys `recipient_name` and `disclosed_at` mean the same in
    every ground. `at_once` is true where the rule wants it written immediately.
    """

    key: str
    title: str
    section: str
    applies_when: str
    extent: str
    at_once: bool
    decided_by: DecidedBy
    must_document: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class BasisDecision:
    """May the disclosure go ahead on this ground, and what is still to be written down."""

    permitted: bool
    missing: tuple[str, ...]
    sentence: str


@cache
def load_bases() -> tuple[Basis, ...]:
    """The grounds that ship with this version, in the order they are offered."""
    raw = json.loads(
        files("stepwell.clinic.consent").joinpath("data/without-consent.json").read_text("utf-8")
    )
    return tuple(
        Basis(
            key=row["key"],
            title=row["title"],
            section=row["section"],
            applies_when=row["applies_when"],
            extent=row["extent"],
            at_once=row["at_once"],
            decided_by=DecidedBy(row["decided_by"]),
            must_document=tuple((field["key"], field["label"]) for field in row["must_document"]),
        )
        for row in raw["bases"]
    )


def decide_without_consent(
    key: str, facts: Mapping[str, str], bases: Iterable[Basis] | None = None
) -> BasisDecision:
    """Judge a disclosure without consent on the ground `key` with the facts written so far.

    An unknown ground and any blank fact mean no. A subpoena alone is not a ground, so it is not in the list.
    """
    basis = next((b for b in (load_bases() if bases is None else bases) if b.key == key), None)
    if basis is None:
        return BasisDecision(
            permitted=False,
            missing=(),
            sentence="This is not a ground on which a record may be disclosed without consent.",
        )
    missing = tuple(label for field, label in basis.must_document if not facts.get(field, "").strip())
    if missing:
        sentence = f"Write down first: {', '.join(missing)}."
    else:
        sentence = f"{basis.title} ({basis.section}): {basis.extent}"
    return BasisDecision(permitted=not missing, missing=missing, sentence=sentence)
