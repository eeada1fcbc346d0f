"""Orders and doses by the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.rules import load_instrument
from stepwell.clinic.medication import actions, queries
from stepwell.clinic.medication.models import MedicationOrder
from stepwell.clinic.medication.rules import Order, unmet
from stepwell.clinic.people.models import Patient
from tests.making import NOW, TODAY, actor, make_staff


def prescriber_of(patient: Patient) -> Actor:
    return actor(make_staff(patient.site, Role.PRESCRIBER, name="Ruth Adeyemi", credential="MD"))


def nurse_of(patient: Patient) -> Actor:
    return actor(make_staff(patient.site, Role.NURSE, name="Bo Lind", credential="RN"))


def asked(**changed: Any) -> dict[str, Any]:
    """An order that warns of nothing and of which nothing is asked before."""
    return {
        "drug": "naloxone",
        "dose": Decimal("4"),
        "unit": "mg",
        "route": "nasal",
        "frequency": "as_needed",
        "starts_on": TODAY,
        **changed,
    }


def make_order(
    patient: Patient, *, by: Actor | None = None, at: datetime = NOW, why: str = "", **changed: Any
) -> MedicationOrder:
    """An order whose warnings the prescriber has seen and whose checks are passed over, `why` in words."""
    facts = asked(**changed)
    order = Order(*(facts[k] for k in ("drug", "dose", "unit", "route", "frequency", "starts_on")))
    check = queries.check_new_order(patient, order, on=TODAY)
    found = unmet(queries.check_start(patient, facts["drug"], at=at))
    passed = {one.code: actions.PassedOver("goes_on", why) for one in found if one.overridable}
    return actions.order_medication(
        by=by or prescriber_of(patient),
        at=at,
        patient=patient,
        seen_warnings=check.warnings,
        passed_over=passed,
        **facts,
    )


def daily_here(patient: Patient, **changed: Any) -> MedicationOrder:
    """Disulfiram given here once a day."""
    return make_order(
        patient,
        **{
            "drug": "disulfiram",
            "dose": Decimal("250"),
            "route": "oral",
            "frequency": "daily",
            "given_here": True,
            **changed,
        },
    )


def know(patient: Patient, by: Actor, *, at: datetime = NOW, **facts: Any) -> None:
    """Facts that checks ask for, by kind: a word, a number, or either with the hours since then."""
    for kind, told in facts.items():
        value, hours = told if isinstance(told, tuple) else (told, 1)
        number = value if isinstance(value, Decimal) else None
        actions.record_fact(
            by=by, at=at, patient=patient, kind=kind, value="" if number is not None else value, number=number,
            true_at=at - timedelta(hours=hours),
        )  # fmt: skip


def answers_for(instrument: str, total: int) -> dict[str, int]:
    """Answers of a scale that come to `total`: each line as high as still fits."""
    left, found = total, {}
    for item in load_instrument(instrument).items:
        fitting = [option.value for option in item.options if option.value <= left]
        found[item.link_id] = max(fitting)
        left -= found[item.link_id]
    assert left == 0, f"{instrument} cannot come to {total}"
    return found


def rate(
    patient: Patient,
    total: int,
    *,
    by: Actor,
    at: datetime = NOW,
    instrument: str = "cows",
    note: str = "",
    **vitals: Any,
) -> Any:
    """A reading of that total on the flow sheet."""
    return actions.record_reading(
        by=by, at=at, patient=patient, instrument=instrument, answers=answers_for(instrument, total),
        vitals={k: Decimal(str(v)) for k, v in vitals.items()}, once_key=f"{patient.pk}-{instrument}-{at:%m%d%H%M}",
        note=note,
    )  # fmt: skip
