"""Writing the draft of a note: nobody overwrites anybody unseen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.prepared import Prepared, planned_once
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import clock
from stepwell.clinic.sessions import policies
from stepwell.clinic.sessions.models import Note, NotePart
from stepwell.clinic.sessions.rules import load_note_formats
from stepwell.clinic.sessions.rules.drafts import WRITTEN, DraftPart, changed_parts, same_shared
from stepwell.clinic.sessions.rules.room import CHIP_FIELDS, load_room
from stepwell.clinic.timetable.models import Occurrence, Seat


@transaction.atomic
def save_draft(
    *,
    by: Actor,
    at: datetime,
    occurrence: Occurrence,
    revision: int,
    shared: str,
    topic: str,
    parts: Sequence[DraftPart],
    format: str = "",
    page: str = "",
) -> Note:
    """Saves the whole draft over revision `revision`. Seven statements whatever the number of people.

    `page` names the open page, so that its own saves never clash with each other. Raises `Refused` when
    somebody else, or another page, saved since, and when the note is signed; what was typed stays with the
    caller to be shown beside what is stored. Saving what is already there writes nothing.
    """
    locked = _locked(occurrence.pk)
    staff_id = policies.may_write_note(by, locked)
    if locked.cancelled_at is not None:
        raise Refused("This session was cancelled; there is nothing to write about it.")
    note = _note_of(locked)
    _nobody_was_quicker(note, revision, page, locked)
    if note is None:
        note = Note(occurrence=locked, author_id=staff_id, begun_at=at, revision=0)
    expected = {seat.patient_id for seat in _EXPECTED.rows(occurrence_id=locked.pk)}
    there = {part.patient_id: part for part in _PARTS.rows(note_id=note.pk)} if note.pk else {}
    wanted = [part for part in parts if part.patient_id in expected]
    changed = changed_parts(wanted, there)
    _sensible(changed, format or note.format)
    if (
        note.pk
        and not changed
        and same_shared(note, shared=shared, topic=topic, format=format or note.format)
    ):
        return note
    note.shared, note.topic, note.format = shared, topic.strip()[:200], format or note.format
    note.saved_at, note.saved_by_id, note.saved_from = at, staff_id, page[:32]
    note.revision += 1
    note.save()
    NotePart.objects.bulk_create(
        [
            NotePart(
                note=note,
                patient_id=part.patient_id,
                **{name: getattr(part, name) for name in WRITTEN if name != "sections"},
                sections=dict(part.sections),
            )
            for part in changed
        ],
        update_conflicts=True,
        unique_fields=["note", "patient"],
        update_fields=[name.removesuffix("_id") for name in WRITTEN],
    )
    # Whose: one entry for each person of whom something was written; the shared part is nobody's own.
    detail = {"revision": note.revision, "parts": len(changed)}
    trail.record_each(
        by=by,
        at=at,
        action="sessions.save_draft",
        of=[(part.patient_id, f"Note {note.pk}", detail) for part in changed]
        or [(None, f"Note {note.pk}", detail)],
    )
    return note


@transaction.atomic
def no_risk_seen(*, by: Actor, at: datetime, occurrence: Occurrence, page: str = "") -> Note:
    """The facilitator says it of everybody whose risk is not marked yet; marked ones stay."""
    locked = _locked(occurrence.pk)
    staff_id = policies.may_write_note(by, locked)
    note = _note_of(locked)
    _nobody_was_quicker(note, note.revision if note else 0, page, locked)
    if note is None:
        note = Note(occurrence=locked, author_id=staff_id, begun_at=at, topic=locked.topic)
    note.saved_at, note.saved_by_id, note.saved_from = at, staff_id, page[:32]
    note.revision += 1
    note.save()
    here = Seat.objects.filter(occurrence=locked, released_at__isnull=True, attendance__outcome="present")
    ids = list(here.order_by("pk").values_list("patient_id", flat=True))
    NotePart.objects.bulk_create(
        (NotePart(note=note, patient_id=patient_id) for patient_id in ids), ignore_conflicts=True
    )
    unmarked = NotePart.objects.filter(note=note, patient_id__in=ids, risk="").order_by("patient_id")
    whose = list(unmarked.values_list("patient_id", flat=True))
    unmarked.order_by().update(risk="none")
    detail = {"people": len(whose)}
    trail.record_each(
        by=by,
        at=at,
        action="sessions.no_risk_seen",
        of=[(one, f"Note {note.pk}", detail) for one in whose] or [(None, f"Note {note.pk}", detail)],
    )
    return note


def _locked(occurrence_id: int) -> Occurrence:
    found: Occurrence = _SESSION_LOCKED.one(Occurrence.DoesNotExist, occurrence_id=occurrence_id)
    return found


def _note_of(occurrence: Occurrence) -> Note | None:
    # A statement of its own, after the lock: a joined row would be as old as the wait for the lock.
    found: list[Note] = _NOTE.rows(occurrence_id=occurrence.pk)
    return found[0] if found else None


_SESSION_LOCKED = Prepared(
    lambda *, occurrence_id: (
        Occurrence.objects.select_for_update(of=["self"], no_key=True)
        .select_related("site", "facilitator")
        .filter(pk=occurrence_id)
    )
)
_NOTE = Prepared(
    lambda *, occurrence_id: Note.objects.select_related("saved_by").filter(occurrence_id=occurrence_id)
)
_EXPECTED = Prepared(
    lambda *, occurrence_id: Seat.objects.filter(occurrence_id=occurrence_id, released_at__isnull=True).only(
        "occurrence_id", "patient_id"
    )
)
_PARTS = Prepared(lambda *, note_id: NotePart.objects.filter(note_id=note_id))


def _nobody_was_quicker(note: Note | None, revision: int, page: str, occurrence: Occurrence) -> None:
    if note is None:
        return
    if note.signed_at is not None:
        raise Refused("This note is already signed; write an addendum instead. What you typed is still here.")
    if note.revision != revision and not (page and note.saved_from == page):
        who = note.saved_by.short_name if note.saved_by else "Somebody"
        when = clock(note.saved_at, ZoneInfo(occurrence.site.zone))
        raise Refused(
            f"{who} saved this note at {when}, after you opened it. Nothing is lost: your text is here, "
            "theirs is shown beside it. Take over what you need and save again."
        )


def _sensible(parts: Sequence[DraftPart], format: str) -> None:
    """Raises `Refused` for taps and objectives that were not offered."""
    if format not in load_note_formats():
        raise Refused(f"“{format}” is not a note format this program knows; choose one.")
    for part in parts:
        if not all(load_room().offers(name, getattr(part, name)) for name in CHIP_FIELDS):
            raise Refused("One of the taps is not on offer. Load the page again; nothing was saved.")
    linked = {(part.objective_id, part.patient_id) for part in parts if part.objective_id is not None}
    if linked:
        with planned_once() as cursor:
            cursor.execute(_WHOSE, [sorted(pk for pk, _ in linked)])
            own = set(cursor.fetchall())
        if not linked <= own:
            raise Refused(
                "An objective belongs to another person's plan. Load the page again; nothing was saved."
            )


_WHOSE = """
SELECT objective.id, episode.patient_id
FROM clinic_objective objective
JOIN clinic_goal goal ON goal.id = objective.goal_id
JOIN clinic_problem problem ON problem.id = goal.problem_id
JOIN clinic_plan plan ON plan.id = problem.plan_id
JOIN clinic_episode episode ON episode.id = plan.episode_id
WHERE objective.id = ANY(%s::bigint[])
"""
