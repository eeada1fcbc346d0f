"""What the plan's document shows beside its rows: dose by kind, what is met, signatures, reviews, when it is due."""

from __future__ import annotations

from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.placement.rules import hours_band, level_from
from stepwell.clinic.plan import queries, rules
from stepwell.desk.looking import load_looking

ROLES = {"clinician": "Clinician", "patient": "Patient", "cosigner": "Supervisor"}


def document_of(by: Actor, held: Any, patient: Any, today: Any) -> dict[str, Any]:
    """The context of `document.html` for a signed version. No query for a plan that is `whole`."""
    dose = rules.weekly_dose(queries.as_rules(held))
    level = patient.level if held.episode_id == patient.episode_id else None
    signed = {s.role for s in held.signatures.all()}
    due = queries.why_due(held)
    return {
        "met": queries.met_ids(held),
        "given_up": queries.given_up_ids(held),
        "dose": dose_rows(dose),
        "dose_total": sum(dose.values()),
        "outside": rules.outside_the_level(dose, hours_band(level_from(level))) if level else None,
        "together": rules.together(queries.conditions_of(held)),
        "signatures": [(ROLES[s.role], s) for s in held.signatures.all()],
        "patient_signed": "patient" in signed,
        "waits_for": held.cosigner if held.cosigner_id and "cosigner" not in signed else None,
        "may_cosign": held.cosigner_id is not None
        and "cosigner" not in signed
        and held.superseded_at is None
        and held.cosigner_id == by.staff_id
        and by.may(P.NOTE_COSIGN, patient.site_id),
        "reviews": [reviewed(r) for r in held.reviews.all()],
        "due_on": due.on,
        "due_because": due.because,
        "review_late": due.on < today,
        "review_soon": due.on <= today + load_looking().review_soon,
        **words(),
    }


def words() -> dict[str, Any]:
    """Names of kinds and conditions."""
    return {
        "kind_labels": {kind.value: kind.label for kind in rules.Kind},
        "condition_labels": {one.value: one.label for one in rules.Condition},
    }


def dose_rows(dose: Any) -> list[tuple[str, int, str]]:
    """Label, minutes a week and code of each kind."""
    return [(kind.label, minutes, kind.value) for kind, minutes in dose.items()]


def reviewed(row: Any) -> dict[str, Any]:
    """A review with what it found of each objective, counted."""
    found = [rules.Verdict(one.verdict) for one in row.verdicts.all()]
    counted = [
        f"{found.count(verdict)} {verdict.label.lower()}" for verdict in rules.Verdict if verdict in found
    ]
    return {
        "row": row,
        "label": rules.ReviewOutcome(row.outcome).label,
        "counted": ", ".join(counted),
        "met": len(row.met),
    }
