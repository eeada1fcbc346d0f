"""Staff, the roles they hold at sites, and the credentials that decide what they may lead and sign."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.logins import close_sessions
from stepwell.accounts.permissions import Permission
from stepwell.accounts.roles import STAFF_ROLES, Role
from stepwell.audit import trail
from stepwell.clinic.people import policies
from stepwell.clinic.people.actions.logins import login_for
from stepwell.clinic.people.models import Credential, Site, Staff, StaffRole
from stepwell.clinic.people.rules import load_credential_kinds
from stepwell.clinic.refusal import Refused


@transaction.atomic
def add_staff(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    name: str,
    short_name: str,
    email: str,
    roles: Collection[Role],
    phone: str = "",
    starts_on: date | None = None,
) -> Staff:
    """A new colleague with login and roles. The surface sends the link for a password. Raises `Refused`."""
    policies.need(by, Permission.STAFF_MANAGE, site_id=site.pk)
    _check_roles(roles)
    if not name.strip():
        raise Refused("A staff member needs a name; nothing was saved.")
    user = login_for(email=email, name=name.strip(), is_staff=True)
    if Staff.objects.filter(user=user).exists():
        raise Refused("A staff member with this e-mail address is on file already; nothing was saved.")
    first = starts_on or at.astimezone(ZoneInfo(site.zone)).date()
    staff = Staff.objects.create(
        user=user,
        site=site,
        name=name.strip(),
        short_name=short_name.strip() or name.split()[-1],
        phone=phone.strip(),
        starts_on=first,
    )
    StaffRole.objects.bulk_create(
        StaffRole(staff=staff, role=role, site=site, starts_on=first) for role in sorted(set(roles))
    )
    trail.record(
        by=by,
        at=at,
        action="people.add_staff",
        subject=f"Staff {staff.pk}",
        detail={"roles": sorted(set(roles))},
    )
    return staff


@transaction.atomic
def change_staff(*, by: Actor, at: datetime, staff: Staff, facts: Mapping[str, Any]) -> Staff:
    """Change name, short name, phone or last day. A last day in the past closes the login."""
    policies.may_change_only_facts(facts)
    policies.need(by, Permission.STAFF_MANAGE, site_id=staff.site_id)
    locked = Staff.objects.select_for_update(of=("self",)).select_related("site", "user").get(pk=staff.pk)
    ends_on = facts.get("ends_on", locked.ends_on)
    if ends_on is not None and ends_on < locked.starts_on:
        raise Refused("The last day is before the first. Check the dates; nothing was saved.")
    if ends_on is not None and locked.user_id == by.user_id:
        raise Refused("You cannot end your own time here. Ask another director; nothing was saved.")
    changed = {k: v for k, v in facts.items() if getattr(locked, k) != v}
    if not changed:
        return locked
    for field, value in changed.items():
        setattr(locked, field, value)
    locked.save(update_fields=list(changed))
    today = at.astimezone(ZoneInfo(locked.site.zone)).date()
    if locked.user is not None and ends_on is not None and ends_on < today:
        close_sessions(locked.user)
    trail.record(
        by=by,
        at=at,
        action="people.change_staff",
        subject=f"Staff {locked.pk}",
        detail={"changed": sorted(changed)},
    )
    return locked


@transaction.atomic
def set_roles(*, by: Actor, at: datetime, staff: Staff, site: Site, roles: Collection[Role]) -> Staff:
    """The roles held at a site from now on; what ends keeps its row with its last day. Raises `Refused`."""
    policies.need(by, Permission.STAFF_MANAGE, site_id=site.pk)
    policies.need(by, Permission.STAFF_MANAGE, site_id=staff.site_id)
    _check_roles(roles)
    Staff.objects.select_for_update().get(pk=staff.pk)
    today = at.astimezone(ZoneInfo(site.zone)).date()
    held = {row.role: row for row in StaffRole.objects.filter(staff=staff, site=site, ends_on__isnull=True)}
    wanted = {str(role) for role in roles}
    if staff.user_id == by.user_id and Role.DIRECTOR in held and Role.DIRECTOR not in wanted:
        raise Refused(
            "You cannot take the director's role from yourself. Ask another director; nothing was saved."
        )
    ended, added = sorted(set(held) - wanted), sorted(wanted - set(held))
    for role in ended:
        row = held[role]
        if row.starts_on >= today:
            row.delete()  # held for no day yet
        else:
            row.ends_on = date.fromordinal(today.toordinal() - 1)  # today it no longer counts
            row.save(update_fields=["ends_on"])
    StaffRole.objects.bulk_create(
        StaffRole(staff=staff, role=role, site=site, starts_on=today) for role in added
    )
    if ended or added:
        trail.record(
            by=by,
            at=at,
            action="people.set_roles",
            subject=f"Staff {staff.pk}",
            detail={"site": site.pk, "added": added, "ended": ended},
        )
    return staff


@transaction.atomic
def add_credential(
    *,
    by: Actor,
    at: datetime,
    staff: Staff,
    kind: str,
    issued_on: date,
    expires_on: date | None = None,
    number: str = "",
    state: str = "",
    supervisor: Staff | None = None,
) -> Credential:
    """A license, certificate or registration. A renewed one is a new row beside the old one."""
    policies.need(by, Permission.STAFF_MANAGE, site_id=staff.site_id)
    _check_credential(kind, issued_on, expires_on, staff, supervisor)
    row = Credential.objects.create(
        staff=staff,
        kind=kind,
        number=number.strip(),
        state=state.strip().upper(),
        issued_on=issued_on,
        expires_on=expires_on,
        supervisor=supervisor,
    )
    trail.record(
        by=by, at=at, action="people.add_credential", subject=f"Credential {row.pk}", detail={"kind": kind}
    )
    return row


@transaction.atomic
def change_credential(
    *, by: Actor, at: datetime, credential: Credential, facts: Mapping[str, Any]
) -> Credential:
    """Mend a row that was typed wrong. A renewal is `add_credential`."""
    policies.may_change_only_facts(facts)
    policies.need(by, Permission.STAFF_MANAGE, site_id=credential.staff.site_id)
    locked = Credential.objects.select_for_update(of=("self",)).select_related("staff").get(pk=credential.pk)
    for field, value in facts.items():
        setattr(locked, field, value)
    _check_credential(locked.kind, locked.issued_on, locked.expires_on, locked.staff, locked.supervisor)
    locked.save(update_fields=list(facts))
    trail.record(
        by=by,
        at=at,
        action="people.change_credential",
        subject=f"Credential {locked.pk}",
        detail={"changed": sorted(facts)},
    )
    return locked


def _check_roles(roles: Collection[Role]) -> None:
    if not roles:
        raise Refused("Choose at least one role, or set a last day; nothing was saved.")
    if not set(roles) <= STAFF_ROLES:
        raise Refused("A staff member cannot hold a patient's or a family member's role; nothing was saved.")


def _check_credential(
    kind: str, issued_on: date, expires_on: date | None, staff: Staff, supervisor: Staff | None
) -> None:
    if kind not in load_credential_kinds():
        raise Refused("This kind of credential is not on the program's list; nothing was saved.")
    if expires_on is not None and expires_on <= issued_on:
        raise Refused("The credential expires before it was issued. Check the dates; nothing was saved.")
    if supervisor is not None and supervisor.pk == staff.pk:
        raise Refused("Nobody supervises themselves. Choose another supervisor; nothing was saved.")
