"""Which question an answer belongs to: by the trace number that came back, and never against the birth date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .letters import same_letters
from .told import Answer, PersonTold


class Match(StrEnum):
    """Where an answer goes."""

    ONE = "one"
    NONE = "none"
    SEVERAL = "several"
    SOMEBODY_ELSE = "somebody_else"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that may be the one: its key, its trace number, and whom it was about."""

    key: int
    trace: str
    birth_date: date | None
    given_name: str
    family_name: str


@dataclass(frozen=True, kw_only=True)
class Matched:
    """The decision; `key` of the question only when it is one. `because` is a sentence."""

    match: Match
    key: int | None
    because: str


def match(answer: Answer, asked: Sequence[Asked]) -> Matched:
    """The question whose trace number the answer carries.

    Payers correct names and numbers, so those decide nothing while the birth date is the same; one that differs, or
    none at all under another first and last name, means another person, and then somebody looks at it.
    """
    carried = {*answer.traces, answer.reference} - {""}
    found = [one for one in asked if one.trace in carried]
    if not found:
        return Matched(
            match=Match.NONE, key=None, because="None of our questions has the trace number of this answer."
        )
    if len(found) > 1:
        return Matched(
            match=Match.SEVERAL,
            key=None,
            because="The answer carries the trace numbers of several questions.",
        )
    one, person = found[0], answer.person
    born = person.birth_date if person is not None else None
    if born is not None and one.birth_date is not None and born != one.birth_date:
        return Matched(
            match=Match.SOMEBODY_ELSE,
            key=None,
            because="The answer is about somebody with another birth date than we asked for.",
        )
    if born is None and person is not None and _another_name(person, one):
        return Matched(
            match=Match.SOMEBODY_ELSE,
            key=None,
            because="The answer tells no birth date, and names somebody else than we asked for.",
        )
    return Matched(match=Match.ONE, key=one.key, because="The trace number is that of the question.")


def _another_name(person: PersonTold, asked: Asked) -> bool:
    """First and last name both differ, in the letters that payers write; a name that was not told differs from none."""
    pairs = ((person.given_name, asked.given_name), (person.family_name, asked.family_name))
    return all(told and ours and not same_letters(told, ours) for told, ours in pairs)
