"""What must be known before a medicine is begun: what is missing, what is unsafe, and what may be passed over.

The checks are dated data (``data/checks.json``) with their sources. They never decide: the prescriber may pass
over what is marked so, with a reason from the list, and the reason stays on the order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from stepwell.clinic.medication.rules.drugs import data, is_named
from stepwell.clinic.refusal import Refused


class Phase(StrEnum):
    """When a check is asked: as the order is signed, or as its first dose is given."""

    ORDER = "order"
    START = "start"


class CheckState(StrEnum):
    """What a check found."""

    OK = "ok"
    MISSING = "missing"
    UNSAFE = "unsafe"


@dataclass(frozen=True)
class FactKind:
    """A fact that checks ask for: one of ``choices``, or a number in ``unit`` from ``low`` to ``high``."""

    code: str
    label: str
    ask: str
    choices: tuple[tuple[str, str], ...]
    lasting: frozenset[str]
    unit: str
    low: Decimal
    high: Decimal

    def words(self, value: str, number: Decimal | None) -> str:
        """What was recorded, in words."""
        if number is not None:
            return f"{number.normalize():f} {self.unit}"
        return dict(self.choices).get(value, value)


@dataclass(frozen=True)
class Fact:
    """A fact as recorded: true at ``at``."""

    code: str
    at: datetime
    value: str = ""
    number: Decimal | None = None


@dataclass(frozen=True)
class Circumstances:
    """What is known when a medicine is ordered or begun. ``scores``: instrument -> (total, when)."""

    at: datetime
    facts: tuple[Fact, ...] = ()
    scores: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)
    site_is_otp: bool = False
    taken: frozenset[str] = frozenset()
    begun_before: bool = False

    def newest(self, code: str) -> Fact | None:
        """The newest fact of a kind."""
        return max((f for f in self.facts if f.code == code), key=lambda f: f.at, default=None)


@dataclass(frozen=True)
class Finding:
    """One check: what it found, its sentence, and whether the prescriber may pass over it."""

    code: str
    phase: Phase
    state: CheckState
    sentence: str
    overridable: bool


@cache
def fact_kinds() -> tuple[FactKind, ...]:
    """Every kind of fact that checks ask for."""
    found = []
    for row in data("checks")["facts"]:
        number = row.get("number", {"unit": "", "low": "0", "high": "0"})
        found.append(
            FactKind(
                row["code"], row["label"], row["ask"], tuple((a, b) for a, b in row.get("choices", ())),
                frozenset(row.get("lasting", ())), number["unit"], Decimal(number["low"]), Decimal(number["high"]),
            )
        )  # fmt: skip
    return tuple(found)


def fact_kind(code: str) -> FactKind:
    """The kind with this code. Refused for an unknown one."""
    for one in fact_kinds():
        if one.code == code:
            return one
    raise Refused("There is no such safety fact; choose one from the list.")


def may_record_fact(kind: FactKind, value: str, number: Decimal | None) -> None:
    """Refused for an answer that the kind does not offer, or a number that cannot be."""
    if kind.choices:
        if value not in dict(kind.choices) or number is not None:
            raise Refused(f"{kind.label}: choose one of the answers.")
    elif number is None or not number.is_finite() or not kind.low <= number <= kind.high:
        raise Refused(f"{kind.label}: write a number from {kind.low:f} to {kind.high:f} {kind.unit}.")


def override_reasons() -> tuple[tuple[str, str], ...]:
    """(code, words) of the reasons for passing over a check."""
    return tuple((row["code"], row["label"]) for row in data("checks")["reasons"])


def check_start(drug: str, circumstances: Circumstances) -> tuple[Finding, ...]:
    """Everything that is asked before this drug is begun, with what was found; empty for a drug without checks."""
    asked = [row for row in data("checks")["checks"] if _asks(row, drug)]
    return tuple(_CHECKS[row["kind"]](row, circumstances) for row in asked)


def facts_asked_for(drug: str) -> tuple[str, ...]:
    """The kinds of facts that the checks of a drug read, in their order."""
    rows = [row for row in data("checks")["checks"] if _asks(row, drug) and "fact" in row]
    proofs = [row["proof"]["fact"] for row in rows if "proof" in row]
    return tuple(dict.fromkeys([*(row["fact"] for row in rows), *proofs]))


def _asks(row: dict[str, Any], drug: str) -> bool:
    """Is this check one of the drug: by its key, or by a name outside of the drug list."""
    return drug in row["drugs"] or is_named(row.get("names", ()), drug)


def unmet(findings: tuple[Finding, ...], phase: Phase | None = None) -> tuple[Finding, ...]:
    """The findings that are missing or unsafe, of one phase or of all."""
    return tuple(f for f in findings if f.state is not CheckState.OK and phase in (None, f.phase))


def may_pass_over(finding: Finding, reason: str, note: str) -> None:
    """Refused where the check may not be passed over, or without a reason from the list."""
    if not finding.overridable:
        raise Refused(f"{finding.sentence} This cannot be passed over.")
    if reason not in dict(override_reasons()):
        raise Refused(f"{finding.sentence} Choose why it is passed over, or change it first.")
    if len(note) > 300:
        raise Refused("The note on a check is too long; 300 characters are enough.")


def _found(row: dict[str, Any], state: CheckState, **words: object) -> Finding:
    overridable = row["overridable"]
    if state is CheckState.MISSING:
        overridable = row.get("missing_overridable", overridable)
    return Finding(row["code"], Phase(row["phase"]), state, row[state.value].format(**words), overridable)


def _recent(row: dict[str, Any], c: Circumstances) -> Fact | None:
    """The newest fact of the check's kind when it still holds."""
    fact = c.newest(row["fact"])
    hours = row.get("again_within_hours", row["within_hours"]) if c.begun_before else row["within_hours"]
    if fact is None or fact.value in fact_kind(row["fact"]).lasting:
        return fact
    return fact if c.at - fact.at <= timedelta(hours=hours) else None


