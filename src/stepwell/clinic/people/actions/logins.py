"""Logins are made by the clinic, never by signing up; who had one and who ended it is in the trail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.logins import close_sessions
from stepwell.accounts.models import User
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.people import policies
from stepwell.clinic.people.models import FamilyMember, Patient, Staff
from stepwell.clinic.people.queries import logins_for
from stepwell.clinic.refusal import Denied, Refused


@transaction.atomic
def invite_patient(*, by: Actor, at: datetime, patient: Patient) -> User:
    """Makes the patient's login; the surface then sends the link for a password. Raises `Refused`."""
    policies.need(by, Permission.PEOPLE_REGISTER, site_id=patient.site_id)
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    if not locked.may_email:
        raise Refused(
            "The person did not allow e-mail. Ask first and note it under safe contact; nothing was sent."
        )
    if locked.user_id is None:
        user = login_for(email=locked.email, name=locked.called, is_staff=False)
        if Patient.objects.filter(user=user).exists():
            raise Refused("Another patient has this e-mail address; nothing was sent.")
        if FamilyMember.objects.filter(patient=locked, user=user).exists():
            # A mailbox shared at home would open the whole record to whom the consent names but a part.
            raise Refused(
                "A family member signs in with this e-mail address. "
                "Ask the person for an address of their own; nothing was sent."
            )
        locked.user = user
        locked.save(update_fields=["user"])
    trail.record(
        by=by, at=at, action="people.invite_patient", subject=f"Patient {locked.pk}", patient_id=locked.pk
    )
    return locked.user  # type: ignore[return-value] # it was set above


@transaction.atomic
def invite_staff(*, by: Actor, at: datetime, staff: Staff, email: str = "") -> User:
    """Makes the login of a staff member, or sends the link again. Raises `Refused`."""
    policies.need(by, Permission.STAFF_MANAGE, site_id=staff.site_id)
    locked = Staff.objects.select_for_update().get(pk=staff.pk)
    if locked.user_id is None:
        user = login_for(email=email, name=locked.name, is_staff=True)
        if Staff.objects.filter(user=user).exists():
            raise Refused("Another staff member has this e-mail address; nothing was sent.")
        locked.user = user
        locked.save(update_fields=["user"])
    trail.record(by=by, at=at, action="people.invite_staff", subject=f"Staff {locked.pk}")
    return locked.user  # type: ignore[return-value] # it was set above


@transaction.atomic
def end_sessions(*, by: Actor, at: datetime, user: User) -> int:
    """Ends every session of a login: a lost phone, a leaver. Returns how many were ended."""
    _look_after(by, user)
    ended = close_sessions(user)
    trail.record(
        by=by, at=at, action="accounts.end_sessions", subject=f"User {user.pk}", detail={"ended": ended}
    )
    return ended


@transaction.atomic
def set_login_open(*, by: Actor, at: datetime, user: User, is_open: bool) -> User:
    """Closes a login (its sessions end at once) or opens it again. Nobody closes their own."""
    _look_after(by, user)
    if user.pk == by.user_id:
        raise Refused("You cannot close your own login. Ask another administrator; nothing was changed.")
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.is_active != is_open:
        locked.is_active = is_open
        locked.save(update_fields=["is_active"])
        ended = 0 if is_open else close_sessions(locked)
        verb = "accounts.open_login" if is_open else "accounts.close_login"
        trail.record(by=by, at=at, action=verb, subject=f"User {locked.pk}", detail={"ended": ended})
    return locked


def _look_after(by: Actor, user: User) -> None:
    """A director looks after the logins of the own sites, a system administrator after all."""
    policies.need(by, Permission.ACCOUNTS_MANAGE)
    if not logins_for(by).filter(pk=user.pk).exists():
        raise Denied(
            "This login belongs to another site. Ask its program director or the system administrator."
        )


def login_for(*, email: str, name: str, is_staff: bool) -> User:
    """The login with this address: made without a password, or found for somebody of the same kind."""
    address = email.strip().lower()
    if not address:
        raise Refused("There is no e-mail address on file. Enter one first; nothing was sent.")
    found = User.objects.filter(email__iexact=address).first()
    if found is None:
        return User.objects.create_user(address, name=name, is_staff=is_staff)
    if found.is_staff != is_staff:
        raise Refused(
            "This e-mail address belongs to another kind of login. Use another one; nothing was sent."
        )
    return found
