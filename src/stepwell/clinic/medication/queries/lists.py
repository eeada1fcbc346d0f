"""Reading the list of medicines and allergies, and the lines that a reconciliation goes through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.inquiry.models import HandoffItem
from stepwell.clinic.inquiry.queries import accepted_items
from stepwell.clinic.medication import rules
from stepwell.clinic.medication.models import (
    Allergy,
    Medication,
    MedicationOrder,
    NoKnownAllergies,
    Reconciliation,
    ReconciliationLine,
)
from stepwell.clinic.medication.queries.reading import read_with
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.site_days import site_day


@dataclass(frozen=True)
class Line:
    """One line to decide on: an entry of the list, an order in force, or a fact of a hand-off."""

    key: str
    kind: rules.LineKind
    name: str
    dose: str
    source: str
    medication: Medication | None = None
    order: MedicationOrder | None = None
    item: HandoffItem | None = None


@dataclass(frozen=True)
class Allergies:
    """The allergies that stand. Without one: who asked last and heard of none, or nobody has asked."""

    standing: tuple[Allergy, ...]
    none_known: NoKnownAllergies | None

    @property
    def unasked(self) -> bool:
        """Nobody has asked yet."""
        return not self.standing and self.none_known is None


def medications_of(by: Actor, patient: Patient) -> list[Medication]:
    """What the person takes from elsewhere: told or handed off. Those that still hold first."""
    rows = Medication.objects.filter(
        patient__in=patients_for(by, read_with(by)), patient=patient
    ).select_related("recorded_by")
    return sorted(rows.order_by("name", "pk"), key=lambda m: m.ended_on is not None)


def medication_for(by: Actor, patient: Patient, number: int) -> Medication:
    """One entry of the list. Raises `Medication.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.MEDICATION_READ)
    return Medication.objects.select_related("patient").get(pk=number, patient=patient, patient__in=seen)


def allergies_of(by: Actor, patient: Patient) -> list[Allergy]:
    """Allergies that stand."""
    rows = Allergy.objects.filter(
        patient__in=patients_for(by, read_with(by)), patient=patient, ended_at__isnull=True
    )
    return list(rows.order_by("substance", "pk"))


def allergy_for(by: Actor, patient: Patient, number: int) -> Allergy:
    """One allergy that stands. Raises `Allergy.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.MEDICATION_READ)
    return Allergy.objects.select_related("patient").get(
        pk=number, patient=patient, patient__in=seen, ended_at__isnull=True
    )


def allergies_known(by: Actor, patient: Patient) -> Allergies:
    """The allergies that stand, or that somebody asked and there are none. Two queries at most."""
    standing = tuple(allergies_of(by, patient))
    if standing:
        return Allergies(standing, None)
    said = NoKnownAllergies.objects.filter(patient__in=patients_for(by, read_with(by)), patient=patient)
    newest = said.select_related("by").order_by("-at", "-pk").first()
    # An allergy written down and taken off again after that answer is a reason to ask anew.
    since = Allergy.objects.filter(patient=patient, recorded_at__gt=newest.at) if newest else None
    return Allergies((), None if since is not None and since.exists() else newest)


def reconciliations_of(by: Actor, patient: Patient) -> list[Reconciliation]:
    """Each time the list was gone through, newest first, with its lines. Two queries."""
    rows = Reconciliation.objects.filter(patient__in=patients_for(by, read_with(by)), patient=patient)
    return list(rows.select_related("by").prefetch_related("lines").order_by("-at", "-pk"))


def unreconciled_items(patient: Any, *kinds: str) -> Any:
    """Facts accepted from hand-offs that no reconciliation has looked at yet. The caller has asked leave."""
    looked_at = ReconciliationLine.objects.filter(handoff_item=OuterRef("pk"))
    return accepted_items(patient, *kinds).filter(~Exists(looked_at))


def lines_to_reconcile(by: Actor, patient: Patient, *, at: datetime) -> list[Line]:
    """What stands today, line by line: facts of the hand-off first, then the list, then orders. Three queries."""
    found = []
    for item in unreconciled_items(patient, "medication", "allergy"):
        allergy = item.kind == "allergy"
        kind = rules.LineKind.ALLERGY if allergy else rules.LineKind.HANDED
        words = _reactions(item) if allergy else _doses(item)
        source = f"hand-off, {item.handoff.source}" if item.handoff.source else "hand-off"
        found.append(Line(f"h{item.pk}", kind, item.display[:160], words[:120], source, item=item))
    for row in _STANDING.rows(by, patient_id=patient.pk):
        found.append(
            Line(f"m{row.pk}", rules.LineKind.LISTED, row.name, row.dose, row.source, medication=row)
        )
    for order in _ORDERED.rows(by, patient_id=patient.pk, today=site_day(patient.site, at)):
        words = f"{order.dose_words}, {rules.frequency(order.frequency).label}"
        source = f"ordered by {order.prescriber.short_name}"
        found.append(Line(f"o{order.pk}", rules.LineKind.ORDERED, order.name, words, source, order=order))
    return found


_STANDING = Prepared(
    lambda by, *, patient_id: Medication.objects.filter(
        patient__in=patients_for(by, Permission.MEDICATION_READ),
        patient_id=patient_id,
        ended_on__isnull=True,
    ).order_by("name", "pk")
)
_ORDERED = Prepared(
    lambda by, *, patient_id, today: (
        MedicationOrder.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
            patient__in=patients_for(by, Permission.MEDICATION_READ),
            patient_id=patient_id,
            stopped_at__isnull=True,
        )
        .select_related("prescriber")
        .order_by("name", "pk")
    )
)


def _doses(item: HandoffItem) -> str:
    return "; ".join(str(d) for d in item.detail.get("dose", ()) if isinstance(d, str))


def _reactions(item: HandoffItem) -> str:
    signs = [s for r in item.detail.get("reactions", ()) for s in r.get("signs", ())]
    return ", ".join(dict.fromkeys(str(s) for s in signs))
