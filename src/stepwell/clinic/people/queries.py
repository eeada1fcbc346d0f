"""Reading people, always starting from who asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import FamilyMember, Patient, Staff, StaffRole


def actor_of(user: Any, *, at: datetime, address: str = "", request_id: str = "") -> Actor:
    """The `Actor` behind a login: roles in force today, own records. One query for staff."""
    today = at.date()
    held: dict[int, set[Role]] = {}
    staff: Staff | None = None
    rows = (
        StaffRole.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=today), staff__user=user, starts_on__lte=today
        )
        .filter(Q(staff__ends_on__isnull=True) | Q(staff__ends_on__gte=today))
        .select_related("staff")
    )
    for row in rows:
        staff = row.staff
        held.setdefault(row.site_id, set()).add(Role(row.role))
    common = {"user_id": user.pk, "name": user.name, "address": address, "request_id": request_id}
    if staff is not None:
        return Actor(roles={site: frozenset(r) for site, r in held.items()}, staff_id=staff.pk, **common)
    patient_id = Patient.objects.filter(user=user).values_list("pk", flat=True).first()
    family = FamilyMember.objects.filter(user=user, removed_at__isnull=True).values_list("pk", flat=True)
    return Actor(patient_id=patient_id, family_ids=tuple(family), purpose="own record", **common)


def patients_for(by: Actor, permission: Permission = Permission.CHART_READ) -> Any:
    """Every patient whose record `by` may see with `permission`: own site's for staff, self for a patient."""
    if by.is_staff:
        return Patient.objects.filter(site_id__in=by.sites_with(permission))
    if by.patient_id is not None:
        return Patient.objects.filter(pk=by.patient_id)
    return Patient.objects.none()


def patient_for(by: Actor, code: str, permission: Permission = Permission.CHART_READ) -> Patient:
    """The patient with that code. Raises `Patient.DoesNotExist` for a stranger's record and a missing one alike."""
    found: Patient = patients_for(by, permission).select_related("site").get(code=code.upper())
    return found
