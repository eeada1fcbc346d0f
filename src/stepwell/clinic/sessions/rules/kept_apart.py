"""What may be kept apart from the record, and under which consent anybody else may have it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class KeptKind:
    """One kind of note kept apart: its law, what it is, and the consent that reaches it.

    `consent_kind` is the kind of consent of this program that would, "" when it keeps none of that kind.
    """

    key: str
    title: str
    law: str
    what: str
    consent: str
    consent_kind: str


@dataclass(frozen=True, kw_only=True)
class KeptApartLaw:
    """The kinds by their key, and what always belongs in the record instead."""

    kinds: Mapping[str, KeptKind]
    belongs_in_the_record: tuple[str, ...]


@cache
def load_kept_apart() -> KeptApartLaw:
    """As it ships with this version."""
    raw = json.loads(files("stepwell.clinic.sessions").joinpath("data/kept-apart.json").read_text("utf-8"))
    return KeptApartLaw(
        kinds={key: KeptKind(key=key, **facts) for key, facts in raw["kinds"].items()},
        belongs_in_the_record=tuple(raw["belongs_in_the_record"]),
    )
