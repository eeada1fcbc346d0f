"""An answer as the page shows it: each value with its segment and what was on file before, and every line of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from stepwell.clinic.coverage.eligibility import rules
from stepwell.ui.filters import date_full, money

_MONEY = frozenset(
    {
        "deductible",
        "deductible_met",
        "out_of_pocket_max",
        "out_of_pocket_met",
        "family_deductible",
        "family_deductible_met",
        "family_out_of_pocket_max",
        "family_out_of_pocket_met",
        "copay_per_day",
    }
)


_NOT_TOLD = "not told"


@dataclass(frozen=True)
class Row:
    """One fact: what the answer says or why it is open, its segments, and what was on file."""

    label: str
    told: str
    open: bool
    segments: tuple[rules.Source, ...]
    before: str
    differs: bool


@dataclass(frozen=True)
class Told:
    """One statement of the answer in words."""

    service: str
    words: str
    more: tuple[str, ...]
    source: rules.Source


def rows(reading: Mapping[str, Any], before: Any, in_network: bool | None) -> list[Row]:
    """What was told, then what is open; `before` is the row of benefits on file until then, or None."""
    summary = reading.get("summary") or {"values": [], "unknown": []}
    found = [
        _row(v["key"], v["label"], said(v["key"], v["value"]), _sources(v), before, is_open=False)
        for v in summary["values"]
    ]
    if in_network is not None:
        words = "yes, as the site knows" if in_network else "no, as the site knows"
        found.append(Row("In network", words, False, (), "", False))
    return found + [
        _row(u["key"], u["label"], u["because"], _sources(u), before, is_open=True)
        for u in summary["unknown"]
    ]


def lines(answer: rules.Answer) -> list[Told]:
    """Every statement of the answer, by service type as the payer sent it."""
    return [
        Told(
            service=rules.service_words(b.service_types) or "not told",
            words=rules.line_words(b),
            more=(*b.messages, *_dates(b.dates), *_named(b.entities), *b.deliveries),
            source=b.source,
        )
        for b in answer.benefits
    ]


def facts(answer: rules.Answer) -> list[tuple[str, str]]:
    """Who answered, about whom, from when to when."""
    told = []
    if answer.payer is not None:
        told.append(("Answered by", ", ".join((answer.payer.name, *answer.payer.contacts))))
    person = answer.person
    if person is not None:
        born = f", born {date_full(person.birth_date)}" if person.birth_date else ""
        told.append(("About", f"{person.given_name} {person.family_name}{born}".strip(", ")))
    told += [(word.capitalize(), text) for word, text in (_dated(d) for d in answer.dates)]
    told += [
        (rules.word("references", r.kind).capitalize(), ", ".join(part for part in (r.value, r.note) if part))
        for r in answer.references
        if r.kind != "SY"
    ]
    return told


def said(key: str, value: Any) -> str:
    """A value as it is kept in JSON, or a column of the benefits, in words."""
    if value is None:
        return _NOT_TOLD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key in _MONEY:
        return str(money(Decimal(value)))
    if key == "coinsurance":
        return rules.percent_words(Decimal(value))
    if key in ("plan_begins", "plan_ends"):
        return str(date_full(value if isinstance(value, date) else date.fromisoformat(value)))
    return str(value)


def _row(
    key: str, label: str, told: str, segments: tuple[rules.Source, ...], before: Any, *, is_open: bool
) -> Row:
    had = said(key, getattr(before, key)) if before is not None and hasattr(before, key) else ""
    differs = not is_open and had not in ("", _NOT_TOLD, told)
    return Row(label, told, is_open, segments, had, differs)


def _sources(kept: Mapping[str, Any]) -> tuple[rules.Source, ...]:
    return tuple(rules.Source(s["segment"], s["text"]) for s in kept["sources"])


def _dated(one: rules.Dated) -> tuple[str, str]:
    last = f" to {date_full(one.last)}" if one.last else ""
    return rules.word("dates", one.kind), f"{date_full(one.first)}{last}"


def _dates(dates: tuple[rules.Dated, ...]) -> list[str]:
    return [" ".join(_dated(one)) for one in dates]


def _named(entities: tuple[rules.Entity, ...]) -> list[str]:
    return [
        f"{rules.word('entities', e.kind)}: {', '.join(part for part in (e.name, e.id, *e.contacts) if part)}"
        for e in entities
    ]
