"""One service with one plan, unit by unit in date order: what billing asks for each charge.

The whole episode with everything that helps to pay it is priced in `episode`.

What the plan has not told us is listed under `unknown` and the sum is then left open: only an upper bound is
given where one exists. Nothing is guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from stepwell.clinic.saying import day_words

from .benefits import Benefits, benefit_assumptions, unknown_benefits, upper_bound
from .money import ZERO, Money, total
from .one_visit import left_of, take, terms_of
from .sliding_fee import Determination, charge_after


@dataclass(frozen=True, kw_only=True)
class EstimateLine:
    """One unit. charge = patient_pays + payer_pays + discount + written_off + possible_balance."""

    on: date
    charge: Money
    allowed: Money
    deductible: Money
    share: Money
    patient_pays: Money
    payer_pays: Money
    discount: Money
    written_off: Money
    possible_balance: Money
    capped: bool
    covered: bool


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The whole episode. `patient_pays` and `payer_pays` are None while something in `unknown` decides them.

    `at_most` is the most the patient could pay (without `possible_balance`); None when it cannot be told.
    """

    lines: tuple[EstimateLine, ...]
    patient_pays: Money | None
    payer_pays: Money | None
    at_most: Money | None
    possible_balance: Money
    discount: Money
    reasons: tuple[str, ...]
    assumptions: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WeekPrice:
    """One week of the episode, from its first day."""

    starts_on: date
    units: int
    patient_pays: Money
    payer_pays: Money


def estimate(
    units: Sequence[date],
    allowed: Money | None,
    benefits: Benefits | None,
    *,
    charge: Money | None = None,
    sliding_fee: Determination | None = None,
) -> Estimate:
    """Price the units (their dates; any order, repeats allowed) at one allowed amount for each.

    `benefits` None means self-pay; `charge` is the program's own fee and defaults to `allowed`.
    """
    days = sorted(units)
    fee = charge if charge is not None else allowed
    assumptions = [
        "This is an estimate, not a bill: the price follows what is attended and what the plan decides."
    ]
    if benefits is None:
        return _self_pay(days, fee, sliding_fee, assumptions)
    if sliding_fee is not None:
        assumptions.append("The sliding fee is applied after insurance, by the site's own policy.")
    unknown = unknown_benefits(benefits, allowed)
    assumptions.extend(benefit_assumptions(benefits))
    if unknown or allowed is None or fee is None:
        bound = upper_bound(days, allowed, fee, benefits)
        reasons = ["The price stays open until the plan has answered what is listed as unknown."]
        if bound is not None:
            reasons.append(f"The patient would pay at most {bound}.")
        return Estimate(
            lines=(),
            patient_pays=None,
            payer_pays=None,
            at_most=bound,
            possible_balance=ZERO,
            discount=ZERO,
            reasons=tuple(reasons),
            assumptions=tuple(assumptions),
            unknown=unknown,
        )
    lines = _lines(days, allowed, fee, benefits)
    patient = total(line.patient_pays for line in lines)
    return Estimate(
        lines=lines,
        patient_pays=patient,
        payer_pays=total(line.payer_pays for line in lines),
        at_most=patient,
        possible_balance=total(line.possible_balance for line in lines),
        discount=ZERO,
        reasons=_reasons(lines),
        assumptions=tuple(assumptions),
        unknown=(),
    )


def by_week(lines: Iterable[EstimateLine], week_starts: int = 0) -> tuple[WeekPrice, ...]:
    """The lines gathered by the site's week; `week_starts` is the weekday it begins on (Monday is 0)."""
    weeks: dict[date, list[EstimateLine]] = {}
    for line in lines:
        first = line.on - timedelta(days=(line.on.weekday() - week_starts) % 7)
        weeks.setdefault(first, []).append(line)
    return tuple(
        WeekPrice(
            starts_on=first,
            units=len(weeks[first]),
            patient_pays=total(line.patient_pays for line in weeks[first]),
            payer_pays=total(line.payer_pays for line in weeks[first]),
        )
        for first in sorted(weeks)
    )


def _lines(days: Sequence[date], allowed: Money, fee: Money, benefits: Benefits) -> tuple[EstimateLine, ...]:
    terms, left = terms_of(benefits), left_of(benefits)
    lines = []
    for day in days:
        one, left = take(terms, left, day, allowed.cents, fee.cents)
        lines.append(
            EstimateLine(
                on=day,
                charge=fee,
                allowed=Money.from_cents(one.allowed),
                deductible=Money.from_cents(one.deductible),
                share=Money.from_cents(one.share),
                patient_pays=Money.from_cents(one.patient),
                payer_pays=Money.from_cents(one.plan),
                discount=ZERO,
                written_off=Money.from_cents(one.written_off),
                possible_balance=Money.from_cents(one.balance),
                capped=one.capped,
                covered=one.covered,
            )
        )
    return tuple(lines)


def _self_pay(
    days: Sequence[date], fee: Money | None, sliding_fee: Determination | None, assumptions: list[str]
) -> Estimate:
    if fee is None:
        return Estimate(
            lines=(),
            patient_pays=None,
            payer_pays=None,
            at_most=None,
            possible_balance=ZERO,
            discount=ZERO,
            reasons=("The price stays open until the program's fee is known.",),
            assumptions=tuple(assumptions),
            unknown=("The program's own fee for this service.",),
        )
    owed = fee if sliding_fee is None else charge_after(sliding_fee, fee)
    lines = tuple(
        EstimateLine(
            on=day,
            charge=fee,
            allowed=fee,
            deductible=ZERO,
            share=ZERO,
            patient_pays=owed,
            payer_pays=ZERO,
            discount=fee - owed,
            written_off=ZERO,
            possible_balance=ZERO,
            capped=False,
            covered=False,
        )
        for day in days
    )
    reasons = ["No insurance is used."]
    if sliding_fee is not None:
        reasons.extend(sliding_fee.reasons)
    reasons.append(f"{_times(len(days))} {owed} is {owed * len(days)}.")
    return Estimate(
        lines=lines,
        patient_pays=owed * len(days),
        payer_pays=ZERO,
        at_most=owed * len(days),
        possible_balance=ZERO,
        discount=total(line.discount for line in lines),
        reasons=tuple(reasons),
        assumptions=tuple(assumptions),
        unknown=(),
    )


def _reasons(lines: Sequence[EstimateLine]) -> tuple[str, ...]:
    reasons = []
    deductible = total(line.deductible for line in lines)
    share = total(line.share for line in lines)
    uncovered = [line for line in lines if not line.covered]
    if deductible:
        reasons.append(f"{deductible} goes to the deductible.")
    if share:
        reasons.append(f"{share} is the patient's share of the rest.")
    capped = next((line for line in lines if line.capped), None)
    if capped is not None:
        reasons.append(
            f"The out-of-pocket maximum is reached on {day_words(capped.on)}; the plan pays the rest."
        )
    if uncovered:
        reasons.append(
            f"{_times(len(uncovered))} {uncovered[0].charge} is not covered by the plan, "
            f"from {day_words(uncovered[0].on)} on."
        )
    balance = total(line.possible_balance for line in lines)
    if balance:
        reasons.append(
            f"Outside the network, up to {balance} above what the plan allows may be billed as well."
        )
    if not reasons:
        reasons.append("The plan pays all of it.")
    return tuple(reasons)


def _times(count: int) -> str:
    return "1 day at" if count == 1 else f"{count} days at"
