"""Asking the rule about ratings, and the table it asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.actions import Cited, rate_dimensions, rate_fourth_edition
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.placement import policies, queries, rules
from stepwell.clinic.placement.models import PlacementTable, Recommendation
from stepwell.clinic.refusal import Refused


@transaction.atomic
def recommend(*, by: Actor, at: datetime, patient: Patient, rating: DimensionalRating) -> Recommendation:
    """Ask the rule about a rating and keep everything it says. `level` is empty while it cannot be decided.

    Raises `Refused` for a rating of another patient.
    """
    staff_id = policies.may_recommend(by, patient.site_id)
    if rating.patient_id != patient.pk:
        raise Refused("These ratings belong to another patient; nothing was saved.")
    case = queries.case_of(rating, queries.measured(by, patient, at=at))
    decision = rules.decide(case, queries.table_at(patient.site_id, case.edition))
    row = Recommendation.objects.create(
        patient=patient,
        rating=rating,
        level=decision.level.value if decision.level else "",
        rule=decision.rule or "",
        decision=rules.to_record(decision),
        at=at,
        by_id=staff_id,
    )
    trail.record(
        by=by,
        at=at,
        action="placement.recommend",
        subject=f"Recommendation {row.pk}",
        patient_id=patient.pk,
        detail={"rating": rating.pk, "level": row.level, "rule": row.rule},
    )
    return row


@transaction.atomic
def rate_and_recommend(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    ratings: Mapping[int, tuple[int, str]],
    gates: Mapping[str, bool | None] | None = None,
    cited: Cited | None = None,
) -> Recommendation:
    """Rate the six dimensions and ask the rule in one go, so that no rating stands without its answer.

    Arguments and refusals as in `assessment.actions.rate_dimensions`.
    """
    policies.may_recommend(by, patient.site_id)
    rating = rate_dimensions(by=by, at=at, patient=patient, ratings=ratings, gates=gates, cited=cited)
    return recommend(by=by, at=at, patient=patient, rating=rating)


@transaction.atomic
def rate_fourth_and_recommend(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    parts: Mapping[str, tuple[str, str]],
    person: str = "",
    gates: Mapping[str, bool | None] | None = None,
    cited: Cited | None = None,
) -> Recommendation:
    """As `rate_and_recommend`, in the fourth edition; arguments as in `assessment.actions.rate_fourth_edition`."""
    policies.may_recommend(by, patient.site_id)
    rating = rate_fourth_edition(
        by=by, at=at, patient=patient, parts=parts, person=person, gates=gates, cited=cited
    )
    return recommend(by=by, at=at, patient=patient, rating=rating)


@transaction.atomic
def take_table(*, by: Actor, at: datetime, site: Site, document: object) -> PlacementTable:
    """A site decides by its own table from now on; earlier decisions stay as they were.

    Raises `Refused`, with the place in the document, for what cannot be a table, and for a version that is here.
    """
    policies.may_take_table(by, site.pk)
    table = rules.read_table(document)
    try:
        with transaction.atomic():
            row = PlacementTable.objects.create(
                site=site,
                edition=table.edition.value,
                name=table.name,
                version=table.version,
                document=document,
                at=at,
                by_id=by.staff_id,
            )
    except IntegrityError as twice:  # placement_table_version_once
        raise Refused(
            f"{table.name} {table.version} is here already; give a changed table a new version."
        ) from twice
    trail.record(
        by=by,
        at=at,
        action="placement.take_table",
        subject=f"PlacementTable {row.pk}",
        detail={"site": site.pk, "edition": row.edition, "name": row.name, "version": row.version},
    )
    return row
