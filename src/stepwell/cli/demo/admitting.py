"""Interview, diagnoses, ratings, recommendation, admission, and what is ordered on that day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from stepwell.cli.demo.medicating import know_before
from stepwell.cli.demo.questionnaires import ask_at_intake
from stepwell.cli.demo.seating import enroll, path_of
from stepwell.cli.demo.world import Clinic, Life, dice, pick, texts
from stepwell.clinic.assessment import actions as assessment
from stepwell.clinic.assessment import rules as assessment_rules
from stepwell.clinic.medication import actions as medication
from stepwell.clinic.medication import queries as medication_queries
from stepwell.clinic.medication import rules as medication_rules
from stepwell.clinic.placement import actions as placement
from stepwell.clinic.plan import actions as plan

_RATINGS = {
    "2.5": (1, 1, 2, 3, 3, 2),
    "2.1": (1, 1, 2, 1, 2, 1),
    "1": (0, 0, 1, 0, 1, 0),
}
_FOR_USE = {
    "F10": "alcohol", "F11": "fentanyl", "F12": "cannabis", "F13": "sedatives", "F14": "cocaine", "F15": "methamphetamine",
}  # fmt: skip
_ROUTES = {"alcohol": "oral", "sedatives": "oral", "cocaine": "snorted", "other": "oral"}


def assess(clinic: Clinic, life: Life, at: datetime) -> None:
    """The set of questionnaires, the interview and the diagnoses."""
    ask_at_intake(clinic, life, at)
    by = clinic.actors[clinic.counselor_of(life)]
    throw = dice("interview", life.number)
    sections = {key: throw.choice(said) for key, said in texts("interview").items()}
    used = _FOR_USE.get(life.substance, "other")
    assessment.save_interview(
        by=by,
        at=at + timedelta(minutes=50),
        patient=life.patient,
        sections=sections,
        substances=[
            assessment_rules.Use(
                used,
                named="something bought at a gas station" if used == "other" else "",
                route=_ROUTES.get(used, "smoked"),
                amount=throw.choice(
                    ["a little less each week", "about the same for a year", "more than before"]
                ),
                frequency=throw.choice(["often", "daily", "many"]),
                last_used_on=clinic.diary.day_of(at) - timedelta(days=throw.randrange(5, 20)),
                first_age=throw.randrange(13, 18),
            ),
        ],
        gates={question.key: False for question in assessment_rules.safety_questions()},
    )
    held = assessment.draft_interview_summary(by=by, at=at + timedelta(minutes=52), patient=life.patient)
    assessment.sign_interview(
        by=by, at=at + timedelta(minutes=53), patient=life.patient, revision=held.revision
    )
    for (code, said), primary in ((life.facts["primary"], True), (life.facts["second"] or ("", ""), False)):
        if code:
            life.diagnoses.append(
                assessment.record_diagnosis(
                    by=by,
                    at=at + timedelta(minutes=55),
                    patient=life.patient,
                    code=code,
                    text=said,
                    primary=primary,
                )
            )


def rate(clinic: Clinic, life: Life, level: str, at: datetime) -> Any:
    """The six ratings that come to this level, each with its reason; the recommendation made of them."""
    return placement.rate_and_recommend(
        by=clinic.actors[clinic.counselor_of(life)], at=at, patient=life.patient, ratings=rating(level)
    )


def rating(level: str) -> dict[int, tuple[int, str]]:
    """Dimension -> rating and reason."""
    words = texts("reasons")
    return {n: (value, words[str(n)][value]) for n, value in enumerate(_RATINGS[level], start=1)}


def admit(clinic: Clinic, life: Life, path: str, first_day: date, at: datetime) -> None:
    """Recommendation and admission; team, orders and groups follow on the same day."""
    level = path_of(path)["level"]
    because = texts("steps")[{"2.5": "admit-php", "1": "admit-op"}.get(level, "admit")]
    counselor = clinic.counselor_of(life)
    found = rate(clinic, life, level, at)
    life.episode = placement.admit(
        by=clinic.actors[counselor],
        at=at + timedelta(minutes=5),
        patient=life.patient,
        recommendation=found,
        level=level,
        because=because,
        referral_source=("self", "hospital", "court", "family", "employer")[life.number % 5],
        planned_weeks=12,
    ).episode
    order_dose(clinic, life, path, first_day, at + timedelta(minutes=10))
    team = [(counselor, "Primary counselor"), ("casemanager", "Case manager")]
    if "orders" in life.facts:
        team.append(("prescriber", "Prescriber"))
    for key, part in team:
        plan.add_to_care_team(
            by=clinic.actors[counselor], at=at + timedelta(minutes=12), episode=life.episode,
            staff=clinic.staff[key], role=part,
        )  # fmt: skip
    _medicines(clinic, life, at + timedelta(minutes=20))
    enroll(clinic, life, path, first_day, at + timedelta(minutes=30))


def order_dose(clinic: Clinic, life: Life, path: str, first_day: date, at: datetime) -> None:
    """The weekly minutes of a path, by kind of treatment."""
    facts = path_of(path)
    kinds: dict[str, int] = {}
    for wish in facts["groups"]:
        key = wish if isinstance(wish, str) else wish[0]
        kind = clinic.groups[key].kind
        kinds[kind] = kinds.get(kind, 0) + (300 if key == "php" else 90)
    fitting: dict[str, int] = {}
    for kind, minutes in kinds.items():
        if sum(fitting.values()) + minutes <= facts["minutes"]:
            fitting[kind] = minutes
    plan.order_treatment(
        by=clinic.actors[clinic.counselor_of(life)],
        at=at,
        episode=life.episode,
        minutes_per_week=facts["minutes"],
        days_least=facts["days"][0],
        days_most=facts["days"][1],
        doses=fitting,
        starts_on=first_day,
    )


def _medicines(clinic: Clinic, life: Life, at: datetime) -> None:
    """What the person takes already, allergies, and the prescriber's orders with their warnings looked at."""
    nurse = clinic.actors["nurse"]
    for substance, reaction in life.facts.get("allergies", ()):
        medication.record_allergy(
            by=nurse, at=at, patient=life.patient, substance=substance, reaction=reaction
        )
    for name, dose in life.facts.get("reported", ()):
        medication.record_medication(by=nurse, at=at, patient=life.patient, name=name, dose=dose)
    for number, order in enumerate(life.facts.get("orders", ())):
        order_medicine(clinic, life, order, at + timedelta(minutes=5 + number))


def order_medicine(clinic: Clinic, life: Life, order: list[Any], at: datetime) -> Any:
    """One order; `order` is drug, dose, unit, route, frequency, and whether doses are given here."""
    drug, dose, unit, route, frequency, here = order
    day = clinic.diary.day_of(at)
    asked = medication_rules.Order(drug, Decimal(dose), unit, route, frequency, day)
    check = medication_queries.check_new_order(life.patient, asked, on=day)
    passed_over = know_before(clinic, life, drug, at)
    life.orders[drug] = medication.order_medication(
        by=clinic.actors["prescriber"],
        at=at,
        patient=life.patient,
        drug=drug,
        dose=Decimal(dose),
        unit=unit,
        route=route,
        frequency=frequency,
        starts_on=day,
        given_here=here,
        instructions="One spray into a nostril; then call 911."
        if drug.startswith("naloxone")
        else pick(["With food.", "In the morning.", "As told at the visit."], drug, life.number),
        seen_warnings=check.warnings,
        passed_over=passed_over,
    )
    return life.orders[drug]
