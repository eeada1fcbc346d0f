from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.billing.models import Charge, PayerRule, Payment, Statement
from tests.clinic.billing.making import YESTERDAY, attend, charged, insured
from tests.clinic.coverage.making import make_payer
from tests.making import make_site, make_staff


@pytest.fixture
def biller(signed_in, site):
    return signed_in(make_staff(site, Role.BILLER))


@pytest.fixture
def ana(site):
    return insured(site)


def test_ready_days_are_charged_in_one_batch(biller, ana):
    attend(ana)
    page = biller.get("/billing/").content.decode()
    assert "Charge 1 day" in page
    assert "$250.00" in page
    done = biller.post("/billing/batch/", follow=True).content.decode()
    assert "1 day charged, $250.00 in all." in done
    assert "Nothing was left to charge." in biller.post("/billing/batch/", follow=True).content.decode()
    assert Charge.objects.count() == 1


def test_a_day_that_waits_shows_why_and_with_whom(biller, site, ana):
    attend(ana, make_staff(site, Role.COUNSELOR, name="Ruth Okoro"), signed=False)
    page = biller.get("/billing/").content.decode()
    assert "1 note is not signed." in page
    assert "It is with Ruth Okoro." in page


def test_the_biller_sees_no_clinical_text(biller, ana):
    attend(ana)
    charged(ana)
    for address in ("/billing/", f"/billing/accounts/{ana.code}/"):
        assert "triggers" not in biller.get(address).content.decode()
    assert biller.get(f"/patients/{ana.code}/notes/").status_code in (403, 404)


def test_money_is_posted_once_and_the_statement_is_printed(biller, ana):
    attend(ana)
    charged(ana)
    home = f"/billing/accounts/{ana.code}/"
    sent = {"source": "patient", "amount": "40", "charge": "", "reference": "Check 7", "once_key": "abc"}
    assert biller.post(home + "payments/", sent).status_code == 302
    assert biller.post(home + "payments/", sent).status_code == 302
    assert Payment.objects.count() == 1
    assert "$210.00" in biller.get(home).content.decode()
    sheet = biller.post(home + "statements/", follow=True).content.decode()
    assert "You owe $210.00." in sheet
    assert "-$40.00" in sheet or "−$40.00" in sheet
    again = biller.post(home + "statements/", follow=True).content.decode()
    assert "stated today already" in again
    assert Statement.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"amount": "0"}, "not zero"),
        ({"amount": "lots"}, "Enter a number"),
        ({"amount": "1.005"}, "no more than 2 decimal places"),
        ({"amount": "NaN"}, "Enter a number"),
        ({"source": "bank"}, "valid choice"),
        ({"charge": "999999"}, "valid choice"),
        ({"source": "patient", "amount": "-5"}, "above zero"),
    ],
)
def test_bad_money_is_told_in_a_sentence(biller, ana, sent, sentence):
    full = {"source": "patient", "amount": "5", "charge": "", "reference": "✓ 7", "once_key": "k", **sent}
    answer = biller.post(f"/billing/accounts/{ana.code}/payments/", full)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "✓ 7" in answer.content.decode()
    assert Payment.objects.count() == 0


def test_a_charge_is_taken_back_with_its_reason(biller, ana):
    attend(ana)
    (row,) = charged(ana).charges
    address = f"/billing/charges/{row.pk}/void/"
    assert biller.post(address, {"because": "  "}).status_code == 422
    assert biller.post(address, {"because": "Wrong payer"}).status_code == 302
    assert "Wrong payer" in biller.get(f"/billing/accounts/{ana.code}/").content.decode()
    assert biller.post(address, {"because": "Again"}).status_code == 422


def test_a_payer_is_given_its_rule(biller, ana):
    payer = make_payer("Green Hill")
    assert "Green Hill" in biller.get("/billing/rules/").content.decode()
    sent = {"payer": payer.pk, "rule": "H0015-per-diem", "starts_on": "2026-01-01"}
    assert biller.post("/billing/rules/", sent).status_code == 302
    again = biller.post("/billing/rules/", sent)
    assert (again.status_code, "follows this rule already" in again.content.decode()) == (422, True)
    row = PayerRule.objects.get(payer=payer)
    assert biller.post(f"/billing/rules/{row.pk}/end/").status_code == 302
    assert PayerRule.objects.get(pk=row.pk).ends_on is not None


@pytest.mark.parametrize(
    ("role", "read", "worked"),
    [
        (Role.BILLER, 200, 302),
        (Role.UTILIZATION, 200, 403),
        (Role.DIRECTOR, 200, 403),
        (Role.COUNSELOR, 403, 403),
    ],
)
def test_who_may_look_and_who_may_work(signed_in, site, ana, role, read, worked):
    client = signed_in(make_staff(site, role))
    assert client.get("/billing/").status_code == read
    assert client.get(f"/billing/accounts/{ana.code}/").status_code == read
    assert client.post("/billing/batch/").status_code == worked


def test_a_stranger_site_gets_404(signed_in, biller, ana):
    attend(ana)
    (row,) = charged(ana).charges
    biller.post(f"/billing/accounts/{ana.code}/statements/")
    number = Statement.objects.get().number
    stranger = signed_in(make_staff(make_site(), Role.BILLER))
    for address in (
        f"/billing/accounts/{ana.code}/",
        f"/billing/charges/{row.pk}/void/",
        f"/billing/statements/{number}/",
    ):
        assert stranger.get(address).status_code == 404


def test_the_page_takes_as_many_queries_for_thirty_as_for_one(biller, site, ana, django_assert_num_queries):
    leader = make_staff(site, Role.COUNSELOR)
    attend(ana, leader)
    biller.get("/billing/")  # the first page of a session writes the session
    with CaptureQueriesContext(connection) as one:
        biller.get("/billing/")
    for number in range(29):
        starts = YESTERDAY - timedelta(hours=4 * (number + 1))
        attend(insured(site, f"Ben{number}", approve=12 if number % 2 else None), leader, starts=starts)
    with django_assert_num_queries(len(one)):
        biller.get("/billing/")
