"""Whose result is it? A number, the name and the birth date must agree; doubt waits for a person."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from stepwell.clinic.drug_tests.rules.laboratory.told import PersonTold


@dataclass(frozen=True)
class Person:
    """A patient who may be meant. `numbers` are all by which a laboratory may know her: code, order, specimen."""

    id: int
    given: str
    preferred: str
    family: str
    birth_date: str
    numbers: frozenset[str]


@dataclass(frozen=True)
class Match:
    """The patient's id, or None with the sentence why it waits."""

    person_id: int | None
    because: str = ""


def order_number(order_id: int) -> str:
    """The number printed on what goes to the laboratory; it comes back as the placer's order number."""
    return f"SW{order_id:08d}"


def order_of(number: str) -> int | None:
    """The test that an order number of ours names, else None."""
    digits = number.strip().upper().removeprefix("SW")
    if number.strip().upper()[:2] != "SW" or not (digits.isascii() and digits.isdigit()) or len(digits) > 10:
        return None
    return int(digits)


def match(told: PersonTold, numbers: Iterable[str], people: Iterable[Person]) -> Match:
    """The one patient whom a number names and whose name and birth date agree. Never by name alone."""
    said = {n.strip().casefold() for n in (*told.identifiers, *numbers) if n.strip()}
    everybody = list(people)
    named = [one for one in everybody if said & {n.casefold() for n in one.numbers}]
    if not told.family or not told.birth_date:
        return Match(None, "The message tells no full name or no birth date.")
    if len(named) > 1:
        return Match(None, "Its numbers belong to more than one patient.")
    if not named:
        alike = sum(agrees(told, one) for one in everybody)
        if alike:
            return Match(
                None, "A patient has this name and birth date, but no number in the message is known here."
            )
        return Match(None, "No patient here has a number of the message.")
    one = named[0]
    if one.birth_date != told.birth_date:
        return Match(None, "The number is a patient's, but the birth date is another.")
    if not agrees(told, one):
        return Match(None, "The number is a patient's, but the name is another.")
    return Match(one.id)


def agrees(told: PersonTold, one: Person) -> bool:
    """Same birth date, family name and first given name (or the preferred one), without case and accents."""
    given = _folded(told.given).split()[:1]
    ours = [_folded(name).split()[:1] for name in (one.given, one.preferred) if name.strip()]
    return (
        one.birth_date == told.birth_date
        and _folded(told.family).replace(" ", "") == _folded(one.family).replace(" ", "")
        and bool(given)
        and given in ours
    )


def _folded(name: str) -> str:
    spread = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in spread if not unicodedata.combining(c))
    return " ".join(
        "".join(c if c.isalnum() else " " for c in letters.replace("'", "").replace("’", "")).split()
    )
