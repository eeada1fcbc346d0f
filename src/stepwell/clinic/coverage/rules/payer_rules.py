"""What a payer pays for one day at a level of care, as dated data."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

from stepwell.clinic.saying import date_words


class Unit(StrEnum):
    """What one unit is."""

    PER_DIEM = "per_diem"
    PER_SESSION = "per_session"
    FIFTEEN_MINUTES = "fifteen_minutes"
    NOT_PAID = "not_paid"


@dataclass(frozen=True, kw_only=True)
class PayerRule:
    """One rule on days in [effective, until). `sessions` and `credentials` are keys; no credentials means any.

    `levels` are the codes of the clinical levels of care for which it holds. `minimum_minutes` holds for the day (per diem) or for each session (otherwise).
    """

    key: str
    edition: str
    code: str
    label: str
    levels: frozenset[str]
    unit: Unit
    minimum_minutes: int
    most_units_a_day: int
    sessions: frozenset[str]
    credentials: frozenset[str]
    needs_authorization: bool
    needs_group: bool
    not_same_day_as: frozenset[str]
    revenue_code: str | None
    modifiers: tuple[str, ...]
    effective: date
    until: date | None
    source: str


@cache
def load_payer_rules() -> tuple[PayerRule, ...]:
    """Every rule that ships with this version."""
    raw = json.loads(files("stepwell.clinic.coverage").joinpath("data/payer-rules.json").read_text("utf-8"))
    return tuple(
        PayerRule(
            key=row["key"],
            edition=row["edition"],
            code=row["code"],
            label=row["label"],
            levels=frozenset(row["levels"]),
            unit=Unit(row["unit"]),
            minimum_minutes=row["minimum_minutes"],
            most_units_a_day=row["most_units_a_day"],
            sessions=frozenset(row["sessions"]),
            credentials=frozenset(row["credentials"]),
            needs_authorization=row["needs_authorization"],
            needs_group=row["needs_group"],
            not_same_day_as=frozenset(row["not_same_day_as"]),
            revenue_code=row["revenue_code"],
            modifiers=tuple(row["modifiers"]),
            effective=date.fromisoformat(row["effective"]),
            until=date.fromisoformat(row["until"]) if row["until"] else None,
            source=row["source"],
        )
        for row in raw["rules"]
    )


def rule_on(key: str, on: date, rules: Iterable[PayerRule] | None = None) -> PayerRule:
    """The newest edition of the rule in effect on a day. Raises LookupError when there is none."""
    in_effect = [
        rule
        for rule in (load_payer_rules() if rules is None else rules)
        if rule.key == key and rule.effective <= on and (rule.until is None or on < rule.until)
    ]
    if not in_effect:
        raise LookupError(f"No payer rule “{key}” is on file for {date_words(on)}.")
    return max(in_effect, key=lambda rule: rule.effective)


def at_level(rules: Iterable[PayerRule], level: str) -> tuple[PayerRule, ...]:
    """The rules for a level of care in the order in which they are tried.

    A whole day goes first, then single sessions, and what is not paid takes only what is left.
    """
    order = (Unit.PER_DIEM, Unit.PER_SESSION, Unit.FIFTEEN_MINUTES, Unit.NOT_PAID)
    held = [rule for rule in rules if level in rule.levels]
    return tuple(sorted(held, key=lambda rule: (order.index(rule.unit), len(rule.sessions))))
