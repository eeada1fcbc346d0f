"""The rules of recovery: alerts from check-ins, days of sobriety, homework, and plans that are never blank."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.refusal import Refused

# check-ins -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckIn:
    """A patient's word on the day: mood and craving 0 to 10, sleep in hours, use, free text. None: not answered.

    ``feeling``: one of the four words of one tap, or "".
    """

    at: datetime
    mood: int | None = None
    craving: int | None = None
    sleep_hours: Decimal | None = None
    used: bool | None = None
    note: str = ""
    feeling: str = ""

    def __post_init__(self) -> None:
        for name, value in (("Mood", self.mood), ("Craving", self.craving)):
            if value is not None and not 0 <= value <= 10:
                raise Refused(f"{name} cannot be {value}; choose a number from 0 to 10.")
        if self.sleep_hours is not None and not 0 <= self.sleep_hours <= 24:
            raise Refused(f"{self.sleep_hours:f} hours of sleep do not fit in a day.")
        answers = (self.mood, self.craving, self.sleep_hours, self.used)
        if all(answer is None for answer in answers) and not (self.note.strip() or self.feeling):
            raise Refused("Nothing is filled in yet; answer at least one question.")


class AlertKind(StrEnum):
    """What an alert is about, the gravest first."""

    WANTS_TO_DIE = "wants_to_die"
    USED = "used"
    CRAVING_TWICE = "craving_twice"


@dataclass(frozen=True)
class Alert:
    """Something the team must see today. ``urgent``: now. ``crisis_card``: show the patient the crisis lines."""

    kind: AlertKind
    sentence: str
    at: datetime
    urgent: bool
    crisis_card: bool


@dataclass(frozen=True)
class Thresholds:
    """When a craving alerts, and the words that do."""

    craving_at_least: int
    craving_times: int
    craving_within: timedelta
    words_of_suicide: tuple[str, ...]


@cache
def _data(name: str) -> dict[str, Any]:
    path = files("stepwell.clinic.recovery").joinpath("data", f"{name}.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


@cache
def default_thresholds() -> Thresholds:
    """The thresholds of the data file."""
    row = _data("alerts")
    return Thresholds(
        craving_at_least=row["craving_at_least"],
        craving_times=row["craving_times"],
        craving_within=timedelta(hours=row["craving_within_hours"]),
        words_of_suicide=tuple(row["words_of_suicide"]),
    )


def alerts(
    check_in: CheckIn, earlier: Iterable[CheckIn] = (), thresholds: Thresholds | None = None
) -> tuple[Alert, ...]:
    """The alerts that this check-in raises, the gravest first.

    ``earlier``: the check-ins before it, in any order; only those within the time of the craving rule matter.
    """
    thresholds = thresholds or default_thresholds()
    kinds = []
    if speaks_of_suicide(check_in.note, thresholds):
        kinds.append(AlertKind.WANTS_TO_DIE)
    if check_in.used:
        kinds.append(AlertKind.USED)
    if _strong(check_in, thresholds):
        since = check_in.at - thresholds.craving_within
        before = sum(1 for one in earlier if since <= one.at <= check_in.at and _strong(one, thresholds))
        if before + 1 >= thresholds.craving_times:
            kinds.append(AlertKind.CRAVING_TWICE)
    sentences = _data("alerts")["sentences"]
    return tuple(
        Alert(
            kind=kind,
            sentence=sentences[kind.value],
            at=check_in.at,
            urgent=kind is AlertKind.WANTS_TO_DIE,
            crisis_card=True,
        )
        for kind in kinds
    )


def speaks_of_suicide(text: str, thresholds: Thresholds | None = None) -> bool:
    """Whether the text holds words that may mean suicide. It errs on the side of asking."""
    words = f" {_plain(text)} "
    listed = (thresholds or default_thresholds()).words_of_suicide
    return any(phrase in words for phrase in _all_plain(listed))


def _strong(check_in: CheckIn, thresholds: Thresholds) -> bool:
    return check_in.craving is not None and check_in.craving >= thresholds.craving_at_least


@cache
def _all_plain(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f" {_plain(phrase)} " for phrase in phrases)


def _plain(text: str) -> str:
    """Lower case, accents, apostrophes and punctuation gone, one space between words: "Can't go on!" -> cant go on."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c) and c not in "'’‘`´")
    return re.sub(r"[\W_]+", " ", letters).strip()


@dataclass(frozen=True)
class CrisisLine:
    """A line to call or text; ``tel`` is what the telephone dials."""

    key: str
    name: str
    how: str
    tel: str


def crisis_lines() -> tuple[CrisisLine, ...]:
    """The national lines; a program adds its own."""
    return tuple(CrisisLine(**row) for row in _data("crisis")["lines"])


