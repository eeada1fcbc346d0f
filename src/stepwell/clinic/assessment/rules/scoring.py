"""Scores: answers in, points and what they mean out.

A missing answer is never a zero. A safety answer is told of even when nothing can be scored.
A score supports a decision; it is never a diagnosis.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stepwell.clinic.assessment.rules.instruments import Band, Instrument, Item
from stepwell.clinic.refusal import Refused

Points = int | float
"""Whole points nearly always; means have two decimals."""


class AnswerRefused(Refused):
    """An answer that the questionnaire does not offer."""


@dataclass(frozen=True)
class SubscaleScore:
    """Points of one subscale and their band, where it has bands; None when one of its items is missing."""

    code: str
    label: str
    points: Points | None
    band: Band | None = None


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
    total: Points | None
    subscales: tuple[SubscaleScore, ...]
    band: Band | None
    flags: tuple[Flag, ...]
    alerts: tuple[SafetyAlert, ...]
    missing: tuple[str, ...]
    estimate: int | None = None  # only under the rule 'prorate', and never called a total

    def of(self, what: str) -> Points | None:
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


def score(instrument: Instrument, answers: Mapping[str, int | None], *, group: str | None = None) -> Score:
    """Score the answers, given as link id -> value of the option chosen; None or absent means missing.

    `group`: 'men' or 'women' where a cut-off depends on it and it is known; without it both are told.
    Raises AnswerRefused for a question that the instrument does not ask, or a value it does not offer.
    """
    try:
        run = instrument.__dict__["_scorer"]
    except KeyError:
        from stepwell.clinic.assessment.rules.scorer import scorer_of

        # made once and kept on the instrument itself: hashing a whole instrument costs more than scoring it
        run = instrument.__dict__["_scorer"] = scorer_of(instrument)
    found: Score = run(answers, group)
    return found


def not_offered(instrument: Instrument, item: Item, shown: object) -> AnswerRefused:
    """The one sentence for an answer outside the list."""
    offered = ", ".join(str(option.value) for option in item.options)
    return AnswerRefused(
        f"Question {item.link_id} of {instrument.title} cannot be answered {shown}; it offers {offered}."
    )
