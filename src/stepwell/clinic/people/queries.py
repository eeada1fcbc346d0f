"""Reading people, always starting from who asks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from stepwell.accounts.actor import Actor, Home
from stepwell.accounts.permissions import Permission
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Credential, FamilyMember, Patient, Site, Staff, StaffRole


def actor_of(user: Any, *, at: datetime, address: str = "", request_id: str = "") -> Actor:
    """The `Actor` behind a login: roles in force today, own records. One query for staff."""
    today = at.date()
    held: dict[int, set[Role]] = {}
    staff: Staff | None = None
    home: Home | None = None
    rows = (
        StaffRole.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), staff__user=user)
        .filter(Q(staff__ends_on__isnull=True) | Q(staff__ends_on__gte=today), starts_on__lte=today)
        .annotate(credential=Subquery(_credentials_on(today).values("kind")[:1]))
        .select_related("staff__site")
    )
    credential = ""
    for row in rows:
        staff, credential = row.staff, row.credential or ""
        held.setdefault(row.site_id, set()).add(Role(row.role))
    common = {"user_id": user.pk, "name": user.name, "address": address, "request_id": request_id}
    if staff is not None:
        site = staff.site
        home = Home(site.pk, site.name, site.zone, site.week_starts_on)
        roles = {site_id: frozenset(found) for site_id, found in held.items()}
        return Actor(roles=roles, staff_id=staff.pk, credential=credential, home=home, **common)
    patient_id = Patient.objects.filter(user=user).values_list("pk", flat=True).first()
    family = FamilyMember.objects.filter(user=user, removed_at__isnull=True).values_list("pk", flat=True)
    return Actor(patient_id=patient_id, family_ids=tuple(family), purpose="own record", **common)


def _credentials_on(day: date) -> Any:
    valid = Credential.objects.filter(Q(expires_on__isnull=True) | Q(expires_on__gt=day), issued_on__lte=day)
    return valid.filter(staff=OuterRef("staff")).order_by("issued_on")


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


def waiting(by: Actor) -> Any:
    """Patients in an open episode at the sites of `by`: the count beside 'Patients'."""
    return Patient.objects.filter(
        site_id__in=by.sites_with(Permission.PEOPLE_READ),
        episodes__closed_at__isnull=True,
        episodes__isnull=False,
    )


def site_of(by: Actor) -> Site:
    """The site of a staff member as a row, for writes that need it."""
    assert by.home is not None  # noqa: S101 - only staff pages ask
    return Site.objects.get(pk=by.home.site_id)


def all_sites() -> Any:
    """Every site by name, for commands that act for the whole program; tells nothing of a patient."""
    return Site.objects.order_by("name")


def family_of(by: Actor, patient: Patient) -> list[FamilyMember]:
    """Family members still named by the patient, for staff and for the patient."""
    visible = patients_for(by, Permission.PEOPLE_READ)
    return list(
        FamilyMember.objects.filter(patient__in=visible, patient=patient, removed_at__isnull=True).order_by(
            "name"
        )
    )
