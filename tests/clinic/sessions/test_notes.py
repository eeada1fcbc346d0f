"""Drafts that nobody loses, one signature, a co-signature where it is due, and only addenda afterwards."""

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry as Entered
from stepwell.clinic.people.models import Credential, Staff
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Addendum, Attendance, Note, NotePart, NoteSignature
from stepwell.clinic.timetable.models import Occurrence
from tests.clinic.sessions.making import group_of, part, signed, written
from tests.making import NOW, actor, make_site, make_staff


@pytest.fixture
def group(site, counselor):
    return group_of(site, counselor)


def draft(by, session, **facts):
    facts = {"revision": 0, "shared": "We mapped triggers.", "topic": "Triggers", "parts": [], **facts}
    return actions.save_draft(by=by, at=NOW, occurrence=session, **facts)


def test_a_draft_holds_the_shared_text_and_each_part(by, group):
    session, (ana, ben) = group
    note = draft(by, session, parts=[part(ana), part(ben, text="Quiet today.")])
    assert (note.revision, note.shared, note.topic, note.saved_by_id) == (
        1,
        "We mapped triggers.",
        "Triggers",
        by.staff_id,
    )
    assert NotePart.objects.get(patient=ben).text == "Quiet today."


def test_saving_the_same_again_writes_nothing(by, group):
    session, (ana, _) = group
    first = draft(by, session, parts=[part(ana)])
    assert draft(by, session, revision=1, parts=[part(ana)]).revision == first.revision
    assert Entered.objects.filter(action="sessions.save_draft").count() == 1


def test_a_draft_leaves_an_entry_for_each_person_of_whom_something_was_written(by, group):
    session, (ana, ben) = group
    draft(by, session, parts=[part(ana), part(ben)])
    draft(by, session, revision=1, parts=[part(ana), part(ben, text="Quiet today.")])
    draft(by, session, revision=2, shared="More.", parts=[part(ana), part(ben, text="Quiet today.")])
    whose = Entered.objects.filter(action="sessions.save_draft").order_by("seq")
    assert list(whose.values_list("patient_id", flat=True)) == [ana.pk, ben.pk, ben.pk, None]


def test_a_draft_saved_by_somebody_else_since_is_not_overwritten(site, by, group, counselor):
    session, (ana, _) = group
    other = make_staff(site, name="Lena Lindqvist")
    Occurrence.objects.filter(pk=session.pk).update(cofacilitator=other)
    draft(actor(other), session, shared="Lena's words.", parts=[part(ana)])
    with pytest.raises(
        Refused, match=r"Lindqvist saved this note at 10:00 am, after you opened it\. Nothing is lost"
    ):
        draft(by, session, shared="My words.")
    assert Note.objects.get().shared == "Lena's words."


def test_the_saves_of_one_open_page_never_clash_with_each_other(by, group):
    session, _ = group
    draft(by, session, page="p1")
    assert draft(by, session, shared="More.", revision=0, page="p1").revision == 2
    with pytest.raises(Refused, match="after you opened it"):
        draft(by, session, shared="From another window.", revision=0, page="p2")


def test_only_who_leads_the_session_writes_its_note(site, group):
    with pytest.raises(Denied, match="Only who leads this session writes its note: Nia Okafor"):
        draft(actor(make_staff(site)), group[0])
    with pytest.raises(Denied, match="write and sign own notes"):
        draft(actor(make_staff(site, Role.BILLER)), group[0])


def test_a_tap_that_is_not_on_offer_is_refused(by, group):
    with pytest.raises(Refused, match="not on offer"):
        draft(by, group[0], parts=[part(group[1][0], risk="<b>")])


def test_an_objective_of_another_patient_is_refused(by, group):
    with pytest.raises(Refused, match="another person's plan"):
        draft(by, group[0], parts=[part(group[1][0], objective_id=12345)])


def test_no_risk_is_said_of_those_not_marked_yet_and_present(by, group):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    draft(by, session, parts=[part(ana, risk="watch")])
    actions.no_risk_seen(by=by, at=NOW, occurrence=session)
    assert dict(NotePart.objects.values_list("patient_id", "risk")) == {ana.pk: "watch", ben.pk: "none"}


