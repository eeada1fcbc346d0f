"""The good-faith estimate: by when it is due, what must stand in it, and what is missing (45 CFR 149.610)."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.saying import date_words

from .business_days import business_days_after, business_days_before, business_days_between
from .money import Money, total
from .parts import VisitPrice


class Occasion(StrEnum):
    """Why an estimate is due."""

    SCHEDULED = "scheduled"
    REQUESTED = "requested"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class ScheduledRow:
    """A service scheduled at least `ahead` business days before: due `within` business days of the scheduling."""

    ahead: int
    within: int
    source: str


@dataclass(frozen=True, kw_only=True)
class GoodFaithRules:
    """The law's deadlines and limits, the parts of the document, and its words by language."""

    scheduled: tuple[ScheduledRow, ...]
    request_within: int
    request_source: str
    change_before: int
    change_source: str
    recurring_months: int
    substantially_above: Money
    dispute_days: int
    kept_years: int
    items: Mapping[str, str]
    words: Mapping[str, Mapping[str, Any]]
    effective: date
    source: str


@cache
def load_good_faith() -> GoodFaithRules:
    """What ships with this version (data/good-faith.toml)."""
    raw = tomllib.loads(files("stepwell.clinic.coverage").joinpath("data/good-faith.toml").read_text("utf-8"))
    return GoodFaithRules(
        scheduled=tuple(ScheduledRow(**row) for row in raw["scheduled"]),
        request_within=raw["on_request"]["within"],
        request_source=raw["on_request"]["source"],
        change_before=raw["changed"]["before_service"],
        change_source=raw["changed"]["source"],
        recurring_months=raw["limits"]["recurring_months"],
        substantially_above=Money.of(raw["limits"]["substantially_above"]),
        dispute_days=raw["limits"]["dispute_days"],
        kept_years=raw["limits"]["kept_years"],
        items=raw["items"],
        words={language: raw[language] for language in ("en", "es")},
        effective=raw["effective"],
        source=raw["source"],
    )


@dataclass(frozen=True, kw_only=True)
class Due:
    """The last day on which the estimate may be given; None when scheduling alone makes no duty."""

    due_on: date | None
    reason: str


def estimate_due(occasion: Occasion, asked_on: date, service_on: date | None, rules: GoodFaithRules) -> Due:
    """By when the estimate is due. `asked_on`: the day of scheduling, asking or of the change.

    Raises ValueError for a scheduling or a change without the day of the service, or with one that is past.
    """
    if occasion is Occasion.REQUESTED:
        last = business_days_after(asked_on, rules.request_within)
        return Due(
            due_on=last,
            reason=f"Asked for on {date_words(asked_on)}: within {_days(rules.request_within)}, by "
            f"{date_words(last)} ({rules.request_source}).",
        )
    if service_on is None:
        raise ValueError("Say on which day the first visit is, so that the deadline can be counted.")
    if service_on < asked_on:
        raise ValueError("The first visit is before the day of asking. Check the two dates.")
    if occasion is Occasion.CHANGED:
        last = max(asked_on, business_days_before(service_on, rules.change_before))
        return Due(
            due_on=last,
            reason=f"The plan changed: a new estimate {_days(rules.change_before)} before the next visit, by "
            f"{date_words(last)} ({rules.change_source}).",
        )
    ahead = business_days_between(asked_on, service_on)
    for row in rules.scheduled:
        if ahead >= row.ahead:
            last = business_days_after(asked_on, row.within)
            return Due(
                due_on=last,
                reason=f"Scheduled {_days(ahead)} ahead: within {_days(row.within)}, by {date_words(last)} "
                f"({row.source}).",
            )
    return Due(
        due_on=None,
        reason=f"Scheduled {_days(ahead)} ahead, fewer than {rules.scheduled[-1].ahead}: no estimate is due "
        "unless the person asks for one.",
    )


@dataclass(frozen=True, kw_only=True)
class ExpectedItem:
    """One line of the document: how many of a service, its usual charge and the expected one after discounts."""

    code: str
    label: str
    number: int
    usual: Money
    expected: Money


def expected_items(lines: Sequence[VisitPrice], labels: Mapping[str, str]) -> tuple[ExpectedItem, ...]:
    """The visits gathered by service and expected charge, in order of their first day."""
    found: dict[tuple[str, Money, Money], int] = {}
    for line in lines:
        key = (line.code, line.parts.charge, line.parts.charge - line.parts.sliding_fee)
        found[key] = found.get(key, 0) + 1
    return tuple(
        ExpectedItem(code=code, label=labels.get(code, code), number=number, usual=usual, expected=expected)
        for (code, usual, expected), number in found.items()
    )


def expected_total(items: Sequence[ExpectedItem]) -> Money:
    """What all of it is expected to come to; $400 above it is the line for a dispute."""
    return total(item.expected * item.number for item in items)


def missing_items(document: Mapping[str, Any], rules: GoodFaithRules) -> tuple[str, ...]:
    """What the law asks for and the document lacks, in its own order; empty when it is complete."""
    return tuple(words for key, words in rules.items.items() if not _told(document.get(key)))


def _told(part: Any) -> bool:
    if isinstance(part, Mapping):
        return bool(part) and all(_told(value) for value in part.values())
    return bool(part)


def _days(count: int) -> str:
    return "1 business day" if count == 1 else f"{count} business days"
