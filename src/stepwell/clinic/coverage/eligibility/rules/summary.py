"""What an answer says for this program: what is known, with its sources, and what stays unknown, with a reason."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .told import Source

Told = Decimal | bool | int | str | date


@dataclass(frozen=True, kw_only=True)
class Value:
    """One fact as it was told: `key` is the column of the benefits, or a name for what is only shown."""

    key: str
    label: str
    value: Told
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A fact that was not told, or told in two ways; `because` is a sentence that says what to ask."""

    key: str
    label: str
    because: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the answer says for this program."""

    values: tuple[Value, ...]
    unknown: tuple[Unknown, ...]

    def get(self, key: str) -> Told | None:
        """The value of that key; None when it is not known."""
        return next((v.value for v in self.values if v.key == key), None)


LABELS: dict[str, str] = {
    "covered": "Covered",
    "in_network": "In network",
    "authorization_required": "Authorization required",
    "deductible": "Deductible",
    "deductible_met": "Deductible met",
    "out_of_pocket_max": "Out-of-pocket maximum",
    "out_of_pocket_met": "Out-of-pocket met",
    "family_deductible": "Family deductible",
    "family_deductible_met": "Family deductible met",
    "family_out_of_pocket_max": "Family out-of-pocket maximum",
    "family_out_of_pocket_met": "Family out-of-pocket met",
    "copay_per_day": "Copay a day",
    "coinsurance": "Coinsurance",
    "day_limit": "Days left under a limit",
    "plan_name": "Plan",
    "plan_begins": "Plan began",
    "plan_ends": "Plan ends",
    "carve_out": "Another payer answers for this service",
    "other_payer": "Another payer",
}
