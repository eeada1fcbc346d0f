"""Up, down and out: steps to another level, discharge with summary and calls afterwards, and Jada's story."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from stepwell.accounts.actor import stepwell_itself
from stepwell.cli.demo.admitting import order_dose, rate
from stepwell.cli.demo.caring import acknowledge, take_test, tell
from stepwell.cli.demo.planning import sign
from stepwell.cli.demo.seating import enroll, leave, leave_at_once
from stepwell.cli.demo.world import Clinic, Life, dice, texts
from stepwell.clinic.aftercare import actions as aftercare
from stepwell.clinic.aftercare import queries as aftercares
from stepwell.clinic.drug_tests import actions as drug_tests
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.plan import actions as plan
from stepwell.clinic.recovery import actions as recovery
from stepwell.clinic.recovery.rules import RecoveryPlanKind
from stepwell.clinic.saying import day_words

SUMMARY_LEFT_IN_DRAFT = {"Victor Osei"}
SUMMARY_LEFT_MISSING = {"Xander Poole"}


def step_down(clinic: Clinic, life: Life, monday: date, at: datetime) -> None:
    """On a Friday: rated again, one level lower from Monday on."""
    found = rate(clinic, life, "1", at)
    placement.step_down(
        by=clinic.actors[clinic.counselor_of(life)], at=at + timedelta(minutes=10), episode=life.episode, to="1",
        because=texts("steps", "step_down"), recommendation=found,
    )  # fmt: skip
    _other_week(clinic, life, "op", monday, at + timedelta(minutes=15))


def step_up_story(clinic: Clinic, life: Life) -> None:
    """Cravings, two tests with fentanyl, rated again, nearly daily care from the middle of last week."""
    diary = clinic.diary
    before, last = diary.monday(2), diary.monday(1)

    def on(monday: date, day: int, clock: str) -> datetime:
        return diary.moment(monday + timedelta(days=day), clock)

    diary.note(on(before, 2, "12:50"), lambda at: _found(clinic, life, ("fentanyl",), at))
    diary.note(on(before, 3, "09:40"), lambda at: acknowledge(clinic, life, "nurse", at))
    diary.note(
        on(before, 3, "21:30"),
        lambda at: tell(clinic, life, at, mood=3, craving=8, used=False, note="My old dealer texted me."),
    )
    diary.note(on(before, 4, "18:10"), lambda at: tell(
        clinic, life, at, mood=2, craving=9, used=True, used_what="half a pill", note="I used after work. I am ashamed."))  # fmt: skip
    diary.note(on(before, 4, "19:05"), lambda at: acknowledge(clinic, life, clinic.counselor_of(life), at))
    diary.note(on(before, 5, "10:30"), lambda at: recovery.save_recovery_plan(
        by=life.actor, at=at, patient=life.patient, kind=RecoveryPlanKind.SAFETY, sections=texts("safety_plan")))  # fmt: skip
    diary.note(on(last, 0, "12:45"), lambda at: _found(clinic, life, ("fentanyl", "opiates"), at))
    diary.note(on(last, 0, "15:10"), lambda at: acknowledge(clinic, life, clinic.counselor_of(life), at))
    diary.note(on(last, 1, "16:20"), lambda at: _step_up(clinic, life, at))
    diary.note(on(last, 3, "12:40"), lambda at: _new_plan(clinic, life, at))


def _found(clinic: Clinic, life: Life, classes: tuple[str, ...], at: datetime) -> None:
    order = drug_tests.order_test(
        by=clinic.actors["nurse"], at=at, patient=life.patient, panel="opioid", due_on=clinic.diary.day_of(at)
    )
    order.patient = life.patient
    take_test(clinic, life, order, at + timedelta(minutes=4), positive=classes)


def _step_up(clinic: Clinic, life: Life, at: datetime) -> None:
    found = rate(clinic, life, "2.5", at)
    placement.step_up(
        by=clinic.actors[clinic.counselor_of(life)], at=at + timedelta(minutes=12), episode=life.episode, to="2.5",
        because=texts("steps", "step_up"), recommendation=found,
    )  # fmt: skip
    _other_week(clinic, life, "php", clinic.diary.day_of(at) + timedelta(days=1), at + timedelta(minutes=20))


def _new_plan(clinic: Clinic, life: Life, at: datetime) -> None:
    """A second version, signed by the counselor; the patient has not signed it yet."""
    draft = plan.begin_plan(by=clinic.actors[clinic.counselor_of(life)], at=at, episode=life.episode)
    sign(clinic, life, draft, at + timedelta(minutes=15))


def _other_week(clinic: Clinic, life: Life, path: str, first_day: date, at: datetime) -> None:
    leave(clinic, life, first_day - timedelta(days=1), "The level of care has changed.", at)
    order_dose(clinic, life, path, first_day, at)
    enroll(clinic, life, path, first_day, at)


def discharge(clinic: Clinic, life: Life, at: datetime) -> None:
    """The last day: seats given back, discharged, where to go on; the summary is signed three days later."""
    who, reason = clinic.actors[clinic.counselor_of(life)], life.facts["ended"]
    leave_at_once(clinic, life, "Discharged.", at)
    for drug, order in list(life.orders.items()):
        if order.given_here:
            del life.orders[drug]
    placement.discharge(
        by=who, at=at + timedelta(minutes=5), episode=life.episode, reason=reason,
        because=texts("steps", "discharge", reason),
        receiving=texts("steps", "receiving") if reason == "transferred" else "",
    )  # fmt: skip
    life.left = True
    throw = dice("onward", life.number)
    provider = throw.choice(texts("next_care"))
    day = clinic.diary.day_of(at) + timedelta(days=throw.randrange(2, 11))
    words = {key: _filled(life, text, provider, day) for key, text in texts("discharge").items()}
    words["reason"] = texts("steps", "discharge", reason)
    words["diagnoses"] = "; ".join(f"{row.code} {row.text}" for row in life.diagnoses)
    aftercare.save_continuing_care(
        by=who, at=at + timedelta(minutes=20), episode=life.episode,
        sections=texts("continuing"),
        next_level="1", next_provider=provider, next_appointment_on=day,
    )  # fmt: skip
    if life.name not in SUMMARY_LEFT_MISSING:
        clinic.diary.note(at + timedelta(days=3), lambda then: _summary(clinic, life, who, words, then))


def _summary(clinic: Clinic, life: Life, who: Any, words: dict[str, str], at: datetime) -> None:
    draft = aftercare.write_summary(by=who, at=at, episode=life.episode, sections=words)
    if life.name not in SUMMARY_LEFT_IN_DRAFT:
        aftercare.sign_summary(by=who, at=at + timedelta(minutes=10), summary=draft)


def plan_calls(clinic: Clinic, at: datetime) -> None:
    """The nightly timer makes the rows of calls; the peer specialist makes those that are due, but for the last."""
    aftercare.plan_follow_ups(by=stepwell_itself(), at=at)
    peer, today = clinic.actors["peer"], clinic.diary.day_of(at)
    lately = clinic.diary.monday(0) - timedelta(days=4)
    for call in aftercares.due_calls(peer, at=at, on=today):
        if call.row.due_on >= lately:
            continue
        throw = dice("call", call.row.episode.patient.code)
        reached = throw.random() < 0.7
        aftercare.log_attempt(
            by=peer,
            at=at + timedelta(hours=11),
            follow_up=call.row,
            outcome="reached" if reached else "not_reached",
            answers={"used": throw.choice(["no", "no", "some"]), "overdose": "no", "safe": "no", "care": "yes",
                     "housing": "yes", "work": throw.choice(["yes", "not_seeking"]), "back": "no"} if reached else {},
            note=throw.choice(texts("follow_up")) if reached else "Left no message, as asked.",
        )  # fmt: skip


def _filled(life: Life, text: str, provider: str, day: date) -> str:
    first, last = life.facts["phq"]
    weeks = life.facts["admitted_weeks_ago"] - life.facts["discharged_weeks_ago"]
    met = "met" if life.facts["ended"] == "completed" else "met in part"
    return text.format(weeks=weeks, met=met, first=first, last=last, next=provider, day=f"{day_words(day)}")
