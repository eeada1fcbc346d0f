"""The price of a whole episode, visit by visit and week by week, with everything that helps to pay it.

Order on each visit: first plan, second plan, employee assistance, sliding fee, grants; what is left is the
patient's. Every part is rounded half up to the cent on its own line and the patient takes the rest of the line,
so the parts of every line sum to its charge.

What nobody has told stays unknown: the sum is then left open, and only the most that it can be is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .because import reasons
from .helps import Coordination, DatedRate, EapOrder, Episode, Grant, Plan, SecondPlan, Visit, rate_for
from .money import Money
from .one_visit import Taken, left_in_new_year, left_of, take, terms_of
from .parts import Parts, VisitPrice, dollars, parts_from, parts_of
from .said import Point, Said
from .sliding_fee import charge_after
from .unknowns import (
    missing_rates,
    settled,
    still_to_ask,
    still_to_ask_second,
    taken_for_granted,
    year_index,
)


@dataclass(frozen=True, kw_only=True)
class EpisodePrice:
    """The whole episode. `parts` is None and `lines` empty while something in `unknown` decides the price.

    `at_most` is the most that patient and possible balance together can come to; None when it cannot be told.
    """

    lines: tuple[VisitPrice, ...]
    parts: Parts | None
    at_most: Money | None
    reasons: tuple[Said, ...]
    assumptions: tuple[Said, ...]
    unknown: tuple[Said, ...]


def price(episode: Episode) -> EpisodePrice:
    """Price an episode. Its visits may come in any order; several on one day are one day for copay and limits."""
    visits = sorted(episode.visits, key=lambda visit: (visit.on, visit.code))
    assumptions = taken_for_granted(episode, visits)
    charges = [cents for cents in _rates(visits, episode.charges) if cents is not None]
    if len(charges) < len(visits):
        return _open(None, missing_rates(visits, episode.charges, Point.ASK_CHARGE), assumptions)
    unknown = (
        *(still_to_ask(episode.first, visits) if episode.first else ()),
        *still_to_ask_second(episode.second, visits),
    )
    if unknown:
        return _open(_at_most(episode, visits, charges), unknown, assumptions)
    purses = _Purses(episode.grants)
    lines = _lines(episode, visits, charges, purses)
    parts = parts_of(line.parts for line in lines)
    return EpisodePrice(
        lines=lines,
        parts=parts,
        at_most=parts.patient + parts.possible_balance,
        reasons=reasons(episode, lines, parts, [*zip(purses.paid, purses.ended, strict=True)]),
        assumptions=assumptions,
        unknown=(),
    )


class _Turning:
    """A plan's yearly amounts as the visits use them up; they count from the start again in each benefit year."""

    def __init__(self, plan: Plan, visits: Sequence[Visit]) -> None:
        self.benefits = plan.benefits
        self.terms = terms_of(plan.benefits)
        self.left = left_of(plan.benefits)
        self.allowed = _rates(visits, plan.allowed)
        self.year = 0

    def take(self, number: int, on: date, charge: int) -> Taken:
        year = year_index(self.benefits, on)
        if year > self.year:
            self.year = year
            self.left = left_in_new_year(self.benefits, self.left)
        allowed = self.allowed[number]
        one, self.left = take(self.terms, self.left, on, charge if allowed is None else allowed, charge)
        return one


class _Purses:
    """What is left of each grant's award and of its fund, whichever is less; it cannot go below nothing."""

    def __init__(self, grants: Sequence[Grant]) -> None:
        self.grants = grants
        self.left = [
            grant.balance.cents if grant.award is None else min(grant.balance, grant.award).cents
            for grant in grants
        ]
        self.paid = [0] * len(grants)
        self.ended: list[date | None] = [None] * len(grants)

    def pay(self, owed: int, on: date) -> int:
        """What all of them pay of `owed`, each asked for its share of what the one before has left."""
        rest = owed
        for number, grant in enumerate(self.grants):
            wanted = int((rest * grant.share).quantize(Decimal(1), rounding=ROUND_HALF_UP))
            paid = min(wanted, self.left[number])
            self.left[number] -= paid
            self.paid[number] += paid
            rest -= paid
            if paid < wanted and self.ended[number] is None:
                self.ended[number] = on
        return owed - rest


