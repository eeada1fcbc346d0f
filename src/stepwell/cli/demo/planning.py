"""The treatment plan: written in the first week, signed by both, reviewed every thirty days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from stepwell.cli.demo.seating import path_of
from stepwell.cli.demo.world import Clinic, Life, dice, texts
from stepwell.clinic.plan import actions as plan
from stepwell.clinic.plan import queries as plans

LEFT_UNSIGNED_BY_PATIENT = {"Keisha Daniels", "Fiona Gallagher"}
LEFT_IN_DRAFT = {"Liam Sweeney"}
REVIEW_LEFT_DUE = {"Ben Thornton", "Kai Nakoa", "Ivan Petrov"}
FIRST_REVIEW = timedelta(days=28)
_FAMILY, _INDIVIDUAL = 45, 50


def first_plan(clinic: Clinic, life: Life, at: datetime) -> None:
    """Drafted and signed by the counselor; the patient signs some hours later."""
    by = clinic.actors[clinic.counselor_of(life)]
    draft = plan.begin_plan(by=by, at=at, episode=life.episode)
    throw = dice("plan", life.number)
    plan.save_plan(
        by=by,
        at=at,
        plan=draft,
        problems=_problems(clinic, life, at),
        strengths=throw.choice(texts("plans", "strengths")),
    )
    if life.name in LEFT_IN_DRAFT:
        return
    sign(clinic, life, draft, at + timedelta(minutes=20))
    if life.name not in LEFT_UNSIGNED_BY_PATIENT:
        clinic.diary.note(at + timedelta(hours=3), lambda then: sign_as_patient(life, draft, then))
    clinic.diary.note(at + FIRST_REVIEW, lambda then: _review(clinic, life, then, 1))


def sign(clinic: Clinic, life: Life, draft: Any, at: datetime) -> None:
    """The counselor's signature brings it into force; its objectives are what notes are written about."""
    by = clinic.actors[clinic.counselor_of(life)]
    plan.sign_plan(by=by, at=at, plan=draft)
    life.plan = draft
    life.objectives = plans.objectives_in_force(by, [life.patient.pk]).get(life.patient.pk, [])


def sign_as_patient(life: Life, signed: Any, at: datetime) -> None:
    """The patient signs in the app."""
    if life.actor is not None and life.in_treatment:
        plan.sign_for_patient(by=life.actor, at=at, plan=signed)


def _review(clinic: Clinic, life: Life, at: datetime, number: int) -> None:
    late = life.name in REVIEW_LEFT_DUE and at > clinic.diary.now - timedelta(days=20)
    if not life.in_treatment or life.plan is None or late:
        return
    throw = dice("review", life.number, number)
    met = [life.objectives[0].pk] if number > 1 and len(life.objectives) > 1 else []
    plan.review_plan(
        by=clinic.actors[clinic.counselor_of(life)],
        at=at,
        plan=life.plan,
        outcome="continue",
        summary=throw.choice(texts("reviews")),
        met=met,
    )
    if met:
        life.objectives = life.objectives[1:]
    clinic.diary.note(at + timedelta(days=29), lambda then: _review(clinic, life, then, number + 1))


def _problems(clinic: Clinic, life: Life, at: datetime) -> list[dict[str, Any]]:
    """One problem for the substance and one for what goes with it, with goals, objectives and doses."""
    words, throw = texts("plans"), dice("problems", life.number)
    day = clinic.diary.day_of(at)
    statement, measure = words["problems"].get(life.substance, words["problems"]["F10"])
    use, target = words["no_use"]
    skill, skill_target = words["skills"]
    skills, process = _minutes(life)
    main = {
        "statement": statement,
        "diagnosis": life.diagnoses[0],
        "goals": [
            {
                "words": throw.choice(words["goals"]),
                "objectives": [
                    _objective(use.format(what=measure), target, day + timedelta(days=45), "bam", "process", process,
                               "group facilitators", "Process group"),
                    _objective(skill, skill_target, day + timedelta(days=60), "", "skills", skills,
                               "group facilitators", "Relapse prevention and craving skills"),
                    *([_objective(words["family"][0], words["family"][1], day + timedelta(days=75), "", "family", _FAMILY,
                                  "family therapist", "Family sessions and the education evening")]
                      if life.family else []),
                ],
            }
        ],
    }  # fmt: skip
    if not life.facts["second"]:
        return [main]
    second, instrument, measure, target = words["problems"][life.facts["second"][0][:3]]
    beside = {
        "statement": second,
        "diagnosis": life.diagnoses[1],
        "goals": [
            {
                "words": throw.choice(words["second_goals"]),
                "objectives": [
                    _objective(measure, target, day + timedelta(days=60), instrument, "individual", _INDIVIDUAL,
                               "primary counselor", "Individual sessions"),
                ],
            }
        ],
    }  # fmt: skip
    return [main, beside]


def _minutes(life: Life) -> tuple[int, int]:
    """Skills and process groups a week: with family and individual sessions they add up to what is ordered."""
    ordered = path_of(life.path)["minutes"]
    beside = (_FAMILY if life.family else 0) + (_INDIVIDUAL if life.facts["second"] else 0)
    process = 90 if ordered >= 540 else 45
    return ordered - beside - process, process


def _objective(
    measure: str, target: str, due_on: Any, instrument: str, kind: str, minutes: int, who: str, text: str
) -> dict[str, Any]:
    return {
        "measure": measure,
        "target": target,
        "due_on": due_on,
        "instrument": instrument,
        "interventions": [{"kind": kind, "minutes_per_week": minutes, "who": who, "text": text}],
    }
