"""Writing the draft of a note: nobody overwrites anybody unseen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.people.models import Patient
from stepwell.clinic.prepared import Prepared, planned_once
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import clock
from stepwell.clinic.sessions import policies
from stepwell.clinic.sessions.models import Note, NotePart
from stepwell.clinic.sessions.rules import formats_of, load_note_formats, sentence_of
from stepwell.clinic.sessions.rules.drafts import (
    WRITTEN,
    DraftPart,
    changed_parts,
    follows_taps,
    same_shared,
)
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

    A text that nobody wrote, or that is still what the former taps wrote, becomes the sentence of the taps now
    (`rules.sentence_of`). A risk newly raised alerts the team in the same transaction.

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
        note = _new_note(locked, staff_id, at)
    expected = {seat.patient_id: seat.patient for seat in _EXPECTED.rows(occurrence_id=locked.pk)}
    there = {part.patient_id: part for part in _PARTS.rows(note_id=note.pk)} if note.pk else {}
    wanted = [part for part in parts if part.patient_id in expected]
    _format_fits(format or note.format, locked)
    objectives = _objectives(wanted, there, occurrence.starts)
    if not load_note_formats()[format or note.format].sections:
        wanted = _followed(wanted, there, expected, objectives, topic=topic.strip()[:200], former=note.topic)
    changed = changed_parts(wanted, there)
    _offered(changed)
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
    _alert(by, at, locked, note, changed, there, expected)
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
        note = _new_note(locked, staff_id, at)
        note.topic = locked.topic
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
_OF_A_PATIENT = ("given_name", "family_name", "preferred_name", "pronouns", "site_id")
_EXPECTED = Prepared(
    lambda *, occurrence_id: (
        Seat.objects.filter(occurrence_id=occurrence_id, released_at__isnull=True)
        .select_related("patient")
        .only("occurrence_id", *(f"patient__{name}" for name in _OF_A_PATIENT))
    )
)
_PARTS = Prepared(
    lambda *, note_id: (
        NotePart.objects.filter(note_id=note_id)
        .select_related("objective")
        .only(*(f.attname for f in NotePart._meta.concrete_fields), "objective__measure")
    )
)


def _new_note(occurrence: Occurrence, staff_id: int, at: datetime) -> Note:
    offered = formats_of(occurrence.kind)[0].key
    return Note(occurrence=occurrence, author_id=staff_id, begun_at=at, revision=0, format=offered)


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


def _format_fits(format: str, occurrence: Occurrence) -> None:
    if format not in load_note_formats():
        raise Refused(f"“{format}” is not a note format this program knows; choose one.")
    fitting = [one.key for one in formats_of(occurrence.kind)]
    if format not in fitting:
        kind = occurrence.get_kind_display().lower()
        raise Refused(
            f"A session of the kind “{kind}” is not written as {format}; choose {' or '.join(fitting)}."
        )


def _offered(parts: Sequence[DraftPart]) -> None:
    """Raises `Refused` for taps that were not offered."""
    for part in parts:
        if not all(load_room().offers(name, getattr(part, name)) for name in CHIP_FIELDS):
            raise Refused("One of the taps is not on offer. Load the page again; nothing was saved.")


def _objectives(parts: Iterable[DraftPart], there: Mapping[int, NotePart], held: datetime) -> dict[int, str]:
    """Objective id -> its measure, of those linked anew. Raises `Refused` for one that was in no plan in force when
    the session was `held` (its beginning) or since; one that was linked while it was stays."""
    linked = {
        (part.objective_id, part.patient_id)
        for part in parts
        if part.objective_id is not None
        and (part.patient_id not in there or there[part.patient_id].objective_id != part.objective_id)
    }
    if not linked:
        return {}
    with planned_once() as cursor:
        cursor.execute(_WHOSE, [held, held, sorted(pk for pk, _ in linked)])
        rows = cursor.fetchall()
    if not linked <= {(pk, patient_id) for pk, patient_id, _, _ in rows}:
        raise Refused(
            "An objective belongs to another person's plan. Load the page again; nothing was saved."
        )
    for _, _, measure, in_force in rows:
        if not in_force:
            raise Refused(
                f"“{measure}” is not in the plan in force. Load the page again and choose another objective; "
                "nothing was saved."
            )
    return {pk: measure for pk, _, measure, _ in rows}


_WHOSE = """
SELECT objective.id, episode.patient_id, objective.measure,
    plan.signed_at IS NOT NULL AND coalesce(plan.superseded_at > %s, true) AND coalesce(episode.closed_at > %s, true)
FROM clinic_objective objective
JOIN clinic_goal goal ON goal.id = objective.goal_id
JOIN clinic_problem problem ON problem.id = goal.problem_id
JOIN clinic_plan plan ON plan.id = problem.plan_id
JOIN clinic_episode episode ON episode.id = plan.episode_id
WHERE objective.id = ANY(%s::bigint[])
"""


def _followed(
    wanted: Iterable[DraftPart],
    there: Mapping[int, NotePart],
    people: Mapping[int, Patient],
    objectives: dict[int, str],
    *,
    topic: str,
    former: str,
) -> list[DraftPart]:
    """The parts with the sentence of their taps where nobody has written over it."""
    measures = objectives | {
        part.objective.pk: part.objective.measure for part in there.values() if part.objective is not None
    }
    found = []
    for part in wanted:
        stored, person = there.get(part.patient_id), people[part.patient_id]
        before = "" if stored is None else _sentence(person, stored, measures, former)
        if follows_taps(part.text, before):
            part = replace(part, text=_sentence(person, part, measures, topic))
        found.append(part)
    return found


def _sentence(person: Patient, part: DraftPart | NotePart, measures: Mapping[int, str], topic: str) -> str:
    chips = {name: getattr(part, name) for name in CHIP_FIELDS}
    objective = "" if part.objective_id is None else measures.get(part.objective_id, "")
    return sentence_of(person.called, person.pronouns, chips, part.skill, objective, topic)


def _alert(
    by: Actor,
    at: datetime,
    occurrence: Occurrence,
    note: Note,
    parts: Iterable[DraftPart],
    there: Mapping[int, NotePart],
    people: Mapping[int, Patient],
) -> None:
    """A risk that was not raised before is an alert that somebody must answer, even if the tap is taken back."""
    for part in parts:
        raised, stored = load_room().raised.get(part.risk), there.get(part.patient_id)
        if raised is None or (stored is not None and stored.risk == part.risk):
            continue
        about: dict[str, Any] = {
            "patient": people[part.patient_id],
            "kind": f"session_{raised.value}",
            "subject": f"Note {note.pk}",
        }
        if Alert.objects.filter(**about).exists():
            continue
        said = f"{raised.alert[:1].upper()}{raised.alert[1:]} in {occurrence.title}; {by.name} marked it."
        raise_alert(by=by, at=at, sentence=said, urgent=raised.urgent, **about)
