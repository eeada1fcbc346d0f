"""What a version of a plan has that another has not, part by part, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """What became of a part."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Part:
    """A problem, a goal or an objective as one version says it.

    `line` is the same for a part and what it goes on with in later versions. `facts`: name and words, in their order;
    a name that comes twice (two groups of one kind) is counted.
    """

    word: str
    line: int
    number: str
    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Change:
    """What became of one part. `sentences`: each difference, or what the part says when it is new or gone."""

    what: What
    word: str
    number: str
    title: str
    sentences: tuple[str, ...] = ()


def compare(
    before: Sequence[Part], after: Sequence[Part], ended: Mapping[int, str] | None = None
) -> tuple[Change, ...]:
    """Every change, in the order of the later version; what is gone comes last.

    `ended`: line of an objective -> why it is gone ('met at the review of 3 May 2026'). Numbers that only close up
    are no change.
    """
    there = {(part.word, part.line): part for part in before}
    here = {(part.word, part.line) for part in after}
    found = []
    for part in after:
        old = there.get((part.word, part.line))
        if old is None:
            found.append(Change(What.ADDED, part.word, part.number, part.title, _says(part)))
        elif sentences := _differences(old, part):
            found.append(Change(What.CHANGED, part.word, part.number, part.title, sentences))
    for part in before:
        if (part.word, part.line) not in here:
            why = (ended or {}).get(part.line, "") if part.word == "objective" else ""
            sentences = (f"{why[:1].upper()}{why[1:]}.",) if why else ()
            found.append(Change(What.REMOVED, part.word, part.number, part.title, sentences))
    return tuple(found)


def _says(part: Part) -> tuple[str, ...]:
    return tuple(
        f"{name}: {words}." if words[-1:] not in ".!?" else f"{name}: {words}"
        for name, words in part.facts
        if words
    )


def _differences(old: Part, new: Part) -> tuple[str, ...]:
    before, after = _numbered(old.facts), _numbered(new.facts)
    found = []
    for name, words in after.items():
        was = before.get(name, "")
        if was == words:
            continue
        if not was:
            found.append(f"{name} is new: {words}.")
        elif not words:
            found.append(f"{name} is gone; it was {was}.")
        else:
            found.append(f"{name} was “{was}” and is “{words}”.")
    found += [
        f"{name} is gone; it was {words}." for name, words in before.items() if name not in after and words
    ]
    return tuple(found)


def _numbered(facts: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in facts:
        key, n = name, 2
        while key in found:
            key, n = f"{name} ({n})", n + 1
        found[key] = words
    return found
