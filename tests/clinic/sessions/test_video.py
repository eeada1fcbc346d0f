"""The door, the room, the keys, the line, and attendance from presence."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.sessions.video import actions, queries, signalling
from stepwell.clinic.sessions.video.models import JoinStatement, VideoPresence, VideoRoom, VideoSignal
from stepwell.clinic.sessions.video.rules import Said, ShownAs
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.consent.making import consent_for_family
from tests.clinic.sessions.making import BEFORE, group_of
from tests.clinic.timetable.making import admitted, first_session, make_group
from tests.making import NOW, actor, make_family_member, make_login, make_patient, make_site, make_staff

START = NOW - timedelta(hours=1)
"""The session of `group_of` runs from here to NOW."""
IN = START + timedelta(minutes=5)
BORN = date(1990, 5, 4)
SAID = Said(birth_date=BORN, place="12 Oak Street, Decatur", listening="alone", phone="404-555-0101")


@pytest.fixture
def session(site, counselor):
    return group_of(site, counselor, people=3)


def own(patient, at=IN):
    return actor_of(make_login(patient), at=at)


def guest(by, occurrence, at=IN):
    return queries.guest_for(by, occurrence.pk, at)


def come(by, occurrence, at=IN, **more):
    found = guest(by, occurrence, at)
    more.setdefault("said", SAID if found.patient else None)
    return actions.enter(by=by, at=at, guest=found, gateway=False, **more)


def test_a_patient_waits_until_let_in_and_who_leads_does_not(by, session):
    occurrence, (ana, *_) = session
    leads, patient = come(by, occurrence), come(own(ana), occurrence)
    assert leads.admitted_at == IN
    assert patient.admitted_at is None
    assert signalling.beat(at=IN, presence=patient, after=0, told=signalling.Told())["state"]["people"] == []
    assert actions.admit(by=by, at=IN, guest=guest(by, occurrence), who=()) == 1
    patient.refresh_from_db()
    state = signalling.beat(at=IN, presence=patient, after=0, told=signalling.Told())["state"]
    assert [p["name"] for p in state["people"]] == [leads.shown, "Ana"]
    assert "waiting" not in state
    assert "said" not in state
    assert Entry.objects.filter(action="video.admit", patient_id=ana.pk).count() == 1


def test_what_is_said_at_the_door_is_a_row_for_who_leads(by, session):
    occurrence, (ana, *_) = session
    leads = come(by, occurrence)
    waiting = come(own(ana), occurrence, shown_as=ShownAs.BOARD)
    row = JoinStatement.objects.get(presence=waiting)
    assert (row.patient_id, row.place, row.phone) == (ana.pk, SAID.place, SAID.phone)
    state = signalling.beat(at=IN, presence=leads, after=0, told=signalling.Told())["state"]
    assert state["waiting"] == [
        {
            "id": waiting.pk,
            "name": "Ana F.",
            "family": False,
            "statement": {"place": SAID.place, "listening": "No, I am alone", "phone": SAID.phone},
        }
    ]


def test_the_questions_are_asked_each_time_but_not_after_a_broken_line(by, session):
    occurrence, (ana, *_) = session
    patient = own(ana)
    with pytest.raises(actions.Incomplete) as asked:
        come(patient, occurrence, said=Said())
    assert set(asked.value.wrong) == {"birth_date", "place", "listening", "phone"}
    first = come(patient, occurrence)
    again = come(patient, occurrence, at=IN + timedelta(seconds=60), said=Said())
    assert (again.pk, again.epoch) == (first.pk, 2)
    actions.leave(by=patient, at=IN + timedelta(seconds=70), presence=again)
    with pytest.raises(actions.Incomplete):
        come(patient, occurrence, at=IN + timedelta(seconds=80), said=Said())
    late = IN + timedelta(minutes=10)
    assert come(patient, occurrence, at=late).pk != first.pk
    with pytest.raises(actions.Incomplete):
        come(patient, occurrence, at=late + timedelta(minutes=10), said=Said())


def test_another_birth_date_is_not_let_in(session):
    occurrence, (ana, *_) = session
    with pytest.raises(actions.Incomplete):
        come(own(ana), occurrence, said=Said(**{**SAID.__dict__, "birth_date": date(1991, 5, 4)}))
    assert not VideoPresence.objects.filter(patient=ana).exists()


def test_who_was_never_booked_finds_nothing(site, session):
    occurrence, (ana, *_) = session
    never = own(make_patient(site, "Nora", "Nobody"))
    seat = Seat.objects.get(occurrence=occurrence, patient=ana)
    gone = own(ana)
    Seat.objects.filter(pk=seat.pk).update(released_at=BEFORE, released_because="x")
    elsewhere = actor(make_staff(make_site(), Role.COUNSELOR))
    for by in (never, gone, elsewhere):
        with pytest.raises(Occurrence.DoesNotExist):
            guest(by, occurrence)


def test_a_session_on_site_has_no_room_by_video(site, counselor, by):
    group = make_group(site, counselor, meets=((2, time(9)),), minutes=60, made_at=BEFORE)
    occurrence = first_session(group)
    with pytest.raises(Occurrence.DoesNotExist):
        guest(by, occurrence)


def test_staff_who_do_not_lead_are_told_who_does_until_they_are_asked_to_help(site, counselor, by, session):
    occurrence, _ = session
    helper = make_staff(site, Role.COUNSELOR, name="Second Sam")
    with pytest.raises(Denied, match="Nia Okafor"):
        guest(actor(helper), occurrence)
    actions.name_second(by=by, at=IN, guest=guest(by, occurrence), staff=helper, gateway=False)
    assert guest(actor(helper), occurrence).host
    with pytest.raises(Denied, match="Only who leads"):
        actions.name_second(
            by=actor(helper), at=IN, guest=guest(actor(helper), occurrence), staff=helper, gateway=False
        )
    stranger = make_staff(make_site(), Role.COUNSELOR)
    with pytest.raises(Refused, match="does not work at this site"):
        actions.name_second(by=by, at=IN, guest=guest(by, occurrence), staff=stranger, gateway=False)


def test_family_comes_to_a_family_session_only_and_only_while_a_consent_permits_it(
    site, counselor, monkeypatch
):
    occurrence, (ana,) = group_of(site, counselor, people=1)
    member = make_family_member(ana)
    by = actor_of(member.user, at=IN)
    with pytest.raises(Occurrence.DoesNotExist):
        guest(by, occurrence)
    Occurrence.objects.filter(pk=occurrence.pk).update(kind="family")
    with pytest.raises(Occurrence.DoesNotExist):
        guest(by, occurrence)
    consent_for_family(member, "schedule", at=BEFORE)
    assert guest(by, occurrence).family == member
    presence = come(by, occurrence)
    assert presence.shown == "Maria"


def test_the_door_is_closed_before_and_after(session):
    occurrence, (ana, *_) = session
    patient = own(ana)
    for at in (START - timedelta(minutes=16), NOW + timedelta(minutes=31)):
        with pytest.raises(Refused):
            come(patient, occurrence, at=at)


def test_who_is_taken_out_is_out_at_once_and_stays_out_until_let_back(by, session):
    occurrence, (ana, *_) = session
    come(by, occurrence)
    patient = own(ana)
    presence = come(patient, occurrence)
    keys = guest(by, occurrence)
    actions.admit(by=by, at=IN, guest=keys, who=[presence.pk])
    ticket = signalling.ticket_for(patient, presence)
    assert signalling.presence_of(patient, ticket, occurrence.pk) == presence
    actions.remove(by=by, at=IN, guest=keys, who=presence.pk)
    with pytest.raises(Denied, match="taken out"):
        signalling.presence_of(patient, ticket, occurrence.pk)
    with pytest.raises(Denied, match="taken out"):
        come(patient, occurrence)
    actions.let_back(by=by, at=IN, guest=keys, who=presence.pk)
    assert come(patient, occurrence).admitted_at is None
    assert Entry.objects.filter(action="video.remove", patient_id=ana.pk).count() == 1


def test_a_locked_room_lets_nobody_new_to_the_door_but_a_broken_line_comes_back(by, session):
    occurrence, (ana, ben, _) = session
    come(by, occurrence)
    inside = own(ana)
    come(inside, occurrence)
    actions.lock_room(by=by, at=IN, guest=guest(by, occurrence), locked=True)
    with pytest.raises(Refused, match="locked"):
        come(own(ben), occurrence)
    assert come(inside, occurrence).epoch == 2
    actions.lock_room(by=by, at=IN, guest=guest(by, occurrence), locked=False)
    assert come(actor_of(ben.user, at=IN), occurrence).epoch == 1


def test_patients_have_no_keys(by, session):
    occurrence, (ana, ben, _) = session
    patient = own(ana)
    come(patient, occurrence)
    other = come(own(ben), occurrence)
    keys = guest(patient, occurrence)
    for act in (
        lambda: actions.admit(by=patient, at=IN, guest=keys, who=()),
        lambda: actions.remove(by=patient, at=IN, guest=keys, who=other.pk),
        lambda: actions.lock_room(by=patient, at=IN, guest=keys, locked=True),
        lambda: actions.close_room(by=patient, at=IN, guest=keys),
    ):
        with pytest.raises(Denied):
            act()


def test_a_mesh_holds_four(site, counselor, by):
    occurrence, patients = group_of(site, counselor, people=5)
    come(by, occurrence)
    waiting = [come(own(patient), occurrence) for patient in patients]
    keys = guest(by, occurrence)
    with pytest.raises(Refused, match="holds 4 people"):
        actions.admit(by=by, at=IN, guest=keys, who=())
    assert actions.admit(by=by, at=IN, guest=keys, who=[p.pk for p in waiting[:3]]) == 3
    with pytest.raises(Refused, match="0 more fit in"):
        actions.admit(by=by, at=IN, guest=keys, who=[waiting[3].pk])


def inside(by, session):
    occurrence, (ana, ben, _) = session
    leads, first, second = come(by, occurrence), come(own(ana), occurrence), come(own(ben), occurrence)
    actions.admit(by=by, at=IN, guest=guest(by, occurrence), who=())
    for row in (first, second):
        row.refresh_from_db()
    return leads, first, second


def test_a_word_reaches_one_browser_and_is_forgotten_once_it_is_acknowledged(by, session):
    leads, first, second = inside(by, session)
    signalling.say(at=IN, presence=first, to=leads.pk, kind="offer", body={"call": "a"})
    heard = signalling.beat(at=IN, presence=leads, after=0, told=signalling.Told())["signals"]
    assert [(s["from"], s["kind"], s["body"]) for s in heard] == [(first.pk, "offer", {"call": "a"})]
    assert signalling.beat(at=IN, presence=second, after=0, told=signalling.Told())["signals"] == []
    signalling.beat(at=IN, presence=leads, after=heard[0]["n"], told=signalling.Told())
    assert not VideoSignal.objects.exists()


def test_the_chat_is_gone_once_fetched_or_after_a_minute(by, session):
    leads, first, second = inside(by, session)
    signalling.chat(at=IN, presence=first, text=" Hello ")
    heard = signalling.beat(at=IN, presence=leads, after=0, told=signalling.Told())["signals"]
    assert [s["body"] for s in heard] == [{"text": "Hello", "name": "Ana"}]
    signalling.beat(at=IN, presence=leads, after=heard[0]["n"], told=signalling.Told())
    assert VideoSignal.objects.filter(kind="chat", to=second).count() == 1
    actions.end_silent(by=by, at=IN + timedelta(seconds=61))
    assert not VideoSignal.objects.exists()
    for text in ("", "x" * 501):
        with pytest.raises(Refused):
            signalling.chat(at=IN, presence=first, text=text)


def test_who_waits_hears_and_says_nothing(by, session):
    occurrence, (ana, *_) = session
    leads, waiting = come(by, occurrence), come(own(ana), occurrence)
    with pytest.raises(Refused, match="let in"):
        signalling.say(at=IN, presence=waiting, to=leads.pk, kind="offer", body={})
    with pytest.raises(Refused, match="let in"):
        signalling.chat(at=IN, presence=waiting, text="Hello")
    signalling.chat(at=IN, presence=leads, text="Only inside")
    assert not VideoSignal.objects.filter(to=waiting).exists()


@pytest.mark.parametrize("kind", ["publish", "chat", "gone", "x"])
def test_browsers_of_a_mesh_say_only_what_is_between_browsers(by, session, kind):
    leads, first, _ = inside(by, session)
    with pytest.raises(Refused):
        signalling.say(at=IN, presence=first, to=leads.pk, kind=kind, body={})


def test_another_login_an_old_ticket_and_a_second_window_do_not_get_in(by, session, time_machine):
    time_machine.move_to(IN)
    occurrence, (ana, ben, _) = session
    first, second = own(ana), own(ben)
    presence = come(first, occurrence)
    ticket = signalling.ticket_for(first, presence)
    with pytest.raises(Denied):
        signalling.presence_of(second, ticket, occurrence.pk)
    with pytest.raises(Denied):
        signalling.presence_of(first, ticket, occurrence.pk + 1)
    with pytest.raises(Denied):
        signalling.presence_of(first, ticket[:-2] + "xx", occurrence.pk)
    come(first, occurrence, at=IN + timedelta(seconds=5))
    with pytest.raises(Denied, match="another window"):
        signalling.presence_of(first, ticket, occurrence.pk)
    time_machine.shift(61)
    with pytest.raises(signalling.Stale):
        signalling.presence_of(first, ticket, occurrence.pk)


def test_a_silent_stay_ends_when_it_was_last_heard_of(by, session):
    leads, first, _ = inside(by, session)
    later = IN + timedelta(seconds=121)
    signalling.beat(at=later, presence=leads, after=0, told=signalling.Told())
    assert actions.end_silent(by=by, at=later) == 2
    first.refresh_from_db()
    assert first.left_at == IN
    assert VideoPresence.objects.get(pk=leads.pk).left_at is None


def test_presence_becomes_attendance_when_who_leads_confirms_it(by, session):
    occurrence, (ana, ben, carla) = session
    _, first, _ = inside(by, session)
    patient = actor_of(ana.user, at=IN)
    actions.leave(by=patient, at=START + timedelta(minutes=35), presence=first)
    found = {p.patient.pk: p for p in queries.proposals(occurrence, NOW)}
    assert found[carla.pk].proposal is None
    keys = guest(by, occurrence)
    with pytest.raises(Refused, match="was not in the room"):
        actions.confirm_attendance(by=by, at=NOW, guest=keys, patient_ids=[ana.pk, carla.pk])
    actions.confirm_attendance(by=by, at=NOW, guest=keys, patient_ids=[ana.pk])
    row = Attendance.objects.get(occurrence=occurrence, patient=ana)
    assert (row.arrived_at, row.left_at, row.minutes, row.mode) == (
        IN,
        START + timedelta(minutes=35),
        30,
        "video",
    )
    assert not Attendance.objects.filter(patient=ben).exists()


def test_ending_it_for_all_ends_every_stay_and_who_leads_may_open_it_again(by, session):
    leads, first, _ = inside(by, session)
    occurrence = session[0]
    assert actions.close_room(by=by, at=IN, guest=guest(by, occurrence)) == 3
    assert not VideoPresence.objects.filter(left_at__isnull=True).exists()
    with pytest.raises(Refused, match="over"):
        come(actor_of(first.patient.user, at=IN), occurrence)
    assert come(by, occurrence).pk != leads.pk
    assert VideoRoom.objects.get().closed_at is None


def test_words_of_the_gateway_reach_only_who_is_inside(site, counselor, by):
    occurrence, (ana,) = group_of(site, counselor, people=1)
    patient = own(ana)
    presence = actions.enter(by=patient, at=IN, guest=guest(patient, occurrence), gateway=True, said=SAID)
    keys = guest(by, occurrence)
    leads = actions.enter(by=by, at=IN, guest=keys, gateway=True)
    assert leads.room.kind == "janus"
    actions.admit(by=by, at=IN, guest=keys, who=())
    presence.refresh_from_db()
    signalling.say(at=IN, presence=presence, to=None, kind="publish", body={"jsep": {}})
    assert [(a.presence_id, a.kind) for a in signalling.take_for_gateway()] == [(presence.pk, "publish")]
    assert signalling.take_for_gateway() == []
    signalling.say(at=IN, presence=presence, to=None, kind="publish", body={"jsep": {}})
    actions.remove(by=by, at=IN, guest=keys, who=presence.pk)
    assert [(a.kind, a.body["presence"]) for a in signalling.take_for_gateway()] == [("gone", presence.pk)]
    signalling.tell_from_gateway(at=IN, presence_id=presence.pk, kind="published", body={})
    assert not VideoSignal.objects.filter(to=presence).exists()


def test_the_second_who_is_taken_out_loses_the_keys_too(site, by, session):
    occurrence, _ = session
    helper = make_staff(site, Role.COUNSELOR, name="Second Sam")
    come(by, occurrence)
    actions.name_second(by=by, at=IN, guest=guest(by, occurrence), staff=helper, gateway=False)
    second = actor(helper)
    there = come(second, occurrence)
    keys = guest(second, occurrence)
    people = signalling.beat(at=IN, presence=there, after=0, told=signalling.Told())["state"]["people"]
    assert [(one["name"], one["leads"]) for one in people] == [("Nia Okafor", True), ("Second Sam", False)]
    with pytest.raises(Refused, match="Who leads"):
        actions.remove(by=second, at=IN, guest=keys, who=people[0]["id"])
    actions.remove(by=by, at=IN, guest=guest(by, occurrence), who=there.pk)
    with pytest.raises(Denied, match="Only who leads"):
        guest(second, occurrence)
    actions.name_second(by=by, at=IN, guest=guest(by, occurrence), staff=helper, gateway=False)
    assert come(second, occurrence).admitted_at == IN


def test_while_nobody_is_there_it_is_chosen_anew_how_a_room_is_held(by, session):
    occurrence, (ana, *_) = session
    leads = come(by, occurrence)
    assert (leads.room.kind, leads.room.most) == ("mesh", 4)
    patient = actions.enter(
        by=own(ana), at=IN, guest=guest(own_again(ana), occurrence), gateway=True, said=SAID
    )
    assert patient.room.kind == "mesh", "somebody is in it"
    actions.close_room(by=by, at=IN, guest=guest(by, occurrence))
    again = actions.enter(by=by, at=IN, guest=guest(by, occurrence), gateway=True)
    assert (again.room.kind, again.room.most) == ("janus", 24)


def own_again(patient):
    return actor_of(patient.user, at=IN)


def test_a_room_ends_by_itself_half_an_hour_after_its_session(by, session):
    _, first, _ = inside(by, session)
    for minutes, going_on in ((29, 3), (30, 0)):
        at = NOW + timedelta(minutes=minutes)
        VideoPresence.objects.filter(left_at__isnull=True).update(seen_at=at)
        actions.end_silent(by=by, at=at)
        assert VideoPresence.objects.filter(left_at__isnull=True).count() == going_on
    assert VideoRoom.objects.get().closed_at == NOW + timedelta(minutes=30)
    with pytest.raises(Denied, match="ended"):
        signalling.presence_of(
            own_again(first.patient), signalling.ticket_for(own_again(first.patient), first), session[0].pk
        )


def test_a_line_that_one_page_never_fetches_is_gone_after_a_minute_by_the_beat_of_any_other(by, session):
    leads, first, _ = inside(by, session)
    signalling.chat(at=IN, presence=first, text="Hello")
    later = IN + timedelta(seconds=61)
    signalling.beat(at=later, presence=leads, after=0, told=signalling.Told())
    assert not VideoSignal.objects.exists()


def test_what_browsers_say_to_each_other_stands_in_no_log_of_the_database(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'clinic_videosignal'")
        assert cursor.fetchone() == ("u",)


def test_a_gateway_is_taken_for_there_until_it_is_known(db):
    cache.clear()
    assert [signalling.gateway_answers(named=named) for named in (True, False)] == [True, False]
    for reached in (False, True):
        signalling.gateway_is(reached)
        assert [signalling.gateway_answers(named=named) for named in (True, False)] == [reached, reached]
    cache.clear()


def test_a_seat_given_back_ends_the_way_in(by, session):
    occurrence, (ana, *_) = session
    patient = own(ana)
    come(patient, occurrence)
    seat = Seat.objects.get(occurrence=occurrence, patient=ana)
    Seat.objects.filter(pk=seat.pk).update(released_at=IN, released_because="Told us")
    with pytest.raises(Occurrence.DoesNotExist):
        guest(patient, occurrence)


def test_a_person_without_a_shown_name_in_the_record_is_still_named(site, counselor):
    occurrence, _ = group_of(site, counselor, people=0)
    patient = admitted(site, "Ana", "Reyes", preferred_name="Annie B")
    timetable.book_seat(by=actor(counselor), at=BEFORE, patient=patient, occurrence=occurrence)
    assert come(own(patient), occurrence, said=SAID).shown == "Annie"
