"""Rolling admission: people come and go, so the next topic is the one that most of those in the group still need."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .shape import Curriculum, Topic


@dataclass(frozen=True, order=True)
class Held:
    """A topic that the group had on a day."""

    on: date
    topic: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The topic that is proposed, by whom it is needed, and why, most weighty reason first."""

    topic: Topic
    needed_by: tuple[int, ...]
    reasons: tuple[str, ...]


def still_needed(curriculum: Curriculum, had: Collection[str]) -> tuple[Topic, ...]:
    """The topics whose keys are not among those `had`, in the order of the curriculum."""
    return tuple(topic for topic in curriculum.topics if topic.key not in had)


def next_topic(
    curriculum: Curriculum, had_by_group: Sequence[Held], people_had: Mapping[int, Collection[str]]
) -> Decision:
    """What the group should have next, and why.

    Of a curriculum in order: the one after the last that was held. Else the topic that most of the people still need;
    among equals the one that was not held for longest, then the earlier one. `people_had`: person -> keys she had, for
    everybody who belongs to the group.
    """
    last_on = {held.topic: held.on for held in sorted(had_by_group)}
    last = max(had_by_group, default=None)
    if curriculum.in_order:
        return _following(curriculum, last, people_had)
    needed = {
        topic.key: tuple(sorted(person for person, had in people_had.items() if topic.key not in had))
        for topic in curriculum.topics
    }
    order = {topic.key: place for place, topic in enumerate(curriculum.topics)}
    if not any(needed.values()):
        return _following(curriculum, last, people_had, anew=bool(people_had))
    best = min(
        curriculum.topics,
        key=lambda topic: (-len(needed[topic.key]), last_on.get(topic.key, date.min), order[topic.key]),
    )
    equals = sum(len(ids) == len(needed[best.key]) for ids in needed.values())
    reasons = [_needed_words(len(needed[best.key]), len(people_had))]
    if equals > 1:
        reasons.append(f"{equals} topics are needed by as many; {_held_words(last_on.get(best.key))}")
    else:
        reasons.append(_held_words(last_on.get(best.key)).capitalize())
    return Decision(topic=best, needed_by=needed[best.key], reasons=tuple(reasons))


def _following(
    curriculum: Curriculum,
    last: Held | None,
    people_had: Mapping[int, Collection[str]],
    *,
    anew: bool = False,
) -> Decision:
    keys = [topic.key for topic in curriculum.topics]
    place = (keys.index(last.topic) + 1) % len(keys) if last and last.topic in keys else 0
    topic = curriculum.topics[place]
    needed = tuple(sorted(person for person, had in people_had.items() if topic.key not in had))
    before = curriculum.topic(last.topic) if last else None
    reasons = []
    if anew:
        reasons.append("Everybody in the group has had every topic, so the turn begins anew.")
    elif curriculum.in_order:
        reasons.append("These topics build on each other, so they are held in order.")
    else:
        reasons.append("Nobody belongs to the group yet, so the topics go on in order.")
    if before is None:
        reasons.append("It is the first one.")
    else:
        reasons.append(f"The last one was “{before.title}”.")
    if needed:
        reasons.append(_needed_words(len(needed), len(people_had)))
    return Decision(topic=topic, needed_by=needed, reasons=tuple(reasons))


def _needed_words(some: int, everybody: int) -> str:
    if everybody == 1:
        return "The one person in the group has not had it."
    if some == everybody:
        return f"None of the {everybody} people in the group has had it."
    verb = "has" if some == 1 else "have"
    return f"{some} of the {everybody} people in the group {verb} not had it."


def _held_words(on: date | None) -> str:
    if on is None:
        return "this group has never held it."
    return f"this group held it last on {on.day} {on:%b %Y}."
