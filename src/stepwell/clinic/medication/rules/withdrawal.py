"""Withdrawal watched from day to day: what a score and the vital signs ask for, and when to look again.

Thresholds are dated data (``data/withdrawal.json``): call, hold, send out. They are the program's, not a protocol.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from stepwell.clinic.medication.rules.drugs import data
from stepwell.clinic.refusal import Refused


class Escalation(StrEnum):
    """What to do at once, the mildest first."""

    NONE = ""
    CALL = "call"
    HOLD = "hold"
    SEND_OUT = "send_out"

    @property
    def weight(self) -> int:
        """0 for nothing; more is graver."""
        return list(Escalation).index(self)


@dataclass(frozen=True)
class Vital:
    """One vital sign with the range that can be true."""

    code: str
    label: str
    unit: str
    low: Decimal
    high: Decimal
    decimals: int


@dataclass(frozen=True)
class Judgement:
    """The gravest action that was reached, every sentence that led there, and when to look again (None: by rule no more)."""

    action: Escalation
    sentences: tuple[str, ...]
    next_at: datetime | None


@dataclass(frozen=True)
class Past:
    """An earlier reading: its total and when."""

    total: int
    at: datetime


@cache
def scales() -> dict[str, dict[str, Any]]:
    """Instrument -> its thresholds and rhythm, of those that withdrawal is watched with."""
    return {row["code"]: row for row in data("withdrawal")["instruments"]}


def scale(code: str) -> dict[str, Any]:
    """Thresholds of one instrument. Refused for one that withdrawal is not watched with."""
    if code not in scales():
        raise Refused("Withdrawal is watched with CIWA-Ar or COWS; choose one of them.")
    return scales()[code]


def action_label(action: str) -> str:
    """'Call the prescriber'; empty for nothing."""
    return next((row["label"] for row in data("withdrawal")["actions"] if row["code"] == action), "")


@cache
def vitals() -> tuple[Vital, ...]:
    """The vital signs of the flow sheet."""
    return tuple(
        Vital(v["code"], v["label"], v["unit"], Decimal(v["low"]), Decimal(v["high"]), v["decimals"])
        for v in data("withdrawal")["vitals"]
    )


def plausible(measured: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    """The vital signs that were measured. Refused for one that cannot be, and for a diastolic above the systolic."""
    known = {v.code: v for v in vitals()}
    found: dict[str, Decimal] = {}
    for code, value in measured.items():
        if code not in known:
            raise Refused("There is no such vital sign on the sheet.")
        if value is None:
            continue
        sign = known[code]
        if not value.is_finite() or not sign.low <= value <= sign.high:
            raise Refused(f"{sign.label} {value} cannot be: write {sign.low:f} to {sign.high:f} {sign.unit}.")
        found[code] = value
    if found.get("diastolic", Decimal(0)) >= found.get("systolic", Decimal(1000)):
        raise Refused("The diastolic pressure must be below the systolic one; look at both.")
    return found


def judge(
    instrument: str,
    total: int | None,
    measured: Mapping[str, Decimal],
    *,
    at: datetime,
    earlier: Sequence[Past] = (),
) -> Judgement:
    """What a reading asks for. ``total`` None: the scale could not be scored; ``earlier``: the readings before it."""
    facts = scale(instrument)
    reached: list[tuple[Escalation, str]] = []
    if total is not None:
        rows = [r for r in facts["escalate"] if total >= r["at_least"]]
        if rows:
            gravest = max(rows, key=lambda r: r["at_least"])
            reached.append((Escalation(gravest["action"]), gravest["sentence"].format(score=total)))
    reached += _signs(measured)
    action = max((a for a, _ in reached), key=lambda a: a.weight, default=Escalation.NONE)
    sentences = tuple(s for a, s in sorted(reached, key=lambda pair: -pair[0].weight))
    if action is Escalation.NONE and total is not None and _over(facts["done"], total, at, earlier):
        return Judgement(action, sentences, None)
    hours = max(r["hours"] for r in facts["next"] if r["at_least"] == 0)
    if total is not None:
        hours = min(r["hours"] for r in facts["next"] if total >= r["at_least"])
    if action is not Escalation.NONE:
        hours = min(hours, min(r["hours"] for r in facts["next"]))
    return Judgement(action, sentences, at + timedelta(hours=hours))


def _signs(measured: Mapping[str, Decimal]) -> list[tuple[Escalation, str]]:
    found = []
    for row in data("withdrawal")["vitals"]:
        value = measured.get(row["code"])
        if value is None:
            continue
        hit = [
            Escalation(e["action"])
            for e in row["escalate"]
            if ("above" in e and value > Decimal(e["above"]))
            or ("below" in e and value < Decimal(e["below"]))
        ]
        if hit:
            action = max(hit, key=lambda a: a.weight)
            words = f"{row['label']} is {value.normalize():f} {row['unit']}: {action_label(action).lower()}."
            found.append((action, words))
    return found


def _over(done: dict[str, Any], total: int, at: datetime, earlier: Sequence[Past]) -> bool:
    """Low now, low before, and for so many hours."""
    row = [Past(total, at), *sorted(earlier, key=lambda p: p.at, reverse=True)][: done["readings"]]
    low = len(row) == done["readings"] and all(p.total < done["below"] for p in row)
    return low and at - row[-1].at >= timedelta(hours=done["hours"])
