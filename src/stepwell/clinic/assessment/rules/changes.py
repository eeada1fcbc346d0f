"""What a change between two scores of one instrument means."""

from dataclasses import dataclass
from enum import StrEnum

from stepwell.clinic.assessment.rules.instrument_files import load_instrument
from stepwell.clinic.assessment.rules.instruments import Instrument
from stepwell.clinic.assessment.rules.scoring import Points, Score
from stepwell.clinic.refusal import Refused


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
    points: Points | None
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
        name = next((s.label for s in instrument.subscales if s.code == rule.of), instrument.total_label)
        before, after = previous.of(rule.of), current.of(rule.of)
        if previous.version != current.version:
            sentence = f"{name}: the two were scored by different rules, so they are not compared."
            changes.append(Change(rule.of, None, Verdict.NOT_COMPARABLE, sentence))
        elif before is None or after is None:
            sentence = f"{name}: one of the two is incomplete, so they are not compared."
            changes.append(Change(rule.of, None, Verdict.NOT_COMPARABLE, sentence))
        else:
            difference = round(after - before, 2)
            verdict = _verdict(difference, rule.points, rule.better)
            sentence = f"{name} went from {before} to {after}: {verdict.value}."
            changes.append(Change(rule.of, difference, verdict, sentence))
    return tuple(changes)


def _verdict(difference: Points, smallest: int | None, better: str) -> Verdict:
    if smallest is None:
        return Verdict.SAME if difference == 0 else Verdict.UNJUDGED
    if abs(difference) < smallest:
        return Verdict.SAME
    return Verdict.BETTER if (difference < 0) == (better == "lower") else Verdict.WORSE
