"""Reading people, always starting from who asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import F, Min, OuterRef, Prefetch, Q, Subquery, Value

from stepwell.accounts.actor import Actor, Home
from stepwell.accounts.models import User
from stepwell.accounts.permissions import Permission
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import (
    Credential,
    EmergencyContact,
    FamilyMember,
    Patient,
    Room,
    Site,
    SiteHours,
    Staff,
    StaffRole,
)
from stepwell.clinic.people.rules import (
    Asked,
    Match,
    PersonFacts,
    SessionKind,
    expired_shown,
    load_credential_kinds,
    may_lead,
    may_supervise_signing,
    phone_digits,
    probable_duplicates,
)
from stepwell.clinic.people.rules import Credential as HeldCredential
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.site_days import LocalDay


def actor_of(user: Any, *, at: datetime, address: str = "", request_id: str = "") -> Actor:
    """The `Actor` behind a login: roles in force on the day at each role's site, own records. One query for staff."""
    held: dict[int, set[Role]] = {}
    staff: Staff | None = None
    home: Home | None = None
    credential = ""
    for row in _ROLES_HELD.rows(at=at, user_id=user.pk):
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


def _roles_held(*, at: datetime, user_id: int) -> Any:
    there, home = LocalDay(Value(at), F("site__zone")), LocalDay(Value(at), F("staff__site__zone"))
    return (
        StaffRole.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=there), staff__user_id=user_id)
        .filter(Q(staff__ends_on__isnull=True) | Q(staff__ends_on__gte=home), starts_on__lte=there)
        .annotate(credential=Subquery(_credentials_at(at).values("kind")[:1]))
        .select_related("staff__site")
    )


_ROLES_HELD = Prepared(_roles_held)


def _credentials_at(at: datetime) -> Any:
    """Valid on the day at the holder's site; the last day still counts (`rules.credential_valid`)."""
    today = LocalDay(Value(at), F("staff__site__zone"))
    valid = Credential.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=today), issued_on__lte=today
    )
    return valid.filter(staff=OuterRef("staff")).order_by("issued_on", "pk")


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
    return Site.objects.get(pk=by.home.site_id)


def all_sites() -> Any:
    """Every site by name, for commands that act for the whole program; tells nothing of a patient."""
    return Site.objects.order_by("name")


def family_of(by: Actor, patient: Patient) -> list[FamilyMember]:
    """Family members still named by the patient with their logins, for staff and for the patient."""
    visible = patients_for(by, Permission.PEOPLE_READ)
    named = FamilyMember.objects.filter(patient__in=visible, patient=patient, removed_at__isnull=True)
    return list(named.select_related("user").order_by("name"))


def found(by: Actor, asked: Asked, permission: Permission = Permission.PEOPLE_READ) -> Any:
    """Patients who fit a search: every name a part of a name, or the date of birth, or digits of the phone."""
    patients = patients_for(by, permission)
    if asked.nothing:
        return patients.none()
    named = Q()
    for name in asked.names:
        named &= Q(search_name__contains=name) | Q(code__iexact=name)
    reached = Q()
    if asked.birth_dates:
        reached |= Q(birth_date__in=asked.birth_dates)
    if asked.digits:
        reached |= Q(phone_digits__contains=asked.digits)
    return patients.filter(named, reached)


def duplicates_of(by: Actor, asked: PersonFacts) -> list[tuple[Patient, Match]]:
    """Records somebody should look at before a new one is made, most alike first. One query.

    Narrowed in the database to whoever shares a date of birth (or nearly), a phone or an e-mail; what shares
    none of them never reaches the threshold of `rules.likeness`.
    """
    near = Q()
    if asked.birth_date is not None:
        near |= Q(birth_date__in=_near(asked.birth_date))
    digits = phone_digits(asked.phone)
    if len(digits) >= 7:
        near |= Q(phone_digits__endswith=digits[-7:])
    if asked.email.strip():
        near |= Q(email__iexact=asked.email.strip())
    if not near:
        return []
    rows = {p.pk: p for p in patients_for(by, Permission.PEOPLE_READ).filter(near).select_related("site")}
    alike = probable_duplicates(asked, ((pk, facts_of(p)) for pk, p in rows.items()))
    return [(rows[int(pk)], match) for pk, match in alike]


def facts_of(patient: Patient) -> PersonFacts:
    """The record as the likeness rule reads it."""
    return PersonFacts(
        given_name=patient.given_name,
        family_name=patient.family_name,
        preferred_name=patient.preferred_name,
        birth_date=patient.birth_date,
        phone=patient.phone,
        email=patient.email,
    )


def _near(day: date) -> set[date]:
    """The date itself, day and month swapped, and every date that differs in one figure."""
    texts = {f"{day.year:04}{day.day:02}{day.month:02}"}
    said = f"{day:%Y%m%d}"
    texts |= {said[:n] + figure + said[n + 1 :] for n in range(8) for figure in "0123456789"}
    near = set()
    for text in texts:
        try:
            near.add(date(int(text[:4]), int(text[4:6]), int(text[6:])))
        except ValueError:
            continue
    return near


def emergency_contacts_of(by: Actor, patient: Patient) -> Any:
    """Whom to call in an emergency, in the order of entering."""
    seen = patients_for(by, Permission.PEOPLE_READ)
    return EmergencyContact.objects.filter(
        patient=patient, patient__in=seen, removed_at__isnull=True
    ).order_by("pk")


def emergency_contact(by: Actor, patient: Patient, number: int) -> EmergencyContact:
    """One contact. Raises `EmergencyContact.DoesNotExist` for another patient's."""
    row: EmergencyContact = emergency_contacts_of(by, patient).select_related("patient").get(pk=number)
    return row


