"""Between the sessions: doses, drug tests, check-ins, questionnaires every four weeks, homework."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from stepwell.cli.demo.questionnaires import ask_monthly
from stepwell.cli.demo.world import Clinic, Life, dice, texts
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.assessment import queries as assessments
from stepwell.clinic.drug_tests import actions as drug_tests
from stepwell.clinic.drug_tests import rules as test_rules
from stepwell.clinic.medication import actions as medication
from stepwell.clinic.medication import queries as medications
from stepwell.clinic.medication import rules as medication_rules
from stepwell.clinic.recovery import actions as recovery

_PANELS = {"F10": "alcohol", "F11": "opioid"}
_DAILY = {"Ana Reyes", "Jada Brooks"}


def begin_week(clinic: Clinic, monday: date, at: datetime) -> None:
    """Notes in the diary what this week brings to everybody in treatment."""
    week = monday.toordinal() // 7
    now = [life for life in clinic.lives if life.in_treatment]
    draw_tests(clinic, [life for life in now if (life.number + week) % 3 == 0], monday, at)
    for life in now:
        _check_ins(clinic, life, monday)
        weeks = life.facts["admitted_weeks_ago"] - clinic.diary.weeks_ago(monday)
        if weeks and weeks % 4 == 0:
            evening = clinic.diary.moment(monday + timedelta(days=1), "19:10", life.number % 40)
            clinic.diary.note(
                evening, lambda then, life=life, weeks=weeks: _monthly(clinic, life, weeks, then)
            )
        for drug, order in life.orders.items():
            if order.given_here and order.frequency == "daily":
                for day in range(5):
                    noon = clinic.diary.moment(monday + timedelta(days=day), "12:35", life.number % 20)
                    clinic.diary.note(noon, lambda then, life=life, drug=drug: give(clinic, life, drug, then))


def give(clinic: Clinic, life: Life, drug: str, at: datetime) -> None:
    """A dose at the nurse's window; now and then it is held or refused."""
    order = life.orders.get(drug)
    if order is None or not life.in_treatment:
        return
    luck = dice("dose", life.number, at).random()
    sites = [code for code, _ in medication_rules.injection_sites(order.route)]
    outcome = "given" if luck < 0.95 else "refused" if luck < 0.98 else "held"
    medication.record_dose(
        by=clinic.actors["nurse"],
        at=at,
        order=order,
        outcome=outcome,
        once_key=f"demo-dose-{life.number}-{drug}-{clinic.diary.day_of(at)}",
        amount=order.dose if outcome == "given" else None,
        observed=True,
        lot=f"LOT-{at:%m%d}" if sites else "",
        injection_site=sites[at.month % len(sites)] if sites else "",
        note={
            "given": "",
            "refused": "Did not want it today; will come tomorrow.",
            "held": "Sleepy; prescriber called.",
        }[outcome],
    )


def injections(clinic: Clinic, life: Life, drug: str) -> None:
    """Every four weeks from the order on; the one that falls due about today waits for the nurse."""
    first = clinic.diary.day_of(life.orders[drug].at)
    for number in range(6):
        day = first + timedelta(days=28 * number)
        if day < clinic.diary.today - timedelta(days=1):
            clinic.diary.note(clinic.diary.moment(day, "17:30"), lambda then: give(clinic, life, drug, then))


def draw_tests(clinic: Clinic, people: list[Life], monday: date, at: datetime) -> None:
    """One random day this week for each, collected and read on that day, seen by somebody some hours later."""
    days = [monday + timedelta(days=n) for n in range(5)]
    for panel in ("standard", "alcohol", "opioid"):
        chosen = [life for life in people if _PANELS.get(life.substance, "standard") == panel]
        if not chosen:
            continue
        nurse, seed = clinic.actors["nurse"], dice("tests", monday, panel).randbytes(32)
        drug_tests.seal_seed(by=nurse, at=at - timedelta(hours=9), site=clinic.site, seed=seed)
        draw = drug_tests.order_random_tests(
            by=nurse, at=at, site=clinic.site, patients=[life.patient for life in chosen], panel=panel, days=days, tests=1,
        )  # fmt: skip
        lives = {life.patient.pk: life for life in chosen}
        for order in draw.orders.order_by("pk"):
            life = lives[order.patient_id]
            order.patient = life.patient
            when = clinic.diary.moment(
                order.due_on, "12:20" if "E" not in "".join(life.enrolled) else "17:15", life.number
            )
            clinic.diary.note(when, lambda then, life=life, order=order: take_test(clinic, life, order, then))


