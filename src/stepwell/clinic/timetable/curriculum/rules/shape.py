"""A curriculum as the clinic speaks of it: topics with what is taught, written, taken home and practiced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One session's subject. `shared`: the text that the group note's shared part is drafted from, in the past tense;
    `handout`: for the patient, paragraphs with an empty line between; `skills`: two to four words each."""

    key: str
    title: str
    aims: tuple[str, ...]
    shared: str
    handout: str
    homework: str
    skills: tuple[str, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The hand-out as it is set on paper."""
        return tuple(part.strip() for part in self.handout.split("\n\n") if part.strip())


@dataclass(frozen=True, kw_only=True)
class WeeklyPart:
    """What a whole program holds in some of its weeks. `days`: empty for "when it fits"; `curriculum`: the key of the one
    that this part follows, "" for none."""

    part: str
    kind: str
    minutes: int
    first_week: int
    last_week: int
    days: tuple[str, ...] = ()
    curriculum: str = ""

    @property
    def times(self) -> int:
        """How often a week."""
        return len(self.days) or 1


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    """A series of topics. `kind`: kind of treatment (`plan.rules.Kind`); `minutes` of one session; `in_order`: each topic
    builds on the one before; `weekly`: the pattern of a whole program, empty for one group alone; `source`: what it rests on,
    and `written`: the day (ISO) its text is of; both may be empty."""

    key: str
    title: str
    about: str
    kind: str
    minutes: int
    topics: tuple[Topic, ...]
    in_order: bool = False
    source: str = ""
    written: str = ""
    weekly: tuple[WeeklyPart, ...] = field(default=())

    @property
    def titles(self) -> list[str]:
        """Of the topics, in their order."""
        return [topic.title for topic in self.topics]

    def topic(self, key: str) -> Topic | None:
        """By its key; None when there is no such topic."""
        return next((topic for topic in self.topics if topic.key == key), None)

    def called(self, title: str) -> Topic | None:
        """By its title as sessions hold it; None when there is no such topic."""
        return next((topic for topic in self.topics if topic.title == title), None)

    @property
    def written_on(self) -> date | None:
        return date.fromisoformat(self.written) if self.written else None


def minutes_by_week(weekly: Sequence[WeeklyPart]) -> tuple[int, ...]:
    """Minutes of each week of a program, the first week first."""
    last = max((part.last_week for part in weekly), default=0)
    return tuple(
        sum(part.minutes * part.times for part in weekly if part.first_week <= week <= part.last_week)
        for week in range(1, last + 1)
    )


def said_of_the_weeks(weekly: Sequence[WeeklyPart], least: int) -> str:
    """How many hours the pattern gives and whether that reaches `least` minutes a week; "" without a pattern."""
    weeks = minutes_by_week(weekly)
    if not weeks:
        return ""
    low, high = min(weeks), max(weeks)
    span = _hours(low) if low == high else f"{_hours(low)} to {_hours(high)}"
    if low >= least:
        return f"It gives {span} hours a week."
    return f"It gives {span} hours a week by itself; {_hours(least)} are wanted, so other groups or sessions come on top."


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")
