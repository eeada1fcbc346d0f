"""What waits now, so that every list has work in it: alerts, a severe side effect, homework, an odd test result."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.cli.demo import medicating
from stepwell.cli.demo.caring import homework, injections, take_test, tell
from stepwell.cli.demo.questionnaires import phq
from stepwell.cli.demo.world import Clinic, Life, texts
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.drug_tests import actions as drug_tests
from stepwell.clinic.medication import actions as medication
from stepwell.clinic.recovery import actions as recovery
from stepwell.clinic.recovery.rules import RecoveryPlanKind

_HANDED_IN = ("Malik Johnson", "Tessa Lindgren", "Rosa Cruz")
_READ = ("Hana Sato", "Sam Okoro", "Carla Mendes", "Priya Raman", "Vera Kowalska")
_OPEN = ("Dev Patel", "Gus Nyberg", "Noor Haddadin", "Wes Harlan", "Zoe Albright", "Nico Bellini")
_WITH_PLAN = ("Ana Reyes", "Hana Sato", "Priya Raman", "Tessa Lindgren", "Malik Johnson")


def foresee(clinic: Clinic) -> None:
    """Notes in the diary what happens in the last days, counted back from now."""
    now, diary = clinic.diary.now, clinic.diary
    life = clinic.life

    zoe, nico, umar = life("Zoe Albright"), life("Nico Bellini"), life("Umar Farouk")
    diary.note(now - timedelta(hours=3), lambda at: assessment.record_screening(
        by=zoe.actor, at=at, patient=zoe.patient, instrument="phq-9", answers=phq(19, 2, item_9=1)))  # fmt: skip
    diary.note(
        now - timedelta(hours=26),
        lambda at: tell(
            clinic, nico, at, mood=4, craving=7, used=False, note="Long day, craving after work."
        ),
    )
    diary.note(now - timedelta(hours=9), lambda at: tell(
        clinic, nico, at, mood=3, craving=8, sleep_hours=Decimal("4.5"), used=False, note="Could not sleep, it came back."))  # fmt: skip
    diary.note(now - timedelta(hours=22), lambda at: _odd_test(clinic, umar, at))
    diary.note(now - timedelta(hours=5), lambda at: _severe(clinic, at))
    for name in _HANDED_IN:
        diary.note(now - timedelta(days=3, hours=2), lambda at, name=name: homework(
            clinic, life(name), at - timedelta(days=2), answered=True, reviewed=False))  # fmt: skip
    for place, name in enumerate(_READ):
        diary.note(now - timedelta(days=9 + place), lambda at, name=name: homework(
            clinic, life(name), at - timedelta(days=4), answered=True, reviewed=True))  # fmt: skip
    for name in _OPEN:
        diary.note(now - timedelta(days=2), lambda at, name=name: homework(
            clinic, life(name), at, answered=False, reviewed=False))  # fmt: skip
    for place, name in enumerate(_WITH_PLAN):
        diary.note(now - timedelta(days=10 + place), lambda at, name=name: recovery.save_recovery_plan(
            by=life(name).actor, at=at, patient=life(name).patient, kind=RecoveryPlanKind.RELAPSE_PREVENTION,
            sections=texts("relapse_plan")))  # fmt: skip
    diary.note(now - timedelta(days=4), lambda at: _ana(clinic, life("Ana Reyes")))
    medicating.foresee(clinic)


def waits_for_a_dose(clinic: Clinic, person: Life) -> None:
    """Doses given here at intervals, from the order on."""
    for drug, order in person.orders.items():
        if order.given_here and order.frequency == "every_4_weeks":
            injections(clinic, person, drug)


def _odd_test(clinic: Clinic, person: Life, at: object) -> None:
    when = clinic.diary.now - timedelta(hours=22)
    order = drug_tests.order_test(
        by=clinic.actors["counselor"],
        at=when,
        patient=person.patient,
        panel="standard",
        due_on=clinic.diary.day_of(when),
    )
    order.patient = person.patient
    take_test(clinic, person, order, when + timedelta(minutes=6), positive=("cocaine",))
    waiting = clinic.life("Ivan Petrov")
    drug_tests.order_test(
        by=clinic.actors["counselor"],
        at=when,
        patient=waiting.patient,
        panel="standard",
        due_on=clinic.diary.today,
    )


def _daily(life: Life) -> list[Any]:
    """What somebody takes, without the spray that lies in the drawer."""
    return [order for drug, order in life.orders.items() if not drug.startswith("naloxone")]


def _severe(clinic: Clinic, at: object) -> None:
    """A rash, told by the patient in the app; and a milder thing that waits for the next visit."""
    when = clinic.diary.now - timedelta(hours=5)
    takes = [one for one in clinic.lives if one.in_treatment and _daily(one)]
    first, second = takes[0], takes[-1]
    for person, effect, severity, note in (
        (first, "rash", "severe", "Red and itching on both arms since last night."),
        (second, "headache", "mild", "In the evening."),
    ):
        order = _daily(person)[0]
        medication.report_side_effect(
            by=person.actor,
            at=when,
            patient=person.patient,
            effect=effect,
            severity=severity,
            note=note,
            order=order,
        )


def _ana(clinic: Clinic, ana: Life) -> None:
    """The patient and the family member of the demo's logins have something to do."""
    at = clinic.diary.now - timedelta(days=4)
    counselor, mother = clinic.actors[clinic.counselor_of(ana)], ana.family["Maria Reyes"]
    homework(clinic, ana, at - timedelta(days=5), answered=True, reviewed=True)
    title, instructions = texts("homework")[1]
    recovery.give_homework(
        by=counselor, at=at, patient=ana.patient, title=title, instructions=instructions,
        due_on=clinic.diary.today + timedelta(days=1),
    )  # fmt: skip
    kin = Actor(
        user_id=mother.user_id,
        name=mother.name,
        family_ids=(mother.pk,),
        address="127.0.0.1",
        purpose="own record",
    )
    for place, (title, instructions) in enumerate(texts("family_homework")):
        due: date = clinic.diary.today + timedelta(days=2 if place else -1)
        row = recovery.give_homework(
            by=counselor, at=at - timedelta(days=0 if place else 4), patient=ana.patient, title=title,
            instructions=instructions, due_on=due, family_member=mother,
        )  # fmt: skip
        if not place:
            recovery.answer_homework(
                by=kin, at=at - timedelta(days=1), homework=row, text=texts("answers")[2]
            )
