"""Visits that an employer's assistance program authorized, and what the employer may be told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from stepwell.clinic.consent.rules import Category

MAY_EVER_BE_ASKED = (Category.ATTENDANCE,)
"""All that an employer's program may be told with consent: whether somebody comes. Never what is said there."""

RULE = "42 CFR 2.31 and 2.33"
"""A written consent that names the employer; without it nothing, not even that somebody is a patient (2.13)."""


@dataclass(frozen=True, kw_only=True)
class EapStanding:
    """`used` counts attended days, at most the authorized ones; `over` are days beyond them."""

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


def eap_standing(
    authorized: int, days: Collection[date], *, starts_on: date, ends_on: date | None, today: date
) -> EapStanding:
    """Counts each day attended within the authorization once, however many sessions it had."""
    within = {
        day for day in days if starts_on <= day and (ends_on is None or day <= ends_on) and day <= today
    }
    used = min(authorized, len(within))
    left, over = authorized - used, len(within) - used
    ended = ends_on is not None and ends_on < today
    if ended:
        sentence = f"The authorization has ended; {used} of {authorized} visits were used."
    elif over:
        sentence = (
            f"All {authorized} visits are used; {over} more came after them and are not paid by the program."
        )
    elif not left:
        sentence = f"All {authorized} visits are used."
    else:
        sentence = f"{used} of {authorized} visits are used, {left} left."
    return EapStanding(authorized=authorized, used=used, left=left, over=over, ended=ended, sentence=sentence)


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
