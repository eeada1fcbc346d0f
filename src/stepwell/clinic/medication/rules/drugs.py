"""The drug content pack: usual adult ranges with their sources. The prescriber decides."""

import json
import re
from collections.abc import Iterable
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
    """A product as RxNorm codes it. ``strength``: of one piece, in ``unit``."""

    rxnorm: str
    label: str
    drug: str
    strength: Decimal
    unit: str
    route: str


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
    brands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frequency:
    """How often: so many doses on each dosing day, ``every_days`` days apart; None: when needed."""

    code: str
    label: str
    doses_a_day: int
    every_days: int | None


@cache
def data(name: str = "drugs") -> dict[str, Any]:
    """A data file of the step as it stands."""
    path = files("stepwell.clinic.medication").joinpath("data", f"{name}.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


@cache
def products() -> tuple[Product, ...]:
    """The carried subset of RxNorm."""
    return tuple(
        Product(p["rxnorm"], p["label"], p["drug"], Decimal(p["strength"]), p["unit"], p["route"])
        for p in data("rxnorm")["products"]
    )


def product(rxnorm: str) -> Product | None:
    """The product with this code, or None: the subset does not know every product."""
    return next((one for one in products() if one.rxnorm == rxnorm), None)


def find_products(words: str) -> tuple[Product, ...]:
    """Products in whose label, code or drug some word begins with each of these; none for no words."""
    asked = words.casefold().split()
    if not asked:
        return ()
    return tuple(
        p
        for p in products()
        if all(
            any(t.startswith(w) for t in f"{p.label} {p.rxnorm} {p.drug}".casefold().split()) for w in asked
        )
    )


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
            products=tuple(p for p in products() if p.drug == row["key"]),
            test_classes=tuple(row["test_classes"]),
            conflicts_with=tuple(row["conflicts_with"]),
            offer_naloxone=row["offer_naloxone"],
            mark=row["mark"],
            brands=tuple(row.get("brands", ())),
        )
        for row in data()["drugs"]
    )


def drug(key: str) -> Drug | None:
    """The drug with this key, or None: an order may name a drug that the content pack does not know."""
    return next((one for one in drugs() if one.key == key), None)


def is_named(names: Iterable[str], written: str) -> bool:
    """Is one of these names, whole words, in what somebody wrote?"""
    words = f" {' '.join(re.findall(r'[a-z0-9]+', written.casefold()))} "
    return any(f" {name} " in words for name in names)


def meant(written: str) -> tuple[Drug, ...]:
    """Drugs of the content pack that a free name means, by the first word of their key or by a brand."""
    return tuple(d for d in drugs() if is_named((d.key.split("-")[0], *d.brands), written))


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
