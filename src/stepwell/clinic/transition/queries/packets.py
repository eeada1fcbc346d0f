"""Packets that were made, who may receive one, and what of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.consent import queries as consent
from stepwell.clinic.consent.rules import Ask, Category, Purpose, classes_of, permits
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement import queries as placement
from stepwell.clinic.transition.models import HandOverPacket


def packets_of(by: Actor, patient: Patient) -> Any:
    """Packets made for this patient, newest first."""
    return (
        HandOverPacket.objects.filter(episode__in=placement.episodes_for(by), episode__patient=patient)
        .select_related("by", "disclosure", "episode__patient")
        .order_by("-at", "-pk")
    )


def packet(by: Actor, patient: Patient, number: int) -> HandOverPacket:
    """One packet. Raises `HandOverPacket.DoesNotExist` for another patient's."""
    found: HandOverPacket = packets_of(by, patient).get(pk=number)
    return found


def still_permitted(by: Actor, row: HandOverPacket, *, at: datetime) -> bool:
    """Whether consents in force at `at` still permit all that a packet for a recipient holds. The team's own always is."""
    if row.disclosure is None:
        return True
    told = row.content["recipient"]
    allowed = permitted_to(
        by, row.episode.patient, told["key"], at=at, recipient_class=told.get("class") or None
    )
    return {Category(one) for one in row.disclosure.information} <= set(allowed)


def recipients_of(by: Actor, patient: Patient, *, at: datetime) -> list[tuple[str, str]]:
    """Key and name of everybody whom a consent in force names for treatment; the family is no receiving program.

    A consent for treating providers as a class adds `TREATING`, with whose name is asked.
    """
    found, treating = {}, []
    for one in consent.consents_of(by, patient, at=at):
        row = one.row
        if not one.active or row.family_member_id is not None or Purpose.TREATMENT.value not in row.purposes:
            continue
        if row.recipient_kind == "named" and row.recipient_key:
            found[row.recipient_key] = row.recipient_name or row.recipient_key
        elif TREATING.removeprefix("class:") in classes_of(row.recipient_key):
            treating = [(TREATING, "Another treating provider")]
    return sorted(found.items(), key=lambda pair: pair[1].lower()) + treating


TREATING = "class:treating_providers"


def permitted_to(
    by: Actor, patient: Patient, recipient_key: str, *, at: datetime, recipient_class: str | None = None
) -> dict[Category, Any]:
    """What this recipient may be told for treatment -> the id of the consent on which it rests."""
    papers = consent.readable(one.row for one in consent.consents_of(by, patient, at=at))
    found = {}
    for category in Category:
        ask = Ask(
            patient_id=patient.pk,
            recipient_key=recipient_key,
            recipient_class=recipient_class,
            purpose=Purpose.TREATMENT,
            category=category,
            at=at,
        )
        decision = permits(papers, ask)
        if decision.permitted:
            found[category] = decision.consent_id
    return found


_READ_WITH = {
    "reason": Permission.ASSESSMENT_READ,
    "rating": Permission.ASSESSMENT_READ,
    "diagnosis": Permission.ASSESSMENT_READ,
    "medication": Permission.MEDICATION_READ,
    "allergy": Permission.MEDICATION_READ,
    "alert": Permission.ASSESSMENT_READ,
    "risk": Permission.RECOVERY_READ,
    "test": Permission.DRUG_TEST_READ,
    "goal": Permission.PLAN_READ,
    "authorization": Permission.AUTHORIZATION_READ,
    "consent": Permission.CONSENT_READ,
}


def readable_parts(by: Actor, patient: Patient, given: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the parts that the role of `by` may read; nobody hands over what they may not see."""
    return tuple(
        code for code in given if code not in _READ_WITH or by.may(_READ_WITH[code], patient.site_id)
    )
