"""Medicines in the demo: what is known before one is begun, lists gone through, supplies, naloxone, withdrawal."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from stepwell.cli.demo.world import Clinic, Life
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.assessment import rules as assessment_rules
from stepwell.clinic.medication import actions, queries, rules
from stepwell.clinic.medication.actions import Decided, PassedOver

_KNOWN: dict[str, tuple[str, str, int]] = {
    "pdmp": ("expected", "", 1),
    "liver": ("", "1.1", 48),
    "creatinine_clearance": ("", "95", 48),
    "pregnancy": ("not_possible", "", 1),
    "last_opioid": ("none", "", 1),
    "last_alcohol": ("drink", "", 120),
    "opioid_free_proof": ("negative_test", "", 2),
}
"""Kind of fact -> value, number, hours ago."""
_SUPPLIED_DAYS_AGO = (24, 12, 3, 29, 18)
_NOT_GONE_THROUGH = 4
"""So many of the newest people wait for somebody to go through their list."""


def know_before(clinic: Clinic, life: Life, drug: str, at: datetime) -> dict[str, PassedOver]:
    """The facts that the checks of a drug ask for, and why its first dose needs no new induction."""
    nurse = clinic.actors["nurse"]
    for kind in rules.facts_asked_for(drug):
        value, number, hours = _KNOWN[kind]
        actions.record_fact(
            by=nurse, at=at, patient=life.patient, kind=kind, value=value,
            number=Decimal(number) if number else None, true_at=at - timedelta(hours=hours),
        )  # fmt: skip
    asked = queries.check_start(life.patient, drug, at=at)
    return {one.code: PassedOver("goes_on") for one in asked if one.phase is rules.Phase.START}


def foresee(clinic: Clinic) -> None:
    """Notes in the diary the work on medicines of the last weeks, counted back from now."""
    now, diary = clinic.diary.now, clinic.diary
    for place, days in enumerate(_SUPPLIED_DAYS_AGO):
        diary.note(now - timedelta(days=days), lambda at, place=place: _filled(clinic, place, at))
    diary.note(now - timedelta(hours=30), lambda at: _go_through(clinic, at))
    for hours, score in ((44, 11), (27, 8), (6, 6)):
        diary.note(now - timedelta(hours=hours), lambda at, score=score: _rated(clinic, score, at))


def _in_treatment(clinic: Clinic) -> list[Life]:
    return [life for life in clinic.lives if life.in_treatment]


def _filled(clinic: Clinic, place: int, at: datetime) -> None:
    """A month of an order taken at home, as the pharmacy filled it."""
    homes = [
        order
        for life in _in_treatment(clinic)
        for order in life.orders.values()
        if not order.given_here and rules.frequency(order.frequency).every_days == 1
    ]
    if place >= len(homes):
        return
    order = homes[place]
    strength = Decimal(8) if order.drug == "buprenorphine" else order.dose
    a_day = order.dose * rules.frequency(order.frequency).doses_a_day / strength
    actions.record_supply(
        by=clinic.actors["nurse"], at=at, order=order, on=clinic.diary.day_of(at), pieces=30 * a_day,
        strength=strength, refills_left=(2, 0, 1, 3, 0)[place], pharmacy="Corner Pharmacy",
        once_key=f"demo-supply-{place}",
    )  # fmt: skip


def _go_through(clinic: Clinic, at: datetime) -> None:
    """The lists of all but the newest are gone through, allergies and naloxone asked."""
    nurse, people = clinic.actors["nurse"], _in_treatment(clinic)
    waits = {one.patient.pk: one for one in queries.to_ask(nurse, at=at)}
    asked = sorted(people, key=lambda life: life.episode.admitted_at)[
        : max(0, len(people) - _NOT_GONE_THROUGH)
    ]
    for place, life in enumerate(asked):
        one = waits.get(life.patient.pk)
        if one is None:
            continue
        if one.allergies:
            actions.say_no_known_allergies(by=nurse, at=at, patient=life.patient)
        if one.naloxone and place % 5:
            _offer(clinic, life, place, at)
        if one.list_because:
            lines = queries.lines_to_reconcile(nurse, life.patient, at=at)
            actions.reconcile(
                by=nurse, at=at, patient=life.patient, occasion="visit",
                decided=[Decided(line.key, "continue") for line in lines],
                once_key=f"demo-list-{life.number}", nothing_taken=not lines,
            )  # fmt: skip


def _offer(clinic: Clinic, life: Life, place: int, at: datetime) -> None:
    declined = place % 7 == 3
    actions.offer_naloxone(
        by=clinic.actors["nurse"], at=at, patient=life.patient, outcome="declined" if declined else "given",
        once_key=f"demo-naloxone-{life.number}", kits=1, lot="NX-2207",
        expires_on=clinic.diary.today + timedelta(days=500), trained=True,
        because="later" if declined else "",
    )  # fmt: skip


def _rated(clinic: Clinic, score: int, at: datetime) -> None:
    """The newest person with alcohol as primary is watched for withdrawal; the first reading was called about."""
    drinkers = [life for life in _in_treatment(clinic) if life.substance == "F10"]
    if not drinkers:
        return
    life = max(drinkers, key=lambda one: (one.episode.admitted_at, one.number))
    left, answers = score, {}
    for item in assessment_rules.load_instrument("ciwa-ar").items:
        answers[item.link_id] = max(o.value for o in item.options if o.value <= min(left, 3))
        left -= answers[item.link_id]
    row = actions.record_reading(
        by=clinic.actors["nurse"], at=at, patient=life.patient, instrument="ciwa-ar", answers=answers,
        vitals={
            "pulse": Decimal(76 + 2 * score), "systolic": Decimal(122 + 2 * score),
            "diastolic": Decimal(78 + score), "temperature": Decimal("98.6"), "respiration": Decimal(16),
            "oxygen": Decimal(98),
        },
        once_key=f"demo-reading-{score}",
    )  # fmt: skip
    if row.alert is not None:
        assessment.acknowledge_alert(
            by=clinic.actors["counselor"], at=at, alert=row.alert,
            done="Prescriber called; comes back tomorrow morning with her sister, medicine given to take home.",
        )  # fmt: skip
