"""Visits that an employer's assistance program authorized, and what the employer may be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from stepwell.clinic.consent.rules import Category

MAY_EVER_BE_ASKED = (Category.ATTENDANCE,)
"""All that an employer's program may be told with consent: whether somebody comes. Never what is said there."""

RULE = "42 CFR 2.31 and 2.33"
"""A written consent that names the employer; without it nothing, not even that somebody is a patient (2.13)."""


@dataclass(frozen=True, kw_only=True)
class Authorized:
    """So many visits from `starts_on` to `ends_on`, that day included; None is open."""

    visits: int
    starts_on: date
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, kw_only=True)
class EapStanding:
    """`used` counts attended days, at most the authorized ones; `over` are days beyond them that nothing else covers."""

    authorized: int
    used: int
    left: int
    over: int
    ended: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class EmployerMayHear:
    """What may be told, by category; empty means nothing at all. `reasons` come from the consents on file."""

    categories: tuple[Category, ...]
    sentence: str
    rule: str
    reasons: tuple[str, ...]


def eap_standings(
    authorized: Sequence[Authorized], days: Collection[date], *, today: date
) -> list[EapStanding]:
    """Where each authorization stands, in the given order. A day attended counts once, however many sessions it had,
    and for one authorization only: the oldest in force on that day that has a visit left."""
    used, over = [0] * len(authorized), [0] * len(authorized)
    oldest_first = sorted(range(len(authorized)), key=lambda one: authorized[one].starts_on)
    for day in sorted({day for day in days if day <= today}):
        holding = [one for one in oldest_first if authorized[one].holds_on(day)]
        free = next((one for one in holding if used[one] < authorized[one].visits), None)
        if free is not None:
            used[free] += 1
        elif holding:
            over[holding[-1]] += 1
    return [_standing(one, used[n], over[n], today) for n, one in enumerate(authorized)]


def _standing(one: Authorized, used: int, over: int, today: date) -> EapStanding:
    ended = one.ends_on is not None and one.ends_on < today
    left = one.visits - used
    if ended:
        sentence = f"The authorization has ended; {used} of {one.visits} visits were used."
    elif over:
        sentence = (
            f"All {one.visits} visits are used; {over} more came after them and are not paid by the program."
        )
    elif not left:
        sentence = f"All {one.visits} visits are used."
    else:
        sentence = f"{used} of {one.visits} visits are used, {left} left."
    return EapStanding(authorized=one.visits, used=used, left=left, over=over, ended=ended, sentence=sentence)


def employer_may_hear(
    *, formal: bool, permitted: Collection[Category], reasons: tuple[str, ...]
) -> EmployerMayHear:
    """A formal referral gives the employer no right of its own: a live consent that names it does."""
    told = tuple(one for one in MAY_EVER_BE_ASKED if one in permitted)
    if told:
        sentence = (
            "With the consent on file the employer may be told whether the person comes, and nothing else."
        )
    elif formal:
        sentence = "The employer referred formally, but may be told nothing: no live consent names it."
    else:
        sentence = "The person came on their own; the employer may not even learn that they are here."
    return EmployerMayHear(categories=told, sentence=sentence, rule=RULE, reasons=reasons)
