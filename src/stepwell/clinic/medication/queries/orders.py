"""Reading orders: the round, a patient's orders and doses, what is taken on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.medication import rules
from stepwell.clinic.medication.models import (
    Allergy,
    Dose,
    Medication,
    MedicationOrder,
    TakeHome,
    TitrationStep,
)
from stepwell.clinic.medication.queries.lists import unreconciled_items
from stepwell.clinic.medication.queries.reading import explain_with, read_with
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
    day: date
    dose: Decimal
    last: Dose | None
    home: TakeHome | None

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
        return -1 if self.due.on is None else max(0, (self.day - self.due.on).days)

    @property
    def dose_words(self) -> str:
        """'8 mg': one dose of today, by the step of the titration."""
        return f"{self.dose.normalize():f} {self.row.unit}"

    @property
    def injected(self) -> bool:
        """Given by a needle: the site and the lot are asked for."""
        return bool(rules.injection_sites(self.row.route))

    @property
    def begins(self) -> bool:
        """No dose was given yet and checks stand before the first one."""
        return self.last is None and bool(rules.facts_asked_for(self.row.drug))

    @property
    def last_site(self) -> str:
        """Where the last injection was given, in words."""
        return (
            dict(rules.injection_sites(self.row.route)).get(self.last.injection_site, "") if self.last else ""
        )


def the_round(by: Actor, *, at: datetime) -> list[OrderToday]:
    """Orders in force whose doses are given here, at the sites of `by`: overdue and due ones first.

    Four queries whatever the number of orders.
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
    """Every order of the patient with its standing, newest first. Five queries."""
    rows = MedicationOrder.objects.filter(
        patient__in=patients_for(by, read_with(by)), patient=patient
    ).order_by("-at", "-pk")
    return _today(_with_doses(rows, at).prefetch_related("checks"), at)


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


def prescribed_classes(by: Actor, patient: Patient, on: date) -> frozenset[str]:
    """Test classes that orders in force on a day explain: what drug tests read a positive against."""
    rows = MedicationOrder.objects.filter(patient__in=patients_for(by, explain_with(by)), patient=patient)
    zone = ZoneInfo(patient.site.zone)
    return rules.prescribed_classes([as_rule(row, zone, titrated=False) for row in rows], on)


def names_taken(by: Actor, patient: Patient, on: date) -> tuple[str, ...]:
    """Names of everything taken on a day, from here and from elsewhere, to name what may mislead a screen."""
    seen = patients_for(by, explain_with(by))
    ended = Q(ended_on__isnull=True) | Q(ended_on__gte=on)
    told = Medication.objects.filter(ended, patient__in=seen, patient=patient).values_list("name", flat=True)
    here = MedicationOrder.objects.filter(patient__in=seen, patient=patient, stopped_at__isnull=True)
    return (*told, *here.values_list("name", flat=True))


def prescribed_names(by: Actor, patient: Patient, on: date) -> tuple[str, ...]:
    """Names of what is prescribed on a day, here or by somebody whose record was handed over."""
    return _prescribed_names(
        patient if patients_for(by, explain_with(by)).filter(pk=patient.pk).exists() else None, on
    )


def _prescribed_names(patient: Patient | None, on: date) -> tuple[str, ...]:
    if patient is None:
        return ()
    zone = ZoneInfo(patient.site.zone)
    here = MedicationOrder.objects.filter(patient=patient)
    ours = [
        name for row in here if as_rule(row, zone, titrated=False).active(on) for name in (row.drug, row.name)
    ]
    return (*ours, *_listed(patient, on).filter(source="handoff").values_list("name", flat=True))


def _listed(patient: Patient, on: date) -> Any:
    """The medication list of a day."""
    begun = Q(starts_on__isnull=True) | Q(starts_on__lte=on)
    return Medication.objects.filter(begun, Q(ended_on__isnull=True) | Q(ended_on__gte=on), patient=patient)


