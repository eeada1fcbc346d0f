"""The drug content pack: usual adult ranges with their sources. The prescriber decides."""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class DoseRange:
    """A usual range of one dose at certain frequencies, both ends included."""

    what: str
    unit: str
    low: Decimal
    high: Decimal
    frequencies: tuple[str, ...]
    mark: str


@dataclass(frozen=True)
class Product:
    """A product as RxNorm codes it."""

    rxnorm: str
    label: str


@dataclass(frozen=True)
class Drug:
    """One drug. ``test_classes``: what it turns positive; ``conflicts_with``: keys of drugs not to give along."""

    key: str
    name: str
    uses: tuple[str, ...]
    routes: tuple[str, ...]
    ranges: tuple[DoseRange, ...]
    start: tuple[str, ...]
    watch: tuple[str, ...]
    otp_only: bool
    ingredients: tuple[str, ...]
    products: tuple[Product, ...]
    test_classes: tuple[str, ...]
    conflicts_with: tuple[str, ...]
    offer_naloxone: bool
    mark: str


@dataclass(frozen=True)
class Frequency:
    """How often: so many doses on each dosing day, ``every_days`` days apart; None: when needed."""

    code: str
    label: str
    doses_a_day: int
    every_days: int | None


@cache
def data() -> dict[str, Any]:
    """The content pack as it stands."""
    path = files("stepwell.clinic.medication").joinpath("data", "drugs.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


@cache
def drugs() -> tuple[Drug, ...]:
    """Every drug of the content pack."""
    return tuple(
        Drug(
            key=row["key"],
            name=row["name"],
            uses=tuple(row["uses"]),
            routes=tuple(row["routes"]),
            ranges=tuple(
                DoseRange(
                    what=r["what"],
                    unit=r["unit"],
                    low=Decimal(r["low"]),
                    high=Decimal(r["high"]),
                    frequencies=tuple(r["frequencies"]),
                    mark=r["mark"],
                )
                for r in row["ranges"]
            ),
            start=tuple(row["start"]),
            watch=tuple(row["watch"]),
            otp_only=row["otp_only"],
            ingredients=tuple(row["ingredients"]),
            products=tuple(Product(**p) for p in row["products"]),
            test_classes=tuple(row["test_classes"]),
            conflicts_with=tuple(row["conflicts_with"]),
            offer_naloxone=row["offer_naloxone"],
            mark=row["mark"],
        )
        for row in data()["drugs"]
    )


def drug(key: str) -> Drug | None:
    """The drug with this key, or None: an order may name a drug that the content pack does not know."""
    return next((one for one in drugs() if one.key == key), None)


@cache
def frequencies() -> tuple[Frequency, ...]:
    """Every frequency an order may have."""
    return tuple(Frequency(**row) for row in data()["frequencies"])


def frequency(code: str) -> Frequency:
    """The frequency with this code. Refused for an unknown one."""
    for one in frequencies():
        if one.code == code:
            return one
    raise Refused(f"There is no frequency called {code}; choose one from the list.")
