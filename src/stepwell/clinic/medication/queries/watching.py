"""Work that waits: side effects to ask about, refills, and questions nobody has asked yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.clinic.assessment.models import Diagnosis, SubstanceUse
from stepwell.clinic.inquiry.models import HandoffItem
from stepwell.clinic.medication import rules
from stepwell.clinic.medication.models import (
    Allergy,
    Medication,
    MedicationOrder,
    NaloxoneOffer,
    NoKnownAllergies,
    Reconciliation,
    ReconciliationLine,
    SideEffect,
    SideEffectFollowUp,
    Supply,
)
from stepwell.clinic.medication.queries.orders import as_rule
from stepwell.clinic.medication.queries.reading import read_with
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.placement.models import Episode, Placement
from stepwell.clinic.site_days import site_day


@dataclass(frozen=True)
class Refill:
    """An order taken at home that runs out. `days_left` from today on; negative when it has run out."""

    order: MedicationOrder
    out: rules.RunsOut
    days_left: int
    newest: Supply
    due: bool


@dataclass(frozen=True)
class ToAsk:
    """One patient and what nobody has asked yet."""

    patient: Any
    list_because: str
    allergies: bool
    naloxone: bool


def open_side_effects(by: Actor) -> list[SideEffect]:
    """Side effects nobody has closed at the sites of `by`, the severe ones first, then the oldest."""
    rows = SideEffect.objects.filter(
        patient__in=patients_for(by, Permission.MEDICATION_READ), closed_at__isnull=True
    ).select_related("patient", "order", "by")
    weight = {"severe": 0, "moderate": 1, "mild": 2}
    return sorted(rows, key=lambda s: (weight[s.severity], s.look_again_on, s.at, s.pk))


def side_effects_of(by: Actor, patient: Patient) -> list[SideEffect]:
    """Side effects of the patient, open ones first, newest first."""
    rows = (
        SideEffect.objects.filter(patient__in=patients_for(by, read_with(by)), patient=patient)
        .select_related("order", "by")
        .prefetch_related(
            Prefetch("follow_ups", SideEffectFollowUp.objects.select_related("by").order_by("at"))
        )
    )
    return sorted(rows.order_by("-at", "-pk"), key=lambda s: s.closed_at is not None)


def side_effect_for(by: Actor, patient: Patient, number: int) -> SideEffect:
    """One side effect. Raises `SideEffect.DoesNotExist` for another patient's."""
    seen = patients_for(by, Permission.MEDICATION_READ)
    return SideEffect.objects.select_related("patient__site", "order", "by").get(
        pk=number, patient=patient, patient__in=seen
    )


def side_effects_due(by: Actor, today: date) -> Any:
    """Side effects to be asked about by that day, unordered: for a count."""
    return SideEffect.objects.filter(
        patient__site_id__in=by.sites_with(Permission.MEDICATION_READ),
        closed_at__isnull=True,
        look_again_on__lte=today,
    )


def refills(by: Actor, *, at: datetime, patient: Patient | None = None) -> list[Refill]:
    """Orders taken at home with a supply on file, the one that runs out first at the top. Three queries."""
    rows = MedicationOrder.objects.filter(
        patient__in=patients_for(by, read_with(by)), given_here=False, stopped_at__isnull=True
    ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=(at - timedelta(days=1)).date()))
    if patient is not None:
        rows = rows.filter(patient=patient)
    rows = rows.filter(Exists(Supply.objects.filter(order=OuterRef("pk")))).select_related(
        "patient__site", "prescriber"
    )
    found = []
    for row in rows.prefetch_related("steps", Prefetch("supplies", Supply.objects.order_by("on", "pk"))):
        fills = list(row.supplies.all())
        known = [rules.Filled(s.on, s.pieces, s.strength, s.refills_left) for s in fills]
        out = rules.runs_out(as_rule(row, ZoneInfo(row.patient.site.zone)), known)
        if out is not None:
            today = site_day(row.patient.site, at)
            left = (out.last_day - today).days
            found.append(Refill(row, out, left, fills[-1], out.ask_on <= today))
    return sorted(found, key=lambda r: (r.out.last_day, r.order.pk))


