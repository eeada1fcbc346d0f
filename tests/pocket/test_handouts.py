"""Hand-outs on the patient's phone: of what she attended, and only hers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.sessions import actions as sessions
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.curriculum import actions
from stepwell.clinic.timetable.models import Occurrence
from tests.clinic.sessions.making import BEFORE, group_of
from tests.clinic.timetable.making import admitted
from tests.making import NOW, actor, make_login, make_staff

HERS = "/my/hand-outs/relapse-prevention/warning-signs/"


@pytest.fixture
def attended(site, counselor, patient) -> Occurrence:
    """This morning's session on warning signs; Ana was there."""
    session, _ = group_of(site, counselor, people=0)
    director = actor(make_staff(site, Role.DIRECTOR))
    actions.give_curriculum(by=director, at=BEFORE, group=session.group, key="relapse-prevention")
    timetable.book_seat(by=director, at=BEFORE, patient=patient, occurrence=session)
    sessions.all_here(by=actor(counselor), at=NOW - timedelta(minutes=30), occurrence=session)
    return session


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_hand_out_shows_after_the_group_is_read_and_printed(phone, attended):
    assert "Warning signs" in text(phone.get("/my/hand-outs/"))
    shown = text(phone.get(HERS))
    assert "A relapse does not start with the first drink or dose." in shown
    assert f"{HERS}print/" in shown
    assert "A relapse does not start with the first drink or dose." in text(phone.get(f"{HERS}print/"))


@pytest.mark.parametrize("address", [HERS, f"{HERS}print/"])
def test_the_title_of_the_window_stays_neutral_and_nothing_is_stored(phone, attended, address):
    answer = phone.get(address)
    assert re.search(r"<title>(.*?)</title>", text(answer))[1].startswith("Hand-out")
    assert "Warning" not in re.search(r"<title>(.*?)</title>", text(answer))[1]
    assert answer["Cache-Control"] == "no-store"


def test_before_the_group_there_is_none(phone):
    assert "No hand-outs yet" in text(phone.get("/my/hand-outs/"))


@pytest.mark.parametrize("address", [HERS, f"{HERS}print/"])
def test_nobody_else_reads_it(site, phone, attended, phone_of, mothers_phone, address):
    ben = admitted(site, "Ben", "Stone")
    make_login(ben)
    assert phone_of(ben.user).get(address).status_code == 404
    assert mothers_phone.get(address).status_code == 404
    assert phone_of(make_staff(site, Role.DIRECTOR).user).get(address).status_code == 404
    for unknown in ("urge-surfing", "no-such"):
        assert phone.get(address.replace("warning-signs", unknown)).status_code == 404
    assert "Warning signs" not in text(phone_of(ben.user).get("/my/hand-outs/"))
