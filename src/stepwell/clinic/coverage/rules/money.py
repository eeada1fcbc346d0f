"""US dollars, exact to the cent. The one type in which Stepwell counts money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, order=True)
class Money:
    """An amount of dollars with exactly two decimals; may be negative (a credit).

    `Money(Decimal("12.50"))` takes cents-exact values only and raises ValueError for others and TypeError for
    floats; `Money.of` rounds half up. `min` and `max` of the language work on it.
    """

    amount: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError("Money is made from Decimal, or from whole numbers and texts through Money.of.")
        if not self.amount.is_finite() or self.amount != self.amount.quantize(CENT):
            raise ValueError(f"{self.amount} is not a whole number of cents.")
        object.__setattr__(self, "amount", self.amount.quantize(CENT) + 0)

    @classmethod
    def of(cls, value: Decimal | int | str) -> Money:
        """Dollars from a decimal, a whole number or a text such as "1,234.505", rounded half up to the cent."""
        if isinstance(value, float):
            raise TypeError("A float is not an amount of money.")
        raw = Decimal(value.replace(",", "").replace("$", "")) if isinstance(value, str) else Decimal(value)
        if not raw.is_finite():
            raise ValueError(f"{value} is not an amount of money.")
        return cls(raw.quantize(CENT, rounding=ROUND_HALF_UP))

    @classmethod
    def from_cents(cls, cents: int) -> Money:
        """An amount of whole cents."""
        return cls(Decimal(cents).scaleb(-2))

    @property
    def cents(self) -> int:
        """The amount in whole cents."""
        return int(self.amount * 100)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + other.amount)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - other.amount)

    def __neg__(self) -> Money:
        return Money(-self.amount)

    def __mul__(self, factor: Decimal | int) -> Money:
        """The amount times a factor, rounded half up (away from zero at exactly half a cent)."""
        if isinstance(factor, float):
            raise TypeError("Multiply money by Decimal or int, never by a float.")
        return Money.of(self.amount * factor)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        sign = "-" if self.amount < 0 else ""
        return f"{sign}${abs(self.amount):,.2f}"

    def min(self, *others: Money) -> Money:
        """The smallest of this and the others."""
        return min(self, *others)


ZERO = Money(Decimal("0.00"))


def total(amounts: Iterable[Money]) -> Money:
    """The sum of any number of amounts; nothing adds up to $0.00."""
    return sum(amounts, start=ZERO)
