"""The private self-screen: which care is worth asking about, what speaks for it and against. Never a decision.

What is asked and what an answer says is data/fit.json. The rule gives codes; each language has its own words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Care(IntEnum):
    """Kinds of care by how much of the week they fill; higher is more."""

    OUTPATIENT = 0
    IOP = 1
    PHP = 2
    RESIDENTIAL = 3


class Withdrawal(IntEnum):
    """Whether medical care for withdrawal comes into it."""

    NOT_SEEN = 0
    ASK = 1
    FIRST = 2


class Standing(StrEnum):
    """Where an intensive outpatient program stands in what was found."""

    STOP = "stop"
    TOO_LITTLE_TOLD = "too_little_told"
    WITHDRAWAL_FIRST = "withdrawal_first"
    LESS = "less"
    IN_RANGE = "in_range"
    MORE = "more"


class Factor(StrEnum):
    """What the questions are about."""

    NEEDS = "needs"
    WITHDRAWAL = "withdrawal"
    CONDITIONS = "conditions"
    HOME = "home"
    GROUP = "group"
    READINESS = "readiness"
    TIME = "time"
    EARLIER = "earlier"
    STEP_DOWN = "step_down"
    WORK = "work"


class FitReason(StrEnum):
    """What an answer says about an intensive outpatient program. Words: content/<language>/fit.toml."""

    USE_RARE = "use_rare"
    USE_OFTEN = "use_often"
    HARM_LITTLE = "harm_little"
    HARM_MUCH = "harm_much"
    WEEKLY_NOT_TRIED = "weekly_not_tried"
    WEEKLY_ENOUGH = "weekly_enough"
    WEEKLY_NOT_ENOUGH = "weekly_not_enough"
    ALONE_YES = "alone_yes"
    ALONE_HARD = "alone_hard"
    ALONE_NO = "alone_no"
    STOPPING_FINE = "stopping_fine"
    STOPPING_UNWELL = "stopping_unwell"
    STOPPING_VERY_SICK = "stopping_very_sick"
    STOPPING_SEIZURE = "stopping_seizure"
    CALMING_DAILY = "calming_daily"
    BODY_CARED_FOR = "body_cared_for"
    BODY_NOT_CARED_FOR = "body_not_cared_for"
    MIND_SOME = "mind_some"
    MIND_HARD = "mind_hard"
    HOME_SAFE = "home_safe"
    HOME_SHAKY = "home_shaky"
    HOME_NONE = "home_none"
    HOME_PULLS_BACK = "home_pulls_back"
    NOWHERE_SAFE_AND_NOT_ALONE = "nowhere_safe_and_not_alone"
    SUPPORT_SOME = "support_some"
    SUPPORT_ONE = "support_one"
    SUPPORT_NOBODY = "support_nobody"
    SUPPORT_THERE = "support_there"
    SUPPORT_FAR = "support_far"
    SUPPORT_HELPS = "support_helps"
    SUPPORT_PUSHES = "support_pushes"
    GROUP_FINE = "group_fine"
    GROUP_NERVOUS = "group_nervous"
    GROUP_NO = "group_no"
    READY_YES = "ready_yes"
    READY_UNSURE = "ready_unsure"
    READY_OTHERS = "ready_others"
    TIME_SHORT = "time_short"
    TIME_ENOUGH = "time_enough"
    TIME_MUCH = "time_much"
    EARLIER_NONE = "earlier_none"
    EARLIER_FINISHED = "earlier_finished"
    EARLIER_LEFT = "earlier_left"
    STEP_DOWN = "step_down"
    AFTER_WITHDRAWAL = "after_withdrawal"
    WORK_DAYTIME = "work_daytime"
    WORK_EVENING = "work_evening"
    WORK_CHANGING = "work_changing"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A code and the numbers its sentence needs, such as {"hours": 9}."""

    code: FitReason
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Says:
    """What one answer, or several together, says: at least this care, up to that, withdrawal, for, against."""

    least: Care = Care.OUTPATIENT
    up_to: Care = Care.OUTPATIENT
    withdrawal: Withdrawal = Withdrawal.NOT_SEEN
    speaks_for: Reason | None = None
    speaks_against: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer: its key, staff's words for it, what it says."""

    key: str
    words: str
    says: Says


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question and its answers in the order shown."""

    key: str
    factor: Factor
    words: str
    choices: Mapping[str, Choice]


@dataclass(frozen=True, kw_only=True)
class Together:
    """Answers that mean more together; "" stands for no answer."""

    key: str
    when: Mapping[str, tuple[str, ...]]
    says: Says


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Everything that is asked, and since when it is asked like this; `ticked`: what a danger of today says besides."""

    effective: date
    stops: tuple[str, ...]
    call_today: tuple[str, ...]
    ticked: Mapping[str, Says]
    enough: tuple[str, ...]
    enough_answers: int
    questions: Mapping[str, Question]
    together: tuple[Together, ...]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The care worth asking about, from `lowest` to `highest`, and why.

    With danger (`stops`), or when too little was told about needs, there is no range: both ends are None.
    """

    standing: Standing
    stops: tuple[str, ...] = ()
    call_today: tuple[str, ...] = ()
    lowest: Care | None = None
    highest: Care | None = None
    withdrawal: Withdrawal = Withdrawal.NOT_SEEN
    speaks_for: tuple[Reason, ...] = ()
    speaks_against: tuple[Reason, ...] = ()
    unanswered: tuple[str, ...] = ()


def fit(answers: Mapping[str, str], ticked: Iterable[str] = (), screen: Screen | None = None) -> Fit:
    """What the answers (question key -> answer key) and the ticked dangers mean together.

    Danger stops everything: nothing else is looked at. The highest need decides where the range begins; a
    milder answer never takes it back. Time, groups, readiness and earlier tries are said as reasons and
    move nothing. Raises ValueError for a question, an answer or a danger that is not asked.
    """
    asked = load_screen() if screen is None else screen
    flags = tuple(dict.fromkeys(ticked))
    unknown = [key for key in flags if key not in (*asked.stops, *asked.call_today)]
    if unknown:
        raise ValueError(f"“{unknown[0]}” is not a danger that can be ticked.")
    stops = tuple(key for key in asked.stops if key in flags)
    if stops:
        return Fit(standing=Standing.STOP, stops=stops)
    unanswered = tuple(key for key in asked.questions if not answers.get(key))
    call_today = tuple(key for key in asked.call_today if key in flags)
    told_today = [asked.ticked[key] for key in call_today if key in asked.ticked]
    said = [*_said(answers, asked), *_said_together(answers, asked), *told_today]
    withdrawal = max((each.withdrawal for each in said), default=Withdrawal.NOT_SEEN)
    reasons_for = tuple(each.speaks_for for each in said if each.speaks_for)
    reasons_against: list[Reason] = []
    for each in said:  # what is both answered and ticked is said once
        if each.speaks_against and each.speaks_against not in reasons_against:
            reasons_against.append(each.speaks_against)
    lowest = max((each.least for each in said), default=Care.OUTPATIENT)
    highest = max([lowest, *(each.up_to for each in said)])
    # One clear need is enough to go on; from a single mild answer nothing is guessed.
    told = sum(bool(answers.get(key)) for key in asked.enough)
    known = told >= asked.enough_answers or lowest > Care.OUTPATIENT
    if withdrawal == Withdrawal.FIRST:
        standing = Standing.WITHDRAWAL_FIRST
    elif not known:
        standing = Standing.TOO_LITTLE_TOLD
    elif lowest > Care.IOP:
        standing = Standing.MORE
    elif highest < Care.IOP:
        standing = Standing.LESS
    else:
        standing = Standing.IN_RANGE
    return Fit(
        standing=standing,
        call_today=call_today,
        lowest=lowest if known else None,
        highest=highest if known else None,
        withdrawal=withdrawal,
        speaks_for=reasons_for,
        speaks_against=tuple(reasons_against),
        unanswered=unanswered,
    )


def told_words(told: Iterable[str], screen: Screen | None = None) -> tuple[tuple[str, str], ...]:
    """What a person chose to send, as (question, answer) in staff's words; what is not known is left out.

    `told` holds "use=most" for an answer and "range=iop-php" for the care that came out.
    """
    asked = load_screen() if screen is None else screen
    lines = []
    for item in told:
        key, _, answer = item.partition("=")
        if key == "range" and answer in RANGES:
            lines.append(("Care worth asking about, as the self-screen found", RANGES[answer]))
        elif key in asked.questions and answer in asked.questions[key].choices:
            lines.append((asked.questions[key].words, asked.questions[key].choices[answer].words))
    return tuple(lines)


_STAFF_NAMES = {
    Care.OUTPATIENT: "outpatient",
    Care.IOP: "intensive outpatient",
    Care.PHP: "partial hospitalization",
    Care.RESIDENTIAL: "residential",
}
RANGES = {
    f"{low.name}-{high.name}".lower(): _STAFF_NAMES[low]
    if low == high
    else f"{_STAFF_NAMES[low]} to {_STAFF_NAMES[high]}"
    for low in Care
    for high in Care
    if low <= high
}
"""Every range that can come out, "iop-php", in staff's words."""


