"""Today at a glance: who is expected, late, here and not coming, each a link; and whose day is too short."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.sessions import actions
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Seat
from tests.clinic.billing.making import follow
from tests.clinic.coverage.making import make_payer, make_policy
from tests.clinic.sessions.making import held_at
from tests.clinic.timetable.making import admit, admitted
from tests.making import NOW, make_login, make_patient, make_site, make_staff


@pytest.fixture
def desk(site, signed_in):
    return signed_in(make_staff(site, Role.ADMISSIONS))


@pytest.fixture
def day(site, by, counselor):
    """Ana expected, Ben and Bea late, Carla here, Dev said so, Ellis recorded as absent."""
    people = {
        n: make_patient(site, n, f"Of{n}") for n in ("Ana", "Ben", "Bea", "Carla", "Dev", "Ellis", "Gone")
    }
    running = held_at(
        site,
        counselor,
        [people[n] for n in ("Ben", "Bea", "Carla", "Ellis")],
        starts=NOW - timedelta(minutes=20),
    )
    later = held_at(
        site, make_staff(site), [people[n] for n in ("Ana", "Dev", "Gone")], starts=NOW + timedelta(hours=1)
    )
    actions.check_in(by=by, at=NOW, seat=Seat.objects.get(patient=people["Carla"]))
    actions.record_attendance(
        by=by, at=NOW, occurrence=running,
        entries=[actions.Entry(patient_id=people["Ellis"].pk, outcome="excused", reason="ill")],
    )  # fmt: skip
    own = actor_of(make_login(people["Dev"]), at=NOW)
    timetable.cannot_come(
        by=own, at=NOW, seat=Seat.objects.get(patient=people["Dev"]), because="I have to work"
    )
    timetable.release_seat(by=by, at=NOW, seat=Seat.objects.get(patient=people["Gone"]), because="moved")
    return people, running, later


def counts_of(page: str) -> list[str]:
    nav = page[page.index('class="day-counts"') :]
    return re.findall(r"<strong>(\d+)</strong> ([a-z ]+)</a>", nav[: nav.index("</nav>")])


def listed_on(page: str) -> list[str]:
    found = re.search(r'<ul class="arrivals sheet".*?</ul>', page, re.S)
    return re.findall(r'class="person-name"[^>]*>([^<]+)<', found.group()) if found else []


def test_the_counts_of_the_day_are_links_that_list_who_it_is(desk, day):
    page = desk.get("/today/").content.decode()
    assert counts_of(page) == [("1", "expected"), ("2", "late"), ("1", "here"), ("2", "not coming")]
    assert listed_on(desk.get("/today/?who=expected").content.decode()) == ["Ana O."]
    assert listed_on(desk.get("/today/?who=late").content.decode()) == ["Bea O.", "Ben O."]
    assert listed_on(desk.get("/today/?who=here").content.decode()) == ["Carla O."]
    away = desk.get("/today/?who=away").content.decode()
    assert listed_on(away) == ["Ellis O.", "Dev O."]
    assert "told us" in away
    assert 'href="/today/" aria-current="true" class="away"' in away
    assert '<input type="hidden" class="keep" name="who" value="away">' in away


def test_the_list_stays_when_news_come(desk, day):
    part = desk.get("/today/board/?who=late").content.decode()
    assert listed_on(part) == ["Bea O.", "Ben O."]
    seat = Seat.objects.get(patient=day[0]["Ben"])
    part = desk.post(
        f"/sessions/seats/{seat.pk}/check-in/", {"who": "late"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert (listed_on(part), counts_of(part)[1:3]) == (["Bea O."], [("1", "late"), ("2", "here")])


def test_a_facilitator_lists_them_too_and_nobody_of_another_site(signed_in, counselor, day):
    assert listed_on(signed_in(counselor).get("/today/?who=late").content.decode()) == ["Bea O.", "Ben O."]
    other = signed_in(make_staff(make_site(), Role.ADMISSIONS))
    for who in ("expected", "late", "here", "away"):
        assert listed_on(other.get(f"/today/?who={who}").content.decode()) == []


def test_who_gave_the_seat_back_and_was_booked_again_is_expected_again(desk, day, by):
    people, _, later = day
    admit(people["Dev"])
    timetable.book_seat(by=by, at=NOW, patient=people["Dev"], occurrence=later)
    page = desk.get("/today/?who=expected").content.decode()
    assert counts_of(page) == [("2", "expected"), ("2", "late"), ("1", "here"), ("1", "not coming")]
    assert listed_on(page) == ["Ana O.", "Dev O."]


@pytest.mark.parametrize("word", ["nobody", "late%00", "%3Cscript%3E", "late&later=99999"])
def test_a_strange_word_in_the_address_is_no_fault(desk, day, word):
    assert desk.get(f"/today/?who={word}").status_code == 200


def test_a_short_day_is_said_above_with_names_and_what_would_do(site, signed_in, counselor):
    ana = admitted(site, "Ana")
    follow()
    make_policy(ana, make_payer())
    held_at(site, counselor, [ana], starts=NOW, minutes=160)
    held_at(site, make_staff(site), [make_patient(site, "Lou")], starts=NOW + timedelta(hours=6), capacity=1)
    for role in (Role.FACILITATOR, Role.COUNSELOR, Role.BILLER, Role.ADMISSIONS):
        page = signed_in(make_staff(site, role)).get("/today/").content.decode()
        assert "One person is 20 minutes short of 3 hours today." in page
        assert "0 min attended, 160 to come, of 180" in page
        assert "20 min alone with somebody after 12:40 pm" in page
    watching = signed_in(make_staff(site, Role.COMPLIANCE)).get("/today/").content.decode()
    assert "short of 3 hours" not in watching