@dataclass(frozen=True)
class Reading:
    """A short text for the family; it says nothing of any patient."""

    key: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """A mutual-help group for families."""

    name: str
    address: str


def family_reading() -> tuple[Reading, ...]:
    """What helps families, in plain words."""
    return tuple(
        Reading(row["key"], row["title"], tuple(row["paragraphs"]))
        for row in _data("family-reading")["texts"]
    )


def family_groups() -> tuple[Group, ...]:
    """Where families find others in the same place."""
    return tuple(Group(**row) for row in _data("family-reading")["groups"])


# sobriety ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sobriety:
    """Days in a row and days in all, both without the day that is still running."""

    streak: int
    total: int
    last_use: date | None


def sobriety(started: date, uses: Iterable[date], today: date) -> Sobriety:
    """Days of sobriety since ``started``. A use ends the streak and takes one day from the total, nothing more.

    Days of use before the start or after today do not count. Refused when the start lies in the future.
    """
    if started > today:
        raise Refused("The first day of sobriety lies in the future; choose today or earlier.")
    used = sorted({day for day in uses if started <= day <= today})
    last = used[-1] if used else None
    streak = (today - last).days - 1 if last else (today - started).days
    lost = sum(1 for day in used if day < today)
    return Sobriety(max(0, streak), (today - started).days - lost, last)


# homework ------------------------------------------------------------------------------------------------


class HomeworkState(StrEnum):
    """Where homework stands."""

    OPEN = "open"
    DUE_TODAY = "due today"
    OVERDUE = "overdue"
    HANDED_IN = "handed in"
    REVIEWED = "reviewed"


def homework_state(*, due_on: date, answered: bool, reviewed: bool, today: date) -> HomeworkState:
    """The state of homework; what was handed in is never overdue."""
    if reviewed:
        return HomeworkState.REVIEWED
    if answered:
        return HomeworkState.HANDED_IN
    if today > due_on:
        return HomeworkState.OVERDUE
    return HomeworkState.DUE_TODAY if today == due_on else HomeworkState.OPEN


def may_hand_in(text: str, *, answered: bool = False) -> None:
    """Refused for a blank answer, or a second one."""
    if answered:
        raise Refused("This homework was handed in already.")
    if not text.strip():
        raise Refused("There is nothing to hand in yet; write a few words first.")


# plans ---------------------------------------------------------------------------------------------------


class RecoveryPlanKind(StrEnum):
    """The two plans a patient keeps."""

    RELAPSE_PREVENTION = "relapse_prevention"
    SAFETY = "safety"


@dataclass(frozen=True)
class Section:
    """One part of a plan."""

    key: str
    title: str
    ask: str
    required: bool


@dataclass(frozen=True)
class Form:
    """The sections of a plan. ``official_form``: where to register for the official one, when there is one."""

    kind: RecoveryPlanKind
    title: str
    source: str
    official_form: str | None
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Completeness:
    """Whether a plan is whole, and the titles of the required sections that are still blank."""

    complete: bool
    blank: tuple[str, ...]


_FILES = {RecoveryPlanKind.RELAPSE_PREVENTION: "relapse-prevention", RecoveryPlanKind.SAFETY: "safety"}


@cache
def form(kind: RecoveryPlanKind) -> Form:
    """The sections of this kind of plan."""
    row = _data(_FILES[kind])
    sections = tuple(Section(**section) for section in row["sections"])
    return Form(kind, row["title"], row["source"], row["official_form"], sections)


def completeness(kind: RecoveryPlanKind, written: Mapping[str, str]) -> Completeness:
    """How far a plan is, from section key -> text. Blank text is nothing. Refused for an unknown section."""
    sections = form(kind).sections
    unknown = set(written) - {section.key for section in sections}
    if unknown:
        raise Refused(f"{form(kind).title} has no section {min(unknown)}.")
    blank = tuple(s.title for s in sections if s.required and not written.get(s.key, "").strip())
    return Completeness(not blank, blank)


def may_save(kind: RecoveryPlanKind, written: Mapping[str, str]) -> Completeness:
    """A plan may be saved half done, never empty. Refused when every section is blank."""
    result = completeness(kind, written)
    if not any(text.strip() for text in written.values()):
        raise Refused(f"{form(kind).title} is still empty; write in at least one section.")
    return result


def may_complete(kind: RecoveryPlanKind, written: Mapping[str, str]) -> None:
    """Refused, naming the blank sections, unless every required one says something."""
    result = completeness(kind, written)
    if not result.complete:
        raise Refused(f"{form(kind).title} is not complete yet; still blank: {'; '.join(result.blank)}.")