def test_signing_seals_the_note_and_everything_under_it(by, group):
    session, (ana, ben) = group
    note = written(by, session, [ana, ben])
    actions.record_attendance(
        by=by, at=NOW, occurrence=session,
        entries=[actions.Entry(patient_id=ben.pk, outcome="present", left=session.ends - timedelta(minutes=20))],
    )  # fmt: skip
    note = actions.sign_note(by=by, at=NOW, note=note, revision=1)
    signature = NoteSignature.objects.get()
    assert (note.signed_at, note.late, note.cosigner, len(note.content_hash)) == (NOW, False, None, 64)
    assert (signature.name, signature.credential, signature.role, signature.content_hash, signature.at) == (
        "Nia Okafor", "LPC", "author", note.content_hash, NOW,
    )  # fmt: skip
    assert dict(NotePart.objects.values_list("patient_id", "minutes")) == {ana.pk: 60, ben.pk: 40}
    assert set(Attendance.objects.values_list("locked_at", flat=True)) == {NOW}
    entries = Entered.objects.filter(action="sessions.sign_note").values_list("patient_id", flat=True)
    assert sorted(entries) == sorted([ana.pk, ben.pk])


def test_a_note_is_signed_once(by, group):
    session, patients = group
    note = signed(by, session, patients)
    with pytest.raises(Refused, match=r"already signed, at 10:00 am"):
        actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)
    assert NoteSignature.objects.count() == 1
    with pytest.raises(Refused, match="already signed"):
        draft(by, session, revision=note.revision, shared="Changed.")


def test_a_note_that_changed_since_it_was_read_is_not_signed(by, group):
    session, patients = group
    note = written(by, session, patients)
    with pytest.raises(Refused, match="after you opened it"):
        actions.sign_note(by=by, at=NOW, note=note, revision=0)


def test_what_is_missing_is_named_with_its_mend(by, group):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(
        by, session, topic="", parts=[part(ana), part(ben, risk="", participation="", response="", text="")]
    )
    with pytest.raises(Refused) as no:
        actions.sign_note(by=by, at=NOW, note=note, revision=1)
    assert no.value.sentence == (
        "This note cannot be signed yet. Say what the session was about. "
        "Say how Ben took part and responded. Write a line of Ben's own, or link an objective. "
        "Mark the risk screen for Ben."
    )
    assert Note.objects.get().signed_at is None


def test_an_absent_person_needs_no_part_but_gets_one(by, group):
    session, (ana, ben) = group
    actions.record_attendance(
        by=by,
        at=NOW,
        occurrence=session,
        entries=[actions.Entry(patient_id=ben.pk, outcome="excused", reason="Ill")],
    )
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(by, session, parts=[part(ana)])
    actions.sign_note(by=by, at=NOW, note=note, revision=1)
    assert dict(NotePart.objects.values_list("patient_id", "minutes")) == {ana.pk: 60, ben.pk: 0}


def test_the_note_of_a_cancelled_session_is_not_signed(by, group):
    session, patients = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    note = draft(by, session, parts=[part(patient) for patient in patients])
    Occurrence.objects.filter(pk=session.pk).update(cancelled_at=NOW, cancelled_because="Snow")
    with pytest.raises(Refused, match="This session was cancelled"):
        actions.sign_note(by=by, at=NOW, note=note, revision=1)


def test_a_note_signed_after_its_hours_is_marked_late(by, group):
    session, patients = group
    assert signed(by, session, patients, at=NOW + timedelta(hours=72)).late is True


def test_an_expired_credential_does_not_sign(by, group, counselor):
    session, patients = group
    Credential.objects.filter(staff=counselor).update(expires_on=date(2026, 3, 1))
    with pytest.raises(Refused, match="expired on 1 Mar 2026"):
        signed(by, session, patients)


def test_a_note_of_a_trainee_waits_for_the_supervisor(site, by, counselor):
    trainee = make_staff(site, Role.FACILITATOR, credential="INTERN")
    session, patients = group_of(site, trainee)
    with pytest.raises(Refused, match="no supervisor is on file"):
        signed(actor(trainee), session, patients)
    Credential.objects.filter(staff=trainee).update(supervisor=counselor)
    note = actions.sign_note(by=actor(trainee), at=NOW, note=Note.objects.get(), revision=1)
    assert note.cosigner == counselor
    with pytest.raises(Denied, match="waits for the co-signature of Nia Okafor"):
        actions.cosign_note(by=actor(make_staff(site)), at=NOW, note=note)
    actions.cosign_note(by=by, at=NOW, note=note)
    roles = NoteSignature.objects.order_by("pk").values_list("role", "staff", "content_hash")
    assert list(roles) == [
        ("author", trainee.pk, note.content_hash),
        ("cosigner", counselor.pk, note.content_hash),
    ]
    with pytest.raises(Refused, match="already co-signed"):
        actions.cosign_note(by=by, at=NOW, note=note)