def _score(row: dict[str, Any], c: Circumstances) -> Finding:
    score, when = c.scores.get(row["instrument"], (None, c.at))
    words = {"score": score, "at_least": row["at_least"], "within_hours": row["within_hours"]}
    if score is None or c.at - when > timedelta(hours=row["within_hours"]):
        return _found(row, CheckState.MISSING, **words)
    return _found(row, CheckState.OK if score >= row["at_least"] else CheckState.UNSAFE, **words)


def _free_of(row: dict[str, Any], c: Circumstances) -> Finding:
    """The last use lies far enough back for its kind; a recorded proof may stand in."""
    fact = c.newest(row["fact"])
    if fact is None:
        return _found(row, CheckState.MISSING)
    hours = row["hours"].get(fact.value)
    if hours is None or c.at - fact.at >= timedelta(hours=hours):
        return _found(row, CheckState.OK)
    proof = c.newest(row["proof"]["fact"]) if "proof" in row else None
    if proof is not None and proof.at > fact.at and proof.value in row["proof"]["values"]:
        return _found(row, CheckState.OK)
    what = fact_kind(row["fact"]).words(fact.value, None).lower()
    elapsed = _elapsed(c.at - fact.at)
    return _found(row, CheckState.UNSAFE, what=what, elapsed=elapsed, hours=hours, days=hours // 24)


def _number(row: dict[str, Any], c: Circumstances) -> Finding:
    fact = _recent(row, c)
    if fact is None or fact.number is None:
        return _found(row, CheckState.MISSING)
    number, words = fact.number, {"number": f"{fact.number.normalize():f}"}
    least, most = Decimal(row.get("least", "0")), Decimal(row.get("most", "1e9"))
    if least < number < most or (number == least and "least" in row and number > 0):
        return _found(row, CheckState.OK, **words)
    found = _found(row, CheckState.UNSAFE, **words)
    never = number > Decimal(row.get("never_above", "1e9")) or number < Decimal(row.get("never_below", "0"))
    return Finding(found.code, found.phase, found.state, found.sentence, found.overridable and not never)


def _value(row: dict[str, Any], c: Circumstances) -> Finding:
    fact = _recent(row, c)
    if fact is None:
        hours = row.get("again_within_hours", row["within_hours"]) if c.begun_before else row["within_hours"]
        return _found(row, CheckState.MISSING, within_days=hours // 24)
    return _found(row, CheckState.UNSAFE if fact.value in row["unsafe_values"] else CheckState.OK)


def _other_order(row: dict[str, Any], c: Circumstances) -> Finding:
    return _found(row, CheckState.OK if c.taken & set(row["others"]) else CheckState.MISSING)


def _otp(row: dict[str, Any], c: Circumstances) -> Finding:
    return _found(row, CheckState.OK if c.site_is_otp else CheckState.UNSAFE)


_CHECKS = {
    "score": _score,
    "free_of": _free_of,
    "number": _number,
    "value": _value,
    "other_order": _other_order,
    "otp": _otp,
}


def _elapsed(span: timedelta) -> str:
    hours = max(0, int(span.total_seconds() // 3600))
    if hours < 48:
        return "less than an hour" if hours == 0 else "1 hour" if hours == 1 else f"{hours} hours"
    return f"{hours // 24} days"
