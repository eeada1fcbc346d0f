"""The work list of hours to save, offers from it and from the chart, and the weekly report."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import MakeUpOffer
from tests.clinic.timetable.making import admitted, first_session, make_group
from tests.making import NOW, TODAY, make_patient, make_site, make_staff

LIST = "/hours/"


@pytest.fixture
def client(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def ana(site):
    return admitted(site, minutes=180)


@pytest.fixture
def session(site):
    """Friday 6 pm."""
    return first_session(make_group(site, meets=((4, time(18)), (5, time(9)))))


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_list_says_who_by_how_much_until_when_and_what_would_mend_it(client, ana, session):
    shown = page(client, LIST)
    assert "<h2>Until Friday</h2>" in shown
    assert "Mon 16 Mar to Sun 22 Mar · 1 person · 3 h not safe" in shown
    assert "3 h of 3 h not safe; can be saved until Friday 6:00 pm." in shown
    assert "gives 1 h 30 min of 3 h" in shown


def test_whom_nothing_saves_stands_below(client, site):
    admitted(site, minutes=900)
    shown = page(client, LIST)
    assert "Nothing can be saved any more" in shown
    assert "1 person for whom no free seat of the week is left" in shown
    assert "15 h of 15 h cannot be made up this week any more." in shown


def test_of_whom_not_all_can_be_saved_what_can_is_said(client, site, session):
    admitted(site, minutes=540)
    shown = page(client, LIST)
    assert "9 h of 9 h missing; 3 h can still be had." in shown
    assert "<h2>Until Friday</h2>" in shown


def test_the_week_after_can_be_looked_at_too(client, ana, session):
    shown = page(client, f"{LIST}?week=next")
    assert "Mon 23 Mar to Sun 29 Mar · 1 person · 3 h not safe" in shown
    offered = first_session(session.group)
    answer = client.post(f"/patients/{ana.code}/hours/offers/", {"occurrence": offered.pk, "back": "next"})
    assert answer["Location"] == f"{LIST}?week=next#{ana.code}"


def test_one_click_offers_the_seat_and_one_withdraws_it(client, ana, session):
    answer = client.post(f"/patients/{ana.code}/hours/offers/", {"occurrence": session.pk, "back": "list"})
    assert answer["Location"] == f"{LIST}#{ana.code}"
    offer = MakeUpOffer.objects.get()
    shown = page(client, LIST)
    assert "is offered to Ana R.; the seat is held until Thu 19 Mar, 6:00 am." in shown
    assert "held until Thu 19 Mar, 6:00 am" in shown
    answer = client.post(f"/patients/{ana.code}/hours/offers/{offer.pk}/withdrawal/")
    assert answer["Location"] == f"/patients/{ana.code}/schedule/#openings"
    assert "The offer to Ana R. is withdrawn; the seat is free." in page(
        client, f"/patients/{ana.code}/schedule/"
    )


@pytest.mark.parametrize("wanted", ["", "x", "9" * 30, "0", "-1"])
def test_a_session_that_is_not_there_is_a_404(client, ana, session, wanted):
    answer = client.post(f"/patients/{ana.code}/hours/offers/", {"occurrence": wanted})
    assert answer.status_code == 404


def test_what_is_refused_is_a_sentence(client, by, ana, session):
    timetable.cancel_occurrence(by=by, at=NOW, occurrence=session, because="Snow")
    answer = client.post(
        f"/patients/{ana.code}/hours/offers/", {"occurrence": session.pk, "back": "list"}, follow=True
    )
    assert "Relapse prevention on Fri 20 Mar, 6:00 pm is cancelled. Choose another session." in (
        answer.content.decode()
    )


def test_the_offer_of_somebody_else_is_a_404(client, site, ana, session):
    client.post(f"/patients/{ana.code}/hours/offers/", {"occurrence": session.pk})
    ben = admitted(site, "Ben", "Other")
    offer = MakeUpOffer.objects.get()
    assert client.post(f"/patients/{ben.code}/hours/offers/{offer.pk}/withdrawal/").status_code == 404


def test_a_stranger_and_a_role_without_seats(signed_in, site, ana, session):
    far = signed_in(make_staff(make_site("Elsewhere"), Role.COUNSELOR))
    assert far.post(f"/patients/{ana.code}/hours/offers/", {"occurrence": session.pk}).status_code == 404
    biller = signed_in(make_staff(site, Role.BILLER))
    assert biller.post(f"/patients/{ana.code}/hours/offers/", {}).status_code == 403
    assert "Offer<" not in page(biller, LIST)


def test_the_schedule_of_a_chart_ranks_the_seats_of_the_week(client, ana, session):
    shown = page(client, f"/patients/{ana.code}/schedule/?offer={session.pk}")
    assert "gives 1 h 30 min of 3 h" in shown
    assert shown.count('class="button small primary"') == 1


def test_the_same_statements_for_one_and_for_thirty(client, site, ana, session):
    def statements(path):
        page(client, path)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(client, path)
        return len(asked)

    before = [statements(path) for path in (LIST, "/hours/report/")]
    for number in range(30):
        admitted(site, f"P{number}", "Many")
    assert [statements(path) for path in (LIST, "/hours/report/")] == before


# the report ---------------------------------------------------------------------------------------------------


def test_the_report_adds_up_and_says_why(client, by, site, ana, session):
    seat = timetable.book_seat(by=by, at=NOW, patient=ana, occurrence=session)
    timetable.cancel_occurrence(by=by, at=NOW, occurrence=session, because="Ill")
    shown = page(client, f"/hours/report/?on={TODAY}")
    assert "Hours, week of 16 March" in shown
    assert "the week is not over" in shown
    assert seat.patient == ana
    for line in ('<td data-label="Lost, h"', "Cancelled by us", "Not booked"):
        assert line.split("<td")[-1].strip() in shown


def test_the_report_opens_on_the_last_whole_week_and_prints(client, site, ana):
    assert "Hours, week of 9 March" in page(client, "/hours/report/")
    printed = page(client, "/hours/report/print/?on=2026-03-18")
    assert "16 Mar 2026 to 22 Mar 2026" in printed


@pytest.mark.parametrize("asked", ["nonsense", "9999-99-99", "0001-01-01", ""])
def test_a_day_that_is_none_is_the_last_week(client, asked):
    assert "Hours, week of 9 March" in page(client, f"/hours/report/?on={asked}")


def test_nobody_with_hours_is_no_row(client, site):
    make_patient(site)
    assert "Nobody had hours ordered in this week." in page(
        client, f"/hours/report/?on={TODAY + timedelta(days=1)}"
    )
