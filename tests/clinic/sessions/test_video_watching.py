"""Whoever may not be in the room any more is out of it, and whose page is silent hears nothing either."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions.video import actions, signalling, watching
from stepwell.clinic.sessions.video.models import VideoPresence, VideoSignal
from stepwell.clinic.sessions.video.rules import load_video
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.consent.making import consent_for_family
from tests.clinic.sessions.making import BEFORE, group_of
from tests.clinic.sessions.test_video import IN, SAID, come, guest, inside, own
from tests.making import actor, make_family_member, make_staff

ITSELF = stepwell_itself()
STILL = signalling.Told()


@pytest.fixture
def session(site, counselor):
    return group_of(site, counselor, people=3)


@pytest.fixture
def by_gateway(site, counselor, by):
    """Ana is inside a room of the gateway, and who leads it."""
    occurrence, (ana,) = group_of(site, counselor, people=1)
    patient = own(ana)
    row = actions.enter(by=patient, at=IN, guest=guest(patient, occurrence), gateway=True, said=SAID)
    leads = actions.enter(by=by, at=IN, guest=guest(by, occurrence), gateway=True)
    actions.admit(by=by, at=IN, guest=guest(by, occurrence), who=())
    row.refresh_from_db()
    return occurrence, patient, row, leads


def here():
    return set(VideoPresence.objects.filter(left_at__isnull=True).values_list("pk", flat=True))


def test_a_seat_given_back_ends_the_stay_whatever_the_page_does(by, session):
    leads, first, second = inside(by, session)
    Seat.objects.filter(patient=first.patient).update(released_at=IN, released_because="Told us")
    assert watching.end_unbooked(by=ITSELF, at=IN, session_id=session[0].pk) == 1
    assert here() == {leads.pk, second.pk}
    entry = Entry.objects.get(action="video.unbooked")
    assert (entry.patient_id, entry.detail) == (first.patient_id, {"occurrence": session[0].pk})
    assert watching.end_unbooked(by=ITSELF, at=IN) == 0


def test_a_consent_taken_back_ends_the_stay_of_the_family(site, counselor, by):
    occurrence, (ana,) = group_of(site, counselor, people=1)
    Occurrence.objects.filter(pk=occurrence.pk).update(kind="family")
    member = make_family_member(ana)
    given = consent_for_family(member, "schedule", at=BEFORE)
    leads, relative = come(by, occurrence), come(actor_of(member.user, at=IN), occurrence)
    actions.admit(by=by, at=IN, guest=guest(by, occurrence), who=())
    assert watching.end_unbooked(by=ITSELF, at=IN, session_id=occurrence.pk) == 0
    consent.revoke_consent(by=by, at=IN, consent=given, said_by="the patient")
    assert watching.end_unbooked(by=ITSELF, at=IN + timedelta(seconds=1), session_id=occurrence.pk) == 1
    assert here() == {leads.pk}
    assert Entry.objects.get(action="video.unbooked").patient_id == ana.pk
    relative.refresh_from_db()
    assert relative.left_at == IN + timedelta(seconds=1)


def test_who_led_the_session_and_whoever_helped_leave_with_their_keys(site, by, session):
    occurrence = session[0]
    helper, other = (make_staff(site, Role.COUNSELOR, name=name) for name in ("Second Sam", "Third Tess"))
    leads = come(by, occurrence)
    actions.name_second(by=by, at=IN, guest=guest(by, occurrence), staff=helper, gateway=False)
    second = come(actor(helper), occurrence)
    assert watching.end_unbooked(by=ITSELF, at=IN) == 0
    actions.name_second(by=by, at=IN, guest=guest(by, occurrence), staff=other, gateway=False)
    assert watching.end_unbooked(by=ITSELF, at=IN) == 1
    assert here() == {leads.pk}
    second.refresh_from_db()
    assert second.left_at == IN
    Occurrence.objects.filter(pk=occurrence.pk).update(facilitator=other)
    assert watching.end_unbooked(by=ITSELF, at=IN) == 1
    assert here() == set()


def test_looking_round_costs_one_statement_while_all_is_well(by, session, django_assert_num_queries):
    inside(by, session)
    with django_assert_num_queries(3):  # within a savepoint
        assert watching.end_unbooked(by=ITSELF, at=IN, session_id=session[0].pk) == 0


def test_the_gateway_lets_go_of_whose_page_is_silent(by_gateway):
    occurrence, _, row, leads = by_gateway
    soon = IN + timedelta(seconds=load_video().cut_after_seconds)
    signalling.beat(at=soon, presence=leads, after=0, told=STILL)
    assert watching.cut_silent(at=soon) == 0
    late = soon + timedelta(seconds=1)
    assert watching.cut_silent(at=late, session_id=occurrence.pk) == 1
    assert [(one.kind, one.body["presence"]) for one in signalling.take_for_gateway()] == [("gone", row.pk)]
    assert here() == {row.pk, leads.pk}


def test_a_page_that_was_silent_connects_anew_and_goes_on_with_its_stay(by_gateway):
    occurrence, patient, row, _ = by_gateway
    late = IN + timedelta(seconds=load_video().cut_after_seconds + 1)
    with pytest.raises(signalling.Stale):
        signalling.beat(at=late, presence=row, after=0, told=STILL)
    again = actions.enter(by=patient, at=late, guest=guest(patient, occurrence, late), gateway=True)
    assert (again.pk, again.epoch, again.admitted_at) == (row.pk, 2, IN)
    assert signalling.beat(at=late, presence=again, after=0, told=STILL)["state"]["me"]["inside"]


def test_between_browsers_the_others_end_the_call_themselves(by, session):
    _, first, _ = inside(by, session)
    late = IN + timedelta(seconds=load_video().cut_after_seconds + 1)
    assert watching.cut_silent(at=late) == 0
    assert signalling.beat(at=late, presence=first, after=0, told=STILL)["state"]["me"]["inside"]


def test_who_is_gone_never_waits_behind_what_others_ask(by_gateway, by):
    occurrence, _, row, leads = by_gateway
    for number in range(30):
        signalling.say(at=IN, presence=leads, to=None, kind="trickle", body={"candidate": number})
    actions.remove(by=by, at=IN, guest=guest(by, occurrence), who=row.pk)
    taken = signalling.take_for_gateway()
    assert (taken[0].kind, taken[0].body["presence"]) == ("gone", row.pk)
    assert len(taken) == 20
    assert [one.body["candidate"] for one in taken[1:]] == list(range(19))
    assert len(signalling.take_for_gateway()) == 11
    assert signalling.take_for_gateway() == []


def test_nobody_buries_the_others_in_words(by, session):
    leads, first, second = inside(by, session)
    for _ in range(200):
        VideoSignal.objects.create(room=first.room, to=leads, sender=first, kind="candidate", body={}, at=IN)
    for say in (
        lambda: signalling.say(at=IN, presence=first, to=leads.pk, kind="candidate", body={}),
        lambda: signalling.chat(at=IN, presence=first, text="again"),
    ):
        with pytest.raises(Refused, match="too much at once"):
            say()
    signalling.chat(at=IN, presence=second, text="Still here")


def test_that_somebody_is_gone_is_not_forgotten_while_the_gateway_is_away(by_gateway, by):
    occurrence, _, row, leads = by_gateway
    actions.remove(by=by, at=IN, guest=guest(by, occurrence), who=row.pk)
    later = IN
    for _ in range(15):
        later += timedelta(seconds=5)
        signalling.beat(at=later, presence=leads, after=0, told=STILL)
    actions.end_silent(by=by, at=later)
    assert [one.kind for one in signalling.take_for_gateway()] == ["gone"]
