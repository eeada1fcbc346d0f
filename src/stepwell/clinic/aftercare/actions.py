"""Every write of aftercare: the discharge summary, the plan for continuing care, the calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission
from stepwell.audit import trail
from stepwell.clinic.aftercare import policies, queries, rules
from stepwell.clinic.aftercare.models import (
    ContinuingCarePlan,
    DischargeSummary,
    FollowUp,
    FollowUpAttempt,
    FollowUpAttemptOutcome,
)
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.people.policies import need
from stepwell.clinic.placement.models import Episode, Placement, PlacementKind
from stepwell.clinic.placement.rules import level_from
from stepwell.clinic.refusal import Refused

_AGAIN = timedelta(minutes=2)


@transaction.atomic
def write_summary(
    *, by: Actor, at: datetime, episode: Episode, sections: Mapping[str, str]
) -> DischargeSummary:
    """Keep the draft, blank parts too. `sections`: key of `rules.load_summary_sections` -> text.

    Raises `Refused` for a section that is not there and once the summary is signed.
    """
    staff_id = policies.may_write(by, episode.site_id)
    locked = Episode.objects.select_for_update().get(pk=episode.pk)
    known = {section.key for section in rules.load_summary_sections()}
    if not set(sections) <= known:
        raise Refused("A part of the summary is not on the form; reload the page and try again.")
    written = {key: text.strip() for key, text in sections.items() if text.strip()}
    row = DischargeSummary.objects.filter(episode=locked).first()
    if row is None:
        row = DischargeSummary(episode=locked)
    elif row.signed_at is not None:
        raise Refused(f"The summary is signed ({row.signature}) and is never changed.")
    row.sections, row.written_at, row.written_by_id = written, at, staff_id
    row.save()
    trail.record(
        by=by,
        at=at,
        action="aftercare.write_summary",
        subject=f"DischargeSummary {row.pk}",
        patient_id=locked.patient_id,
        detail={"sections": sorted(written)},
    )
    return row


@transaction.atomic
def sign_summary(*, by: Actor, at: datetime, summary: DischargeSummary) -> DischargeSummary:
    """Sign the summary with name and credential over a hash of what it says; from then on it never changes.

    Raises `Refused` naming every blank part, before the discharge, and the second time.
    """
    policies.may_sign(by, summary.episode.site_id)
    row = (
        DischargeSummary.objects.select_for_update(of=("self",)).select_related("episode").get(pk=summary.pk)
    )
    if row.signed_at is not None:
        raise Refused("This summary is signed already; nothing was changed.")
    end = Placement.objects.filter(episode=row.episode, kind=PlacementKind.DISCHARGE).first()
    if end is None:
        raise Refused("The episode is still open; discharge first, then sign the summary.")
    missing = rules.missing_sections(row.sections, end.discharge_reason)
    if missing:
        raise Refused(" ".join(part.mend for part in missing))
    row.signed_at, row.content_hash = at, _fingerprint(row, end)
    row.signature = f"{by.name}, {by.credential}"[:200]
    row.save(update_fields=["signed_at", "content_hash", "signature"])
    trail.record(
        by=by,
        at=at,
        action="aftercare.sign_summary",
        subject=f"DischargeSummary {row.pk}",
        patient_id=row.episode.patient_id,
        detail={"hash": row.content_hash},
    )
    return row


@transaction.atomic
def save_continuing_care(
    *,
    by: Actor,
    at: datetime,
    episode: Episode,
    sections: Mapping[str, str],
    next_level: str = "",
    next_provider: str = "",
    next_appointment_on: date | None = None,
) -> ContinuingCarePlan:
    """A new version of where the person goes on; earlier ones stay. The same once more makes no new one.

    Raises `Refused` when nothing is filled in, for a section that is not there, an unknown level, and an
    appointment without somebody to go to.
    """
    staff_id = policies.may_write(by, episode.site_id)
    locked = Episode.objects.select_for_update().get(pk=episode.pk)
    if not set(sections) <= {section.key for section in rules.load_care_sections()}:
        raise Refused("A part of the plan is not on the form; reload the page and try again.")
    if next_level:
        level_from(next_level)
    facts = {
        "sections": {key: text.strip() for key, text in sections.items() if text.strip()},
        "next_level": next_level,
        "next_provider": next_provider.strip(),
        "next_appointment_on": next_appointment_on,
    }
    if not any(facts.values()):
        raise Refused("Nothing is filled in yet. Write at least one part of the plan.")
    if next_appointment_on is not None and not facts["next_provider"]:
        raise Refused("Name the provider with whom the next appointment is.")
    last = ContinuingCarePlan.objects.filter(episode=locked).order_by("-version").first()
    if last is not None and all(getattr(last, name) == value for name, value in facts.items()):
        raise Refused("Nothing was changed, so the version on file stays the newest.")
    row = ContinuingCarePlan.objects.create(
        episode=locked, version=last.version + 1 if last else 1, at=at, by_id=staff_id, **facts
    )
    trail.record(
        by=by,
        at=at,
        action="aftercare.continuing_care",
        subject=f"ContinuingCarePlan {row.pk}",
        patient_id=locked.patient_id,
        detail={"version": row.version, "level": next_level, "next": next_appointment_on},
    )
    return row


@transaction.atomic
def plan_follow_ups(*, by: Actor, at: datetime) -> int:
    """Make the rows of calls for every discharged episode that has none yet; a second time makes nothing.

    Run by the nightly timer, and after each discharge. Returns how many rows were made.
    """
    need(by, Permission.AFTERCARE_READ)
    episodes = list(
        queries.episodes_without_calls(by)
        .select_for_update(of=("self",))
        .select_related("site")
        .order_by("pk")
    )
    # Read after the lock: whoever was quicker has committed by now.
    there = set(FollowUp.objects.filter(episode__in=episodes).values_list("episode_id", "day"))
    rule = rules.load_follow_up_rule()
    made = [
        FollowUp(episode=episode, day=due.day, due_on=due.due_on, made_at=at)
        for episode in episodes
        if episode.closed_at is not None
        for due in rules.follow_ups_due(
            episode.closed_at.astimezone(ZoneInfo(episode.site.zone)).date(), rule
        )
        if (episode.pk, due.day) not in there
    ]
    FollowUp.objects.bulk_create(made)
    per_episode: dict[int, list[int]] = {}
    patients = {episode.pk: episode.patient_id for episode in episodes}
    for row in made:
        per_episode.setdefault(row.episode_id, []).append(row.day)
    trail.record_each(
        by=by,
        at=at,
        action="aftercare.plan_calls",
        of=[(patients[pk], f"Episode {pk}", {"days": days}) for pk, days in per_episode.items()],
    )
    return len(made)


@transaction.atomic
def log_attempt(
    *,
    by: Actor,
    at: datetime,
    follow_up: FollowUp,
    outcome: str,
    answers: Mapping[str, str] | None = None,
    note: str = "",
) -> FollowUpAttempt:
    """One attempt and how it ended: reached, not_reached, refused or deceased. `answers` only when reached.

    A worrying answer alerts the people who treat. Raises `Refused` when the call is settled already, for an
    answer that no question offers, and for the same attempt sent twice.
    """
    staff_id = policies.may_write(by, follow_up.episode.site_id)
    locked = (
        FollowUp.objects.select_for_update(of=("self",))
        .select_related("episode__patient", "episode__site")
        .get(pk=follow_up.pk)
    )
    given = {key: answer for key, answer in (answers or {}).items() if answer}
    if outcome not in FollowUpAttemptOutcome.values:
        raise Refused("Say how the call ended: reached, not reached, does not want calls, or deceased.")
    if given and outcome != FollowUpAttemptOutcome.REACHED:
        raise Refused("Answers belong to a call in which the person was reached; choose “reached”.")
    if rules.unknown_answers(given):
        raise Refused("An answer is not on the form; reload the page and try again.")
    attempts = list(locked.attempts.order_by("at", "pk"))
    zone = locked.episode.site.zone
    standing = queries.standing_of(locked, attempts, at.astimezone(ZoneInfo(zone)).date(), zone)
    if standing.next_try_on is None:
        raise Refused(f"This call is settled: {standing.sentence[0].lower()}{standing.sentence[1:]}")
    if attempts and attempts[-1].by_id == staff_id and at - attempts[-1].at < _AGAIN:
        raise Refused("This attempt was logged a moment ago; nothing was added.")
    row = FollowUpAttempt.objects.create(
        follow_up=locked, outcome=outcome, answers=given, note=note.strip(), at=at, by_id=staff_id
    )
    worrying = rules.worries(given)
    if worrying:
        raise_alert(
            by=by,
            at=at,
            patient=locked.episode.patient,
            kind="follow-up",
            sentence=f"Call {locked.day} days after discharge: {'; '.join(worrying)}."[:300],
            subject=f"FollowUpAttempt {row.pk}",
            urgent=given.get("safe") == "yes" or given.get("overdose") == "yes",
        )
    trail.record(
        by=by,
        at=at,
        action="aftercare.log_attempt",
        subject=f"FollowUpAttempt {row.pk}",
        patient_id=locked.episode.patient_id,
        detail={"follow_up": locked.pk, "day": locked.day, "outcome": outcome, "answers": len(given)},
    )
    return row


def _fingerprint(row: DischargeSummary, end: Placement) -> str:
    content = {"episode": row.episode_id, "reason": end.discharge_reason, "sections": row.sections}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