def _lines(
    episode: Episode, visits: Sequence[Visit], charges: Sequence[int], purses: _Purses
) -> tuple[VisitPrice, ...]:
    first = _Turning(episode.first, visits) if episode.first else None
    second = _Turning(episode.second.plan, visits) if episode.second else None
    eap_days = _eap_days(episode, visits)
    alone = episode.eap is not None and episode.eap.order is EapOrder.ALONE
    fee, after_fee = episode.sliding_fee, {}
    if fee is not None:
        after_fee = {charge: charge_after(fee, Money.from_cents(charge)).cents for charge in set(charges)}
    lines = []
    for number, (visit, charge) in enumerate(zip(visits, charges, strict=True)):
        by_eap = visit.on in eap_days
        one, from_second, eap, left, balance = _UNASKED, 0, 0, charge, 0
        if by_eap and alone:
            eap, left = charge, 0
        else:
            if first:
                one = first.take(number, visit.on, charge)
                left, balance = one.patient, one.balance
            if second and episode.second:
                other = second.take(number, visit.on, charge)
                from_second = _second_pays(episode.second, other.plan, one.plan, left)
                left -= from_second
            if by_eap:
                eap, left, balance = left + balance, 0, 0
        off = 0
        if fee is not None and visit.on < fee.valid_until:
            limit = after_fee[charge]
            kept = min(left, limit)
            kept_balance = min(balance, limit - kept)
            off = left - kept + balance - kept_balance
            left, balance = kept, kept_balance
        # Of what is left and of what may be billed besides: a grant that paid only the first would leave
        # somebody with a plan out of network worse off than somebody without one.
        granted = purses.pay(left + balance, visit.on)
        left, balance = max(0, left - granted), balance - max(0, granted - left)
        parts = (charge, one.plan, from_second, eap, off, granted, one.written_off, balance, left)
        lines.append(
            VisitPrice(
                on=visit.on,
                code=visit.code,
                parts=parts_from(parts),
                deductible=dollars(one.deductible),
                share=dollars(one.share),
                capped=one.capped,
                covered=one.covered or (by_eap and alone),
            )
        )
    return tuple(lines)


_UNASKED = Taken(0, 0, 0, 0, 0, 0, 0, False, False)


def _second_pays(second: SecondPlan, alone: int, first_paid: int, left: int) -> int:
    if second.coordination is Coordination.CARVE_OUT:
        alone = max(0, alone - first_paid)
    return min(alone, left)


def _eap_days(episode: Episode, visits: Sequence[Visit]) -> frozenset[date]:
    if episode.eap is None:
        return frozenset()
    return frozenset(sorted({visit.on for visit in visits})[: max(0, episode.eap.visits)])


def _rates(visits: Sequence[Visit], rates: Sequence[DatedRate]) -> list[int | None]:
    """The amount in cents for each visit, None where no rate is in force."""
    found = []
    for visit in visits:
        amount = rate_for(rates, visit.code, visit.on)
        found.append(None if amount is None else amount.cents)
    return found


def _at_most(episode: Episode, visits: Sequence[Visit], charges: Sequence[int]) -> Money:
    """The price if all that is unknown turns out as badly as it can: a second plan may then pay nothing."""
    worst = replace(episode, first=settled(episode.first, visits) if episode.first else None, second=None)
    parts = parts_of(line.parts for line in _lines(worst, visits, charges, _Purses(episode.grants)))
    return parts.patient + parts.possible_balance


def _open(bound: Money | None, unknown: tuple[Said, ...], assumptions: tuple[Said, ...]) -> EpisodePrice:
    why = [Said(point=Point.STAYS_OPEN)]
    if bound is not None:
        why.append(Said(point=Point.AT_MOST, amount=bound))
    return EpisodePrice(
        lines=(),
        parts=None,
        at_most=bound,
        reasons=tuple(why),
        assumptions=assumptions,
        unknown=unknown,
    )
