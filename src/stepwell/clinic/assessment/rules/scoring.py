"""Scores: answers in, points and what they mean out.

A missing answer is never a zero. A safety answer is told of even when nothing can be scored.
A score supports a decision; it is never a diagnosis.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from stepwell.clinic.assessment.rules.instruments import (
    Band,
    FlagRule,
    Instrument,
    Item,
    MissingRule,
    load_instrument,
)
from stepwell.clinic.refusal import Refused


class AnswerRefused(Refused):
    """An answer that the questionnaire does not offer."""


@dataclass(frozen=True)
class SubscaleScore:
    """Points of one subscale; None when one of its items is missing."""

    code: str
    label: str
    points: int | None


@dataclass(frozen=True)
class Flag:
    """A cut-off that was reached. ``group`` 'men' or 'women' when it holds only for them."""

    code: str
    text: str
    group: str | None


@dataclass(frozen=True)
class SafetyAlert:
    """An answer that a clinician must see today."""

    code: str
    item: str
    answer: int
    text: str


@dataclass(frozen=True)
class Score:
    """What the answers come to. ``total`` and ``band`` are None when incomplete, or where no total exists."""

    instrument: str
    version: str
    complete: bool
    total: int | None
    subscales: tuple[SubscaleScore, ...]
    band: Band | None
    flags: tuple[Flag, ...]
    alerts: tuple[SafetyAlert, ...]
    missing: tuple[str, ...]
    estimate: int | None = None  # only under the rule 'prorate', and never called a total

    def of(self, what: str) -> int | None:
        """Points of the total ('total') or of a subscale by its code; None when not scored."""
        if what == "total":
            return self.total
        return next((s.points for s in self.subscales if s.code == what), None)


def days_to_code(instrument: Instrument, days: int) -> int:
    """The code that a number of days is recorded as (BAM: 9 days -> 3). AnswerRefused outside the ranges."""
    for band in instrument.day_codes:
        if band.low <= days <= band.high:
            return band.code
    if not instrument.day_codes:
        raise AnswerRefused(f"{instrument.title} has no question that is answered in days.")
    most = max(band.high for band in instrument.day_codes)
    raise AnswerRefused(f"{days} days cannot be: give a number from 0 to {most}.")


def score(instrument: Instrument, answers: Mapping[str, int | None]) -> Score:
    """Score the answers, given as link id -> value of the option chosen; None or absent means missing.

    Raises AnswerRefused for a question that the instrument does not ask, or a value it does not offer.
    """
    given = _given(instrument, answers)
    missing = tuple(i.link_id for i in instrument.items if i.required and i.link_id not in given)
    complete = not missing
    points = {link: instrument.item(link).points(value) for link, value in given.items()}

    total = (
        sum(points[link] for link in instrument.total_items) if complete and instrument.total_items else None
    )
    withheld = not complete and instrument.missing_rule is not MissingRule.FLAG
    subscales = tuple(
        SubscaleScore(s.code, s.label, None if withheld else _sum(points, s.items))
        for s in instrument.subscales
    )
    scored = {s.code: s.points for s in subscales} | {"total": total}
    members = {s.code: s.items for s in instrument.subscales} | {"total": instrument.total_items}
    return Score(
        instrument=instrument.slug,
        version=instrument.scoring_version,
        complete=complete,
        total=total,
        subscales=subscales,
        band=next((b for b in instrument.bands if total is not None and b.low <= total <= b.high), None),
        flags=tuple(
            Flag(rule.code, rule.text, rule.group)
            for rule in instrument.flags
            if _reached(rule, scored[rule.of], points, members[rule.of])
        ),
        alerts=tuple(
            SafetyAlert(alert.code, alert.item, given[alert.item], alert.text)
            for alert in instrument.alerts
            if alert.item in given and given[alert.item] >= alert.at_least
        ),
        missing=missing,
        estimate=_estimate(instrument, points) if missing else None,
    )


def _given(instrument: Instrument, answers: Mapping[str, int | None]) -> dict[str, int]:
    items = {item.link_id: item for item in instrument.items}
    given: dict[str, int] = {}
    for link, value in answers.items():
        if link not in items:
            raise AnswerRefused(f"{instrument.title} has no question {link}.")
        if value is None:
            continue
        _offered(instrument, items[link], value)
        given[link] = value
    return given


def _offered(instrument: Instrument, item: Item, value: int) -> None:
    values = [option.value for option in item.options]
    # True would pass for 1 and 1.0 for 1; an answer that is not a plain number is a fault of the sender
    if type(value) is not int or value not in values:
        offered = ", ".join(str(v) for v in values)
        raise AnswerRefused(
            f"Question {item.link_id} of {instrument.title} cannot be answered {value}; it offers {offered}."
        )


def _sum(points: Mapping[str, int], items: tuple[str, ...]) -> int | None:
    return sum(points[link] for link in items) if all(link in points for link in items) else None


def _reached(rule: FlagRule, value: int | None, points: Mapping[str, int], members: tuple[str, ...]) -> bool:
    if value is None:
        return False
    if rule.at_least is not None and value < rule.at_least:
        return False
    if rule.at_most is not None and value > rule.at_most:
        return False
    return rule.only_item is None or all(points[link] == 0 for link in members if link != rule.only_item)


def _estimate(instrument: Instrument, points: Mapping[str, int]) -> int | None:
    """Mean of the answered items put in the place of the missing ones, rounded; only under 'prorate'."""
    there = [points[link] for link in instrument.total_items if link in points]
    absent = len(instrument.total_items) - len(there)
    if instrument.missing_rule is not MissingRule.PRORATE or not there or absent > instrument.most_missing:
        return None
    mean = Decimal(sum(there)) * len(instrument.total_items) / len(there)
    return int(mean.to_integral_value(ROUND_HALF_UP))


class Verdict(StrEnum):
    """What a change between two scores means."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "no meaningful change"
    UNJUDGED = "no agreed threshold"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True)