def offers_of(by: Actor, patient: Patient) -> list[NaloxoneOffer]:
    """Each time naloxone was offered, newest first."""
    rows = NaloxoneOffer.objects.filter(patient__in=patients_for(by, read_with(by)), patient=patient)
    return list(rows.select_related("by").order_by("-at", "-pk"))


def to_ask(by: Actor, *, at: datetime, patient: Patient | None = None) -> list[ToAsk]:
    """People in treatment, or just gone, with a question nobody has asked: the list, allergies, naloxone. One query.

    The list is due once a move (admission, step, discharge) or a hand-off came after it was last gone through.
    """
    of_person = {"patient": OuterRef("pk")}
    move = Placement.objects.filter(episode__patient=OuterRef("pk")).order_by("-at")
    gone_through = Reconciliation.objects.filter(**of_person).order_by("-at")
    rows: Any = patients_for(by, Permission.MEDICATION_READ)
    if patient is not None:
        rows = rows.filter(pk=patient.pk)
    rows = (
        rows.select_related("site")
        .annotate(
            in_treatment=Exists(Episode.objects.filter(closed_at__isnull=True, **of_person)),
            moved_at=Subquery(move.values("at")[:1]),
            move_kind=Subquery(move.values("kind")[:1]),
            gone_through_at=Subquery(gone_through.values("at")[:1]),
            handed=Exists(_unlooked()),
            known=Exists(Allergy.objects.filter(ended_at__isnull=True, **of_person)),
            none_known=Exists(NoKnownAllergies.objects.filter(**of_person)),
            uses=_uses(),
            ask_naloxone_on=Subquery(
                NaloxoneOffer.objects.filter(**of_person).order_by("-at").values("ask_again_on")[:1]
            ),
        )
        .filter(Q(in_treatment=True) | Q(moved_at__gte=at - timedelta(days=14)))
        .order_by("family_name", "given_name", "pk")
    )
    found = [_asked(row, at) for row in rows]
    return [one for one in found if one.list_because or one.allergies or one.naloxone]


def _asked(row: Any, at: datetime) -> ToAsk:
    because = ""
    if row.moved_at and (row.gone_through_at is None or row.moved_at > row.gone_through_at):
        because = {"admit": "admitted", "discharge": "discharged"}.get(row.move_kind, "level of care changed")
    elif row.handed:
        because = "facts from the hand-off"
    again = row.ask_naloxone_on
    naloxone = row.in_treatment and row.uses and (again is None or again <= site_day(row.site, at))
    return ToAsk(row, because, row.in_treatment and not (row.known or row.none_known), bool(naloxone))


def _unlooked() -> Any:
    looked_at = ReconciliationLine.objects.filter(handoff_item=OuterRef("pk"))
    return HandoffItem.objects.filter(
        ~Exists(looked_at),
        handoff__inquiry__patient=OuterRef("pk"),
        decision="accepted",
        kind__in=["medication", "allergy"],
    )


def _uses() -> Any:
    """Opioid or stimulant use: by a diagnosis, by a medicine for it, or as told in the interview."""
    asked = rules.whom_to_ask()
    coded = reduce(or_, (Q(code__startswith=code) for code in asked.diagnoses))
    told = SubstanceUse.objects.filter(interview__patient=OuterRef("pk"), substance__in=asked.substances)
    drugs = [d.key for d in rules.drugs() if d.offer_naloxone]
    patient = {"patient": OuterRef("pk")}
    return (
        Exists(Diagnosis.objects.filter(coded, ended_at__isnull=True, **patient))
        | Exists(MedicationOrder.objects.filter(drug__in=drugs, stopped_at__isnull=True, **patient))
        | Exists(Medication.objects.filter(name__icontains="buprenorphine", ended_on__isnull=True, **patient))
        | Exists(told)
    )
