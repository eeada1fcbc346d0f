"""Walk-ins, guests, and attendance that is taken back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry as Entered
from stepwell.clinic.people.models import FamilyMember, Patient
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions import actions, queries
from stepwell.clinic.sessions.models import Attendance, Guest, Note
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.consent.making import consent_for_family
from tests.clinic.sessions.making import BEFORE, group_of, part, signed, written
from tests.clinic.timetable.making import admitted, make_session
from tests.making import NOW, TODAY, actor, make_family_member, make_patient, make_site, make_staff

START = NOW - timedelta(hours=1)
DURING = START + timedelta(minutes=10)


@pytest.fixture
def session(site, counselor):
    return group_of(site, counselor)[0]


@pytest.fixture
def zoe(site):
    return admitted(site, "Zoe", "Walker")


def last_entry():
    return Entered.objects.order_by("-seq").values_list("action", "patient_id")[0]


# walk-ins --


def test_a_walk_in_gets_a_seat_and_is_here_from_now_on(session, by, zoe):
    row = actions.add_walk_in(by=by, at=DURING, occurrence=session, patient=zoe)
    assert (row.outcome, row.arrived_at, row.minutes) == ("present", DURING, 50)
    assert Seat.objects.get(occurrence=session, patient=zoe).released_at is None
    assert last_entry() == ("sessions.add_walk_in", zoe.pk)
    assert actions.all_here(by=by, at=NOW, occurrence=session) == 2


def test_a_walk_in_remembered_after_the_session_was_there_from_the_start(session, by, zoe):
    row = actions.add_walk_in(by=by, at=NOW, occurrence=session, patient=zoe, mode="video")
    assert (row.arrived_at, row.minutes, row.mode) == (START, 60, "video")


def test_a_walk_in_who_is_elsewhere_at_that_time_is_refused(site, session, by, zoe):
    make_session(site, make_staff(site, name="Lee Park"), [zoe], starts=START)
    with pytest.raises(Refused, match=r"Zoe W\. already has"):
        actions.add_walk_in(by=by, at=DURING, occurrence=session, patient=zoe)
    assert (Attendance.objects.count(), Seat.objects.filter(patient=zoe, occurrence=session).count()) == (
        0,
        0,
    )


def test_a_full_group_takes_nobody_more(session, by, zoe):
    Occurrence.objects.filter(pk=session.pk).update(capacity=2)
    with pytest.raises(Refused, match="The last seat was just taken"):
        actions.add_walk_in(by=by, at=DURING, occurrence=session, patient=zoe)


def test_people_kept_apart_do_not_meet_by_walking_in(site, session, by, zoe):
    other = Seat.objects.filter(occurrence=session).first().patient
    timetable.keep_apart(
        by=actor(make_staff(site, Role.DIRECTOR)), at=DURING, patient=zoe, other=other, because="Both asked"
    )
    with pytest.raises(Refused, match=r"Zoe W\. is kept apart from somebody who has a seat here") as refused:
        actions.add_walk_in(by=by, at=DURING, occurrence=session, patient=zoe)
    assert other.family_name not in refused.value.sentence


def test_nobody_walks_in_twice_or_without_being_admitted_or_into_a_signed_note(site, session, by, zoe):
    with pytest.raises(Refused, match="is not admitted here"):
        actions.add_walk_in(by=by, at=DURING, occurrence=session, patient=make_patient(site, "New", "Comer"))
    actions.add_walk_in(by=by, at=DURING, occurrence=session, patient=zoe)
    with pytest.raises(Refused, match="already has a seat"):
        actions.add_walk_in(by=by, at=DURING, occurrence=session, patient=zoe)


def test_a_signed_session_takes_no_walk_in(site, counselor, by, zoe):
    session, patients = group_of(site, counselor, name="Signed one")
    signed(by, session, patients)
    with pytest.raises(Refused, match="The note of this session is signed"):
        actions.add_walk_in(by=by, at=NOW, occurrence=session, patient=zoe)


def test_who_may_not_book_adds_nobody(site, session, zoe):
    with pytest.raises(Denied):
        actions.add_walk_in(by=actor(make_staff(site, Role.PEER)), at=DURING, occurrence=session, patient=zoe)


def test_a_walk_in_is_found_at_the_own_site_and_not_among_those_with_a_seat(site, session, by, zoe):
    there = make_site()
    admitted(there, "Zoe", "Stranger")
    seated = Seat.objects.filter(occurrence=session).first().patient
    assert queries.walk_ins(by, session, "zoe", TODAY, most=8) == [zoe]
    assert queries.walk_ins(by, session, seated.given_name, TODAY, most=8) == []
    assert queries.walk_ins(by, session, "", TODAY, most=8) == []
    assert queries.walk_ins(actor(make_staff(site, Role.PEER)), session, "zoe", TODAY, most=8) == []
    with pytest.raises(Patient.DoesNotExist):
        queries.walk_in_for(by, session, Patient.objects.get(site=there).code)


# taken back --


def test_what_was_recorded_can_be_taken_back_until_the_note_is_signed(session, by):
    actions.all_here(by=by, at=NOW, occurrence=session)
    seat = Seat.objects.filter(occurrence=session).first()
    actions.take_back_attendance(by=by, at=NOW, occurrence=session, patient_id=seat.patient_id)
    assert Attendance.objects.filter(seat=seat).count() == 0
    assert last_entry() == ("sessions.take_back_attendance", seat.patient_id)
    with pytest.raises(Refused, match="Nothing is recorded"):
        actions.take_back_attendance(by=by, at=NOW, occurrence=session, patient_id=seat.patient_id)


def test_after_the_signature_nothing_is_taken_back(site, counselor, by):
    session, patients = group_of(site, counselor, name="Signed one")
    signed(by, session, patients)
    with pytest.raises(Refused, match="so attendance stays as it is"):
        actions.take_back_attendance(by=by, at=NOW, occurrence=session, patient_id=patients[0].pk)


# guests --


@pytest.fixture
def family(site, counselor):
    """A family session that is over as NOW begins, and the mother of its patient."""
    ana = admitted(site, "Ana", "Reyes")
    leads = make_staff(site, Role.COUNSELOR, Role.FACILITATOR, name="Lee Park")
    session = make_session(site, leads, [ana], starts=START, kind="family", treatment="family")
    return session, ana, make_family_member(ana)


def here(by, session):
    actions.all_here(by=by, at=DURING, occurrence=session)


def test_a_guest_comes_by_a_consent_that_names_attendance(family, by):
    session, ana, mother = family
    given = consent_for_family(mother, at=BEFORE)
    row = actions.add_guest(by=by, at=DURING, occurrence=session, member=mother)
    assert (row.ground, row.consent_id, row.arrived_at, row.patient_id) == (
        "consent", given.pk, DURING, ana.pk,
    )  # fmt: skip
    assert last_entry() == ("sessions.add_guest", ana.pk)
    with pytest.raises(Refused, match="Maria Reyes is recorded as here already"):
        actions.add_guest(by=by, at=DURING, occurrence=session, member=mother)


def test_without_a_consent_only_the_word_of_the_patient_who_is_there_counts(family, by):
    session, _ana, mother = family
    with pytest.raises(Refused, match=r"There is no consent on file\. Record first that Ana is here"):
        actions.add_guest(by=by, at=DURING, occurrence=session, member=mother, patient_agrees=True)
    here(by, session)
    with pytest.raises(Refused, match="Ana can say in the room"):
        actions.add_guest(by=by, at=DURING, occurrence=session, member=mother)
    row = actions.add_guest(by=by, at=DURING, occurrence=session, member=mother, patient_agrees=True)
    assert (row.ground, row.consent_id) == ("say_so", None)


def test_a_consent_to_something_else_is_none(family, by):
    session, _ana, mother = family
    consent_for_family(mother, "homework", at=BEFORE)
    with pytest.raises(Refused, match="does not cover attendance"):
        actions.add_guest(by=by, at=DURING, occurrence=session, member=mother)


def test_in_a_family_group_the_word_is_not_enough(site, counselor, by):
    session, (ana, _ben) = group_of(site, counselor, kind="family")
    mother = make_family_member(ana)
    here(by, session)
    with pytest.raises(Refused, match="cannot stay in a group with others"):
        actions.add_guest(by=by, at=DURING, occurrence=session, member=mother, patient_agrees=True)
    consent_for_family(mother, at=BEFORE)
    assert actions.add_guest(by=by, at=DURING, occurrence=session, member=mother).ground == "consent"


def test_other_groups_take_no_guests_and_nobody_of_somebody_without_a_seat(site, session, family, by):
    _, _ana, mother = family
    with pytest.raises(Refused, match="belongs to nobody who has a seat"):
        actions.add_guest(by=by, at=DURING, occurrence=session, member=mother)
    seated = Seat.objects.filter(occurrence=session).first().patient
    uncle = make_family_member(seated, "Uncle")
    consent_for_family(uncle, at=BEFORE)
    with pytest.raises(Refused, match="family sessions and family groups only"):
        actions.add_guest(by=by, at=DURING, occurrence=session, member=uncle)


def test_a_guest_leaves_and_a_mistake_is_taken_back(family, by):
    session, _ana, mother = family
    consent_for_family(mother, at=BEFORE)
    guest = actions.add_guest(by=by, at=DURING, occurrence=session, member=mother)
    later = DURING + timedelta(minutes=20)
    assert actions.guest_left(by=by, at=later, guest=guest).left_at == later
    with pytest.raises(Refused, match="gone already"):
        actions.guest_left(by=by, at=later, guest=guest)
    actions.take_back_guest(by=by, at=later, guest=guest)
    assert Guest.objects.count() == 0


def test_only_who_records_attendance_receives_guests(site, family):
    session, _ana, mother = family
    consent_for_family(mother, at=BEFORE)
    for role in (Role.ADMISSIONS, Role.BILLER, Role.DIRECTOR):
        with pytest.raises(Denied):
            actions.add_guest(by=actor(make_staff(site, role)), at=DURING, occurrence=session, member=mother)
        assert queries.family_here(actor(make_staff(site, role)), NOW, session, []) == []


def test_family_is_read_in_the_same_statements_for_one_and_for_ten(site, counselor, by):
    costs = []
    for people in (1, 10):
        session, patients = group_of(site, counselor if people == 1 else make_staff(site, Role.COUNSELOR, Role.FACILITATOR, name="Lee Park"), people, name=f"Families {people}", kind="family")  # fmt: skip
        for patient in patients:
            consent_for_family(make_family_member(patient), at=BEFORE)
        seats = queries.roster_of(by, session)
        with CaptureQueriesContext(connection) as asked:
            rows = queries.family_here(by, NOW, session, seats)
        assert [row.without_word.allowed for row in rows] == [True] * people
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_a_member_and_a_guest_of_another_session_are_not_there(site, session, family, by):
    other, _ana, mother = family
    consent_for_family(mother, at=BEFORE)
    guest = actions.add_guest(by=by, at=DURING, occurrence=other, member=mother)
    with pytest.raises(FamilyMember.DoesNotExist):
        queries.member_for(by, session, mother.pk)
    with pytest.raises(Guest.DoesNotExist):
        queries.guest_for(by, session, guest.pk)


# what to look out for --


def test_a_guests_name_is_in_no_chart_but_the_own_persons(site, counselor, by):
    session, (ana, ben) = group_of(site, counselor)
    Occurrence.objects.filter(pk=session.pk).update(treatment="family")
    session.refresh_from_db()
    for name in ("Rosa Unmistakable", "Mom"):
        member = make_family_member(ana, name)
        consent_for_family(member, at=BEFORE)
        actions.add_guest(by=by, at=NOW, occurrence=session, member=member)
    actions.all_here(by=by, at=NOW, occurrence=session)

    def write(
        shared, *, to_ana="Came with Rosa Unmistakable and Mom.", to_ben="Listened to the others for once."
    ):
        note = Note.objects.filter(occurrence=session).first()
        note = actions.save_draft(
            by=by, at=NOW, occurrence=session, revision=note.revision if note else 0, shared=shared, topic="Roles",
            parts=[part(ana, text=to_ana), part(ben, text=to_ben)],
        )  # fmt: skip
        return actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)

    with pytest.raises(Refused, match="The shared part names Ana; take the name out"):
        write("We heard rosa  unmistakable speak of her weeks.")
    with pytest.raises(Refused, match="Ben's part names another patient"):
        write("We spoke of the weeks.", to_ben="Was comforted by Rosa Unmistakable.")
    assert write("We spoke of the weeks; one mom spoke.").signed_at == NOW


def test_the_last_signed_risk_is_read_by_who_reads_notes(site, counselor, by):
    before, patients = group_of(site, counselor, name="Before")
    actions.all_here(by=by, at=NOW, occurrence=before)
    note = actions.save_draft(
        by=by, at=NOW, occurrence=before, revision=0, shared="The group mapped triggers.", topic="Triggers",
        parts=[part(patients[0], risk="watch"), part(patients[1])],
    )  # fmt: skip
    later = make_session(site, counselor, [patients[0]], starts=NOW + timedelta(days=1))
    ids = [patient.pk for patient in patients]
    assert queries.last_risks(by, later, ids) == {}
    actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)
    found = queries.last_risks(by, later, ids)
    assert {pk: row.risk for pk, row in found.items()} == {patients[0].pk: "watch"}
    assert queries.last_risks(actor(make_staff(site, Role.PEER)), later, ids) == {}


def test_a_draft_stays_when_somebody_walks_in(session, by, zoe):
    patients = [seat.patient for seat in Seat.objects.filter(occurrence=session).select_related("patient")]
    note = written(by, session, patients)
    actions.add_walk_in(by=by, at=NOW, occurrence=session, patient=zoe)
    again = actions.save_draft(
        by=by, at=NOW, occurrence=session, revision=note.revision, shared=note.shared, topic=note.topic,
        parts=[part(one) for one in (*patients, zoe)],
    )  # fmt: skip
    assert again.parts.count() == 3
