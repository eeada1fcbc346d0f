"""Papers that came back: a person looks, and what was signed and answered goes into the patient's record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.consent import actions as consents
from stepwell.clinic.consent import queries as consents_on_file
from stepwell.clinic.consent.models import Consent
from stepwell.clinic.consent.rules import named_key
from stepwell.clinic.inquiry import policies, rules
from stepwell.clinic.inquiry.actions.packets import _held, _recorded
from stepwell.clinic.inquiry.models import Packet, PacketSignature
from stepwell.clinic.inquiry.queries.packets import packet_state_of
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import EmergencyContact, Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day

TAKEN = ("contact", "language", "emergency")
"""Parts of the answers that can go into the record; insurance is typed from the card by who records policies."""


@transaction.atomic
def accept_packet(*, by: Actor, at: datetime, packet: Packet, take: Collection[str] = TAKEN) -> Packet:
    """Accept papers that were sent in: each signed consent becomes a consent on file as of its signature, and the
    parts in `take` go into the record. From now on the address tells nothing at all.

    Raises `Refused` while there is no record, when its date of birth is another one, or when a paper lacks an
    element of 42 CFR 2.31.
    """
    locked = _held(packet)
    policies.may_work(by, locked.inquiry)
    if locked.accepted_at is not None:
        return locked
    if packet_state_of(locked, at) is not rules.PacketState.SENT_IN:
        raise Refused("These papers were not sent in yet, so there is nothing to accept.")
    patient = locked.inquiry.patient
    if patient is None:
        raise Refused("Make the patient's record first; then the papers can be accepted. Nothing was saved.")
    if patient.birth_date != locked.birth_date:
        raise Refused(
            "The record has another date of birth than the papers. Find out which is right; nothing was accepted."
        )
    for signature in locked.signatures.select_for_update(of=("self",)):
        _file(by, at, patient, locked, signature)
    _take(by, at, patient, locked, take)
    locked.accepted_at, locked.accepted_by_id = at, by.staff_id
    locked.save(update_fields=["accepted_at", "accepted_by"])
    _recorded(by, at, locked, "accept", {"taken": sorted(set(take) & set(TAKEN))})
    return locked


def _file(by: Actor, at: datetime, patient: Patient, packet: Packet, signature: PacketSignature) -> None:
    """The consent that a signature gives, in force since it was signed; one that it repeats is replaced."""
    paper = rules.load_papers().paper(signature.paper)
    if paper is None or paper.terms is None:
        return
    signed_on = site_day(patient.site, signature.signed_at)
    facts = rules.consent_facts(paper, packet.answers, patient.site.name, signed_on)
    assert facts is not None  # noqa: S101 - a paper with terms has facts
    facts["recipient_key"] = facts["recipient_key"] or named_key(facts["recipient_name"])
    row = consents.record_consent(
        by=by,
        at=at,
        patient=patient,
        elements={
            **facts,
            "signed_by": signature.signed_name,
            "signature_method": "electronic",
            "signed_at": signature.signed_at,
            "effective_from": signature.signed_at,
        },
        supersedes=_repeated(patient, facts, at),
    )
    signature.consent = row
    signature.save(update_fields=["consent"])


def _repeated(patient: Patient, facts: dict[str, Any], at: datetime) -> Consent | None:
    """The consent in force for the same recipient and of the same kind."""
    rows = (
        Consent.objects.filter(
            patient=patient,
            kind=facts["kind"],
            recipient_key=facts["recipient_key"],
            superseded_at=None,
            revocations__isnull=True,
        )
        .select_related("patient__site")
        .order_by("-recorded_at", "-pk")
    )
    for row in rows:
        if set(row.information) <= set(facts["information"]):
            return row if consents_on_file.readable([row]) else None
    return None


def _take(by: Actor, at: datetime, patient: Patient, packet: Packet, take: Collection[str]) -> None:
    told, facts = packet.answers, dict[str, Any]()
    if "contact" in take:
        for key in (
            "preferred_name",
            "pronouns",
            "phone",
            "email",
            "address",
            "safe_times",
            "contact_warning",
        ):
            if told.get(key):
                facts[key] = told[key]
        ways = told.get("ways", [])
        facts |= {f"may_{way}": way in ways for way in ("call", "voicemail", "text", "email", "mail")}
    if "language" in take:
        spoken = told.get("language_other") if told.get("language") == "other" else told.get("language")
        facts |= {"language": str(spoken or "en")[:20], "interpreter": told.get("interpreter") == "yes"}
    if facts:
        people.change_patient(by=by, at=at, patient=patient, facts=facts)
    name, phone = str(told.get("emergency_name") or ""), str(told.get("emergency_phone") or "")
    known = EmergencyContact.objects.filter(patient=patient, name=name, phone=phone, removed_at=None)
    if "emergency" in take and name and phone and not known.exists():
        people.add_emergency_contact(
            by=by,
            at=at,
            patient=patient,
            name=name,
            relation=str(told.get("emergency_relation") or ""),
            phone=phone,
            knows_of_treatment=told.get("emergency_knows") == "yes",
        )
