"""What an award may pay: only what insurance, assistance program and sliding fee have left."""

from dataclasses import dataclass

from stepwell.clinic.coverage.rules import ZERO, Money


@dataclass(frozen=True, kw_only=True)
class AwardUse:
    """How much an award pays of a charge, and in a sentence why not more."""

    pays: Money
    reason: str


def left_by_others(charge: Money, *, insurance: Money, eap: Money, fee_off: Money) -> Money:
    """What is left of a charge after those who come first; never below zero. Raises ValueError below zero."""
    if min(charge, insurance, eap, fee_off) < ZERO:
        raise ValueError("Amounts cannot be below zero.")
    return max(ZERO, charge - insurance - eap - fee_off)


def use_of_award(left_of_award: Money, rest: Money) -> AwardUse:
    """An award pays what is left of the charge, as far as the award reaches."""
    if not rest:
        return AwardUse(
            pays=ZERO, reason="Insurance, assistance program and sliding fee leave nothing to pay."
        )
    if not left_of_award:
        return AwardUse(pays=ZERO, reason="This award is used up.")
    if rest <= left_of_award:
        return AwardUse(pays=rest, reason=f"The award pays all that is left: {rest}.")
    return AwardUse(pays=left_of_award, reason=f"The award ends here: it pays {left_of_award} of {rest}.")