def tellable(screen: Screen | None = None) -> tuple[str, ...]:
    """Everything that can be sent from the self-screen: "use=most", ..., "range=iop-php"."""
    asked = load_screen() if screen is None else screen
    answers = [f"{q.key}={choice}" for q in asked.questions.values() for choice in q.choices]
    return (*answers, *(f"range={each}" for each in RANGES))


@cache
def load_screen() -> Screen:
    """The questions that ship with this version (data/fit.json)."""
    raw: dict[str, Any] = json.loads(
        files("stepwell.clinic.inquiry").joinpath("data/fit.json").read_text("utf-8")
    )
    return Screen(
        effective=date.fromisoformat(raw["effective"]),
        stops=tuple(raw["stops"]),
        call_today=tuple(raw["call_today"]),
        ticked={key: _says(row) for key, row in raw["ticked"].items()},
        enough=tuple(raw["enough"]),
        enough_answers=raw["enough_answers"],
        questions={row["key"]: _question(row) for row in raw["questions"]},
        together=tuple(
            Together(
                key=row["key"],
                when={key: tuple(values) for key, values in row["when"].items()},
                says=_says(row),
            )
            for row in raw["together"]
        ),
    )


def _said(answers: Mapping[str, str], asked: Screen) -> list[Says]:
    for key, answer in answers.items():
        if key not in asked.questions:
            raise ValueError(f"“{key}” is not asked.")
        if answer and answer not in asked.questions[key].choices:
            raise ValueError(f"“{answer}” is not an answer to “{key}”.")
    # In the order of the questions, whatever the order of the answers.
    return [q.choices[answers[q.key]].says for q in asked.questions.values() if answers.get(q.key)]


def _said_together(answers: Mapping[str, str], asked: Screen) -> list[Says]:
    return [
        each.says
        for each in asked.together
        if all(answers.get(key, "") in values for key, values in each.when.items())
    ]


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        key=row["key"],
        factor=Factor(row["factor"]),
        words=row["words"],
        choices={
            each["key"]: Choice(key=each["key"], words=each["words"], says=_says(each))
            for each in row["choices"]
        },
    )


def _says(row: Mapping[str, Any]) -> Says:
    return Says(
        least=Care[row.get("least", "outpatient").upper()],
        up_to=Care[row.get("up_to", "outpatient").upper()],
        withdrawal=Withdrawal[row.get("withdrawal", "not_seen").upper()],
        speaks_for=_reason(row.get("for")),
        speaks_against=_reason(row.get("against")),
    )


def _reason(row: Mapping[str, Any] | None) -> Reason | None:
    return None if row is None else Reason(code=FitReason(row["code"]), numbers=row.get("numbers", {}))
