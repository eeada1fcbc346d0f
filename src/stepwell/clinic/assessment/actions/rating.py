"""Ratings of the dimensions, in the third or the fourth edition; a later row supersedes, none is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment import policies, queries, rules
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused

Cited = Mapping[str, Sequence[rules.Evidence]]
"""'d1' to 'd6' -> the facts that the rating of this dimension stands on."""


@transaction.atomic
def rate_dimensions(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    ratings: Mapping[int, tuple[int, str]],
    gates: Mapping[str, bool | None] | None = None,
    cited: Cited | None = None,
) -> DimensionalRating:
    """Keep ratings of the six dimensions, each with its reason; partial ones are kept as such. Third edition.

    `ratings`: dimension number 1 to 6 -> (0 to 4, reason). `gates`: the safety answers on which the rating
    stands; those of the newest interview when None. `cited`: facts on file behind each, kept as they were said.
    Raises `Refused` for a bad number, a blank reason, or nothing rated.
    """
    staff_id = policies.may_record(by, patient)
    rated = rules.rate(ratings)
    if not rated.rated:
        raise Refused("No dimension is rated yet; rate at least one, with a reason.")
    row = DimensionalRating(
        patient=patient,
        edition=rated.edition.value,
        reasons={f"d{r.dimension.value}": r.because.strip() for r in rated.rated},
        by_id=staff_id,
        **{f"d{r.dimension.value}": r.value for r in rated.rated},
    )
    return _keep(by, at, row, "assessment.rate_dimensions", len(rated.rated), gates, cited)


@transaction.atomic
def rate_fourth_edition(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    parts: Mapping[str, tuple[str, str]],
    person: str = "",
    gates: Mapping[str, bool | None] | None = None,
    cited: Cited | None = None,
) -> DimensionalRating:
    """Keep fourth-edition ratings: part -> (least safe level, reason); `person`: dimension 6 in words.

    Raises `Refused` for an unknown part or level, a blank reason, or nothing rated.
    """
    staff_id = policies.may_record(by, patient)
    rated = rules.rate_fourth(parts, person)
    if not rated.rated:
        raise Refused("No part is rated yet; rate at least one, with a reason.")
    row = DimensionalRating(
        patient=patient,
        edition=rules.Edition.FOURTH.value,
        reasons={"d6": rated.person.strip()} if rated.person.strip() else {},
        parts={r.key: {"least": r.least, "because": r.because.strip()} for r in rated.rated},
        by_id=staff_id,
    )
    return _keep(by, at, row, "assessment.rate_fourth_edition", len(rated.rated), gates, cited)


def _keep(
    by: Actor,
    at: datetime,
    row: DimensionalRating,
    action: str,
    rated: int,
    gates: Mapping[str, bool | None] | None,
    cited: Cited | None,
) -> DimensionalRating:
    """A rating of either edition with its evidence and the safety answers on which it stands."""
    row.at, row.evidence, row.gates = at, _kept(cited or {}), _gates(row.patient, gates)
    row.save()
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"DimensionalRating {row.pk}",
        patient_id=row.patient_id,
        detail={"rated": rated, "cited": sum(map(len, row.evidence.values()))},
    )
    return row


def _gates(patient: Patient, gates: Mapping[str, bool | None] | None) -> dict[str, bool | None]:
    if gates is None:
        interview = queries.newest_interview(patient)
        gates = interview.gates if interview else {}
    return rules.safety_answers(gates)


def _kept(cited: Cited) -> dict[str, Any]:
    return {
        where: [
            {"key": one.key, "label": one.label, "said": one.said, "leaning": one.leaning.value}
            for one in facts
        ]
        for where, facts in cited.items()
        if facts
    }
