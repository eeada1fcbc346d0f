"""What a line of a result means here: which class, by which method, and which answer. Nothing is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.drug_tests.rules.laboratory.told import Coded, Observation
from stepwell.clinic.drug_tests.rules.panels import drug_class
from stepwell.clinic.drug_tests.rules.reading import Method, Result


@dataclass(frozen=True)
class Known:
    """A verified code this program reads: a drug class by a method, or a measurement of the specimen."""

    drug_class: str = ""
    method: Method = Method.PRESUMPTIVE
    measurement: str = ""


_LOINC_SHAPE = re.compile(r"([0-9]{1,7})-([0-9])")
_NUMBER = re.compile(r"([<>]=?|=)?\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)")


def loinc_holds(code: str) -> bool:
    """Has it the shape of a LOINC code, and is its check digit (mod 10, every second digit doubled) right?"""
    found = _LOINC_SHAPE.fullmatch(code)
    if found is None:
        return False
    total = 0
    for place, digit in enumerate(reversed(found[1])):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return (10 - total % 10) % 10 == int(found[2])


def verified(one: Observation) -> Coded | None:
    """The first code that claims to be LOINC and whose check digit holds; None: shown in the laboratory's words."""
    return next(
        (c for c in one.codes if c.system.strip().upper() in ("LN", "LOINC") and loinc_holds(c.code)), None
    )


def unverified(one: Observation) -> tuple[Coded, ...]:
    """Codes that claim to be LOINC but fail their check digit."""
    return tuple(
        c for c in one.codes if c.system.strip().upper() in ("LN", "LOINC") and not loinc_holds(c.code)
    )


def known(one: Observation) -> Known | None:
    """What the line is about; None when its code is not verified or not one that is read here."""
    code = verified(one)
    return None if code is None else _known().get(code.code)


def answer(one: Observation, *, method: Method = Method.PRESUMPTIVE, of: str = "") -> Result | None:
    """Negative, positive, invalid or pending; None when the words are none that are known: a person reads it.

    A number counts by the laboratory's flag, else against the cut-off of the class `of`, where there is one.
    """
    if one.status.upper() in ("I", "P", "S", "O", "N", "R") and not one.value.strip():
        return Result.PENDING
    if one.status.upper() == "X":
        return Result.INVALID
    word = " ".join(one.value.casefold().replace(".", "").split())
    if not _NUMBER.fullmatch(one.value.strip()):
        found = _words().get(word)
        if found is not None or word:
            return found
    flagged = {flag.strip().upper() for flag in one.flags}
    for meaning, flags in _flags().items():
        if flagged & flags:
            return meaning
    return _by_cutoff(one, method, of)


def amount(one: Observation) -> Decimal | None:
    """The number of a line, without a comparison sign; None for words and for more than a screen can show."""
    found = _NUMBER.fullmatch(one.value.strip())
    if found is None or found[1] not in (None, "="):
        return None
    return _decimal(found[2])


def _by_cutoff(one: Observation, method: Method, of: str) -> Result | None:
    found = _NUMBER.fullmatch(one.value.strip())
    if found is None or not of or one.units.casefold().replace(" ", "") != "ng/ml":
        return None
    limits = drug_class(of)
    limit = limits.confirm_ng_ml if method is Method.DEFINITIVE else limits.screen_ng_ml
    number = _decimal(found[2])
    if limit is None or number is None:
        return None
    if found[1] in ("<", "<="):
        return Result.NEGATIVE if number <= limit else None
    return Result.POSITIVE if number >= limit else (None if found[1] in (">", ">=") else Result.NEGATIVE)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@cache
def _data() -> Mapping[str, Any]:
    path = files("stepwell.clinic.drug_tests").joinpath("data", "loinc.json")
    found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@cache
def _known() -> dict[str, Known]:
    drugs = {r["code"]: Known(drug_class=r["class"], method=Method(r["method"])) for r in _data()["drugs"]}
    return drugs | {r["code"]: Known(measurement=r["name"]) for r in _data()["measured"]}


@cache
def _words() -> dict[str, Result]:
    return {word: result for result in Result for word in _data()["words"].get(result.value, ())}


@cache
def _flags() -> dict[Result, frozenset[str]]:
    return {Result(word): frozenset(flags) for word, flags in _data()["flags"].items()}
