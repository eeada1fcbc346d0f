"""The parts of a visit's charge and of a week's: what each payer takes of it, and what is left to the patient."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from .money import ZERO, Money


@dataclass(frozen=True, kw_only=True)
class Parts:
    """charge = first_plan + second_plan + eap + sliding_fee + grants + written_off + possible_balance + patient."""

    charge: Money
    first_plan: Money
    second_plan: Money
    eap: Money
    sliding_fee: Money
    grants: Money
    written_off: Money
    possible_balance: Money
    patient: Money


@dataclass(frozen=True, kw_only=True)
class VisitPrice:
    """One visit: its parts, and what of the first plan's terms made the patient's share."""

    on: date
    code: str
    parts: Parts
    deductible: Money
    share: Money
    capped: bool
    covered: bool


@dataclass(frozen=True, kw_only=True)
class WeekOfEpisode:
    """One week from its first day, what its visits come to, and what the patient has paid by its end."""

    starts_on: date
    visits: int
    parts: Parts
    patient_so_far: Money


def by_weeks(lines: Sequence[VisitPrice], week_starts: int = 0) -> tuple[WeekOfEpisode, ...]:
    """The statement: the lines gathered by the site's week; `week_starts` is its first weekday (Monday is 0)."""
    weeks: dict[date, list[Parts]] = {}
    for line in lines:
        first = line.on - timedelta(days=(line.on.weekday() - week_starts) % 7)
        weeks.setdefault(first, []).append(line.parts)
    found, so_far = [], ZERO
    for first in sorted(weeks):
        parts = parts_of(weeks[first])
        so_far += parts.patient
        found.append(
            WeekOfEpisode(starts_on=first, visits=len(weeks[first]), parts=parts, patient_so_far=so_far)
        )
    return tuple(found)


def parts_of(parts: Iterable[Parts]) -> Parts:
    """The sum of each part."""
    each = list(parts)
    return Parts(
        **{name: Money(sum((getattr(one, name).amount for one in each), ZERO.amount)) for name in _NAMES}
    )


_NAMES = (
    "charge",
    "first_plan",
    "second_plan",
    "eap",
    "sliding_fee",
    "grants",
    "written_off",
    "possible_balance",
    "patient",
)


@lru_cache(maxsize=4096)
def dollars(cents: int) -> Money:
    """The same few amounts come again on every line."""
    return Money.from_cents(cents)


@lru_cache(maxsize=4096)
def parts_from(cents: tuple[int, ...]) -> Parts:
    """From whole cents in the order of the fields."""
    return Parts(**{name: dollars(one) for name, one in zip(_NAMES, cents, strict=True)})
