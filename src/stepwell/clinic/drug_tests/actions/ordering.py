"""Ordering a test, telling the person of it, and excusing her from it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.drug_tests import policies, rules
from stepwell.clinic.drug_tests.actions._entry import _day, _locked, _taken, _write
from stepwell.clinic.drug_tests.models import TestExcuse, TestNotice, TestOrder
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.rules import Channel, contact_rules_of, may_contact
from stepwell.clinic.refusal import Refused

IN_PERSON = "in person"


@transaction.atomic
def order_test(
    *, by: Actor, at: datetime, patient: Patient, panel: str, due_on: date, reason: str = "clinical"
) -> TestOrder:
    """A test for one person on a day. `reason`: scheduled or clinical. Raises `Refused` for one that waits already."""
    staff_id = policies.may_order(by, patient.site_id)
    known = rules.panel(panel)
    if reason not in (TestOrder.Reason.SCHEDULED, TestOrder.Reason.CLINICAL):
        raise Refused("Random tests are drawn, not picked. Choose scheduled or clinical sign.")
    if due_on < _day(at, patient.site):
        raise Refused("The day of the test has passed; choose today or later.")
    Patient.objects.select_for_update().get(pk=patient.pk)
    if (
        TestOrder.objects.filter(patient=patient, panel=panel, due_on=due_on, collection__isnull=True)
        .exclude(reason=TestOrder.Reason.RANDOM)
        .exists()
    ):
        raise Refused(f"{known.label} is ordered for that day already; nothing was added.")
    row = TestOrder.objects.create(
        patient=patient, panel=panel, reason=reason, due_on=due_on, at=at, by_id=staff_id
    )
    _write(by, at, "drug_tests.order", row, patient.pk, panel=panel, reason=reason)
    return row


@transaction.atomic
def tell_of_test(*, by: Actor, at: datetime, order: TestOrder, channel: str, reached: bool) -> TestNotice:
    """The person was told on the day, or could not be reached. `channel`: a `Channel` or "in person".

    Raises `Refused` before the day, after the specimen, and for a channel or an hour that the person did not allow.
    """
    staff_id = policies.may_collect(by, order.patient)
    locked = _locked(order)
    site = order.patient.site
    if _taken(locked) is not None:
        raise Refused("This test is done already; nobody needs to be told of it.")
    if _day(at, site) != locked.due_on:
        raise Refused("A person is told of a test on its day, not before and not after.")
    if channel != IN_PERSON:
        if channel not in {one.value for one in Channel}:
            raise Refused("Choose how the person was told.")
        allowed = may_contact(
            contact_rules_of(locked.patient), Channel(channel), at.astimezone(ZoneInfo(site.zone))
        )
        if not allowed.allowed:
            raise Refused(f"{allowed.reason} Nothing was written down.")
    row = TestNotice.objects.create(order=locked, channel=channel, reached=reached, at=at, by_id=staff_id)
    _write(
        by, at, "drug_tests.tell", row, locked.patient_id, test=locked.pk, channel=channel, reached=reached
    )
    return row


@transaction.atomic
def excuse_test(*, by: Actor, at: datetime, order: TestOrder, because: str) -> TestExcuse:
    """A test that is not held against the person: ill, the site closed. It stays as it is; no other day is drawn.

    Raises `Refused` without a reason, before its day, twice, and when a specimen or a refusal is on file.
    """
    staff_id = policies.may_review(by, order.patient)
    locked = _locked(order)
    if not because.strip():
        raise Refused("Say why the test is excused.")
    if locked.due_on > _day(at, order.patient.site):
        raise Refused("A test is excused on its day or after, so that nobody can learn of a day beforehand.")
    if _taken(locked) is not None:
        raise Refused("This test has its specimen or its refusal on file; it cannot be excused.")
    try:
        with transaction.atomic():
            row = TestExcuse.objects.create(
                order=locked, because=because.strip()[:300], at=at, by_id=staff_id
            )
    except IntegrityError as twice:
        raise Refused("This test is excused already; nothing was changed.") from twice
    _write(by, at, "drug_tests.excuse", row, locked.patient_id, test=locked.pk)
    return row
