"""The pages and the five addresses of a session by video, through URL, middleware and template."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.sessions.video import signalling
from stepwell.clinic.sessions.video.models import VideoPresence
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.consent.making import consent_for_family
from tests.clinic.sessions.making import BEFORE, group_of
from tests.making import NOW, make_family_member, make_login, make_patient, make_site, make_staff

IN = NOW - timedelta(minutes=55)
"""Five minutes into the session."""
SAID = {"birth_date": "1990-05-04", "place": "12 Oak Street", "listening": "alone", "phone": "404-555-0101"}


@pytest.fixture(autouse=True)
def the_clock(settings):
    settings.STEPWELL_DEMO = True
    with time_machine.travel(IN, tick=False) as moving:
        yield moving


@pytest.fixture
def session(site, counselor):
    return group_of(site, counselor, people=2)


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def post(client: Client, occurrence: Any, path: str, body: Any, ticket: str = "") -> Any:
    headers = {"X-Video-Ticket": ticket} if ticket else {}
    return client.post(
        f"/video/{occurrence.pk}/{path}/",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


def page_of(occurrence: Any, patient: Any) -> str:
    return f"/my/sessions/{Seat.objects.get(occurrence=occurrence, patient=patient).pk}/video/"


def test_only_the_pages_of_a_session_by_video_may_ask_for_the_camera(session, counselor):
    occurrence, (ana, _) = session
    desk, phone = browser(counselor.user), browser(make_login(ana))
    for answer in (desk.get(f"/sessions/{occurrence.pk}/video/"), phone.get(page_of(occurrence, ana))):
        assert answer.status_code == 200
        assert "camera=(self), microphone=(self)" in answer["Permissions-Policy"]
        assert answer["Cache-Control"] == "no-store"
        assert "<script>" not in answer.content.decode()
    for client, path in ((desk, "/today/"), (phone, "/my/"), (Client(), "/")):
        assert client.get(path)["Permissions-Policy"].startswith("camera=(), microphone=()")


def test_who_was_never_booked_gets_404_everywhere(site, session):
    occurrence, (ana, _) = session
    never, stranger = make_patient(site, "Nora"), make_staff(make_site(), Role.COUNSELOR)
    member = make_family_member(ana)
    consent_for_family(member, "schedule", at=BEFORE)
    for user in (make_login(never), stranger.user, member.user):
        client = browser(user)
        for path in (page_of(occurrence, ana), f"/sessions/{occurrence.pk}/video/"):
            assert client.get(path).status_code == 404
        for path in ("entrance", "line", "words", "door", "exit"):
            assert post(client, occurrence, path, SAID).status_code == 404
    assert not VideoPresence.objects.exists()


def test_staff_who_do_not_lead_are_told_whom_to_ask(site, session):
    occurrence, _ = session
    answer = browser(make_staff(site, Role.COUNSELOR).user).get(f"/sessions/{occurrence.pk}/video/")
    assert answer.status_code == 403
    assert "Nia Okafor" in answer.content.decode()


def test_the_way_of_a_patient_from_the_door_to_the_room(session, counselor):
    occurrence, (ana, _) = session
    phone, desk = browser(make_login(ana)), browser(counselor.user)
    assert post(phone, occurrence, "entrance", {"resume": True}).json() == {"resume": False}
    asked = post(phone, occurrence, "entrance", {})
    assert asked.status_code == 422
    assert set(asked.json()["wrong"]) == {"birth_date", "place", "listening", "phone"}
    came = post(phone, occurrence, "entrance", SAID).json()
    leads = post(desk, occurrence, "entrance", {}).json()
    assert came["ice"] == []
    waiting = post(phone, occurrence, "line", {"after": 0}, came["ticket"]).json()["state"]
    assert (waiting["me"]["inside"], waiting["people"]) == (False, [])
    assert post(phone, occurrence, "door", {"do": "admit-all"}).status_code == 403
    assert post(desk, occurrence, "door", {"do": "admit-all"}).status_code == 204
    state = post(phone, occurrence, "line", {"after": 0}, came["ticket"]).json()["state"]
    assert [one["name"] for one in state["people"]] == ["Ana", "Nia Okafor"]
    assert "12 Oak Street" not in json.dumps(state)
    there = post(desk, occurrence, "line", {"after": 0}, leads["ticket"]).json()["state"]
    assert there["said"][0]["statement"]["place"] == "12 Oak Street"
    assert post(phone, occurrence, "line", {}, leads["ticket"]).status_code == 403
    assert post(phone, occurrence, "exit", {}, came["ticket"]).status_code == 204
    assert post(phone, occurrence, "line", {}, came["ticket"]).status_code == 409


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "1", '{"kind": 5}', '{"kind": "chat", "to": "x"}', '{"after": "x"}', "[" * 5000]
)
def test_garbage_gets_a_sentence(session, counselor, body):
    occurrence, _ = session
    desk = browser(counselor.user)
    ticket = post(desk, occurrence, "entrance", {}).json()["ticket"]
    for path in ("words", "door", "line", "entrance"):
        assert post(desk, occurrence, path, body, ticket).status_code in (200, 400, 403, 409, 422)


def test_a_relay_is_offered_with_credentials_that_run_out(session, counselor, settings):
    import dataclasses

    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, turn_url="turn:turn.example.org:3478", turn_secret="words"
    )
    occurrence, _ = session
    [server] = post(browser(counselor.user), occurrence, "entrance", {}).json()["ice"]
    until = int(IN.timestamp()) + 4 * 3600
    assert server["urls"] == ["turn:turn.example.org:3478"]
    assert server["username"] == f"{until}:{counselor.user_id}"
    assert len(server["credential"]) == 28


def test_a_second_facilitator_gets_the_keys(site, session, counselor):
    occurrence, _ = session
    helper = make_staff(site, Role.COUNSELOR, name="Second Sam")
    desk = browser(counselor.user)
    page = desk.get(f"/sessions/{occurrence.pk}/video/").content.decode()
    assert "Second Sam" in page
    desk.post(f"/sessions/{occurrence.pk}/video/second/", {"staff": helper.pk})
    assert browser(helper.user).get(f"/sessions/{occurrence.pk}/video/").status_code == 200
    answer = desk.post(f"/sessions/{occurrence.pk}/video/second/", {"staff": "999999"}, follow=True)
    assert "Choose a colleague of this site." in answer.content.decode()


def test_attendance_is_proposed_from_presence_and_confirmed(session, counselor, the_clock):
    occurrence, (ana, ben) = session
    phone, desk = browser(make_login(ana)), browser(counselor.user)
    post(desk, occurrence, "entrance", {})
    post(phone, occurrence, "entrance", SAID)
    post(desk, occurrence, "door", {"do": "admit-all"})
    the_clock.shift(60)
    path = f"/sessions/{occurrence.pk}/video/attendance/"
    page = desk.get(path).content.decode()
    assert "9:05 am" in page
    assert "was not in" in page
    # What was said at the door is kept with the session, for who leads it, and afterwards stands here.
    assert "9:05 am: 12 Oak Street. Can anybody hear: No, I am alone. Number: 404-555-0101" in page
    wrong = desk.post(path, {"patients": [ben.code]})
    assert wrong.status_code == 422
    assert desk.post(path, {}).status_code == 422
    assert desk.post(path, {"patients": [ana.code]}).status_code == 302
    row = Attendance.objects.get(occurrence=occurrence)
    assert (row.patient_id, row.arrived_at, row.mode) == (ana.pk, IN, "video")


def test_while_the_gateway_is_away_a_group_is_held_by_as_many_as_fit_without(session, counselor, settings):
    import dataclasses

    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, janus="/nowhere/janus.sock")
    occurrence, _ = session
    desk = browser(counselor.user)
    signalling.gateway_is(False)
    assert post(desk, occurrence, "entrance", {}).json()["kind"] == "mesh"
    post(desk, occurrence, "door", {"do": "end"})
    signalling.gateway_is(True)
    assert post(desk, occurrence, "entrance", {}).json()["kind"] == "janus"
    cache.clear()


def test_today_offers_the_room_to_who_leads_and_to_the_patient(session, counselor):
    occurrence, (ana, _) = session
    assert f"/sessions/{occurrence.pk}/video/" in browser(counselor.user).get("/today/").content.decode()
    assert (
        f"/sessions/{occurrence.pk}/video/"
        in browser(counselor.user).get(f"/sessions/{occurrence.pk}/").content.decode()
    )
    assert page_of(occurrence, ana) in browser(make_login(ana)).get("/my/").content.decode()


def test_family_joins_a_family_session_from_the_family_page(site, counselor):
    occurrence, (ana,) = group_of(site, counselor, people=1)
    Occurrence.objects.filter(pk=occurrence.pk).update(kind="family")
    member = make_family_member(ana)
    client = browser(member.user)
    path = f"/family/{member.pk}/video/{occurrence.pk}/"
    assert "Session by video" not in client.get(path).content.decode()
    consent_for_family(member, "schedule", at=BEFORE)
    assert path in client.get("/family/").content.decode()
    assert "Join the session" in client.get(path).content.decode()
    came = post(client, occurrence, "entrance", {})
    assert came.status_code == 200
    assert VideoPresence.objects.get().family_id == member.pk
