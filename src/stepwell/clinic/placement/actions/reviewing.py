"""The review of the level: what the team found, and results of other instruments beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement import policies, queries, rules
from stepwell.clinic.placement.actions.recommending import rate_and_recommend
from stepwell.clinic.placement.models import Episode, LevelReview, OutsidePlacement
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day


@transaction.atomic
def review_level(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    outcome: str,
    recommended: str,
    progress: rules.Progress,
    summary: str,
    once_key: str,
    changed: Mapping[int, int] | None = None,
    next_due_on: date | None = None,
) -> LevelReview:
    """Keep what the team found. `outcome`: code of `rules.review_outcomes`; `recommended`: the level, '' for discharge.

    `changed`: ratings of the third edition that are another now (dimension -> 0 to 4); the summary is the reason, and
    the rule is asked again. The same `once_key` a second time returns the first review. Nothing moves by it. Raises
    `Refused` for a level that does not fit the outcome, a summary that is needed and blank, or a closed episode.
    """
    staff_id = policies.may_decide(by, episode.site_id)
    locked: Episode = _LOCK.one(Episode.DoesNotExist, episode_id=episode.pk)
    before = LevelReview.objects.filter(once_key=once_key).first()
    if before is not None:
        if before.episode_id != locked.pk:
            raise Refused("This form belongs to another review; open the page again.")
        return before
    if locked.closed_at is not None:
        raise Refused("This episode is closed; there is no level to review any more.")
    found = rules.review_outcome(outcome)
    last = queries.latest_placement(locked)
    now, aim = rules.level_from(last.level), rules.level_from(recommended) if recommended else None
    rules.review_fits(found, now, aim, summary)
    rating = _rated_again(by, at, locked.patient, changed or {}, summary)
    newest = queries.newest_recommendation(locked.patient)
    indicated = rules.level_from(newest.level) if newest and newest.level else None
    today = site_day(locked.site, at)
    due = next_due_on or today + timedelta(days=rules.default_cadence().every_days)
    rules.may_look_next(due, today)
    row = LevelReview.objects.create(
        episode=locked,
        number=locked.level_reviews.count() + 1,
        rating=rating,
        outcome=found.code,
        clinical_level=last.level,
        recommended_level=recommended,
        summary=summary.strip(),
        findings=rules.as_findings(progress, rules.suggest(progress, now, indicated)),
        next_due_on=due,
        at=at,
        by_id=staff_id,
        once_key=once_key,
    )
    trail.record(
        by=by,
        at=at,
        action="placement.review",
        subject=f"LevelReview {row.pk}",
        patient_id=locked.patient_id,
        detail={"outcome": row.outcome, "recommended": row.recommended_level, "next": due.isoformat()},
    )
    return row


_LOCK = Prepared(
    lambda *, episode_id: (
        Episode.objects.select_for_update(of=("self",))
        .select_related("site", "patient")
        .filter(pk=episode_id)
    )
)


def _rated_again(
    by: Actor, at: datetime, patient: Patient, changed: Mapping[int, int], summary: str
) -> DimensionalRating | None:
    """The rating that the review stands on: the newest, or a new one in which what has changed is changed."""
    newest = DimensionalRating.objects.filter(patient=patient).order_by("-at", "-pk").first()
    if not changed:
        return newest
    if newest is None or newest.edition != rules.Edition.THIRD.value:
        raise Refused("Rate the dimensions on their own page first; then review.")
    if not summary.strip():
        raise Refused("Say in the summary why the ratings have changed.")
    rated = {
        n: (getattr(newest, f"d{n}"), newest.reasons.get(f"d{n}", ""))
        for n in range(1, 7)
        if getattr(newest, f"d{n}") is not None
    }
    again = rated | {n: (value, summary.strip()) for n, value in changed.items()}
    return rate_and_recommend(by=by, at=at, patient=patient, ratings=again, gates=newest.gates).rating


@transaction.atomic
def record_outside_placement(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    instrument: str,
    level: str,
    on: date,
    rater: str,
    document: str,
    note: str = "",
) -> OutsidePlacement:
    """A level that another instrument gave, with who did it and where its paper is. It changes nothing of ours.

    Raises `Refused` for a level the instrument does not have, a day that cannot be, and the same result twice.
    """
    staff_id = policies.may_recommend(by, patient.site_id)
    known, matches = rules.outside_level(instrument, level)
    rules.may_be_from(on, site_day(patient.site, at), patient.birth_date)
    if not rater.strip() or not document.strip():
        raise Refused(
            "Write who did it and where the report is; a result without a source cannot be checked."
        )
    try:
        with transaction.atomic():
            row = OutsidePlacement.objects.create(
                patient=patient,
                instrument=known.code,
                level=level,
                matches=matches.value,
                on=on,
                rater=rater.strip()[:160],
                document=document.strip()[:200],
                note=note.strip()[:500],
                at=at,
                by_id=staff_id,
            )
    except IntegrityError as twice:  # outside_placement_once
        raise Refused("This result is on file already; nothing was changed.") from twice
    trail.record(
        by=by,
        at=at,
        action="placement.outside",
        subject=f"OutsidePlacement {row.pk}",
        patient_id=patient.pk,
        detail={"instrument": row.instrument, "level": row.level},
    )
    return row


@transaction.atomic
def strike_outside_placement(
    *, by: Actor, at: datetime, outside: OutsidePlacement, because: str
) -> OutsidePlacement:
    """Entered in error: it stays readable, struck out. Raises `Refused` without a reason, or the second time."""
    policies.may_recommend(by, outside.patient.site_id)
    locked = OutsidePlacement.objects.select_for_update().get(pk=outside.pk)
    if locked.entered_in_error_at is not None:
        raise Refused("This result is struck out already.")
    if not because.strip():
        raise Refused("Say why this result is not the patient's.")
    locked.entered_in_error_at, locked.entered_in_error_because = at, because.strip()[:200]
    locked.save(update_fields=["entered_in_error_at", "entered_in_error_because"])
    trail.record(
        by=by,
        at=at,
        action="placement.strike_outside",
        subject=f"OutsidePlacement {locked.pk}",
        patient_id=locked.patient_id,
    )
    return locked
