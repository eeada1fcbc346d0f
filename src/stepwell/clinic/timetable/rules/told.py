"""What is said of a change and of what is wrong: notices, turns and verdicts, each with its sentence."""

from __future__ import annotations

from dataclasses import dataclass

from .breaking import Breach
from .changes import Change
from .words import length


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """A change with the words of its button: "Let Reyes lead the second"."""

    words: str
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that is wrong in a version, with its mend if one change mends it."""

    breach: Breach
    mend: Mend | None = None

    @property
    def sentence(self) -> str:
        """The sentence of the rule; the mend is said by its button."""
        return self.breach.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Somebody's minutes that a change would take (`minutes` below zero) or give, and how short they are then."""

    person: int
    name: str
    minutes: int
    short: int

    @property
    def sentence(self) -> str:
        """'Kim R. would lose 90 minutes and be 90 minutes short.'"""
        return _turns((self,), "would gain" if self.minutes > 0 else "would lose", "be")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a change would do: `breaks` anew, `mended`, and whose hours turn."""

    breaks: tuple[Notice, ...] = ()
    mended: tuple[Breach, ...] = ()
    lose: tuple[Turn, ...] = ()
    gain: tuple[Turn, ...] = ()

    @property
    def sentence(self) -> str:
        """All of it, to be read out: 'Nothing breaks. Nobody falls short.'"""
        return self.told("would lose", "would gain", "be")

    @property
    def made(self) -> str:
        """The same once it is done: 'Nothing breaks. Kim R. loses 90 minutes and is 90 minutes short.'"""
        return self.told("loses", "gains", "is")

    def told(self, lose: str, gain: str, be: str) -> str:
        away = [one.breach.name for one in self.breaks if one.breach.name]
        said = []
        for one in self.breaks:
            if not one.breach.name or len(away) == 1:
                said.append(_with_mend(one))
            elif one.breach.name == away[0]:
                said.append(f"{_names(away)} cannot come then.")
        said = said or ["Nothing breaks."]
        said += _turns(self.lose, lose, be) or ["Nobody falls short."]
        return " ".join([*said, *_turns(self.gain, gain, be)])


def _turns(turns: tuple[Turn, ...], verb: str, be: str) -> list[str]:
    """One sentence for each person, or one for all who lose or gain the same."""
    alike: dict[int, list[Turn]] = {}
    for turn in turns:
        alike.setdefault(turn.minutes, []).append(turn)
    said = []
    for minutes, them in alike.items():
        words = verb if len(them) == 1 else verb.removesuffix("s")
        rest = f" and {be} {length(them[0].short)} short" if len(them) == 1 and them[0].short else ""
        said.append(f"{_names([turn.name for turn in them])} {words} {length(abs(minutes))}{rest}.")
    return said


def _names(names: list[str]) -> str:
    """'Ana R.', 'Ana R. and Ben T.', 'Ana R., Ben T., Cleo V. and 4 more'."""
    told, more = names[:TOLD], len(names) - TOLD
    if more > 0:
        return f"{', '.join(told)} and {more} more"
    return " and ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else told[0]


TOLD = 3


"""So many people are named in one sentence; the others are counted."""


def _with_mend(one: Notice) -> str:
    return f"{one.sentence} {one.mend.words}." if one.mend else one.sentence
