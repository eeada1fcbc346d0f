"""Groups become rows, seats go once, and nobody is in two places."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Reservation
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable import actions
from stepwell.clinic.timetable.models import (
    Enrollment,
    Meeting,
    Occurrence,
    Program,
    Seat,
    TherapyGroup,
    Track,
)
from tests.clinic.timetable.making import MONDAY, admitted, first_session, make_group, make_session
from tests.making import NOW, TODAY, actor, make_patient, make_room, make_site, make_staff


@pytest.fixture
def director(site):
    return actor(make_staff(site, Role.DIRECTOR))


def dates(group):
    return [
        d.isoformat()
        for d in Occurrence.objects.filter(group=group)
        .order_by("starts")
        .values_list("local_date", flat=True)
    ]


def last_entry():
    return Entry.objects.order_by("-seq").values_list("action", "patient_id")[0]


def test_the_horizon_makes_the_sessions_of_this_week_and_two_more(site, counselor):
    group = make_group(site, counselor)
    assert dates(group) == [
        "2026-03-18",
        "2026-03-20",
        "2026-03-25",
        "2026-03-27",
        "2026-04-01",
        "2026-04-03",
    ]
    first = first_session(group)
    assert (first.starts, first.ends) == (
        datetime(2026, 3, 18, 22, 0, tzinfo=UTC),
        datetime(2026, 3, 18, 23, 30, tzinfo=UTC),
    )
    assert (first.title, first.treatment, first.facilitator, first.room) == (
        "Relapse prevention", "skills", counselor, group.room,
    )  # fmt: skip


def test_a_second_horizon_makes_nothing_twice(site, counselor):
    group = make_group(site, counselor)
    assert actions.extend_horizon(by=stepwell_itself(), at=NOW) == 0
    assert len(dates(group)) == 6


def test_no_session_on_a_holiday(site, counselor):
    director = actor(make_staff(site, Role.DIRECTOR))
    group = make_group(site, counselor)
    thanksgiving = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    actions.add_meeting(
        by=director,
        at=thanksgiving,
        group=group,
        weekday=3,
        starts_at=time(9),
        minutes=60,
        first_on=date(2026, 11, 23),
    )
    actions.extend_horizon(by=director, at=thanksgiving, weeks=1, site=site)
    assert "2026-11-26" not in dates(group)
    assert "2026-12-03" in dates(group)


def test_topics_roll_on_from_week_to_week(site, counselor):
    group = make_group(site, counselor, topics=["Triggers", "Cravings"])
    topics = list(Occurrence.objects.filter(group=group).order_by("starts").values_list("topic", flat=True))
    assert topics == ["Triggers", "Triggers", "Cravings", "Cravings", "Triggers", "Triggers"]


def test_a_group_whose_facilitator_is_taken_meets_without_one_instead_of_vanishing(site, counselor):
    make_group(site, counselor)
    second = make_group(site, counselor, name="Process group")
    session = first_session(second)
    assert (session.facilitator, session.room) == (None, second.room)


def test_the_horizon_costs_the_same_for_one_group_and_for_ten(site, counselor, django_assert_num_queries):
    director = actor(make_staff(site, Role.DIRECTOR))
    groups = [make_group(site, counselor, meets=((0, time(8)),))]
    later = NOW + timedelta(weeks=1)
    with django_assert_num_queries(11):
        actions.extend_horizon(by=director, at=later, site=site)
    groups += [make_group(site, meets=((1, time(8)),), name=f"Group {n}") for n in range(9)]
    with django_assert_num_queries(11):
        actions.extend_horizon(by=director, at=later + timedelta(weeks=1), site=site)


def test_enrolling_gives_a_seat_and_holds_the_patient_for_each_coming_session(site, by):
    group, patient = make_group(site), admitted(site)
    enrollment = actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=date(2026, 3, 20))
    assert (
        list(
            Seat.objects.filter(patient=patient)
            .order_by("occurrence__starts")
            .values_list("number", flat=True)
        )
        == [1] * 5
    )
    assert Reservation.objects.filter(patient=patient, released_at=None).count() == 5
    assert last_entry() == ("timetable.enroll", patient.pk)
    assert Enrollment.objects.get() == enrollment


def test_a_later_horizon_seats_those_who_belong_to_the_group(site, by):
    group, patient = make_group(site), admitted(site)
    actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=TODAY)
    before = Seat.objects.filter(patient=patient).count()
    actions.extend_horizon(by=stepwell_itself(), at=NOW + timedelta(weeks=1), weeks=2)
    assert Seat.objects.filter(patient=patient).count() == before + 2


def test_who_is_not_admitted_is_not_enrolled(site, by):
    with pytest.raises(Refused, match="is not admitted here"):
        actions.enroll(by=by, at=NOW, patient=make_patient(site), group=make_group(site), starts_on=TODAY)
    assert Enrollment.objects.count() == 0


def test_nobody_is_enrolled_twice(site, by):
    group, patient = make_group(site), admitted(site)
    actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=TODAY)
    with pytest.raises(Refused, match="already belongs to Relapse prevention"):
        actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=TODAY)


def test_a_full_group_names_the_days_and_books_nothing(site, by):
    group = make_group(site, capacity=3)
    for name in ("Ben", "Carla", "Dev"):
        actions.enroll(by=by, at=NOW, patient=admitted(site, name), group=group, starts_on=TODAY)
    ana = admitted(site)
    with pytest.raises(Refused, match=r"Relapse prevention is full on Wed 18 Mar, 6:00 pm, .* and 3 more"):
        actions.enroll(by=by, at=NOW, patient=ana, group=group, starts_on=TODAY)
    assert (Seat.objects.filter(patient=ana).count(), Enrollment.objects.filter(patient=ana).count()) == (
        0,
        0,
    )


def test_a_patient_in_two_groups_at_once_is_refused_with_the_name_of_the_first(site, by):
    patient = admitted(site)
    actions.enroll(by=by, at=NOW, patient=patient, group=make_group(site), starts_on=TODAY)
    other = make_group(site, name="Yoga", meets=((4, time(19)),))
    with pytest.raises(Refused, match=r"Ana R\. already has Relapse prevention on Fri 20 Mar, 6:00 pm\."):
        actions.enroll(by=by, at=NOW, patient=patient, group=other, starts_on=TODAY)
    assert Seat.objects.filter(patient=patient, occurrence__group=other).count() == 0


def test_the_last_seat_goes_once(site, by):
    session = first_session(make_group(site, capacity=3))
    for name in ("Ben", "Carla", "Dev"):
        actions.book_seat(by=by, at=NOW, patient=admitted(site, name), occurrence=session)
    with pytest.raises(Refused, match=r"^The last seat was just taken\."):
        actions.book_seat(by=by, at=NOW, patient=admitted(site), occurrence=session)


def test_of_two_receptionists_and_the_last_seat_one_books(committed_database):
    site = make_site("Race")
    session = first_session(make_group(site, capacity=3))
    desk = make_staff(site, Role.ADMISSIONS)
    for name in ("Ben", "Carla"):
        actions.book_seat(by=actor(desk), at=NOW, patient=admitted(site, name), occurrence=session)
    said: list[str] = []
    gate = threading.Barrier(2)

    def book(patient):
        who = actor(desk)
        gate.wait()
        try:
            actions.book_seat(by=who, at=NOW, patient=patient, occurrence=session)
            said.append("booked")
        except Refused as no:
            said.append(no.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=book, args=(admitted(site, name),)) for name in ("Ana", "Dev")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [
        "The last seat was just taken. Choose another session; nothing was booked.",
        "booked",
    ]
    assert Seat.objects.filter(occurrence=session).count() == 3


def test_the_database_itself_refuses_a_seat_taken_twice(site, by):
    session = first_session(make_group(site))
    seat = actions.book_seat(by=by, at=NOW, patient=admitted(site), occurrence=session)
    facts = {"occurrence": session, "capacity": 4, "at": NOW}
    with pytest.raises(IntegrityError, match="seat_taken_once"), transaction.atomic():
        Seat.objects.create(patient=make_patient(site), number=1, **facts)
    with pytest.raises(IntegrityError, match="one_seat_a_patient"), transaction.atomic():
        Seat.objects.create(patient=seat.patient, number=2, **facts)
    with pytest.raises(IntegrityError, match="seat_within_capacity"), transaction.atomic():
        Seat.objects.create(patient=make_patient(site), number=5, **facts)


@pytest.mark.parametrize(
    ("model", "change", "name"),
    [
        (TherapyGroup, {"capacity": 0}, "group_capacity"),
        (TherapyGroup, {"room": None}, "group_on_site_has_a_room"),
        (TherapyGroup, {"name": " "}, "group_has_a_name"),
        (TherapyGroup, {"mode": "fax"}, "group_mode_known"),
        (Meeting, {"weekday": 7}, "meeting_on_a_weekday"),
        (Meeting, {"minutes": 5}, "meeting_minutes_sensible"),
        (Meeting, {"every_weeks": 0}, "meeting_interval_sensible"),
        (Occurrence, {"kind": "party"}, "occurrence_kind_known"),
        (Occurrence, {"group": None}, "group_session_has_its_group"),
        (Occurrence, {"capacity": 0}, "occurrence_capacity_sensible"),
        (Occurrence, {"cancelled_at": NOW}, "cancelled_with_a_reason"),
        (Occurrence, {"ends": datetime(2026, 1, 1, tzinfo=UTC)}, "occurrence_ends_after_start"),
    ],
)
def test_the_database_refuses_nonsense(site, model, change, name):
    make_group(site)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.update(**change)


def test_a_free_seat_is_the_lowest_number(site, by):
    session = first_session(make_group(site))
    first = actions.book_seat(by=by, at=NOW, patient=admitted(site), occurrence=session)
    actions.book_seat(by=by, at=NOW, patient=admitted(site, "Ben"), occurrence=session)
    actions.release_seat(by=by, at=NOW, seat=first, because="Works tonight")
    third = actions.book_seat(by=by, at=NOW, patient=admitted(site, "Carla"), occurrence=session)
    assert third.number == 1
    assert Reservation.objects.filter(patient=first.patient, released_at=None).count() == 0


def test_leaving_a_group_releases_the_later_seats(site, by):
    group, patient = make_group(site), admitted(site)
    enrollment = actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=TODAY)
    actions.end_enrollment(by=by, at=NOW, enrollment=enrollment, last_on=date(2026, 3, 25), because="New job")
    left = Seat.objects.filter(patient=patient, released_at=None).order_by("occurrence__starts")
    assert [s.occurrence.local_date.isoformat() for s in left] == ["2026-03-18", "2026-03-20", "2026-03-25"]
    with pytest.raises(Refused, match="already ended"):
        actions.end_enrollment(by=by, at=NOW, enrollment=enrollment, last_on=TODAY, because="Again")


def test_a_discharged_patient_leaves_everything(site, by):
    group, patient = make_group(site), admitted(site)
    actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=TODAY)
    assert actions.leave_all(by=by, at=NOW, patient=patient, because="Discharged") == 6
    assert Reservation.objects.filter(patient=patient, released_at=None).count() == 0
    assert Enrollment.objects.get().ends_on == TODAY


def test_a_cancelled_session_frees_room_staff_and_patients(site, by):
    patient = admitted(site)
    group = make_group(site)
    session = first_session(group)
    actions.book_seat(by=by, at=NOW, patient=patient, occurrence=session)
    actions.cancel_occurrence(by=by, at=NOW, occurrence=session, because="Snow")
    assert Reservation.objects.filter(subject_id=session.pk, released_at=None).count() == 0
    assert Seat.objects.get().released_because == "The session was cancelled."
    assert last_entry() == ("timetable.cancel_occurrence", patient.pk)
    with pytest.raises(Refused, match="already cancelled"):
        actions.cancel_occurrence(by=by, at=NOW, occurrence=session, because="Snow")
    with pytest.raises(Refused, match="is cancelled"):
        actions.book_seat(by=by, at=NOW, patient=patient, occurrence=session)


def test_a_single_session_refuses_a_facilitator_who_is_elsewhere(site, counselor):
    make_session(site, counselor, [make_patient(site)])
    with pytest.raises(Refused, match=r"Okafor already has Individual session on Wed 18 Mar, 10:00 am\."):
        make_session(site, counselor, [make_patient(site, "Ben")], starts=NOW + timedelta(minutes=30))
    assert Occurrence.objects.count() == 1


def test_a_single_session_refuses_a_room_that_is_taken(site, counselor):
    room = make_room(site, name="Room A")
    make_session(site, counselor, [make_patient(site)], room=room, mode="on_site")
    with pytest.raises(Refused, match="Room A is taken by Individual session"):
        make_session(site, make_staff(site), [make_patient(site, "Ben")], room=room, mode="on_site")


def test_a_single_session_may_begin_when_the_one_before_ends(site, counselor):
    make_session(site, counselor, [make_patient(site)])
    make_session(site, counselor, [make_patient(site, "Ben")], starts=NOW + timedelta(hours=1))
    assert Occurrence.objects.count() == 2


def test_a_peer_schedules_own_sessions_only(site, counselor):
    peer = make_staff(site, Role.PEER, credential="CPS")
    facts = {
        "site": site, "kind": "peer", "treatment": "peer", "mode": "video", "patients": [make_patient(site)],
        "starts": NOW + timedelta(days=1), "ends": NOW + timedelta(days=1, hours=1),
    }  # fmt: skip
    actions.schedule_session(by=actor(peer), at=NOW, facilitator=peer, **facts)
    with pytest.raises(Denied, match="sessions that you lead yourself"):
        actions.schedule_session(by=actor(peer), at=NOW, facilitator=counselor, **facts)


def test_a_session_is_handed_over_with_its_time(site, counselor, director):
    session = make_session(site, counselor, [make_patient(site)])
    other = make_staff(site, name="Lena Lindqvist")
    actions.hand_over(by=actor(counselor), at=NOW, occurrence=session, to=other)
    assert set(
        Reservation.objects.filter(subject_id=session.pk, released_at=None)
        .exclude(staff=None)
        .values_list("staff", flat=True)
    ) == {other.pk}
    with pytest.raises(Denied, match="Only who leads this session"):
        actions.hand_over(by=actor(counselor), at=NOW, occurrence=session, to=counselor)


def test_nothing_is_booked_across_sites(site, counselor, director):
    elsewhere = make_site()
    stranger, their_room = make_staff(elsewhere, name="Omar Haddad"), make_room(elsewhere, name="Harbor")
    facts = {
        "by": director, "at": NOW, "site": site, "kind": "individual", "treatment": "individual",
        "starts": NOW + timedelta(days=1), "ends": NOW + timedelta(days=1, hours=1),
    }  # fmt: skip
    own = {"facilitator": counselor, "patients": [make_patient(site)], "room": None, "mode": "video"}
    for other, sentence in (
        ({"facilitator": stranger}, "Omar Haddad does not work at this site"),
        ({"room": their_room}, "Harbor is at another site"),
        ({"patients": [make_patient(elsewhere, "Ben")]}, "belongs to another site"),
        ({"kind": "party"}, "Choose what kind of session"),
    ):
        with pytest.raises(Refused, match=sentence):
            actions.schedule_session(**{**facts, **own, **other})
    assert Occurrence.objects.count() == 0
    session = make_session(site, counselor, own["patients"] * 2)
    assert session.capacity == 1
    with pytest.raises(Refused, match="Omar Haddad does not work at this site"):
        actions.hand_over(by=director, at=NOW, occurrence=session, to=stranger)
    with pytest.raises(Refused, match="Omar Haddad does not work at this site"):
        make_group(site, stranger)
    with pytest.raises(Refused, match="Harbor is at another site"):
        make_group(site, counselor, room=their_room)


def test_ending_a_meeting_leaves_no_ghosts(site, director):
    group = make_group(site)
    meeting = Meeting.objects.get(weekday=4)
    actions.end_meeting(by=director, at=NOW, meeting=meeting, last_on=date(2026, 3, 20))
    standing = Occurrence.objects.filter(group=group, cancelled_at=None).order_by("starts")
    assert [o.local_date.isoformat() for o in standing] == [
        "2026-03-18",
        "2026-03-20",
        "2026-03-25",
        "2026-04-01",
    ]
    assert actions.extend_horizon(by=director, at=NOW) == 0


def test_a_program_with_tracks_is_set_up_once(site, director):
    program = actions.set_up_program(
        by=director, at=NOW, site=site, name="IOP", level="2.1", minutes_least=540, minutes_most=1140
    )
    track = actions.set_up_track(by=director, at=NOW, program=program, name="Evening", kind="evening")
    assert (Program.objects.get(), Track.objects.get()) == (program, track)
    with pytest.raises(Refused, match="already a program called IOP"):
        actions.set_up_program(
            by=director, at=NOW, site=site, name="IOP", level="2.1", minutes_least=1, minutes_most=2
        )
    with pytest.raises(Refused, match="already has a track called Evening"):
        actions.set_up_track(by=director, at=NOW, program=program, name="Evening", kind="day")


def test_nobody_without_a_fitting_credential_leads_a_group(site):
    with pytest.raises(Refused, match="cannot lead a group"):
        make_group(site, make_staff(site, credential="LPN"))


def test_a_room_too_small_is_refused(site):
    with pytest.raises(Refused, match="holds 2 people"):
        make_group(site, room=make_room(site, capacity=2))


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.ADMISSIONS, Role.BILLER, Role.COMPLIANCE])
def test_only_the_director_sets_up_programs(site, role):
    with pytest.raises(Denied, match="set up programs, tracks and groups"):
        actions.set_up_program(
            by=actor(make_staff(site, role)),
            at=NOW,
            site=site,
            name="X",
            level="2.1",
            minutes_least=1,
            minutes_most=2,
        )


@pytest.mark.parametrize("role", [Role.BILLER, Role.PRESCRIBER, Role.COMPLIANCE, Role.NURSE])
def test_who_does_not_book_seats_is_told_so(site, role):
    with pytest.raises(Denied, match="book a patient into a group or session"):
        actions.book_seat(
            by=actor(make_staff(site, role)),
            at=NOW,
            patient=admitted(site),
            occurrence=first_session(make_group(site)),
        )


def test_the_front_desk_of_another_site_books_nothing_here(site):
    stranger = actor(make_staff(make_site(), Role.ADMISSIONS))
    with pytest.raises(Denied):
        actions.book_seat(
            by=stranger, at=NOW, patient=admitted(site), occurrence=first_session(make_group(site))
        )


def test_the_week_of_the_making_is_the_week_of_now():
    assert MONDAY.weekday() == 0


def test_who_is_discharged_is_expected_nowhere_any_more(site, counselor):
    group = make_group(site, counselor, meets=((4, time(9)),))
    patient = admitted(site)
    by = actor(counselor)
    actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=TODAY)
    assert Seat.objects.filter(patient=patient, released_at__isnull=True).count() > 0
    actions.discharge(
        by=by, at=NOW, episode=Episode.objects.get(patient=patient), reason="completed", because="Goals met."
    )
    assert Seat.objects.filter(patient=patient, released_at__isnull=True).count() == 0
    assert Reservation.objects.filter(patient=patient, released_at__isnull=True).count() == 0
    assert Episode.objects.get(patient=patient).closed_at == NOW
