"""Reading medication, starting from who asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.medication import rules
from stepwell.clinic.medication.models import Allergy, Dose, Medication, MedicationOrder, SideEffect
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for

# Longer than the widest gap between two doses of any order, so that the last one given is always in sight.
_DOSES_LOOKED_AT = timedelta(days=120)


@dataclass(frozen=True)
class OrderToday:
    """One order as the round sees it: the row, where it stands today, and today's doses."""

    row: MedicationOrder
    due: rules.DoseDue
    today: tuple[Dose, ...]

    @property
    def to_do(self) -> bool:
        """A dose is due or overdue."""
        return self.due.state in (rules.DueState.DUE, rules.DueState.OVERDUE)

    @property
    def rhythm(self) -> str:
        """How often, in words."""
        return rules.frequency(self.row.frequency).label

    @property
    def late_days(self) -> int:
        """Days since the dose fell due; 0 when it is due today."""
        return -1 if self.due.on is None else max(0, (self._day - self.due.on).days)

    @property
    def _day(self) -> date:
        return self.row.asked_on  # type: ignore[attr-defined,no-any-return] # set by `_today`


def the_round(by: Actor, *, at: datetime) -> list[OrderToday]:
    """Orders in force whose doses are given here, at the sites of `by`: overdue and due ones first.

    Two queries whatever the number of orders.
    """
    orders = _with_doses(
        MedicationOrder.objects.filter(
            patient__in=patients_for(by, Permission.MEDICATION_READ), given_here=True, stopped_at__isnull=True
        ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=(at - timedelta(days=1)).date())),
        at,
    )
    found = [one for one in _today(orders, at) if one.due.state is not rules.DueState.NOT_IN_FORCE]
    return sorted(found, key=lambda o: (not o.to_do, -o.late_days, o.row.patient.family_name, o.row.pk))


def orders_of(by: Actor, patient: Patient, *, at: datetime) -> list[OrderToday]:
    """Every order of the patient with its standing, newest first. Two queries."""
    rows = MedicationOrder.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient).order_by(
        "-at", "-pk"
    )
    return _today(_with_doses(rows, at), at)


def order_for(by: Actor, patient: Patient, number: int) -> MedicationOrder:
    """One order. Raises `MedicationOrder.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.MEDICATION_READ)
    found: MedicationOrder = MedicationOrder.objects.select_related("patient__site", "prescriber").get(
        pk=number, patient=patient, patient__in=seen
    )
    return found


def doses_of(by: Actor, patient: Patient, *, limit: int = 60) -> list[Dose]:
    """The doses recorded, newest first."""
    rows = Dose.objects.filter(
        order__patient__in=patients_for(by, Permission.MEDICATION_READ), order__patient=patient
    ).select_related("order", "by")
    return list(rows.order_by("-at", "-pk")[:limit])


def not_taken(by: Actor, *, since: datetime) -> list[Dose]:
    """Doses refused or held since an instant at the sites of `by`, newest first: for the prescriber to look at."""
    rows = Dose.objects.filter(
        order__patient__in=patients_for(by, Permission.MEDICATION_READ), at__gte=since
    ).exclude(outcome=Dose.Outcome.GIVEN)
    return list(rows.select_related("order__patient", "by").order_by("-at", "-pk"))


def open_side_effects(by: Actor) -> list[SideEffect]:
    """Side effects nobody has closed at the sites of `by`, the severe ones first, then the oldest."""
    rows = SideEffect.objects.filter(
        patient__in=patients_for(by, Permission.MEDICATION_READ), closed_at__isnull=True
    ).select_related("patient", "order", "by")
    weight = {"severe": 0, "moderate": 1, "mild": 2}
    return sorted(rows, key=lambda s: (weight[s.severity], s.at, s.pk))


def side_effects_of(by: Actor, patient: Patient) -> list[SideEffect]:
    """Side effects of the patient, open ones first, newest first."""
    rows = SideEffect.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient).select_related(
        "order", "by"
    )
    return sorted(rows.order_by("-at", "-pk"), key=lambda s: s.closed_at is not None)


def side_effect_for(by: Actor, patient: Patient, number: int) -> SideEffect:
    """One side effect. Raises `SideEffect.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.MEDICATION_READ)
    return SideEffect.objects.select_related("patient").get(pk=number, patient=patient, patient__in=seen)


def medications_of(by: Actor, patient: Patient) -> list[Medication]:
    """What the person takes from elsewhere: told or handed off. Those that still hold first."""
    rows = Medication.objects.filter(patient__in=patients_for(by, _read(by)), patient=patient).select_related(
        "recorded_by"
    )
    return sorted(rows.order_by("name", "pk"), key=lambda m: m.ended_on is not None)


def medication_for(by: Actor, patient: Patient, number: int) -> Medication:
    """One entry of the list. Raises `Medication.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.MEDICATION_READ)
    return Medication.objects.select_related("patient").get(pk=number, patient=patient, patient__in=seen)


