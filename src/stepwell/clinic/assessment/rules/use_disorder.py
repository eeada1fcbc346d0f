"""Substance use disorder by counting: which criteria were met in twelve months -> severity, remission, code."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class Criterion:
    """One of the eleven, in short words of our own."""

    key: str
    label: str
    not_when_prescribed: bool


@dataclass(frozen=True)
class DisorderSubstance:
    """A class of substances with its codes. ``without``: criteria that do not exist for it."""

    key: str
    label: str
    mild: str
    severe: str
    mild_remission: str
    remission: str
    may_be_prescribed: bool
    without: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """What the criteria come to. ``code`` is a suggestion; the clinician decides. ``reasons``: how it came about."""

    substance: str
    criteria: tuple[str, ...]
    met: int
    severity: str
    remission: str
    code: str
    text: str
    reasons: tuple[str, ...]


@cache
def _data() -> dict[str, Any]:
    path = files("stepwell.clinic.assessment").joinpath("data", "use-disorder.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@cache
def use_criteria() -> tuple[Criterion, ...]:
    """The eleven criteria in order."""
    return tuple(
        Criterion(c["key"], c["label"], c.get("not_when_prescribed", False)) for c in _data()["criteria"]
    )


@cache
def disorder_substances() -> tuple[DisorderSubstance, ...]:
    """The classes of substances."""
    return tuple(
        DisorderSubstance(
            s["key"],
            s["label"],
            s["mild"],
            s["severe"],
            s["mild_remission"],
            s["remission"],
            s.get("may_be_prescribed", False),
            tuple(s.get("without", ())),
        )
        for s in _data()["substances"]
    )


def severity_of(met: int) -> str:
    """'mild', 'moderate', 'severe', or '' below two criteria. Refused for a count that cannot be."""
    if type(met) is not int or not 0 <= met <= len(use_criteria()):
        raise Refused(f"{met} criteria cannot be; there are {len(use_criteria())}.")
    return next((s["key"] for s in _data()["severities"] if s["from"] <= met <= s["to"]), "")


def remission_of(months: int | None) -> str:
    """'early' from 3 months without criteria but craving, 'sustained' from 12, else ''. None: not in remission."""
    if months is None:
        return ""
    if not 0 <= months <= 1200:
        raise Refused(f"{months} months without criteria cannot be; check the number.")
    data = _data()
    return (
        "sustained"
        if months >= data["sustained_months"]
        else "early"
        if months >= data["early_months"]
        else ""
    )


def count_criteria(
    substance: str,
    met: Collection[str],
    *,
    prescribed: bool = False,
    months_without: int | None = None,
    controlled_environment: bool = False,
) -> Counted:
    """Severity and the code to suggest. ``met``: criteria in the twelve months looked at, before any remission.

    ``prescribed``: taken as prescribed under supervision, when tolerance and withdrawal do not count.
    Refused for an unknown substance or criterion, and below two criteria, where there is no disorder.
    """
    asked = next((s for s in disorder_substances() if s.key == substance), None)
    if asked is None:
        raise Refused("Choose the substance from the list.")
    known = {c.key: c for c in use_criteria()}
    for key in met:
        if key not in known:
            raise Refused(f"There is no criterion {key}.")
    reasons = []
    counting = tuple(key for key in known if key in met)
    for key in counting:
        if key in asked.without:
            reasons.append(
                f"“{known[key].label}” is no criterion for {asked.label.lower()} and is not counted."
            )
    counting = tuple(key for key in counting if key not in asked.without)
    if prescribed and asked.may_be_prescribed:
        left_out = [key for key in counting if known[key].not_when_prescribed]
        reasons += [f"“{known[key].label}” does not count when taken as prescribed." for key in left_out]
        counting = tuple(key for key in counting if key not in left_out)
    severity = severity_of(len(counting))
    if not severity:
        raise Refused(
            f"{len(counting)} of {len(known)} criteria count; from {_data()['least']} on it is a use disorder."
        )
    remission = remission_of(months_without)
    reasons.insert(0, f"{len(counting)} of {len(known)} criteria in twelve months: {severity}.")
    if months_without is not None:
        said = f"{remission} remission" if remission else "no remission yet"
        reasons.append(f"{months_without} months without criteria, craving aside: {said}.")
    code = _code(asked, severity, remission)
    if not code:
        reasons.append("There is no code for remission of a mild one; choose by hand.")
    parts = [f"{asked.label} use disorder, {severity}"]
    if remission:
        parts.append(f"in {remission} remission")
        if controlled_environment:
            parts.append("in a controlled environment")
    return Counted(
        substance,
        counting,
        len(counting),
        severity,
        remission,
        code,
        ", ".join(parts),
        tuple(reasons),
    )


def _code(asked: DisorderSubstance, severity: str, remission: str) -> str:
    if severity == "mild":
        return asked.mild_remission if remission else asked.mild
    return asked.remission if remission else asked.severe