def take_test(
    clinic: Clinic, life: Life, order: Any, at: datetime, *, positive: tuple[str, ...] = ()
) -> None:
    """Specimen, result, and the look at it."""
    nurse, throw = clinic.actors["nurse"], dice("test", life.number, order.due_on)
    if not life.in_treatment:
        return
    refused = not positive and throw.random() < 0.02
    drug_tests.collect(
        by=nurse, at=at, order=order, refused=refused, specimen=f"SAMPLE-{order.due_on:%m%d}-{life.number:02}",
        temperature_f=Decimal(throw.randrange(920, 985)) / 10,
    )  # fmt: skip
    if refused:
        return
    expected = medications.prescribed_classes(nurse, life.patient, order.due_on) if life.orders else ()
    found = {*positive, *expected}
    result = drug_tests.record_result(
        by=nurse,
        at=at + timedelta(minutes=12),
        order=order,
        results={
            one.code: "positive" if one.code in found else "negative"
            for one in test_rules.panel(order.panel).classes
        },
        prescribed=expected,
        measured={
            "creatinine": Decimal(throw.randrange(60, 180)),
            "gravity": Decimal("1.015"),
            "ph": Decimal("6.2"),
        },
    )
    if positive:
        return
    seen = throw.choice(texts("tests_seen"))
    clinic.diary.note(
        at + timedelta(hours=20),
        lambda then: drug_tests.review_result(by=nurse, at=then, result=result, note=seen),
    )


def tell(clinic: Clinic, life: Life, at: datetime, **said: Any) -> None:
    """A check-in in the patient's own app."""
    assert life.actor is not None  # noqa: S101 - everybody who checks in is registered
    recovery.check_in(
        by=life.actor, at=at, patient=life.patient, once_key=f"demo-{life.number}-{at:%Y%m%d%H%M}", **said
    )


def acknowledge(clinic: Clinic, life: Life, who: str, at: datetime) -> None:
    """Somebody looks at every alert about this person and writes what was done."""
    by = clinic.actors[who]
    for alert in assessments.open_alerts(by).filter(patient_id=life.patient.pk):
        done = dice("alert", life.number, at).choice(texts("alerts_done"))
        assessment.acknowledge_alert(by=by, at=at, alert=alert, done=done)


def homework(clinic: Clinic, life: Life, at: datetime, *, answered: bool, reviewed: bool) -> None:
    """Given by the counselor; handed in two days later; read by the counselor on the third."""
    who, throw = (
        clinic.actors[clinic.counselor_of(life)],
        dice("homework", life.number, clinic.diary.day_of(at)),
    )
    title, instructions = throw.choice(texts("homework"))
    row = recovery.give_homework(
        by=who, at=at, patient=life.patient, title=title, instructions=instructions,
        due_on=clinic.diary.day_of(at) + timedelta(days=4),
    )  # fmt: skip
    if answered and life.actor is not None:
        recovery.answer_homework(
            by=life.actor, at=at + timedelta(days=2), homework=row, text=throw.choice(texts("answers"))
        )
        if reviewed:
            recovery.review_homework(
                by=who, at=at + timedelta(days=3), homework=row, text=throw.choice(texts("answered"))
            )


def _monthly(clinic: Clinic, life: Life, weeks: int, at: datetime) -> None:
    if life.in_treatment:
        ask_monthly(clinic, life, at, share=min(1.0, weeks / 12))


def _check_ins(clinic: Clinic, life: Life, monday: date) -> None:
    """Some write once a week, two of them nearly daily in the last weeks."""
    lately = life.name in _DAILY and clinic.diary.weeks_ago(monday) <= 2
    if life.number % 2 and not lately:
        return
    for day in (0, 1, 2, 4, 6) if lately else (life.number % 5,):
        at = clinic.diary.moment(monday + timedelta(days=day), "20:15", life.number % 30)
        clinic.diary.note(at, lambda then: _usual(clinic, life, then))


def _usual(clinic: Clinic, life: Life, at: datetime) -> None:
    if not life.in_treatment:
        return
    throw = dice("check-in", life.number, clinic.diary.day_of(at))
    weeks = (at - life.episode.admitted_at).days // 7
    craving = max(0, min(6, 6 - weeks // 2 + throw.randrange(-2, 2)))
    tell(
        clinic,
        life,
        at,
        mood=min(10, max(2, 4 + weeks // 2 + throw.randrange(-1, 3))),
        craving=craving,
        sleep_hours=Decimal(throw.choice(["5.5", "6", "6.5", "7", "7.5", "8"])),
        used=False,
        note=throw.choice(texts("check_ins", "hard" if craving > 4 else "good")),
    )
