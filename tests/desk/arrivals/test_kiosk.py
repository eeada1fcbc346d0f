"""The page at the door: it shows no name, forgets at once, and its device opens nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Attendance, Kiosk
from stepwell.clinic.sessions.queries import arriving
from stepwell.clinic.sessions.rules.arriving import load_arriving
from tests.clinic.timetable.making import make_session
from tests.making import NOW, actor, make_patient, make_room, make_site, make_staff


@pytest.fixture(autouse=True)
def nothing_counted(db):
    cache.clear()


@pytest.fixture
def desk(site, signed_in):
    return signed_in(make_staff(site, Role.ADMISSIONS))


@pytest.fixture
def ana(site, counselor):
    found = make_patient(site, "Anastasia", "Quokka", phone="404-555-0142")
    make_session(
        site, counselor, [found], starts=NOW + timedelta(minutes=30), title="Trauma group", mode="on_site",
        room=make_room(site, name="Group room 2"),
    )  # fmt: skip
    return found


@pytest.fixture
def door(desk):
    """A device at the door that the desk has made a kiosk."""
    assert desk.post("/kiosks/", {"place": "Front door"}).headers["Location"] == "/kiosk/"
    return desk


def said_after(door, **fields):
    """The page that the device shows after sending its form."""
    answer = door.post("/kiosk/", fields)
    assert answer.status_code == 302
    return door.get(answer.headers["Location"]).content.decode(), answer


def test_opening_a_kiosk_ends_the_login_and_locks_the_device(door):
    assert Kiosk.objects.get().place == "Front door"
    assert "sessionid" not in door.cookies or door.cookies["sessionid"].value == ""
    cookie = door.cookies["kiosk"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    for path in ("/today/", "/", "/accounts/login/", "/patients/", "/my/", "/nowhere/"):
        assert door.get(path).headers["Location"] == "/kiosk/"
    assert door.post("/kiosks/", {"place": "Another"}).headers["Location"] == "/kiosk/"
    assert door.get("/kiosk/").status_code == 200


def test_the_code_of_the_phone_is_answered_with_a_room_and_a_time_and_no_name(door, ana):
    page, answer = said_after(door, code=arriving.code_of(ana.pk, NOW))
    assert "You are checked in." in page
    assert "Group room 2, 10:30 am" in page
    for word in ("Anastasia", "Quokka", "Trauma", ana.code, str(ana.birth_date)):
        assert word not in page
        assert word not in answer.headers["Location"]
    assert Attendance.objects.get().patient == ana


def test_the_answer_is_gone_after_some_seconds_and_going_back_shows_nothing(door, ana):
    answer = door.post("/kiosk/", {"born": "1990-05-04", "last_four": "0142"})
    shown = door.get(answer.headers["Location"])
    assert shown.headers["Refresh"] == "8; url=/kiosk/"
    assert "no-store" in shown.headers["Cache-Control"]
    with time_machine.travel(NOW + timedelta(seconds=9), tick=False):
        later = door.get(answer.headers["Location"])
    assert "checked in" not in later.content.decode()
    assert "Refresh" not in later.headers
    assert "checked in" not in door.get("/kiosk/?said=forged").content.decode()


def test_whatever_is_wrong_the_same_page_comes(door, ana, site):
    early = make_patient(site, "Ed", "Early", phone="404-555-0199")
    make_session(site, make_staff(site), [early], starts=NOW + timedelta(hours=5))
    pages = set()
    for fields in (
        {"code": "AAAAAA"},
        {"code": ""},
        {},
        {"code": "x" * 5000},
        {"code": arriving.code_of(early.pk, NOW)},
        {"born": "1990-05-04", "last_four": "0199"},
        {"born": "yesterday", "last_four": "٤٢"},
    ):
        page, _ = said_after(door, **fields)
        assert "Please see the desk." in page
        pages.add(re.sub(r'nonce="[^"]*"|value="[^"]*"', "", page))
    assert len(pages) == 1
    assert Attendance.objects.count() == 0


def test_after_many_wrong_tries_a_device_is_not_answered_for_a_while(door, ana):
    for _ in range(load_arriving().wrong_most):
        said_after(door, code="AAAAAA")
    page, _ = said_after(door, code=arriving.code_of(ana.pk, NOW))
    assert ("Please see the desk." in page, Attendance.objects.count()) == (True, 0)
    cache.clear()  # the time is over
    page, _ = said_after(door, code=arriving.code_of(ana.pk, NOW))
    assert "You are checked in." in page


def test_the_while_is_as_long_as_the_rule_says_from_the_first_wrong_try(door, ana):
    rule = load_arriving()
    for number in range(rule.wrong_most):
        with time_machine.travel(NOW + timedelta(seconds=30 * number), tick=False):
            said_after(door, code="AAAAAA")
    for later, said in (
        (rule.wrong_within - timedelta(seconds=2), "Please see the desk."),
        (rule.wrong_within + timedelta(seconds=2), "You are checked in."),
    ):
        with time_machine.travel(NOW + later, tick=False):
            page, _ = said_after(door, code=arriving.code_of(ana.pk, NOW + later))
            assert said in page


def test_right_tries_are_not_counted(door, ana):
    for _ in range(load_arriving().wrong_most + 2):
        page, _ = said_after(door, code=arriving.code_of(ana.pk, NOW))
        assert "You are checked in." in page


def test_a_kiosk_is_closed_from_another_device_and_the_device_is_free_again(door, site, signed_in):
    other = signed_in(make_staff(site, Role.ADMISSIONS))
    page = other.get("/kiosks/").content.decode()
    assert "Front door" in page
    assert other.post(f"/kiosks/{Kiosk.objects.get().pk}/closing/").status_code == 302
    assert "the device shows nothing any more" in other.get("/kiosks/").content.decode()
    answer = door.get("/kiosk/")
    assert (answer.status_code, answer.cookies["kiosk"].value) == (404, "")
    assert door.get("/accounts/login/").status_code == 200


@pytest.mark.parametrize("cookie", ["", "1.key", "1.key:forged", "x" * 4000])
def test_a_device_that_nobody_opened_gets_the_page_of_a_missing_address(db, cookie):
    stranger = Client()
    stranger.cookies["kiosk"] = cookie
    assert stranger.get("/kiosk/").status_code == 404
    assert stranger.post("/kiosk/", {"code": "AAAAAA"}).status_code == 404
    assert stranger.get("/accounts/login/").status_code == 200


def test_a_kiosk_of_another_site_is_no_row_of_ours(desk, site):
    elsewhere = make_site()
    other, _ = actions.open_kiosk(
        by=actor(make_staff(elsewhere, Role.DIRECTOR)), at=NOW, site=elsewhere, place="There"
    )
    assert desk.post(f"/kiosks/{other.pk}/closing/").status_code == 404
    assert "There" not in desk.get("/kiosks/").content.decode()


def test_who_checks_nobody_in_opens_no_kiosk(site, signed_in):
    biller = signed_in(make_staff(site, Role.BILLER))
    assert biller.get("/kiosks/").status_code == 403
    assert biller.post("/kiosks/", {"place": "Door"}).status_code == 403
    assert biller.post("/today/code/", {"code": "AAAAAA"}).status_code == 403
    assert Kiosk.objects.count() == 0


def test_a_kiosk_without_a_place_is_sent_back(desk):
    answer = desk.post("/kiosks/", {"place": " "})
    assert (answer.status_code, Kiosk.objects.count()) == (422, 0)


def test_the_desk_checks_in_by_the_code_of_a_phone(desk, ana):
    assert 'name="code"' in desk.get("/today/").content.decode()
    desk.post("/today/code/", {"code": arriving.code_of(ana.pk, NOW)})
    assert "Anastasia Q. is checked in: Group room 2, 10:30 am." in desk.get("/today/").content.decode()
    desk.post("/today/code/", {"code": "\x00"})
    assert "Type the six letters" in desk.get("/today/").content.decode()
    desk.post("/today/code/", {"code": "AAAAAA"})
    assert "Nobody who is expected now has that code." in desk.get("/today/").content.decode()
