"""Every write about consents: record, revoke, note an event, account for a disclosure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.consent import policies, queries, rules
from stepwell.clinic.consent.models import Consent, ConsentRevocation, Disclosure
from stepwell.clinic.people.models import FamilyMember, Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day


@transaction.atomic
def record_consent(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    elements: Mapping[str, Any],
    supersedes: Consent | None = None,
    once_key: str = "",
) -> Consent:
    """Keep a signed consent. `elements` are columns of `Consent`; `once_key` of the form makes a double click one.

    Raises `Refused` naming the first missing element of 42 CFR 2.31: an incomplete paper is never taken
    for a consent.
    """
    policies.may_record(by, patient)
    facts = {"signed_at": at, "effective_from": at, **elements}
    row = Consent(
        patient=patient, recorded_at=at, recorded_by_id=by.staff_id, once_key=once_key or None, **facts
    )
    row.family_member = _family_member(patient, row.recipient_key)
    try:
        missing = rules.missing_elements(queries.as_rule(row))
    except ValueError as unknown:
        raise Refused("One of the choices is not known. Choose again; nothing was saved.") from unknown
    if missing:
        raise Refused(missing[0])
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as twice:  # the same form came twice: the first one holds
        earlier = Consent.objects.filter(once_key=once_key, patient=patient).first() if once_key else None
        if earlier is None:
            raise Refused("This form was sent before; load the page again. Nothing was saved.") from twice
        return earlier
    if supersedes is not None:
        _supersede(supersedes, row, patient, at)
    trail.record(
        by=by,
        at=at,
        action="consent.record",
        subject=f"Consent {row.pk}",
        patient_id=patient.pk,
        detail={"kind": row.kind, "information": sorted(row.information)},
    )
    return row


@transaction.atomic
def revoke_consent(
    *, by: Actor, at: datetime, consent: Consent, said_by: str, how: str = "in writing", party_key: str = ""
) -> ConsentRevocation:
    """Take a consent back from this instant on; what was told before stays told (reliance)."""
    locked = Consent.objects.select_for_update().select_related("patient").get(pk=consent.pk)
    policies.may_revoke(by, locked.patient)
    standing = rules.standing(queries.as_rule(locked), at)
    if standing.state is not rules.StandingState.ACTIVE or party_key in standing.revoked_parties:
        raise Refused(f"{standing.sentence} There is nothing to take back.")
    try:
        with transaction.atomic():
            row = ConsentRevocation.objects.create(
                consent=locked,
                at=at,
                party_key=party_key,
                how=how,
                said_by=said_by,
                recorded_by_id=by.staff_id,
            )
    except IntegrityError as twice:
        raise Refused("This consent was taken back a moment ago.") from twice
    trail.record(
        by=by,
        at=at,
        action="consent.revoke",
        subject=f"Consent {locked.pk}",
        patient_id=locked.patient_id,
        detail={"revocation": row.pk},
    )
    return row


@transaction.atomic
def record_event(*, by: Actor, at: datetime, consent: Consent) -> Consent:
    """The event upon which the consent ends has happened."""
    locked = Consent.objects.select_for_update().select_related("patient").get(pk=consent.pk)
    policies.may_record(by, locked.patient)
    if locked.expiry != Consent.Expiry.EVENT:
        raise Refused("This consent does not end with an event.")
    if locked.event_occurred_at is not None:
        raise Refused("The event is already on file.")
    locked.event_occurred_at = at
    locked.save(update_fields=["event_occurred_at"])
    trail.record(
        by=by, at=at, action="consent.event", subject=f"Consent {locked.pk}", patient_id=locked.patient_id
    )
    return locked


@transaction.atomic
def disclose(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    recipient_key: str,
    recipient: str,
    purpose: rules.Purpose,
    information: frozenset[rules.Category],
    what: str,
    recipient_class: str | None = None,
) -> Disclosure:
    """Account for information that goes out with consent. Raises `Refused` with the rule's reasons otherwise."""
    policies.may_record(by, patient)
    if not information:
        raise Refused("Say what is told: choose at least one kind of information.")
    consent_id: Any = None
    for category in sorted(information):
        decision = queries.permits(
            patient,
            recipient_key=recipient_key,
            recipient_class=recipient_class,
            purpose=purpose,
            category=category,
            at=at,
        )
        if not decision.permitted:
            raise Refused(f"Nothing was disclosed. {' '.join(decision.reasons)}")
        consent_id = decision.consent_id
    notice = rules.notice_for(site_day(patient.site, at), rules.NoticeLength.SHORT)
    return _account(
        by,
        at,
        patient,
        basis="consent",
        consent_id=consent_id,
        recipient=recipient,
        purpose=purpose.value,
        information=sorted(information),
        what=what,
        notice=notice.key,
    )


@transaction.atomic
def disclose_without_consent(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    basis: str,
    recipient: str,
    what: str,
    facts: Mapping[str, str],
    told_at: datetime | None = None,
) -> Disclosure:
    """A disclosure on one of the few grounds of 42 CFR Part 2 that need no consent, with all that it wants written.

    `facts`: field of the ground -> text; recipient and time (`told_at`, else now) are filled in here. Raises
    `Refused` naming every field that is missing, or for a time that lies ahead.
    """
    ground = next((one for one in rules.load_bases() if one.key == basis), None)
    if ground is not None:
        policies.may_disclose_without_consent(by, patient, basis)
    told = at if told_at is None else told_at
    if told > at:
        raise Refused("The time at which it was told lies ahead. Correct it; nothing was saved.")
    local = told.astimezone(ZoneInfo(patient.site.zone))
    written = {**facts, "recipient_name": recipient, "disclosed_at": f"{local:%Y-%m-%d %H:%M}"}
    decision = rules.decide_without_consent(basis, written)
    if ground is None or not decision.permitted:
        raise Refused(decision.sentence)
    if not what.strip():
        raise Refused("Write what was told; nothing was saved.")
    return _account(
        by,
        at,
        patient,
        told_at=told,
        basis=basis,
        consent_id=None,
        recipient=recipient.strip(),
        purpose=ground.title,
        information=[],
        what=what.strip(),
        notice="",
        documented={key: written[key].strip() for key, _ in ground.must_document},
    )


def _account(
    by: Actor,
    at: datetime,
    patient: Patient,
    *,
    consent_id: Any,
    told_at: datetime | None = None,
    **facts: Any,
) -> Disclosure:
    row = Disclosure.objects.create(
        patient=patient,
        consent_id=consent_id,
        at=at if told_at is None else told_at,
        recorded_at=at,
        made_by_id=by.staff_id,
        **facts,
    )
    trail.record(
        by=by,
        at=at,
        action="consent.disclose",
        subject=f"Disclosure {row.pk}",
        patient_id=patient.pk,
        detail={"basis": row.basis, "consent": consent_id},
    )
    return row


def _family_member(patient: Patient, key: str) -> FamilyMember | None:
    if not key.startswith("family:"):
        return None
    member = FamilyMember.objects.filter(
        patient=patient, pk=int("0" + key.removeprefix("family:")), removed_at__isnull=True
    ).first()
    if member is None:
        raise Refused("This family member does not belong to the patient. Choose again; nothing was saved.")
    return member


def _supersede(old: Consent, new: Consent, patient: Patient, at: datetime) -> None:
    locked = Consent.objects.select_for_update().get(pk=old.pk)
    if locked.patient_id != patient.pk or locked.superseded_at is not None:
        raise Refused("The consent to be replaced is not in force any more. Look at the list again.")
    locked.superseded_by, locked.superseded_at = new, at
    locked.save(update_fields=["superseded_by", "superseded_at"])
