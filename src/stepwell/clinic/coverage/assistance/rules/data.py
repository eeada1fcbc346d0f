"""Kinds of income and proof, and the days of this step, as dated data (data/assistance.json)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class ProofKind:
    """What can be shown of an income. `declared`: the person's own word, which holds for the grace only."""

    key: str
    label: str
    declared: bool


@dataclass(frozen=True, kw_only=True)
class AssistanceRules:
    """`periods`: how often in a year an income of that period comes. All days are calendar days."""

    effective: date
    source: str
    grace_days: int
    renew_ahead_days: int
    remind_ahead_days: int
    remind_late_days: int
    incomes: Mapping[str, str]
    periods: Mapping[str, int]
    proofs: tuple[ProofKind, ...]

    def proof(self, key: str) -> ProofKind:
        """Raises KeyError for a kind that is not on the list."""
        return {one.key: one for one in self.proofs}[key]


@cache
def load_assistance() -> AssistanceRules:
    """What ships with this version."""
    path = files("stepwell.clinic.coverage.assistance").joinpath("data/assistance.json")
    raw = json.loads(path.read_text("utf-8"))
    return AssistanceRules(
        effective=date.fromisoformat(raw["effective"]),
        source=raw["source"],
        grace_days=raw["grace_days"],
        renew_ahead_days=raw["renew_ahead_days"],
        remind_ahead_days=raw["remind_ahead_days"],
        remind_late_days=raw["remind_late_days"],
        incomes=raw["incomes"],
        periods=raw["periods"],
        proofs=tuple(ProofKind(**one) for one in raw["proofs"]),
    )
