"""What is known before a medicine is begun, as the rules read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.assessment.models import Alert, Screening
from stepwell.clinic.medication import rules
from stepwell.clinic.medication.models import Medication, MedicationOrder, SafetyFact, WithdrawalReading
from stepwell.clinic.medication.queries.orders import days_given
from stepwell.clinic.medication.queries.reading import read_with
from stepwell.clinic.people.models import Patient
from stepwell.clinic.people.queries import patients_for
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.site_days import site_day


def facts_of(by: Actor, patient: Patient) -> list[SafetyFact]:
    """The newest fact of each kind, in the order of the kinds. One query."""
    seen = patients_for(by, read_with(by))
    return _newest_facts(SafetyFact.objects.filter(patient__in=seen, patient=patient).select_related("by"))


def check_start(patient: Patient, drug: str, *, at: datetime) -> tuple[rules.Finding, ...]:
    """Everything asked before this drug is begun, with what was found; for actions and pages that have asked leave.

    No query for a drug without checks, else three.
    """
    if not rules.check_start(drug, rules.Circumstances(at)):
        return ()
    return rules.check_start(drug, circumstances(patient, drug, at=at))


def checks_before_dose(order: MedicationOrder, *, at: datetime) -> tuple[rules.Finding, ...]:
    """What is asked before a first dose and was not settled as the order was signed; empty for a later dose."""
    asked = [
        f for f in rules.check_start(order.drug, rules.Circumstances(at)) if f.phase is rules.Phase.START
    ]
    if not asked or not rules.is_start(days_given(order), site_day(order.patient.site, at)):
        return ()
    settled = set(order.checks.values_list("code", flat=True))
    found = check_start(order.patient, order.drug, at=at)
    return tuple(f for f in found if f.phase is rules.Phase.START and f.code not in settled)


def circumstances(patient: Patient, drug: str, *, at: datetime) -> rules.Circumstances:
    """What is known about a patient at an instant. Four queries."""
    facts = _newest_facts(SafetyFact.objects.filter(patient=patient, true_at__lte=at))
    scored = Screening.objects.filter(
        patient=patient,
        instrument__in=list(rules.scales()),
        complete=True,
        total__isnull=False,
        entered_in_error_at__isnull=True,
        corrected_by__isnull=True,
        taken_at__lte=at,
    )
    scores = {s.instrument: (int(s.total or 0), s.taken_at) for s in scored.order_by("taken_at", "pk")}
    orders = MedicationOrder.objects.filter(patient=patient).values_list("drug", "stopped_at")
    told = Medication.objects.filter(patient=patient, ended_on__isnull=True).values_list("name", flat=True)
    names = " ".join(told).casefold()
    taken = {key for key, stopped in orders if stopped is None}
    taken |= {d.key for d in rules.drugs() if d.key in names}
    return rules.Circumstances(
        at=at,
        facts=tuple(rules.Fact(f.kind, f.true_at, f.value, f.number) for f in facts),
        scores=scores,
        site_is_otp=patient.site.is_otp,
        taken=frozenset(taken),
        begun_before=any(key == drug for key, _ in orders),
    )


def hold_in_force(patient: Patient) -> str:
    """The sentence of a withdrawal alert that says hold or send out and that nobody has acknowledged; or nothing."""
    return next((sentence for (sentence,) in _HOLDS.rows(patient_id=patient.pk)), "")


_HOLDS = Prepared(
    lambda *, patient_id: (
        Alert.objects.filter(
            patient_id=patient_id,
            kind__in=["withdrawal_hold", "withdrawal_send_out"],
            acknowledgement__isnull=True,
            pk__in=WithdrawalReading.objects.filter(watch__patient_id=patient_id).values("alert"),
        )
        .order_by("-raised_at")
        .values_list("sentence")[:1]
    )
)


def _newest_facts(rows: Any) -> list[SafetyFact]:
    newest: dict[str, SafetyFact] = {}
    for row in rows.order_by("true_at", "pk"):
        newest[row.kind] = row
    return [newest[kind.code] for kind in rules.fact_kinds() if kind.code in newest]
