"""The moves of an episode: admit, step up, step down, transfer, discharge."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement import policies, queries, rules
from stepwell.clinic.placement.models import Episode, Placement, PlacementKind, Recommendation
from stepwell.clinic.refusal import Refused


@transaction.atomic
def admit(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    recommendation: Recommendation,
    level: str,
    because: str,
    override: str = "",
    override_note: str = "",
    referral_source: str = "self",
    planned_weeks: int = 12,
    starts_at: datetime | None = None,
) -> Placement:
    """Open an episode with placement number 1 at `level` (a code such as '2.1').

    `override`: code of `rules.OverrideReason`, needed with a note when `level` is not the recommended one.
    Raises `Refused` at a closed or unanswered gate, while the recommendation is undecided or superseded by a
    newer rating, for a level not offered here, and when an episode is open already.
    """
    staff_id = policies.may_decide(by, patient.site_id)
    Patient.objects.select_for_update().get(pk=patient.pk)
    _of_this_patient_and_newest(patient, recommendation)
    if not because.strip():
        raise Refused("Write in a sentence why the person is admitted to this level.")
    if not 1 <= planned_weeks <= 104:
        raise Refused("An episode is planned for 1 to 104 weeks; correct the number of weeks.")
    starts = _not_ahead(starts_at, at)
    admission = rules.may_admit(
        queries.decision_of(recommendation), rules.level_from(level), _override(override, override_note)
    )
    _no_withdrawal(by, at, patient, admission.level)
    try:
        with transaction.atomic():
            episode = Episode.objects.create(
                patient=patient,
                site_id=patient.site_id,
                referral_source=referral_source,
                planned_weeks=planned_weeks,
                admitted_at=starts,
                admitted_by_id=staff_id,
            )
    except IntegrityError as twice:  # one_open_episode_a_patient
        raise Refused(
            "The patient is admitted already; step up, step down or discharge from the open episode."
        ) from twice
    placement = Placement.objects.create(
        episode=episode,
        number=1,
        kind=PlacementKind.ADMIT,
        level=admission.level.value,
        recommendation=recommendation,
        indicated_level=admission.indicated.value,
        because=_with_note(because, admission.override),
        override=admission.override.reason.value if admission.override else "",
        starts_at=starts,
        at=at,
        by_id=staff_id,
    )
    _into_the_trail(by, at, "placement.admit", placement)
    return placement


@transaction.atomic
def step_up(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    to: str,
    because: str,
    recommendation: Recommendation | None = None,
    override: str = "",
    override_note: str = "",
    starts_at: datetime | None = None,
) -> Placement:
    """More care from now on; earlier placements stay. See `step_down` for what is refused."""
    return _step(
        by, at, episode, rules.StepKind.STEP_UP, to, because, recommendation,
        _override(override, override_note), starts_at,
    )  # fmt: skip


@transaction.atomic
def step_down(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    to: str,
    because: str,
    recommendation: Recommendation | None = None,
    override: str = "",
    override_note: str = "",
    starts_at: datetime | None = None,
) -> Placement:
    """Less care from now on; earlier placements stay.

    Measured against `recommendation`, or else the newest one made since the last move: a level other than the
    recommended one needs `override` (code of `rules.OverrideReason`). Raises `Refused` for the wrong
    direction, a level not offered, a gate, a closed episode, or a blank reason.
    """
    return _step(
        by, at, episode, rules.StepKind.STEP_DOWN, to, because, recommendation,
        _override(override, override_note), starts_at,
    )  # fmt: skip


@transaction.atomic
def transfer(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    to: str,
    receiving: str,
    because: str,
    recommendation: Recommendation | None = None,
    starts_at: datetime | None = None,
) -> Placement:
    """Another program takes over at level `to`. The episode stays open until discharge, so that the person
    can come back by a step, or be discharged as transferred. Raises `Refused` without the program's name.
    """
    staff_id = policies.may_decide(by, episode.site_id)
    if not receiving.strip():
        raise Refused("Name the program that takes over.")
    last = _last_move(episode, because)
    if recommendation is not None:
        _of_this_patient_and_newest(episode.patient, recommendation)
    before = rules.level_from(last.level)
    step = rules.may_step(before, rules.level_from(to), rules.StepKind.TRANSFER)
    placement = Placement.objects.create(
        episode=episode,
        number=last.number + 1,
        kind=PlacementKind.TRANSFER,
        level=step.after.value,
        recommendation=recommendation,
        indicated_level=recommendation.level if recommendation else "",
        because=because.strip(),
        receiving=receiving.strip()[:200],
        starts_at=_after(last, starts_at, at),
        at=at,
        by_id=staff_id,
    )
    _into_the_trail(by, at, "placement.transfer", placement)
    return placement


@transaction.atomic
def discharge(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    reason: str,
    because: str,
    receiving: str = "",
    starts_at: datetime | None = None,
) -> Placement:
    """The last row of the episode, which is closed by it. `reason`: slug of `rules.discharge_reasons`.

    Raises `Refused` for a reason not on the list, a closed episode or a blank sentence.
    """
    staff_id = policies.may_decide(by, episode.site_id)
    last = _last_move(episode, because)
    known = rules.may_discharge(reason)
    if known.slug == "transferred" and not (receiving.strip() or last.receiving):
        raise Refused("Name the program to which the person is transferred.")
    ends = _after(last, starts_at, at)
    if ends <= episode.admitted_at:
        raise Refused("The discharge must be later than the admission; check the date and time.")
    placement = Placement.objects.create(
        episode=episode,
        number=last.number + 1,
        kind=PlacementKind.DISCHARGE,
        level="",
        discharge_reason=known.slug,
        receiving=(receiving.strip() or last.receiving)[:200],
        because=because.strip(),
        starts_at=ends,
        at=at,
        by_id=staff_id,
    )
    Episode.objects.filter(pk=episode.pk).update(closed_at=ends)
    episode.closed_at = ends
    _into_the_trail(by, at, "placement.discharge", placement)
    return placement


def _step(
    by: Actor,
    at: datetime,
    episode: Episode,
    kind: rules.StepKind,
    to: str,
    because: str,
    recommendation: Recommendation | None,
    override: rules.Override | None,
    starts_at: datetime | None,
) -> Placement:
    staff_id = policies.may_decide(by, episode.site_id)
    last = _last_move(episode, because)
    step = rules.may_step(rules.level_from(last.level), rules.level_from(to), kind)
    if recommendation is not None:
        _of_this_patient_and_newest(episode.patient, recommendation)
    found = recommendation or queries.newest_recommendation_since(episode)
    admission = rules.may_admit(queries.decision_of(found), step.after, override) if found else None
    if last.kind == PlacementKind.TRANSFER:
        _no_withdrawal(by, at, episode.patient, step.after)
    placement = Placement.objects.create(
        episode=episode,
        number=last.number + 1,
        kind=PlacementKind(kind.value),
        level=step.after.value,
        recommendation=found,
        indicated_level=admission.indicated.value if admission else "",
        because=_with_note(because, admission.override if admission else None),
        override=admission.override.reason.value if admission and admission.override else "",
        starts_at=_after(last, starts_at, at),
        at=at,
        by_id=staff_id,
    )
    _into_the_trail(by, at, f"placement.{kind.value}", placement)
    return placement


def _no_withdrawal(by: Actor, at: datetime, patient: Patient, level: rules.Level) -> None:
    """Nobody comes in while the newest CIWA-Ar or COWS is high, whatever the recommendation said when it was made."""
    rules.may_come_in(level, queries.measured(by, patient, at=at))


def _last_move(episode: Episode, because: str) -> Placement:
    """The move in force, with the episode locked, so that numbers have no gap and no twin."""
    if not because.strip():
        raise Refused("Write in a sentence why; it is what the next person and the payer will read.")
    locked = Episode.objects.select_for_update().get(pk=episode.pk)
    if locked.closed_at is not None:
        raise Refused("This episode is closed already; nothing was changed.")
    return queries.latest_placement(locked)


def _of_this_patient_and_newest(patient: Patient, recommendation: Recommendation) -> None:
    if recommendation.patient_id != patient.pk:
        raise Refused("This recommendation belongs to another patient; nothing was saved.")
    rated_since = DimensionalRating.objects.filter(patient=patient, at__gt=recommendation.rating.at)
    if rated_since.exists():
        raise Refused(
            "The six ratings have changed since this recommendation; ask for a new one and look at it first."
        )


def _override(reason: str, note: str) -> rules.Override | None:
    if not reason:
        return None
    try:
        return rules.Override(rules.OverrideReason(reason), note.strip())
    except ValueError:
        raise Refused("Choose a reason for the other level from the list.") from None


def _with_note(because: str, override: rules.Override | None) -> str:
    note = override.note if override else ""
    return f"{because.strip()}\n{note}" if note and note != because.strip() else because.strip()


def _not_ahead(starts_at: datetime | None, at: datetime) -> datetime:
    if starts_at is not None and starts_at > at:
        raise Refused("The time lies ahead; record the move when it happens.")
    return starts_at or at


def _after(last: Placement, starts_at: datetime | None, at: datetime) -> datetime:
    starts = _not_ahead(starts_at, at)
    if starts < last.starts_at:
        raise Refused("The last move is later than this one; check the date and time.")
    return starts


def _into_the_trail(by: Actor, at: datetime, action: str, placement: Placement) -> None:
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"Placement {placement.pk}",
        patient_id=placement.episode.patient_id,
        detail={
            "episode": placement.episode_id,
            "number": placement.number,
            "level": placement.level,
            "indicated": placement.indicated_level,
            "override": placement.override,
            "discharge_reason": placement.discharge_reason,
        },
    )
