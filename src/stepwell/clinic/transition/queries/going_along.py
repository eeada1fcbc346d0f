"""What goes along with a person, read across the steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.clinic.assessment import queries as assessment
from stepwell.clinic.authorization import queries as authorization
from stepwell.clinic.consent import queries as consent
from stepwell.clinic.drug_tests import queries as drug_tests
from stepwell.clinic.drug_tests import rules as drug_tests_rules
from stepwell.clinic.hours.queries.days import days_of
from stepwell.clinic.medication import queries as medication
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement import queries as placement
from stepwell.clinic.placement.rules import scale_of
from stepwell.clinic.plan.queries import met_ids, plan_in_force
from stepwell.clinic.recovery import queries as recovery
from stepwell.clinic.recovery import rules as recovery_rules
from stepwell.clinic.saying import date_words
from stepwell.clinic.transition import rules

Rows = list[dict[str, Any]]
_TESTS, _DIAGNOSES = 5, 20


def parts_of(
    by: Actor,
    patient: Patient,
    given: tuple[str, ...],
    *,
    at: datetime,
    consent_ids: frozenset[Any] | None = None,
    language: str = "en",
) -> dict[str, Rows]:
    """The rows of the parts that go along, each read only when it does. `consent_ids`: None inside the program."""
    today = at.astimezone(ZoneInfo(patient.site.zone)).date()
    readers: dict[str, Callable[[], Rows]] = {
        "reason": lambda: _reason(by, patient, language),
        "rating": lambda: _ratings(by, patient),
        "diagnosis": lambda: _diagnoses(by, patient),
        "medication": lambda: _medication(by, patient, at, today),
        "allergy": lambda: _allergies(by, patient),
        "alert": lambda: _alerts(by, patient),
        "risk": lambda: _safety_plan(by, patient),
        "test": lambda: _tests(by, patient, today),
        "goal": lambda: _goals(by, patient),
        "authorization": lambda: _authorizations(by, patient, at, today),
        "consent": lambda: _consents(by, patient, at, consent_ids),
    }
    return {code: readers[code]() for code in given if code in readers}


def _day(moment: datetime, patient: Patient) -> str:
    return date_words(moment.astimezone(ZoneInfo(patient.site.zone)).date())


def _reason(by: Actor, patient: Patient, language: str) -> Rows:
    move = placement.placements_of(by, patient).filter(episode__closed_at__isnull=True).last()
    if move is None:
        return []
    level = rules.level_said(move.level, language)
    return [{"text": f"{level} ({_day(move.starts_at, patient)}): {move.because}"}]


def _ratings(by: Actor, patient: Patient) -> Rows:
    row = assessment.ratings_of(by, patient).first()
    if row is None:
        return []
    case = placement.case_of(row)
    scale = scale_of(case.edition)
    found = []
    for one in case.rated:
        label, value = scale.dimensions[one.dimension], scale.shown(one.rank)
        because = f": {one.because}" if one.because else ""
        found.append(
            {
                "text": f"{label}: {value}{because}",
                "label": label,
                "value": value,
                "because": one.because,
                "at": row.at.isoformat(),
            }
        )
    return found


def _diagnoses(by: Actor, patient: Patient) -> Rows:
    return [
        {"text": f"{row.code} {row.text}", "code": row.code, "words": row.text}
        for row in assessment.diagnoses_of(by, patient)[:_DIAGNOSES]
    ]


def _medication(by: Actor, patient: Patient, at: datetime, today: date) -> Rows:
    found = []
    for one in medication.orders_of(by, patient, at=at):
        row = one.row
        if row.stopped_at is not None or (row.ends_on is not None and row.ends_on < today):
            continue
        dose = f"{row.dose.normalize():f} {row.unit}, {row.route}, {one.rhythm}"
        last = f"{_day(one.last.at, patient)}" if one.last else ""
        said = f"; last dose {last}" if last else ""
        found.append(
            {
                "text": f"{row.name}, {dose}{said}",
                "name": row.name,
                "rxnorm": row.rxnorm,
                "dose": dose,
                "last_at": last,
            }
        )
    for taken in medication.medications_of(by, patient):
        if taken.ended_on is None:
            said = f", {taken.dose}" if taken.dose else ""
            found.append(
                {
                    "text": f"{taken.name}{said}",
                    "name": taken.name,
                    "rxnorm": taken.rxnorm,
                    "dose": taken.dose,
                    "last_at": "",
                }
            )
    return found


def _allergies(by: Actor, patient: Patient) -> Rows:
    return [
        {
            "text": f"{row.substance}{': ' + row.reaction if row.reaction else ''}",
            "substance": row.substance,
            "reaction": row.reaction,
        }
        for row in medication.allergies_of(by, patient)
        if row.ended_at is None
    ]


def _alerts(by: Actor, patient: Patient) -> Rows:
    open_ones = assessment.alerts_of(by, patient).filter(acknowledgement__isnull=True)[:5]
    return [{"text": f"{alert.sentence} ({_day(alert.raised_at, patient)})"} for alert in open_ones]


def _safety_plan(by: Actor, patient: Patient) -> Rows:
    plan = recovery.plan_of(by, patient, recovery_rules.RecoveryPlanKind.SAFETY)
    if plan is None:
        return []
    sections = recovery_rules.form(recovery_rules.RecoveryPlanKind.SAFETY).sections
    return [
        {"text": f"{section.title}: {words}"}
        for section in sections
        if isinstance(words := plan.sections.get(section.key), str) and words.strip()
    ]


def _tests(by: Actor, patient: Patient, today: date) -> Rows:
    found: Rows = []
    labels = {panel.code: panel.label for panel in drug_tests_rules.panels()}
    for order in drug_tests.tests_of(by, patient, today=today):
        collection = getattr(order, "collection", None)
        results = list(order.results.all())
        if collection is None or len(found) == _TESTS:
            continue
        result = "refused" if collection.refused else _said(results[-1]) if results else "not read yet"
        found.append(
            {
                "text": f"{labels.get(order.panel, order.panel)}, {_day(collection.at, patient)}: {result}",
                "panel": order.panel,
                "result": result,
                "at": collection.at.isoformat(),
            }
        )
    return found


def _said(result: Any) -> str:
    positive = sorted(name for name, value in result.analytes.items() if value == "positive")
    outcome = result.reading.get("outcome", "")
    return f"{outcome or result.method}; positive: {', '.join(positive) or 'none'}"


def _goals(by: Actor, patient: Patient) -> Rows:
    plan = plan_in_force(by, patient)
    if plan is None:
        return []
    met = met_ids(plan)
    found = []
    for problem in plan.problems.all():
        for goal in problem.goals.all():
            objectives = list(goal.objectives.all())
            reached = sum(one.pk in met for one in objectives)
            whole = bool(objectives) and reached == len(objectives)
            found.append(
                {
                    "text": f"{goal.words} ({reached} of {len(objectives)} objectives met)",
                    "words": goal.words,
                    "met": whole,
                }
            )
    return found


def _authorizations(by: Actor, patient: Patient, at: datetime, today: date) -> Rows:
    rows = [
        row
        for row in authorization.authorizations_of(by, patient)
        if row.outcome in authorization.APPROVED and row.to_day >= today
    ]
    if not rows:
        return []
    first, last = authorization.span(rows, today)
    days = days_of(by=by, at=at, patient_ids=[patient.pk], first=first, last=last)[patient.pk]
    standing = authorization.standings(rows, {patient.pk: days.attended}, {patient.pk: days.booked}, today)
    return [
        {
            "text": f"{one.row.number}, {one.row.level_approved or one.row.level}: {one.standing.left:f} of "
            f"{one.row.units_approved} {one.row.get_unit_display()}, {date_words(one.row.to_day)}"
        }
        for one in standing
    ]


def _consents(by: Actor, patient: Patient, at: datetime, ids: frozenset[Any] | None) -> Rows:
    """Inside: every consent in force. For a recipient: those on which the packet rests, which must accompany it."""
    found = []
    for one in consent.consents_of(by, patient, at=at):
        row = one.row
        if not one.active or (ids is not None and row.pk not in ids):
            continue
        told = ", ".join(word.replace("_", " ") for word in sorted(row.information))
        until = f", {date_words(row.expires_on)}" if row.expires_on else ""
        found.append(
            {
                "text": f"{row.get_kind_display()}: {row.recipient_name or row.recipient_key} ({told}){until}",
                "id": row.pk,
                "signed_at": row.signed_at.isoformat() if row.signed_at else "",
                "until": row.expires_on.isoformat() if row.expires_on else "",
            }
        )
    return found