class Change:
    """The change of a total or subscale. ``points`` = current minus previous; None when not comparable."""

    of: str
    points: int | None
    verdict: Verdict
    sentence: str


def change(previous: Score, current: Score, instrument: Instrument | None = None) -> tuple[Change, ...]:
    """What changed between two scores of one instrument: one Change for its total or for each subscale.

    ``instrument`` is only needed for one that is not among the data files.
    Refused when the scores belong to different instruments.
    """
    instrument = instrument or load_instrument(previous.instrument)
    for one in (previous, current):
        if one.instrument != instrument.slug:
            raise Refused(f"A score of {one.instrument} cannot be compared with one of {instrument.title}.")
    changes = []
    for rule in instrument.changes:
        name = next((s.label for s in instrument.subscales if s.code == rule.of), "Total")
        before, after = previous.of(rule.of), current.of(rule.of)
        if previous.version != current.version:
            sentence = f"{name}: the two were scored by different rules, so they are not compared."
            changes.append(Change(rule.of, None, Verdict.NOT_COMPARABLE, sentence))
        elif before is None or after is None:
            sentence = f"{name}: one of the two is incomplete, so they are not compared."
            changes.append(Change(rule.of, None, Verdict.NOT_COMPARABLE, sentence))
        else:
            verdict = _verdict(after - before, rule.points, rule.better)
            sentence = f"{name} went from {before} to {after}: {verdict.value}."
            changes.append(Change(rule.of, after - before, verdict, sentence))
    return tuple(changes)


def _verdict(difference: int, smallest: int | None, better: str) -> Verdict:
    if smallest is None:
        return Verdict.SAME if difference == 0 else Verdict.UNJUDGED
    if abs(difference) < smallest:
        return Verdict.SAME
    return Verdict.BETTER if (difference < 0) == (better == "lower") else Verdict.WORSE
