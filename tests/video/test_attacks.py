"""What a page that is not ours would send: words no database can hold, and staying when the right to stay has ended."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest

from stepwell.clinic.consent import actions as consent
from stepwell.clinic.sessions.video.models import VideoPresence, VideoSignal
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.consent.making import consent_for_family
from tests.clinic.sessions.making import BEFORE, group_of
from tests.making import make_family_member, make_login
from tests.video.test_pages import IN, SAID, browser, post, session, the_clock

__all__ = ["session", "the_clock"]

NO_TEXT = [
    r'{"kind": "chat", "body": {"text": "\ud800"}}',
    r'{"kind": "chat", "body": {"\udfff": "x", "text": "x"}}',
    r'{"kind": "offer", "to": 1, "body": {"n": NaN}}',
    r'{"kind": "offer", "to": 1, "body": {"n": 1e999}}',
    r'{"kind": "offer", "to": 1, "body": {"n": -Infinity}}',
    r'{"place": "\ud83d", "listening": "alone", "birth_date": "1990-05-04", "phone": "4045550101"}',
]


def inside(occurrence, counselor, *patients):
    """Who leads and these people are in the room: browsers and tickets."""
    found = [(browser(counselor.user), {})] + [(browser(make_login(one)), SAID) for one in patients]
    tickets = [post(client, occurrence, "entrance", said).json()["ticket"] for client, said in found]
    if patients:
        post(found[0][0], occurrence, "door", {"do": "admit-all"})
    return [(client, ticket) for (client, _), ticket in zip(found, tickets, strict=True)]


@pytest.mark.parametrize("body", NO_TEXT)
def test_what_no_text_can_hold_is_not_understood(session, counselor, body):
    occurrence, (ana, _) = session
    (desk, ticket), (phone, own) = inside(occurrence, counselor, ana)
    body = body.replace('"to": 1', f'"to": {VideoPresence.objects.get(staff__isnull=False).pk}')
    for path in ("words", "entrance", "line", "door", "exit"):
        answer = post(phone, occurrence, path, body, own)
        assert (answer.status_code, "sentence" in answer.json()) == (400, True)
    assert not VideoSignal.objects.exists()
    assert post(desk, occurrence, "line", {}, ticket).status_code == 200


def test_nobody_speaks_in_anothers_name_or_into_another_room(site, session, counselor):
    occurrence, (ana, ben) = session
    (_, leads), (phone, own), (other, _) = inside(occurrence, counselor, ana, ben)
    forged = {"kind": "chat", "from": 1, "body": {"text": "hello", "name": "Nia Okafor", "sender": 1}}
    assert post(phone, occurrence, "words", forged, own).status_code == 204
    assert set(VideoSignal.objects.values_list("body__name", flat=True)) == {"Ana"}
    assert post(other, occurrence, "words", forged, own).status_code == 403
    assert post(phone, occurrence, "words", forged, leads).status_code == 403
    elsewhere, (carla,) = group_of(site, counselor, people=1)
    Occurrence.objects.filter(pk=elsewhere.pk).update(starts=occurrence.starts, ends=occurrence.ends)
    third = browser(make_login(carla))
    post(third, elsewhere, "entrance", SAID)
    stranger = VideoPresence.objects.get(room__occurrence=elsewhere)
    for to in (stranger.pk, VideoPresence.objects.get(patient=ana).pk, 2**70, -1, 0):
        VideoSignal.objects.all().delete()
        sent = post(phone, occurrence, "words", {"kind": "offer", "to": to, "body": {"jsep": {}}}, own)
        assert (sent.status_code, VideoSignal.objects.count()) == (204, 0)
    for path in ("words", "line", "exit", "door"):
        assert post(phone, elsewhere, path, forged, own).status_code == 404


def test_scripts_in_the_chat_and_too_many_letters_are_only_letters(session, counselor):
    occurrence, (ana, _) = session
    (desk, ticket), (phone, own) = inside(occurrence, counselor, ana)
    script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    assert (
        post(phone, occurrence, "words", {"kind": "chat", "body": {"text": script}}, own).status_code == 204
    )
    heard = post(desk, occurrence, "line", {"after": 0}, ticket)
    assert heard["Content-Type"] == "application/json"
    assert heard.json()["signals"][0]["body"]["text"] == script
    for kind, body in (("chat", {"text": "x" * 501}), ("offer", {"jsep": "x" * 70_000})):
        assert post(phone, occurrence, "words", {"kind": kind, "to": 1, "body": body}, own).status_code == 422


def test_a_consent_taken_back_in_the_middle_ends_the_familys_stay_at_the_next_beat(site, counselor, by):
    occurrence, (ana,) = group_of(site, counselor, people=1)
    Occurrence.objects.filter(pk=occurrence.pk).update(kind="family")
    member = make_family_member(ana)
    given = consent_for_family(member, "schedule", at=BEFORE)
    [(desk, leads)] = inside(occurrence, counselor)
    relative = browser(member.user)
    ticket = post(relative, occurrence, "entrance", {}).json()["ticket"]
    post(desk, occurrence, "door", {"do": "admit-all"})
    assert len(post(relative, occurrence, "line", {}, ticket).json()["state"]["people"]) == 2
    consent.revoke_consent(by=by, at=IN, consent=given, said_by="the patient")
    answer = post(relative, occurrence, "line", {}, ticket)
    assert answer.status_code == 404
    assert "Nia" not in answer.content.decode()
    assert VideoPresence.objects.get(family=member).left_at == IN
    state = post(desk, occurrence, "line", {}, leads).json()["state"]
    assert [one["name"] for one in state["people"]] == ["Nia Okafor"]
    for path in ("words", "exit", "entrance", "door"):
        assert post(relative, occurrence, path, {"resume": True}, ticket).status_code == 404


def test_who_gave_the_seat_back_and_beats_no_more_is_out_with_the_next_beat_of_who_leads(session, counselor):
    occurrence, (ana, _) = session
    (desk, leads), _ = inside(occurrence, counselor, ana)
    Seat.objects.filter(patient=ana, occurrence=occurrence).update(released_at=IN, released_because="x")
    state = post(desk, occurrence, "line", {}, leads).json()["state"]
    assert [one["name"] for one in state["people"]] == ["Nia Okafor"]
    assert VideoPresence.objects.get(patient=ana).left_at is not None


def test_a_ticket_is_worth_nothing_after_removal_lock_end_and_logout(session, counselor, the_clock):
    occurrence, (ana, ben) = session
    (desk, _), (phone, own), (other, others) = inside(occurrence, counselor, ana, ben)
    number = VideoPresence.objects.get(patient=ana).pk
    post(desk, occurrence, "door", {"do": "lock"})
    post(desk, occurrence, "door", {"do": "remove", "who": number})
    for path, body in (("line", {}), ("words", {"kind": "chat", "body": {"text": "x"}}), ("exit", {}),
                       ("entrance", {"resume": True}), ("entrance", SAID)):  # fmt: skip
        assert post(phone, occurrence, path, body, own).status_code == 403, path
    for keys in ({"do": "admit", "who": number}, {"do": "let-back", "who": number}, {"do": "unlock"}):
        assert post(phone, occurrence, "door", keys, own).status_code == 403
    other.logout()
    assert post(other, occurrence, "line", {}, others).status_code == 403
    the_clock.shift(timedelta(seconds=61))
    assert post(phone, occurrence, "line", {}, own).status_code in (403, 409)


@pytest.mark.parametrize(("kind", "only"), [("group", [True]), ("family", [True]), ("individual", [None])])
def test_people_who_are_strangers_do_not_learn_each_others_addresses(
    session, counselor, settings, kind, only
):
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, turn_url="turn:turn.example.org:3478", turn_secret="words"
    )
    occurrence, _ = session
    Occurrence.objects.filter(pk=occurrence.pk).update(kind=kind)
    ice = post(browser(counselor.user), occurrence, "entrance", {}).json()["ice"]
    assert [one.get("only") for one in ice] == only


def test_what_was_said_at_the_door_reaches_nobody_but_who_leads(session, counselor):
    occurrence, (ana, ben) = session
    inside_now = inside(occurrence, counselor, ana, ben)
    for client, ticket in inside_now[1:]:
        answer = post(client, occurrence, "line", {"after": 0}, ticket)
        for word in (
            "12 Oak Street",
            "404-555-0101",
            "statement",
            "1990",
            ana.family_name,
            "Family0",
            ana.code,
        ):
            assert word not in json.dumps(answer.json()), word
        assert answer["Cache-Control"] == "no-store"
