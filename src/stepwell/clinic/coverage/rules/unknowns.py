"""What a plan must still be asked, what a price takes for granted, and when a benefit year turns over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from .benefits import Benefits, Network
from .helps import Coordination, DatedRate, EapOrder, Episode, Plan, SecondPlan, Visit, rate_for
from .money import ZERO
from .said import Point, Said, in_english


def year_begins(benefits: Benefits, number: int) -> date | None:
    """The first day of the benefit year `number` years after the one in which the benefits were told (1 is the next)."""
    if benefits.resets_on is None:
        return None
    day = benefits.resets_on
    try:
        return day.replace(year=day.year + number - 1)
    except ValueError:  # 29 February
        return date(day.year + number - 1, 3, 1)


def year_index(benefits: Benefits, on: date) -> int:
    """0 in the benefit year in which the benefits were told, 1 in the next."""
    if benefits.resets_on is None or on < benefits.resets_on:
        return 0
    number = on.year - benefits.resets_on.year + 1
    begins = year_begins(benefits, number)
    return number if begins is not None and on >= begins else number - 1


def still_to_ask(plan: Plan, visits: Sequence[Visit]) -> tuple[Said, ...]:
    """What the plan has not told and the price follows from; empty when nothing is missing."""
    benefits = plan.benefits
    if benefits.covered is False:
        return ()
    found = [] if benefits.covered else [Point.ASK_COVERED]
    missing = missing_rates(visits, plan.allowed, Point.ASK_ALLOWED)
    if benefits.network is None:
        found.append(Point.ASK_NETWORK)
    copay_first = benefits.copay is not None and benefits.copay_skips_deductible is True
    if benefits.deductible_remaining is None and not copay_first:
        found.append(Point.ASK_DEDUCTIBLE)
    if benefits.copay is None and benefits.coinsurance is None:
        found.append(Point.ASK_SHARE)
    elif benefits.copay is not None and benefits.coinsurance is not None:
        found.append(Point.ASK_WHICH_SHARE)
    elif benefits.copay is not None and benefits.copay_skips_deductible is None and _deductible(benefits):
        found.append(Point.ASK_COPAY_FIRST)
    if benefits.out_of_pocket_remaining is None:
        found.append(Point.ASK_MAXIMUM)
    return (*(Said(point=point) for point in found), *missing, *_asked_of_year(benefits, visits))


def _deductible(benefits: Benefits) -> bool:
    """False when no deductible is left in any year, so that its order with the copay makes no difference."""
    later = benefits.year.deductible if benefits.year else ZERO
    return benefits.deductible_remaining != ZERO or later != ZERO


def _asked_of_year(benefits: Benefits, visits: Sequence[Visit]) -> tuple[Said, ...]:
    if not visits:
        return ()
    first, last = visits[0].on, visits[-1].on
    if benefits.resets_on is None:
        # Most benefit years begin with the calendar year: an episode across it cannot be taken to stay in one.
        return (Said(point=Point.ASK_YEAR_START),) if first.year != last.year else ()
    if year_index(benefits, last) == 0:
        return ()
    year = benefits.year
    told = (
        year is not None
        and year.out_of_pocket is not None
        and (
            year.deductible is not None
            or (benefits.copay is not None and benefits.copay_skips_deductible is True)
        )
        and (benefits.family_deductible_remaining is None or year.family_deductible is not None)
        and (benefits.family_out_of_pocket_remaining is None or year.family_out_of_pocket is not None)
    )
    return () if told else (Said(point=Point.ASK_YEAR_AMOUNTS, on=year_begins(benefits, 1)),)


def still_to_ask_second(second: SecondPlan | None, visits: Sequence[Visit]) -> tuple[Said, ...]:
    """The same for a second plan, and by which rule it pays."""
    if second is None:
        return ()
    found = [
        Said(point=Point.ASK_SECOND, word=in_english(said), on=said.on)
        for said in still_to_ask(second.plan, visits)
    ]
    if second.coordination is None and second.plan.benefits.covered is not False:
        found.append(Said(point=Point.ASK_COORDINATION))
    return tuple(found)


def missing_rates(visits: Sequence[Visit], rates: Sequence[DatedRate], point: Point) -> tuple[Said, ...]:
    """The first day of each service for which no rate is in force."""
    found: dict[str, Said] = {}
    for visit in visits:
        if visit.code not in found and rate_for(rates, visit.code, visit.on) is None:
            found[visit.code] = Said(point=point, word=visit.code, on=visit.on)
    return tuple(found.values())


def settled(plan: Plan, visits: Sequence[Visit]) -> Plan:
    """The plan with everything that was not told turning out as badly as it can; for the upper bound."""
    benefits = plan.benefits
    across = any(said.point is Point.ASK_YEAR_START for said in _asked_of_year(benefits, visits))
    one_share = (benefits.copay is None) != (benefits.coinsurance is None)
    worst = replace(
        benefits,
        covered=benefits.covered is True,
        network=benefits.network or Network.OUT,
        balance_billed=benefits.balance_billed or benefits.network is None,
        deductible_remaining=None if across else benefits.deductible_remaining,
        out_of_pocket_remaining=None if across else benefits.out_of_pocket_remaining,
        family_deductible_remaining=None if across else benefits.family_deductible_remaining,
        family_out_of_pocket_remaining=None if across else benefits.family_out_of_pocket_remaining,
        copay=benefits.copay if one_share else None,
        coinsurance=benefits.coinsurance if one_share else Decimal(1),
        copay_skips_deductible=benefits.copay_skips_deductible is True,
    )
    return replace(plan, benefits=worst)


def taken_for_granted(episode: Episode, visits: Sequence[Visit]) -> tuple[Said, ...]:
    """What the price follows from without anybody having said it, and by which stated rules it counts."""
    said = [Said(point=Point.ONLY_AN_ESTIMATE)]
    if episode.first is not None:
        said.extend(_of_plan(episode.first.benefits, visits))
    if episode.second is not None and episode.second.coordination is not None:
        standard = episode.second.coordination is Coordination.STANDARD
        said.append(Said(point=Point.SECOND_STANDARD if standard else Point.SECOND_CARVE_OUT))
    if episode.eap is not None and episode.eap.visits > 0 and episode.first is not None:
        alone = episode.eap.order is EapOrder.ALONE
        said.append(Said(point=Point.EAP_ALONE if alone else Point.EAP_AFTER))
    if episode.sliding_fee is not None and episode.first is not None:
        said.append(Said(point=Point.FEE_BESIDE_PLAN))
    return tuple(said)


def _of_plan(benefits: Benefits, visits: Sequence[Visit]) -> list[Said]:
    heard = benefits.verified_on
    said = [Said(point=Point.HEARD_ON, on=heard) if heard else Said(point=Point.NOT_CHECKED)]
    if benefits.covered is not False:
        turns = bool(visits) and year_index(benefits, visits[-1].on) > 0
        if benefits.units_left is None:
            said.append(Said(point=Point.NO_DAY_LIMIT))
        elif turns and (benefits.year is None or benefits.year.days is None):
            said.append(Said(point=Point.DAY_LIMIT_STAYS))
        if benefits.family_deductible_remaining is None and benefits.family_out_of_pocket_remaining is None:
            said.append(Said(point=Point.NO_FAMILY_AMOUNT))
        if turns:
            said.append(Said(point=Point.YEAR_AS_NOW, on=benefits.resets_on))
        if benefits.resets_on is None:
            said.append(Said(point=Point.YEAR_NOT_TURNED))
    if benefits.authorization_required is None:
        said.append(Said(point=Point.AUTHORIZATION_UNKNOWN))
    elif benefits.authorization_required:
        said.append(Said(point=Point.AUTHORIZATION_NEEDED))
    return said
