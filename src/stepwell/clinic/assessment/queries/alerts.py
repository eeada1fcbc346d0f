"""Alerts: open ones by site, those of a patient, and whom to tell when nobody answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Window

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment import rules
from stepwell.clinic.assessment.models import Alert, AlertTold, Screening
from stepwell.clinic.assessment.queries.screenings import read_permission
from stepwell.clinic.people.models import Patient, Staff, StaffRole
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared


def open_alerts(by: Actor) -> Any:
    """Alerts nobody has acknowledged at the sites where `by` may, urgent and oldest first, with the patient."""
    return waiting(by).select_related("patient").order_by("-severity", "raised_at")


def open_alerts_about(by: Actor, patient_ids: Collection[int]) -> dict[int, list[Alert]]:
    """Patient id -> alerts nobody has acknowledged, urgent and oldest first. One statement, none for nobody."""
    found: dict[int, list[Alert]] = defaultdict(list)
    if patient_ids and by.may(Permission.ALERT_ACKNOWLEDGE):
        for row in waiting(by).filter(patient__in=patient_ids).order_by("-severity", "raised_at"):
            found[row.patient_id].append(row)
    return found


def ask_open_alerts(by: Actor, most: int) -> Callable[[], list[Any]]:
    """The first of `open_alerts`, each with `of_all`: how many there are. Sent ahead (`clinic.ahead`); one statement."""
    asked: Callable[[], list[Any]] = _FIRST_ALERTS.ahead(by, most)
    return asked


_FIRST_ALERTS = Prepared(lambda by, most: open_alerts(by).annotate(of_all=Window(Count("pk")))[:most])


def waiting(by: Actor) -> Any:
    """The same alerts, unordered, for the count in the rail."""
    return Alert.objects.filter(
        acknowledgement__isnull=True, patient__site_id__in=by.sites_with(Permission.ALERT_ACKNOWLEDGE)
    )


def alerts_of(by: Actor, patient: Patient) -> Any:
    """All alerts about a patient with what was done, newest first."""
    return (
        Alert.objects.filter(patient__in=patients_for(by, read_permission(by)), patient=patient)
        .select_related("acknowledgement__by")
        .order_by("-raised_at", "-pk")
    )


def alert(by: Actor, patient: Patient, number: int) -> Alert:
    """One alert. Raises `Alert.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.ALERT_ACKNOWLEDGE)
    return Alert.objects.select_related("patient").get(pk=number, patient=patient, patient__in=seen)


def told_about(alerts: Collection[Alert]) -> dict[int, list[AlertTold]]:
    """Alert id -> everybody it was passed on to, for rows that who asks has found. One statement."""
    found: dict[int, list[AlertTold]] = defaultdict(list)
    if alerts:
        for row in AlertTold.objects.filter(alert__in=alerts).select_related("staff").order_by("at", "pk"):
            found[row.alert_id].append(row)
    return found


def alerts_to_escalate(at: datetime) -> list[Alert]:
    """Open alerts old enough that somebody may have to be told, for the step's own action."""
    return list(
        Alert.objects.filter(acknowledgement__isnull=True, raised_at__lte=at - rules.soonest_step())
        .select_related("patient__site")
        .order_by("pk")
    )


def told_of(alerts: Sequence[Alert]) -> dict[int, set[int]]:
    """Alert id -> ids of the staff told already."""
    found: dict[int, set[int]] = defaultdict(set)
    for alert_id, staff_id in AlertTold.objects.filter(alert__in=alerts).values_list("alert_id", "staff_id"):
        found[alert_id].add(staff_id)
    return found


def whom_to_tell(site_ids: Collection[int], at: datetime) -> dict[tuple[int, str], list[int]]:
    """(Site, 'supervisors' or a role) -> ids of the staff who are told there. Two statements."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    held = (
        StaffRole.objects.filter(site__in=site_ids, starts_on__lte=at.date())
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=at.date()))
        .order_by("staff_id")
    )
    for role in held:
        found[role.site_id, role.role].append(role.staff_id)
    leads = (
        Staff.objects.filter(supervises__staff__site__in=site_ids, supervises__issued_on__lte=at.date())
        .filter(Q(supervises__expires_on__isnull=True) | Q(supervises__expires_on__gte=at.date()))
        .values_list("supervises__staff__site_id", "pk")
        .distinct()
        .order_by("pk")
    )
    for site_id, staff_id in leads:
        found[site_id, rules.SUPERVISORS].append(staff_id)
    return found


def raised_alert(screening: Screening) -> bool:
    """Whether a filling raised an alert, for who has just made it."""
    return Alert.objects.filter(subject=f"Screening {screening.pk}").exists()
