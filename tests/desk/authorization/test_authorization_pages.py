from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.authorization.models import Authorization, AuthorizationDecision
from tests.clinic.authorization.making import ask, authorized
from tests.clinic.coverage.making import make_policy
from tests.clinic.timetable.making import admitted, make_session
from tests.making import NOW, make_site, make_staff


@pytest.fixture
def reviewer(signed_in, site):
    return signed_in(make_staff(site, Role.UTILIZATION))


@pytest.fixture
def ana(site):
    return admitted(site)


def test_from_the_question_to_the_answer(reviewer, ana):
    policy = make_policy(ana)
    asked = {
        "policy": policy.pk, "service_code": "H0015", "level": "2.1", "units_asked": 12, "unit": "day",
        "starts_on": "2026-03-16", "ends_on": "2026-04-12",
    }  # fmt: skip
    new = f"/patients/{ana.code}/authorizations/new/"
    assert "12" in reviewer.get(new).content.decode()
    assert reviewer.post(new, asked).status_code == 302
    row = Authorization.objects.get()
    assert "Record the answer" in reviewer.get("/authorizations/").content.decode()
    answer = {
        "outcome": "approved", "number": "BL-77", "units": 12, "level": "2.1",
        "starts_on": "2026-03-16", "ends_on": "2026-04-12",
    }  # fmt: skip
    page = reviewer.post(f"/authorizations/{row.pk}/decision/", answer, follow=True)
    assert "BL-77" in page.content.decode()
    assert "12 days left until Sun 12 Apr." in reviewer.get("/authorizations/").content.decode()


def test_the_notice_names_who_runs_out_and_how_to_mend_it(reviewer, site, ana):
    authorized(ana, units_asked=1)
    leader = make_staff(site, Role.FACILITATOR)
    for days in (1, 2):
        make_session(site, leader, [ana], starts=NOW + timedelta(days=days))
    page = reviewer.get("/authorizations/").content.decode()
    assert "1 day left; the session of Fri 20 Mar will exceed them." in page
    assert f"/patients/{ana.code}/authorizations/new/" in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"outcome": "approved", "units": "12"}, "needs the payer&#39;s number"),
        ({"outcome": "denied", "note": " "}, "reason for the denial"),
        ({"outcome": "maybe"}, "valid choice"),
        ({"outcome": "approved", "units": "many"}, "whole number"),
        ({}, "required"),
    ],
)
def test_a_bad_answer_is_told_in_a_sentence_and_nothing_is_lost(reviewer, ana, sent, sentence):
    row = ask(ana)
    answer = reviewer.post(f"/authorizations/{row.pk}/decision/", {"note": "Dr. Lim ☎ said so", **sent})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert sent.get("note", "Dr. Lim ☎ said so") in answer.content.decode()
    assert AuthorizationDecision.objects.count() == 0


def test_without_a_policy_the_page_says_where_to_add_it(reviewer, ana):
    page = reviewer.get(f"/patients/{ana.code}/authorizations/new/").content.decode()
    assert "No policy is in force today." in page
    assert f"/patients/{ana.code}/coverage/" in page


@pytest.mark.parametrize(
    ("role", "listed", "recorded"),
    [
        (Role.UTILIZATION, 200, 302),
        (Role.BILLER, 200, 302),
        (Role.COUNSELOR, 200, 403),
        (Role.NURSE, 403, 403),
    ],
)
def test_who_may_look_and_who_may_record(signed_in, site, ana, role, listed, recorded):
    row = ask(ana)
    client = signed_in(make_staff(site, role))
    assert client.get("/authorizations/").status_code == listed
    assert client.get(f"/authorizations/{row.pk}/").status_code == listed
    assert client.post(f"/authorizations/{row.pk}/decision/", {"outcome": "pended"}).status_code == recorded


def test_a_stranger_site_gets_404(signed_in, ana):
    row = ask(ana)
    stranger = signed_in(make_staff(make_site(), Role.UTILIZATION))
    assert stranger.get(f"/authorizations/{row.pk}/").status_code == 404
    assert stranger.get(f"/patients/{ana.code}/authorizations/new/").status_code == 404


def test_the_page_takes_as_many_queries_for_thirty_as_for_one(
    reviewer, site, django_assert_max_num_queries, django_assert_num_queries
):
    authorized(admitted(site, "Ana"))
    reviewer.get("/authorizations/")  # the first page of a session writes the session
    with CaptureQueriesContext(connection) as one:
        reviewer.get("/authorizations/")
    for number in range(29):
        authorized(admitted(site, f"Ben{number}"))
    with django_assert_num_queries(len(one)):
        reviewer.get("/authorizations/")