def allergies_of(by: Actor, patient: Patient) -> list[Allergy]:
    """Allergies that stand."""
    rows = Allergy.objects.filter(
        patient__in=patients_for(by, _read(by)), patient=patient, ended_at__isnull=True
    )
    return list(rows.order_by("substance", "pk"))


def allergy_for(by: Actor, patient: Patient, number: int) -> Allergy:
    """One allergy that stands. Raises `Allergy.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.MEDICATION_READ)
    return Allergy.objects.select_related("patient").get(
        pk=number, patient=patient, patient__in=seen, ended_at__isnull=True
    )


def prescribed_classes(by: Actor, patient: Patient, on: date) -> frozenset[str]:
    """Test classes that orders in force on a day explain: what drug tests read a positive against."""
    rows = MedicationOrder.objects.filter(patient__in=patients_for(by, _explain(by)), patient=patient)
    zone = ZoneInfo(patient.site.zone)
    return rules.prescribed_classes([as_rule(row, zone) for row in rows], on)


def names_taken(by: Actor, patient: Patient, on: date) -> tuple[str, ...]:
    """Names of everything taken on a day, from here and from elsewhere, to name what may mislead a screen."""
    seen = patients_for(by, _explain(by))
    ended = Q(ended_on__isnull=True) | Q(ended_on__gte=on)
    told = Medication.objects.filter(ended, patient__in=seen, patient=patient).values_list("name", flat=True)
    here = MedicationOrder.objects.filter(patient__in=seen, patient=patient, stopped_at__isnull=True)
    return (*told, *here.values_list("name", flat=True))


def in_force(patient: Patient, on: date) -> list[rules.Order]:
    """Orders not yet over on a day, as the rules read them; for the step's own actions, which have asked leave."""
    zone = ZoneInfo(patient.site.zone)
    rows = [as_rule(row, zone) for row in MedicationOrder.objects.filter(patient=patient)]
    return [
        one
        for one in rows
        if (one.ends_on is None or one.ends_on >= on) and (one.stopped_on is None or one.stopped_on > on)
    ]


def check_new_order(
    patient: Patient, order: rules.Order, *, on: date, without: MedicationOrder | None = None
) -> rules.OrderCheck:
    """What the rules say of an order before it is signed. `without`: the order it will replace.

    Raises `Refused` as the rules do. Whoever calls has found the patient for who asks.
    """
    others = in_force(patient, on)
    if without is not None:
        replaced = as_rule(without, ZoneInfo(patient.site.zone))
        others = [one for one in others if one != replaced]
    known = Allergy.objects.filter(patient=patient, ended_at__isnull=True)
    return rules.check_order(
        order,
        site_is_otp=patient.site.is_otp,
        others=others,
        allergies=list(known.values_list("substance", flat=True)),
    )


def as_rule(row: MedicationOrder, zone: ZoneInfo) -> rules.Order:
    """The row as `rules.Order`; days are the site's."""
    return rules.Order(
        drug=row.drug,
        dose=row.dose,
        unit=row.unit,
        route=row.route,
        frequency=row.frequency,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        stopped_on=row.stopped_at.astimezone(zone).date() if row.stopped_at else None,
    )


def doses_as_rule(rows: Iterable[Dose], zone: ZoneInfo) -> list[rules.Dose]:
    """Recorded doses as the rules read them."""
    return [
        rules.Dose(
            on=row.at.astimezone(zone).date(),
            outcome=rules.DoseOutcome(row.outcome),
            amount=row.amount,
            note=row.note,
        )
        for row in rows
    ]


def _with_doses(orders: Any, at: datetime) -> Any:
    recent = Dose.objects.filter(at__gte=at - _DOSES_LOOKED_AT).select_related("by").order_by("at", "pk")
    return orders.select_related("patient__site", "prescriber", "stopped_by").prefetch_related(
        Prefetch("doses", queryset=recent, to_attr="recent_doses")
    )


def _today(orders: Iterable[Any], at: datetime) -> list[OrderToday]:
    found = []
    for row in orders:
        zone = ZoneInfo(row.patient.site.zone)
        row.asked_on = at.astimezone(zone).date()
        due = rules.next_dose_due(as_rule(row, zone), doses_as_rule(row.recent_doses, zone), row.asked_on)
        today = tuple(d for d in row.recent_doses if d.at.astimezone(zone).date() == row.asked_on)
        found.append(OrderToday(row, due, today))
    return found


def _read(by: Actor) -> Permission:
    """Patients read their own medication; staff need the permission."""
    return Permission.MEDICATION_READ if by.is_staff else Permission.OWN_RECORD


def _explain(by: Actor) -> Permission:
    """Whoever enters a result must learn which positives are expected, though not the orders themselves."""
    return Permission.DRUG_TEST_READ if by.is_staff else Permission.OWN_RECORD