def test_a_signed_note_only_grows_by_addenda(site, by, group):
    session, (ana, ben) = group
    note = signed(by, session, [ana, ben])
    facts = {
        "by": by,
        "at": NOW,
        "note": note,
        "text": "She also called her sister.",
        "reason": "Remembered later",
    }
    actions.add_addendum(kind="addendum", patient=ana, **facts)
    actions.add_addendum(kind="correction", **facts)
    assert list(Addendum.objects.order_by("pk").values_list("kind", "patient")) == [
        ("addendum", ana.pk),
        ("correction", None),
    ]
    seen = (
        Entered.objects.filter(action="sessions.addendum")
        .order_by("seq")
        .values_list("patient_id", flat=True)
    )
    assert list(seen) == [ana.pk, ana.pk, ben.pk]
    peer = actor(make_staff(site, Role.PEER, credential="CPS"))
    with pytest.raises(Denied, match="Only who signed this note corrects it"):
        actions.add_addendum(kind="correction", **{**facts, "by": peer})
    colleague = actor(make_staff(site))
    for kind in ("correction", "entered_in_error"):
        with pytest.raises(Denied, match="Only who signed this note corrects it"):
            actions.add_addendum(kind=kind, **{**facts, "by": colleague})
    Staff.objects.filter(pk=by.staff_id).update(ends_on=NOW.date())
    assert actions.add_addendum(kind="correction", **{**facts, "by": colleague}).by_id == colleague.staff_id
    with pytest.raises(Refused, match="what is added and why"):
        actions.add_addendum(kind="addendum", **{**facts, "text": " "})


@pytest.mark.parametrize("model", [Note, NotePart, Attendance, NoteSignature])
def test_the_database_keeps_what_is_signed(by, group, model):
    session, patients = group
    signed(by, session, patients)
    column = {
        Note: {"shared": "x"},
        NotePart: {"text": "x"},
        Attendance: {"reason": "x"},
        NoteSignature: {"name": "x"},
    }
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        model.objects.update(**column[model])
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        model.objects.filter(pk__gt=0)._raw_delete("default")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"signed_at": NOW}, "signed_note_is_not_blank"),
        ({"cosigned_at": NOW}, "cosigned_after_signing"),
    ],
)
def test_the_database_refuses_a_blank_signature(by, group, change, name):
    draft(by, group[0])
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Note.objects.update(**change)


def test_signing_costs_the_same_for_one_person_and_for_twelve(site, by, counselor):
    counts = []
    for people in (1, 12):
        session, patients = group_of(site, counselor if people == 1 else make_staff(site), people)
        who = (
            by
            if people == 1
            else actor(Occurrence.objects.select_related("facilitator__user").get(pk=session.pk).facilitator)
        )
        note = written(who, session, patients)
        with CaptureQueriesContext(connection) as asked:
            actions.sign_note(by=who, at=NOW, note=note, revision=note.revision)
        counts.append(len([q for q in asked if "SAVEPOINT" not in q["sql"]]))
    assert counts == [9, 9]


def test_a_stranger_signs_nothing_here(by, group):
    session, patients = group
    note = written(by, session, patients)
    with pytest.raises(Denied):
        actions.sign_note(by=actor(make_staff(make_site())), at=NOW, note=note, revision=1)


def test_of_two_facilitators_who_sign_at_once_one_signs(committed_database):
    site = make_site("Race")
    first, second = make_staff(site, name="Nia Okafor"), make_staff(site, name="Lena Lindqvist")
    session, patients = group_of(site, first, 3)
    Occurrence.objects.filter(pk=session.pk).update(cofacilitator=second)
    note = written(actor(first), session, patients)
    said: list[str] = []
    gate = threading.Barrier(2)

    def sign(staff):
        who = actor(staff)
        gate.wait()
        try:
            actions.sign_note(by=who, at=NOW, note=note, revision=1)
            said.append("signed")
        except Refused as no:
            said.append(no.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(staff,)) for staff in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["This note was already signed, at 10:00 am. It is signed once.", "signed"]
    assert (NoteSignature.objects.count(), Entered.objects.filter(action="sessions.sign_note").count()) == (
        1,
        3,
    )
