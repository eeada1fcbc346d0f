"""The specimen: given or refused, and each pair of hands it goes through."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.drug_tests import policies, rules
from stepwell.clinic.drug_tests.actions._entry import _locked, _taken, _write
from stepwell.clinic.drug_tests.models import Collection, CustodyStep, TestExcuse, TestOrder
from stepwell.clinic.people.models import Staff
from stepwell.clinic.refusal import Refused

KINDS = {"stored": "stored", "handed": "handed on", "sent": "sent out", "received": "received"}
"""How a specimen goes on after it was taken."""


@transaction.atomic
def collect(
    *,
    by: Actor,
    at: datetime,
    order: TestOrder,
    refused: bool = False,
    specimen: str = "",
    observed: bool = False,
    temperature_f: Decimal | None = None,
    minutes_to_reading: int | None = None,
    observed_because: str = "",
    observer_wish: str = "",
    tampered: str = "",
    seal: str = "",
) -> Collection:
    """A specimen was given, or the person gave none: that is kept as itself, and is not a positive.

    `specimen`: the number on the label. The chain of custody begins with who took it. Raises `Refused` without a
    label, when something is on file for this test, and for an observed collection that the policy does not name
    or for which the person was not asked.
    """
    staff_id = policies.may_collect(by, order.patient)
    locked = _locked(order)
    if not refused and not specimen.strip():
        raise Refused("Write the number on the label of the specimen.")
    if temperature_f is not None and not 0 <= temperature_f <= 150:
        raise Refused("The temperature is not one of a specimen in degrees Fahrenheit; look again.")
    if minutes_to_reading is not None and not 0 <= minutes_to_reading <= 240:
        raise Refused("The minutes until the temperature was read are not right; look again.")
    if observed and not refused:
        if observed_because not in rules.observed_when():
            raise Refused("A collection is observed only for a reason of the program's policy; choose it.")
        if observer_wish not in rules.observer_wishes():
            raise Refused("Ask first whom the person would rather have there, and write it down.")
    if TestExcuse.objects.filter(order=locked).exists():
        raise Refused("This test is excused; order another one if it is needed.")
    watched = observed and not refused
    try:
        with transaction.atomic():
            row = Collection.objects.create(
                order=locked,
                refused=refused,
                observed=watched,
                observed_because=observed_because if watched else "",
                observer_wish=observer_wish if watched else "",
                tampered="" if refused else tampered.strip()[:300],
                temperature_f=None if refused else temperature_f,
                minutes_to_reading=None if refused else minutes_to_reading,
                specimen="" if refused else specimen.strip(),
                seal="" if refused else seal.strip()[:40],
                at=at,
                by_id=staff_id,
            )
    except IntegrityError as twice:
        raise Refused(
            "This test has its specimen or its refusal on file already; nothing was changed."
        ) from twice
    if not refused:
        CustodyStep.objects.create(
            collection=row, number=1, kind="taken", giver=locked.patient.code, taker=by.name, seal=row.seal,
            at=at, by_id=staff_id,
        )  # fmt: skip
    _write(by, at, "drug_tests.collect", row, locked.patient_id, test=locked.pk, refused=refused)
    return row


@transaction.atomic
def hand_over(
    *, by: Actor, at: datetime, order: TestOrder, kind: str, to: str, seal: str = "", intact: bool = True
) -> CustodyStep:
    """The specimen goes on: put away, to a colleague, to the laboratory or its courier. Never changed afterwards.

    Who gives it is who had it last. Raises `Refused` without a specimen, a taker or a known kind, and twice at once.
    """
    staff_id = policies.may_collect(by, order.patient)
    locked = _locked(order)
    taken = _taken(locked)
    if taken is None or taken.refused:
        raise Refused("There is no specimen for this test.")
    if kind not in KINDS:
        raise Refused("Choose how the specimen goes on.")
    if not to.strip():
        raise Refused("Write down who or what has the specimen now.")
    last = CustodyStep.objects.filter(collection=taken).order_by("-number").first()
    giver = last.taker if last is not None else Staff.objects.get(pk=taken.by_id).name
    if last is not None and (last.kind, last.taker, last.seal) == (kind, to.strip()[:160], seal.strip()[:40]):
        raise Refused("This hand-over is written down already; nothing was changed.")
    row = CustodyStep.objects.create(
        collection=taken, number=1 if last is None else last.number + 1, kind=kind, giver=giver,
        taker=to.strip()[:160], seal=seal.strip()[:40], intact=intact, at=at, by_id=staff_id,
    )  # fmt: skip
    _write(by, at, "drug_tests.hand_over", row, locked.patient_id, test=locked.pk, kind=kind, intact=intact)
    return row
