"""Those around a patient: whom to call in an emergency, and family who may have a login of their own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.models import User
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.people import policies
from stepwell.clinic.people.actions.logins import login_for
from stepwell.clinic.people.models import EmergencyContact, FamilyMember, Patient
from stepwell.clinic.refusal import Refused


@transaction.atomic
def add_emergency_contact(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    name: str,
    relation: str,
    phone: str,
    knows_of_treatment: bool = False,
) -> EmergencyContact:
    """Whom to call in an emergency. `knows_of_treatment` False: nothing about the treatment may be said."""
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=patient.site_id)
    if not name.strip() or not phone.strip():
        raise Refused("An emergency contact needs a name and a phone number; nothing was saved.")
    contact = EmergencyContact.objects.create(
        patient=patient,
        name=name.strip(),
        relation=relation.strip(),
        phone=phone.strip(),
        knows_of_treatment=knows_of_treatment,
    )
    _record(by, at, "people.add_emergency_contact", f"EmergencyContact {contact.pk}", patient.pk)
    return contact


@transaction.atomic
def remove_emergency_contact(*, by: Actor, at: datetime, contact: EmergencyContact) -> EmergencyContact:
    """The row stays; it is no longer shown or called. Doing it twice changes nothing."""
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=contact.patient.site_id)
    locked = EmergencyContact.objects.select_for_update().get(pk=contact.pk)
    if locked.removed_at is None:
        locked.removed_at = at
        locked.save(update_fields=["removed_at"])
        _record(by, at, "people.remove_emergency_contact", f"EmergencyContact {locked.pk}", locked.patient_id)
    return locked


@transaction.atomic
def add_family_member(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    name: str,
    relation: str,
    phone: str = "",
    email: str = "",
) -> FamilyMember:
    """Somebody of the patient's circle. Being on the list opens nothing: a live consent does."""
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=patient.site_id)
    if not name.strip():
        raise Refused("A family member needs a name; nothing was saved.")
    member = FamilyMember.objects.create(
        patient=patient,
        name=name.strip(),
        relation=relation.strip(),
        phone=phone.strip(),
        email=email.strip(),
    )
    _record(by, at, "people.add_family_member", f"FamilyMember {member.pk}", patient.pk)
    return member


@transaction.atomic
def remove_family_member(*, by: Actor, at: datetime, member: FamilyMember) -> FamilyMember:
    """The row stays, the view into the record ends now, with whatever consent is still in force."""
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=member.patient.site_id)
    locked = FamilyMember.objects.select_for_update().get(pk=member.pk)
    if locked.removed_at is None:
        locked.removed_at = at
        locked.save(update_fields=["removed_at"])
        _record(by, at, "people.remove_family_member", f"FamilyMember {locked.pk}", locked.patient_id)
    return locked


@transaction.atomic
def invite_family_member(*, by: Actor, at: datetime, member: FamilyMember) -> User:
    """Makes the login of a family member; one person may belong to several patients with one login.

    The surface then sends the link with which the person chooses a password. Raises `Refused` without an
    e-mail address, or when the address belongs to staff.
    """
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=member.patient.site_id)
    locked = FamilyMember.objects.select_for_update().get(pk=member.pk)
    if locked.removed_at is not None:
        raise Refused("This person is no longer on the list. Add them again first; nothing was sent.")
    if locked.user_id is None:
        user = login_for(email=locked.email, name=locked.name, is_staff=False)
        if (
            FamilyMember.objects.filter(patient_id=locked.patient_id, user=user)
            .exclude(pk=locked.pk)
            .exists()
        ):
            raise Refused("Another family member of this patient has this e-mail address; nothing was sent.")
        locked.user = user
        locked.save(update_fields=["user"])
    _record(by, at, "people.invite_family_member", f"FamilyMember {locked.pk}", locked.patient_id)
    return locked.user  # type: ignore[return-value] # it was set above


def _record(by: Actor, at: datetime, action: str, subject: str, patient_id: int) -> None:
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=patient_id)