def family_member(by: Actor, patient: Patient, number: int) -> FamilyMember:
    """One family member. Raises `FamilyMember.DoesNotExist` for another patient's."""
    visible = patients_for(by, Permission.PEOPLE_READ)
    named = FamilyMember.objects.filter(patient__in=visible, patient=patient, removed_at__isnull=True)
    return named.select_related("patient", "user").get(pk=number)


def staff_for(by: Actor, on: date) -> Any:
    """Staff at the sites where `by` reads people, with roles and credentials, soonest to expire first.

    `expires_on` is the first end of a credential that is not over for more than a year; three queries.
    """
    sites = by.sites_with(Permission.PEOPLE_READ)
    running = Q(credentials__expires_on__gte=on - expired_shown())
    return (
        Staff.objects.filter(site_id__in=sites)
        .select_related("site", "user")
        .annotate(expires_on=Min("credentials__expires_on", filter=running))
        .prefetch_related(
            Prefetch(
                "roles",
                queryset=StaffRole.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on)).order_by(
                    "role"
                ),
                to_attr="held",
            ),
            Prefetch(
                "credentials", queryset=Credential.objects.order_by("-issued_on", "-pk"), to_attr="papers"
            ),
        )
        .order_by("name", "pk")
    )


def staff_member(by: Actor, number: int, on: date) -> Staff:
    """One staff member of a site of `by`. Raises `Staff.DoesNotExist`."""
    row: Staff = staff_for(by, on).get(pk=number)
    return row


def credential(by: Actor, number: int) -> Credential:
    """One credential of staff at a site of `by`. Raises `Credential.DoesNotExist`."""
    return Credential.objects.select_related("staff__site").get(
        pk=number, staff__site_id__in=by.sites_with(Permission.STAFF_MANAGE)
    )


def credential_rules_of(rows: Iterable[Credential]) -> list[HeldCredential]:
    """The rows as the rules about credentials read them."""
    return [
        HeldCredential(
            kind=row.kind,
            issued_on=row.issued_on,
            expires_on=row.expires_on,
            number=row.number,
            state=row.state,
        )
        for row in rows
    ]


def credential_to_sign(staff_id: int, kind: SessionKind, on: date) -> Credential | None:
    """The credential under which this person signs about such treatment on a day; None when none fits.

    One that may sign alone comes before one that may not, a supervised one before one without a supervisor.
    """
    known = load_credential_kinds()
    held = _HELD.rows(staff_id=staff_id)
    fitting = [
        row
        for row, told in zip(held, credential_rules_of(held), strict=True)
        if may_lead([told], kind, on).valid
    ]
    order = sorted(fitting, key=lambda row: (not known[row.kind].may_sign_alone, row.supervisor_id is None))
    return order[0] if order else None


_HELD = Prepared(
    lambda *, staff_id: (
        Credential.objects.filter(staff_id=staff_id).select_related("supervisor").order_by("issued_on", "pk")
    )
)


def may_cosign_on(staff_id: int, on: date) -> bool:
    """Whether this person holds a license to co-sign on a day."""
    return may_supervise_signing(credential_rules_of(Credential.objects.filter(staff_id=staff_id)), on)


def supervisors_for(by: Actor, staff: Staff | None = None) -> Any:
    """Colleagues who could supervise, by name."""
    rows = Staff.objects.filter(site_id__in=by.sites_with(Permission.PEOPLE_READ), ends_on__isnull=True)
    return (rows.exclude(pk=staff.pk) if staff else rows).order_by("name")


def sites_for(by: Actor, permission: Permission = Permission.PEOPLE_READ) -> Any:
    """Sites of `by`, with rooms and opening hours. Three queries."""
    return (
        Site.objects.filter(pk__in=by.sites_with(permission))
        .prefetch_related(
            Prefetch("rooms", queryset=Room.objects.order_by("name")),
            Prefetch("hours", queryset=SiteHours.objects.order_by("weekday", "opens")),
        )
        .order_by("name")
    )


def room(by: Actor, number: int) -> Room:
    """One room of a site that `by` manages. Raises `Room.DoesNotExist`."""
    return Room.objects.select_related("site").get(
        pk=number, site_id__in=by.sites_with(Permission.STAFF_MANAGE)
    )


def names_of_staff_logins(user_ids: Iterable[int]) -> dict[int, str]:
    """Login id -> name, for staff only: the page of logins never names a patient."""
    rows = Staff.objects.filter(user__in=list(user_ids)).values_list("user_id", "name")
    return {int(user_id): name for user_id, name in rows if user_id is not None}


def logins_for(by: Actor) -> Any:
    """Logins that `by` looks after: all for a system administrator, else of staff, patients and families of one's sites."""
    if by.is_system or Role.SYSTEM_ADMIN in by.all_roles:
        return User.objects.all()
    sites = by.sites_with(Permission.ACCOUNTS_MANAGE)
    return User.objects.filter(
        Q(pk__in=Staff.objects.filter(site_id__in=sites).values("user"))
        | Q(pk__in=Patient.objects.filter(site_id__in=sites).values("user"))
        | Q(pk__in=FamilyMember.objects.filter(patient__site_id__in=sites).values("user"))
    )


def own_family_records(by: Actor) -> list[FamilyMember]:
    """Those whom a family member belongs to, with the patient and the site: one row for each patient."""
    mine = FamilyMember.objects.filter(pk__in=by.family_ids, removed_at__isnull=True)
    return list(mine.select_related("patient__site").order_by("pk"))
