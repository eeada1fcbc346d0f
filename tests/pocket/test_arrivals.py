"""“I am here” on the own phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache

from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.sessions.queries import arriving
from stepwell.clinic.sessions.rules.arriving import load_arriving
from tests.clinic.timetable.making import make_session
from tests.making import NOW, make_room


@pytest.fixture
def soon(site, counselor, patient):
    return make_session(
        site, counselor, [patient], starts=NOW + timedelta(minutes=30), title="Evening group", mode="on_site",
        room=make_room(site),
    )  # fmt: skip


def test_on_the_day_of_a_session_today_leads_to_the_code(phone, patient, soon):
    assert 'href="/my/here/"' in phone.get("/my/").content.decode()
    page = phone.get("/my/here/").content.decode()
    assert arriving.code_of(patient.pk, NOW) in page
    assert "It is good until" in page


def test_a_session_by_video_is_joined_and_has_no_code(site, counselor, phone, patient):
    make_session(site, counselor, [patient], starts=NOW + timedelta(minutes=30), mode="video")
    page = phone.get("/my/").content.decode()
    assert ("Join by video" in page, 'href="/my/here/"' in page) == (True, False)


def test_long_before_there_is_no_code(site, counselor, phone, patient):
    make_session(site, counselor, [patient], starts=NOW + timedelta(hours=5))
    assert 'href="/my/here/"' not in phone.get("/my/").content.decode()
    page = phone.get("/my/here/").content.decode()
    assert "Nothing to check in to yet" in page
    assert arriving.code_of(patient.pk, NOW) not in page


def test_the_code_of_the_screen_at_the_door_checks_in_from_the_phone(site, by, phone, patient, soon):
    kiosk, _ = actions.open_kiosk(by=by, at=NOW, site=site, place="Front door")
    wrong = phone.post("/my/here/", {"place_code": "ZZZZ"})
    assert (wrong.status_code, Attendance.objects.count()) == (422, 0)
    assert "not the code on the screen at the door" in wrong.content.decode()
    phone.post("/my/here/", {"place_code": arriving.place_code_of(kiosk, NOW)})
    assert Attendance.objects.get().arrived_at == NOW
    assert "You are checked in" in phone.get("/my/here/").content.decode()


def test_nobody_guesses_at_home_what_the_screen_at_the_door_shows(site, by, phone, patient, soon):
    cache.clear()
    kiosk, _ = actions.open_kiosk(by=by, at=NOW, site=site, place="Front door")
    right = arriving.place_code_of(kiosk, NOW)
    for _ in range(load_arriving().wrong_most):
        assert (
            phone.post("/my/here/", {"place_code": "ZZZZ" if right != "ZZZZ" else "YYYY"}).status_code == 422
        )
    answer = phone.post("/my/here/", {"place_code": right})
    assert (answer.status_code, Attendance.objects.count()) == (422, 0)
    assert "Please tell the desk that you are here." in answer.content.decode()


def test_a_family_member_is_not_here(mothers_phone, patient, soon):
    assert mothers_phone.get("/my/here/").status_code == 404
    assert mothers_phone.post("/my/here/", {"place_code": "ZZZZ"}).status_code == 404