def explains(patient: Patient, on: date) -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """Classes and names of what is prescribed on a day, and names of all that is taken; for what comes by itself.

    Nobody asks here: the surfaces that people use ask `prescribed_classes`, `prescribed_names` and `names_taken`.
    """
    orders = in_force(patient, on)
    taken = _listed(patient, on).values_list("name", flat=True)
    return (
        rules.prescribed_classes(orders, on),
        _prescribed_names(patient, on),
        (*taken, *(one.drug for one in orders)),
    )


def in_force(patient: Patient, on: date) -> list[rules.Order]:
    """Orders not yet over on a day, as the rules read them; for the step's own actions, which have asked leave."""
    zone = ZoneInfo(patient.site.zone)
    rows = [as_rule(row, zone, titrated=False) for row in MedicationOrder.objects.filter(patient=patient)]
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
    told = unreconciled_items(patient, "allergy")  # nobody has gone through them yet: one more reason to warn
    return rules.check_order(
        order,
        site_is_otp=patient.site.is_otp,
        others=others,
        allergies=[*known.values_list("substance", flat=True), *told.values_list("display", flat=True)],
    )


def as_rule(row: MedicationOrder, zone: ZoneInfo, *, titrated: bool = True) -> rules.Order:
    """The row as `rules.Order`; days are the site's. Without `titrated` its steps are not read."""
    return rules.Order(
        drug=row.drug,
        dose=row.dose,
        unit=row.unit,
        route=row.route,
        frequency=row.frequency,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        stopped_on=row.stopped_at.astimezone(zone).date() if row.stopped_at else None,
        steps=tuple(rules.Step(s.from_day, s.dose) for s in row.steps.all()) if titrated else (),
    )


def doses_as_rule(rows: Iterable[Dose]) -> list[rules.Dose]:
    """Recorded doses as the rules read them."""
    return [
        rules.Dose(
            on=row.on,
            outcome=rules.DoseOutcome(row.outcome),
            amount=row.amount,
            note=row.note,
        )
        for row in rows
    ]


def order_today(order: MedicationOrder, *, at: datetime) -> OrderToday:
    """One order that was found for the person asking, as the round sees it. Four queries."""
    return _today(_with_doses(MedicationOrder.objects.filter(pk=order.pk), at), at)[0]


def days_given(order: MedicationOrder) -> list[date]:
    """The days on which this drug was given to the patient, by this order or an earlier one. One query."""
    rows = Dose.objects.filter(
        order__patient_id=order.patient_id, order__drug=order.drug, outcome=Dose.Outcome.GIVEN
    )
    return list(rows.values_list("on", flat=True))


def _with_doses(orders: Any, at: datetime) -> Any:
    recent = Dose.objects.filter(at__gte=at - _DOSES_LOOKED_AT).select_related("by").order_by("at", "pk")
    home = TakeHome.objects.filter(at__gte=at - _DOSES_LOOKED_AT).order_by("during")
    return orders.select_related("patient__site", "prescriber", "stopped_by").prefetch_related(
        Prefetch("doses", queryset=recent, to_attr="recent_doses"),
        Prefetch("steps", queryset=TitrationStep.objects.order_by("from_day")),
        Prefetch("take_homes", queryset=home, to_attr="recent_home"),
    )


def _today(orders: Iterable[Any], at: datetime) -> list[OrderToday]:
    found = []
    for row in orders:
        zone = ZoneInfo(row.patient.site.zone)
        day, asked = at.astimezone(zone).date(), as_rule(row, zone)
        away = [(h.first_day, h.last_day) for h in row.recent_home]
        due = rules.next_dose_due(asked, doses_as_rule(row.recent_doses), day, away)
        given = [d for d in row.recent_doses if d.outcome == Dose.Outcome.GIVEN]
        found.append(
            OrderToday(
                row=row,
                due=due,
                today=tuple(d for d in row.recent_doses if d.on == day),
                day=day,
                dose=asked.dose_on(day),
                last=given[-1] if given else None,
                home=next((h for h in row.recent_home if h.last_day >= day), None),
            )
        )
    return found
