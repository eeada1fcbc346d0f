"""Tests ordered, collected and read by the real actions."""

from __future__ import annotations

from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.drug_tests import actions
from stepwell.clinic.drug_tests.models import PanelResult, TestOrder
from stepwell.clinic.people.models import Patient
from tests.making import NOW, TODAY

CLEAN = {
    "opiates": "negative",
    "heroin": "negative",
    "oxycodone": "negative",
    "fentanyl": "negative",
    "methadone": "negative",
    "buprenorphine": "negative",
}


def make_test(patient: Patient, by: Actor, **changed: Any) -> TestOrder:
    facts = {"panel": "opioid", "due_on": TODAY, "at": NOW, **changed}
    return actions.order_test(by=by, patient=patient, **facts)


def make_result(patient: Patient, by: Actor, *, order: TestOrder | None = None, **said: Any) -> PanelResult:
    """A screen with these results; what is not said is negative."""
    order = order or make_test(patient, by)
    actions.collect(by=by, at=NOW, order=order, specimen=f"S-{order.pk}")
    facts = {"prescribed": said.pop("prescribed", ()), "method": said.pop("method", "presumptive")}
    return actions.record_result(by=by, at=NOW, order=order, results={**CLEAN, **said}, **facts)
