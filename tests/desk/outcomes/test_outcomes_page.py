from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from tests.clinic.aftercare.making import discharged
from tests.clinic.timetable.making import admit, admitted
from tests.making import TODAY, make_patient, make_site, make_staff


@pytest.fixture
def director(signed_in, site):
    return signed_in(make_staff(site, Role.DIRECTOR))


def test_an_empty_program_has_a_page_too(director):
    page = director.get("/outcomes/").content.decode()
    assert "0 people in treatment" in page
    assert "No episode of the year has ended." in page


def test_charts_stand_above_their_numbers_and_lead_to_names(director, site):
    admitted(site)
    for number in range(12):
        admit(make_patient(site, f"Ben{number}"), on=TODAY - timedelta(days=40))
    page = director.get("/outcomes/").content.decode()
    assert page.count('<svg class="chart"') == 4
    assert "100% (12 of 12)" in page
    assert "/outcomes/level-2-1/" in page
    names = director.get("/outcomes/stayed-30/").content.decode()
    assert "Ben11 Reyes" in names
    assert "In care 30 days after admission" in names
    assert Entry.objects.get(action="outcomes.names").detail == {"people": 12}


def test_small_numbers_are_shown_to_whoever_may_open_the_charts(director, site):
    discharged(site, days_ago=5)
    page = director.get("/outcomes/").content.decode()
    assert "could be recognized" not in page
    assert "1 of 1" in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.DIRECTOR, 200),
        (Role.COMPLIANCE, 200),
        (Role.UTILIZATION, 200),
        (Role.COUNSELOR, 403),
        (Role.BILLER, 403),
    ],
)
def test_who_may_look(signed_in, site, role, status):
    client = signed_in(make_staff(site, role))
    assert client.get("/outcomes/").status_code == status
    assert client.get("/outcomes/level-2-1/").status_code == status


@pytest.mark.parametrize("measure", ["level-x", "left-31", "ended-well", "secrets", "stayed-", "ended-"])
def test_a_figure_that_is_not_there_is_a_404(director, measure):
    assert director.get(f"/outcomes/{measure}/").status_code == 404


def test_a_strangers_people_are_not_named(signed_in, site):
    admitted(site, "Zelda")
    stranger = signed_in(make_staff(make_site(), Role.DIRECTOR))
    assert "Zelda" not in stranger.get("/outcomes/level-2-1/").content.decode()
