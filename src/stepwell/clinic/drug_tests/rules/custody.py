"""Is the chain of custody whole? Each hand must have had the specimen from the hand before, under the same seal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise


@dataclass(frozen=True)
class Hand:
    """One hand-over: who gave, who took, when, under which seal, and was the seal whole?"""

    kind: str
    giver: str
    taker: str
    at: datetime
    seal: str
    intact: bool


@dataclass(frozen=True)
class Chain:
    """`whole` with its reasons when it is not; `holder` has the specimen now, None when nothing is written."""

    whole: bool
    reasons: tuple[str, ...]
    holder: str | None


def custody(hands: Sequence[Hand]) -> Chain:
    """Hands in the order in which they were written down."""
    reasons = []
    if not hands:
        return Chain(False, ("Nobody wrote down who took the specimen.",), None)
    if hands[0].kind != "taken":
        reasons.append("The chain does not begin with the collection.")
    for before, after in pairwise(hands):
        if after.giver.casefold() != before.taker.casefold():
            reasons.append(f"{after.giver} gave it on, but {before.taker} had it.")
        if after.at < before.at:
            reasons.append(f"{after.taker} took it before {before.taker} did.")
        if after.seal != before.seal:
            reasons.append(f"The seal was {before.seal or 'none'}, then {after.seal or 'none'}.")
    reasons += [f"The seal was broken when {one.taker} took it." for one in hands if not one.intact]
    return Chain(not reasons, tuple(reasons), hands[-1].taker)
