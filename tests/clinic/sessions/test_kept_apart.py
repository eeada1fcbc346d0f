"""Notes kept apart: their author's alone, outside the record, and never changed but by new revisions."""

import re
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

import stepwell
from stepwell.accounts.permissions import TABLE, Permission
from stepwell.accounts.roles import STAFF_ROLES, Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import StaffRole
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.sessions.models import KeptApartNote, KeptApartRevision
from tests.clinic.recovery.making import patient_acting
from tests.clinic.sessions.making import group_of
from tests.making import NOW, actor, make_patient, make_site, make_staff

MAY = sorted(TABLE[Permission.NOTE_KEEP_APART])
MAY_NOT = sorted(STAFF_ROLES - TABLE[Permission.NOTE_KEEP_APART])


def keep(by, patient, **facts):
    facts = {"kind": "counseling", "text": "Countertransference: I am too quick to rescue.", **facts}
    return actions.keep_apart_note(by=by, at=NOW, patient=patient, **facts)


def test_its_author_writes_and_reads_it(by, patient):
    note = keep(by, patient)
    assert [(one.pk, one.text, one.revised_at) for one in queries.notes_kept_apart(by, patient)] == [
        (note.pk, "Countertransference: I am too quick to rescue.", NOW)
    ]
    assert queries.note_kept_apart(by, patient, note.pk) == note


def test_the_trail_says_that_a_note_was_kept_apart_but_not_of_whom_or_what(by, patient):
    keep(by, patient)
    entry = Entry.objects.get(action="sessions.keep_apart")
    assert (entry.patient_id, entry.detail) == (None, {"revision": 1})
    assert "rescue" not in f"{entry.subject}{entry.why}"


def test_a_change_is_a_new_revision_and_the_earlier_one_stays(by, patient):
    note = keep(by, patient)
    actions.revise_kept_apart(by=by, at=NOW, note=note, text="Less quick today.", revision=1)
    assert list(KeptApartRevision.objects.order_by("number").values_list("number", "text")) == [
        (1, "Countertransference: I am too quick to rescue."),
        (2, "Less quick today."),
    ]
    same = actions.revise_kept_apart(by=by, at=NOW, note=note, text="Less quick today. ", revision=1)
    assert same.number == 2
    with pytest.raises(Refused, match="in another window"):
        actions.revise_kept_apart(by=by, at=NOW, note=note, text="Third.", revision=1)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [({"text": "  "}, "Write something"), ({"kind": "diary"}, "Choose which kind of note")],
)
def test_nonsense_is_refused(by, patient, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        keep(by, patient, **facts)


def test_it_is_about_a_session_the_patient_had_a_seat_in(site, by, counselor, patient):
    session, (ana, _) = group_of(site, counselor)
    assert keep(by, ana, occurrence=session).occurrence_id == session.pk
    with pytest.raises(Refused, match="no seat in this session"):
        keep(by, patient, occurrence=session)


@pytest.mark.parametrize("role", MAY)
def test_a_colleague_of_any_role_that_keeps_notes_apart_sees_only_their_own(site, by, patient, role):
    note = keep(by, patient)
    colleague = actor(make_staff(site, role))
    assert queries.notes_kept_apart(colleague, patient) == []
    with pytest.raises(KeptApartNote.DoesNotExist):
        queries.note_kept_apart(colleague, patient, note.pk)
    with pytest.raises(Denied, match="Only its author"):
        actions.revise_kept_apart(by=colleague, at=NOW, note=note, text="Mine now.", revision=1)


@pytest.mark.parametrize("role", MAY_NOT)
def test_no_other_role_keeps_reads_or_changes_one(site, by, patient, role):
    note = keep(by, patient)
    who = actor(make_staff(site, role))
    assert queries.notes_kept_apart(who, patient) == []
    with pytest.raises(KeptApartNote.DoesNotExist):
        queries.note_kept_apart(who, patient, note.pk)
    with pytest.raises(Denied):
        keep(who, patient)
    with pytest.raises(Denied):
        actions.revise_kept_apart(by=who, at=NOW, note=note, text="Mine now.", revision=1)


def test_neither_the_patient_nor_another_site_reads_it(by, patient):
    note = keep(by, patient)
    for who in (patient_acting(patient), actor(make_staff(make_site()))):
        assert queries.notes_kept_apart(who, patient) == []
        with pytest.raises(KeptApartNote.DoesNotExist):
            queries.note_kept_apart(who, patient, note.pk)


def test_an_author_whose_role_has_ended_reads_it_no_more(by, counselor, patient):
    note = keep(by, patient)
    StaffRole.objects.filter(staff=counselor).exclude(role=Role.COUNSELOR).delete()
    StaffRole.objects.filter(staff=counselor).update(role=Role.BILLER)
    with pytest.raises(KeptApartNote.DoesNotExist):
        queries.note_kept_apart(actor(counselor), patient, note.pk)


def test_it_is_not_found_under_another_patient(site, by, patient):
    note = keep(by, patient)
    with pytest.raises(KeptApartNote.DoesNotExist):
        queries.note_kept_apart(by, make_patient(site, "Ben", "Ode"), note.pk)


@pytest.mark.parametrize("model", [KeptApartNote, KeptApartRevision])
def test_the_database_keeps_what_was_written(by, patient, model):
    keep(by, patient)
    column = {KeptApartNote: {"kind": "psychotherapy"}, KeptApartRevision: {"text": "x"}}
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        model.objects.update(**column[model])
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        model.objects.filter(pk__gt=0)._raw_delete("default")


def test_the_list_costs_one_statement_however_long(by, patient, django_assert_num_queries):
    for text in ("One.", "Two.", "Three."):
        keep(by, patient, text=text)
    with django_assert_num_queries(1):
        assert len(queries.notes_kept_apart(by, patient)) == 3


def test_nothing_else_in_the_program_reads_or_writes_them():
    here = Path(stepwell.__file__).parent
    known = {
        "clinic/migrations/0001_initial.py",
        "clinic/migrations/0002_signed_stays.py",
        "clinic/sessions/actions/__init__.py",
        "clinic/sessions/actions/keeping_apart.py",
        "clinic/sessions/models.py",
        "clinic/sessions/policies.py",
        "clinic/sessions/queries/__init__.py",
        "clinic/sessions/queries/kept_apart.py",
        "desk/sessions/kept_apart.py",
    }
    named = re.compile("KeptApart(Note|Revision)|keptapart(note|revision)|note_kept_apart|keep_apart_note")
    found = {
        str(path.relative_to(here)) for path in here.rglob("*.py") if named.search(path.read_text("utf-8"))
    }
    assert found == known
