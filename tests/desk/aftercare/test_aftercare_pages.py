from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.aftercare.models import ContinuingCarePlan, DischargeSummary, FollowUp, FollowUpAttempt
from tests.clinic.aftercare.making import WHOLE, discharged, planned
from tests.making import make_site, make_staff


@pytest.fixture
def client_of_counselor(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def ended(site):
    return discharged(site)


def test_the_page_shows_the_calls_due_and_plans_none_itself(client_of_counselor, ended):
    client_of_counselor.get("/aftercare/")
    assert FollowUp.objects.count() == 0
    planned(ended)
    page = client_of_counselor.get("/aftercare/").content.decode()
    assert "30 days after discharge. Call on Wed 18 Mar." in page
    assert "555-0101" in page
    assert "Write it" in page


def test_a_call_is_logged_with_its_short_answers(client_of_counselor, ended):
    call = planned(ended)
    assert "appointment office" in client_of_counselor.get(f"/aftercare/calls/{call.pk}/").content.decode()
    sent = {"outcome": "reached", "q_used": "no", "q_back": "no", "note": "Doing well. 🙂 שלום"}
    page = client_of_counselor.post(f"/aftercare/calls/{call.pk}/attempts/", sent, follow=True)
    assert "Logged: reached." in page.content.decode()
    assert FollowUpAttempt.objects.get().answers == {"used": "no", "back": "no"}
    assert "שלום" in client_of_counselor.get(f"/aftercare/calls/{call.pk}/").content.decode()


def test_not_reached_is_one_click_from_the_list(client_of_counselor, ended):
    call = planned(ended)
    answer = client_of_counselor.post(f"/aftercare/calls/{call.pk}/attempts/", {"outcome": "not_reached"})
    assert answer.status_code == 302
    assert FollowUpAttempt.objects.get().outcome == "not_reached"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "required"),
        ({"outcome": "reached", "q_used": "never ever"}, "valid choice"),
        ({"outcome": "not_reached", "q_used": "no"}, "Answers belong to a call"),
        ({"outcome": "reached", "note": "a\x00b"}, "Null characters"),
    ],
)
def test_a_bad_log_is_answered_with_a_sentence(client_of_counselor, ended, sent, sentence):
    call = planned(ended)
    answer = client_of_counselor.post(f"/aftercare/calls/{call.pk}/attempts/", sent)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert FollowUpAttempt.objects.count() == 0


def test_from_the_blank_summary_to_the_signed_one(client_of_counselor, ended):
    here = f"/patients/{ended.patient.code}/aftercare/"
    form = f"{here}{ended.pk}/summary/"
    half = client_of_counselor.post(form, {"reason": "She is done here.", "then": "sign"})
    assert half.status_code == 422
    assert "Fill in “What was done”" in half.content.decode()
    assert "She is done here." in half.content.decode()
    assert DischargeSummary.objects.get().sections == {"reason": "She is done here."}
    assert client_of_counselor.post(form, {**WHOLE, "then": "sign"}).status_code == 302
    assert "Nia Okafor, LPC" in client_of_counselor.get(here).content.decode()
    again = client_of_counselor.post(form, {**WHOLE, "reason": "Other"})
    assert again.status_code == 422
    assert "never changed" in again.content.decode()


def test_the_plan_is_written_and_printed(client_of_counselor, ended):
    here = f"/patients/{ended.patient.code}/aftercare/"
    assert "No next appointment; book one by" in client_of_counselor.get(here).content.decode()
    sent = {
        "next_level": "1", "next_provider": "Lake House", "next_appointment_on": "2026-02-20",
        "goals": "Work again <script>alert(1)</script>",
    }  # fmt: skip
    assert client_of_counselor.post(f"{here}{ended.pk}/plan/", sent).status_code == 302
    assert ContinuingCarePlan.objects.get().version == 1
    sheet = client_of_counselor.get(f"{here}{ended.pk}/print/").content.decode()
    assert "Lake House" in sheet
    assert "<script>alert" not in sheet
    assert "988" in sheet


@pytest.mark.parametrize(
    ("role", "read", "wrote"),
    [
        (Role.COUNSELOR, 200, 302),
        (Role.PEER, 200, 302),
        (Role.UTILIZATION, 200, 403),
        (Role.BILLER, 403, 403),
    ],
)
def test_who_may_look_and_who_may_log(signed_in, site, ended, role, read, wrote):
    call = planned(ended)
    client = signed_in(make_staff(site, role))
    assert client.get("/aftercare/").status_code == read
    assert client.get(f"/patients/{ended.patient.code}/aftercare/").status_code == read
    answer = client.post(f"/aftercare/calls/{call.pk}/attempts/", {"outcome": "not_reached"})
    assert answer.status_code == wrote


def test_a_stranger_site_gets_404(signed_in, ended):
    call = planned(ended)
    client = signed_in(make_staff(make_site(), Role.COUNSELOR))
    for address in (
        f"/aftercare/calls/{call.pk}/",
        f"/patients/{ended.patient.code}/aftercare/",
        f"/patients/{ended.patient.code}/aftercare/{ended.pk}/summary/",
        f"/patients/{ended.patient.code}/aftercare/{ended.pk}/print/",
    ):
        assert client.get(address).status_code == 404


def test_an_episode_of_somebody_else_is_not_opened_under_this_chart(client_of_counselor, site, ended):
    other = discharged(site, "Ben")
    answer = client_of_counselor.get(f"/patients/{ended.patient.code}/aftercare/{other.pk}/summary/")
    assert answer.status_code == 404


def test_the_page_takes_as_many_queries_for_thirty_as_for_one(
    client_of_counselor, site, ended, django_assert_num_queries
):
    planned(ended)
    client_of_counselor.get("/aftercare/")  # the first page of a session writes the session
    with CaptureQueriesContext(connection) as one:
        client_of_counselor.get("/aftercare/")
    for number in range(29):
        planned(discharged(site, f"Ben{number}"))
    with django_assert_num_queries(len(one)):
        client_of_counselor.get("/aftercare/")
