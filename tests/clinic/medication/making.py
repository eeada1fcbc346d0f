"""Orders and doses by the real actions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.roles import Role
from stepwell.clinic.medication import actions, queries
from stepwell.clinic.medication.models import MedicationOrder
from stepwell.clinic.medication.rules import Order
from stepwell.clinic.people.models import Patient
from tests.making import NOW, TODAY, actor, make_staff


def prescriber_of(patient: Patient) -> Actor:
    return actor(make_staff(patient.site, Role.PRESCRIBER, name="Ruth Adeyemi", credential="MD"))


def asked(**changed: Any) -> dict[str, Any]:
    """An order that warns of nothing."""
    return {
        "drug": "acamprosate",
        "dose": Decimal("666"),
        "unit": "mg",
        "route": "oral",
        "frequency": "three_a_day",
        "starts_on": TODAY,
        **changed,
    }


def make_order(
    patient: Patient, *, by: Actor | None = None, at: datetime = NOW, **changed: Any
) -> MedicationOrder:
    """An order whose warnings the prescriber has seen."""
    facts = asked(**changed)
    order = Order(*(facts[k] for k in ("drug", "dose", "unit", "route", "frequency", "starts_on")))
    check = queries.check_new_order(patient, order, on=TODAY)
    return actions.order_medication(
        by=by or prescriber_of(patient), at=at, patient=patient, seen_warnings=check.warnings, **facts
    )


def daily_here(patient: Patient, **changed: Any) -> MedicationOrder:
    """Disulfiram given here once a day."""
    return make_order(
        patient,
        **{
            "drug": "disulfiram",
            "dose": Decimal("250"),
            "frequency": "daily",
            "given_here": True,
            **changed,
        },
    )
