"""Help with the price at the desk: told, seen, decided; asked, awarded, used; agreed, missed, looked at."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage.assistance import actions
from stepwell.clinic.coverage.assistance.models import (
    Award,
    EapReferral,
    FeeApplication,
    FinancingPartner,
    Fund,
    FundRequest,
    InstalmentReminder,
    PaymentAgreement,
)
from stepwell.clinic.coverage.models import Estimate, FeeDetermination
from tests.clinic.billing.making import attend
from tests.clinic.coverage.making import make_rates
from tests.clinic.timetable.making import admitted
from tests.making import NOW, actor, make_patient, make_site, make_staff


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def director(signed_in, site):
    return signed_in(make_staff(site, Role.DIRECTOR))


@pytest.fixture
def desk(signed_in, site):
    return signed_in(make_staff(site, Role.ADMISSIONS))


FUND = {
    "name": "Neighbors' fund",
    "source": "A foundation",
    "restrictions": "People of the county",
    "opens_on": "2026-03-01",
}


def test_a_sliding_fee_is_told_seen_and_decided(desk, patient):
    of = f"/patients/{patient.code}"
    told = {
        "household": 3,
        "region": "contiguous",
        "source_1": "wages",
        "amount_1": "3415",
        "period_1": "month",
    }
    page = words(desk.post(f"{of}/coverage/sliding-fee/", told, follow=True))
    assert "Nothing was seen yet" in page
    row = FeeApplication.objects.get()
    own = f"{of}/assistance/fee/{row.pk}/"
    seen = {"kind": "pay_stubs", "what": "Two pay stubs of February", "seen_on": "2026-03-18"}
    page = words(desk.post(f"{own}proof/", seen, follow=True))
    assert "The rule proposes class C" in page
    assert "Two pay stubs of February" in page
    assert desk.post(own, {"pay_class": "A"}).status_code == 422
    page = words(desk.post(own, {"pay_class": "A", "because": "Their rent doubled"}, follow=True))
    assert "100 % off" in page
    assert FeeDetermination.objects.get().discount == 1
    assert "Their rent doubled" in words(desk.get(own))
    assert desk.post(own, {"pay_class": "A", "because": "Again"}).status_code == 422


def test_their_own_word_holds_for_thirty_days_and_is_on_the_list(desk, patient):
    of = f"/patients/{patient.code}"
    desk.post(f"{of}/coverage/sliding-fee/", {"household": 1, "region": "contiguous"})
    row = FeeApplication.objects.get()
    own = f"{of}/assistance/fee/{row.pk}/"
    assert "Reyes" in words(desk.get("/assistance/"))
    desk.post(f"{own}proof/", {"kind": "self_declaration", "what": "Signed", "seen_on": "2026-03-18"})
    desk.post(own, {"pay_class": "A"})
    assert "Decided on their own word until 17 Apr" in words(desk.get(own))
    assert "documents are due" in words(desk.get("/assistance/"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount_1": ""}, "Say how much it is"),
        ({"source_1": ""}, "Say where it comes from"),
        ({"household": "0"}, "greater than or equal to 1"),
        ({"amount_1": "-5"}, "greater than or equal to 0"),
        ({"amount_1": "9999999", "period_1": "week"}, "more than 99 million"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_kept(desk, patient, change, sentence):
    told = {
        "household": "2", "region": "contiguous", "source_1": "wages", "amount_1": "10", "period_1": "month", **change
    }  # fmt: skip
    answer = desk.post(f"/patients/{patient.code}/coverage/sliding-fee/", told)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert FeeApplication.objects.count() == 0


def test_a_fund_is_opened_asked_awarded_and_used(desk, director, patient):
    of = f"/patients/{patient.code}"
    assert "No fund is open" in words(desk.get(f"{of}/assistance/request/"))
    director.post("/assistance/funds/", FUND)
    fund = Fund.objects.get()
    director.post(f"/assistance/funds/{fund.pk}/", {"amount": "500", "note": "First half"})
    desk.post(f"{of}/assistance/request/", {"fund": fund.pk, "amount": "300", "because": "No work"})
    asked = FundRequest.objects.get()
    decide = f"{of}/assistance/request/{asked.pk}/"
    assert desk.get(decide).status_code == 403
    too_much = director.post(decide, {"outcome": "awarded", "amount": "501", "because": "x"})
    assert "$500.00 free" in words(too_much)
    director.post(decide, {"outcome": "awarded", "amount": "200", "because": "As far as it goes"})
    award = Award.objects.get()
    use = f"{of}/assistance/award/{award.pk}/"
    charge = {"charge": "250", "insurance": "150", "eap": "0", "fee_off": "40", "note": "March"}
    assert "The award paid $60.00" in words(desk.post(use, charge, follow=True))
    assert desk.post(use, {**charge, "insurance": "250"}).status_code == 422
    make_rates(patient)
    plan = {"policy": "", "weeks": 1, "days_per_week": 3, "starts_on": "2026-04-06", "code": "H0015"}
    desk.post(f"{of}/coverage/estimate/", plan)
    assert Estimate.objects.get().grants_pay == 140
    director.post(f"{use}release/", {"because": "They moved away"})
    fund.refresh_from_db()
    assert (fund.available, fund.awarded) == (Decimal(440), 0)
    page = words(director.get(f"/assistance/funds/{fund.pk}/"))
    for said in ("deposit", "award", "spent", "released", "$440.00"):
        assert said in page
    director.post(f"/assistance/funds/{fund.pk}/close/", {"last_on": "2026-03-17"})
    assert "No fund is open" in words(desk.get(f"{of}/assistance/request/"))
    assert "As far as it goes" in words(desk.get(f"{of}/assistance/"))


def test_authorized_visits_say_what_is_left_and_that_nothing_may_be_told(desk, patient):
    told = {
        "program": "Helping Hand", "employer": "Mill & Co", "formal": "yes", "visits": 5, "starts_on": "2026-03-01"
    }  # fmt: skip
    desk.post(f"/patients/{patient.code}/assistance/eap/", told)
    assert EapReferral.objects.get().formal
    page = words(desk.get(f"/patients/{patient.code}/assistance/"))
    assert "0 of 5 visits are used, 5 left." in page
    assert "may be told nothing: no live consent names it" in page
    assert 'value="5"' in desk.get(f"/patients/{patient.code}/coverage/estimate/").content.decode()


def test_more_visits_authorized_later_do_not_count_a_day_twice(desk, site):
    by, patient = actor(make_staff(site, Role.ADMISSIONS)), admitted(site)
    for starts_on in (date(2026, 3, 1), date(2026, 3, 10)):
        actions.record_referral(
            by=by, at=NOW, patient=patient, program="Hand", employer="Mill", formal=False, visits=2, starts_on=starts_on
        )  # fmt: skip
    for day in (2, 4, 12):
        attend(patient, starts=datetime(2026, 3, day, 14, tzinfo=UTC))
    page = words(desk.get(f"/patients/{patient.code}/assistance/"))
    assert "All 2 visits are used." in page
    assert "1 of 2 visits are used, 1 left." in page
    assert "are not paid by the program" not in page
    assert 'value="1"' in desk.get(f"/patients/{patient.code}/coverage/estimate/").content.decode()


def test_a_persons_page_asks_the_database_as_often_for_many_as_for_one(desk, director, site, patient):
    by, chief = actor(make_staff(site, Role.ADMISSIONS)), actor(make_staff(site, Role.DIRECTOR))
    of = f"/patients/{patient.code}/assistance/"
    fund = actions.open_fund(
        by=chief, at=NOW, site=site, name="Fund", source="x", restrictions="x", opens_on=date(2026, 3, 1)
    )
    actions.deposit(by=chief, at=NOW, fund=fund, amount=Decimal(500), note="x")
    desk.get(of)
    counted = []
    for number in range(4):
        row = actions.apply_for_fee(by=by, at=NOW, patient=patient, household=1, incomes=[])
        actions.see_proof(
            by=by, at=NOW, application=row, kind="self_declaration", what="Signed", seen_on=NOW.date()
        )
        actions.decide_fee(by=by, at=NOW, application=row, pay_class="A")
        asked = actions.request_help(
            by=by, at=NOW, fund=fund, patient=patient, amount=Decimal(10), because="x"
        )
        actions.decide_request(
            by=chief, at=NOW, request=asked, outcome="awarded", amount=Decimal(10), because="x"
        )
        actions.record_referral(
            by=by, at=NOW, patient=patient, program="Hand", employer=f"Mill {number}", formal=True, visits=5, starts_on=date(2026, 3, 1)
        )  # fmt: skip
        plan = actions.agree_on_plan(
            by=by, at=NOW, patient=patient, balance=Decimal(100), monthly=Decimal(50), first_due=NOW.date(),
            agreed_by="Ana",
        )  # fmt: skip
        actions.review_plan(by=by, at=NOW, agreement=plan, outcome="goes_on", because="x")
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(of).status_code == 200
        counted.append(len(captured))
    assert len(set(counted)) == 1, counted


def test_a_plan_is_agreed_reminded_of_missed_and_looked_at(desk, patient):
    of = f"/patients/{patient.code}/assistance/plan/"
    told = {
        "balance": "300",
        "monthly": "100",
        "first_due": "2026-03-18",
        "agreed_by": "Ana Reyes",
        "charge": "0",
    }
    with_fee = desk.post(of, {**told, "charge": "5"})
    assert "no interest and no fee" in words(with_fee)
    long = desk.post(of, {**told, "monthly": "50"})
    assert "the disclosures of Regulation Z (12 CFR 1026) are needed in writing" in words(long)
    assert PaymentAgreement.objects.count() == 0
    page = words(desk.post(of, told, follow=True))
    assert "18 May 2026" in page
    row = PaymentAgreement.objects.get()
    assert "did not allow" in words(desk.get("/assistance/"))
    patient.may_call = True
    patient.save(update_fields=["may_call"])
    page = words(desk.get("/assistance/"))
    assert "Call: “This is your appointment office." in page
    first = row.instalments.get(number=1)
    desk.post(f"/assistance/remind/{first.pk}/", {"channel": "text"})
    assert InstalmentReminder.objects.count() == 0
    desk.post(f"/assistance/remind/{first.pk}/", {"channel": "call"})
    assert InstalmentReminder.objects.get().kind == "soon"
    assert "Nobody is to be reminded today." in words(desk.get("/assistance/"))
    own = f"{of}{row.pk}/"
    more = desk.post(own, {"amount": "301", "paid_on": "2026-03-18", "how": "cash"})
    assert "more than is owed on the plan: $300.00" in words(more)
    desk.post(own, {"amount": "150", "paid_on": "2026-03-18", "how": "cash"})
    assert [one.paid for one in row.instalments.order_by("number")] == [100, 50, 0]
    desk.post(f"{own}review/", {"outcome": "ended", "because": "The county pays the rest"})
    assert "The county pays the rest" in words(desk.get(own))


def test_a_lender_is_named_as_information_and_named_no_more(desk, director, patient):
    told = {
        "name": "Credit Union", "words_en": "Loans at 9 %.", "words_es": "Préstamos al 9 %.",
        "contact": "404-555-0199", "source": "Its leaflet", "starts_on": "2026-03-01",
    }  # fmt: skip
    director.post("/assistance/lenders/", told)
    page = words(desk.get(f"/patients/{patient.code}/assistance/"))
    assert "we make no application" in page
    assert "Credit Union : Loans at 9 %. 404-555-0199" in page
    director.post(f"/assistance/lenders/{FinancingPartner.objects.get().pk}/end/")
    assert FinancingPartner.objects.get().ends_on is not None


def test_another_sites_rows_are_not_there(desk, director, patient):
    stranger = make_patient(make_site())
    by = actor(make_staff(stranger.site, Role.DIRECTOR))
    row = actions.apply_for_fee(by=by, at=NOW, patient=stranger, household=1, incomes=[])
    assert desk.get(f"/patients/{stranger.code}/assistance/").status_code == 404
    assert desk.get(f"/patients/{patient.code}/assistance/fee/{row.pk}/").status_code == 404
    fund = actions.open_fund(
        by=by, at=NOW, site=stranger.site, name="Theirs", source="x", restrictions="x", opens_on=NOW.date()
    )
    assert director.get(f"/assistance/funds/{fund.pk}/").status_code == 404


def test_the_list_of_work_asks_the_database_as_often_for_many_as_for_one(desk, site):
    by = actor(make_staff(site, Role.BILLER))
    desk.get("/assistance/")  # a first page also reads the login
    asked = []
    for number in range(4):
        patient = make_patient(site, f"Ana{number}", may_call=True)
        row = actions.apply_for_fee(by=by, at=NOW, patient=patient, household=1, incomes=[])
        if number % 2:
            actions.see_proof(
                by=by, at=NOW, application=row, kind="self_declaration", what="Signed", seen_on=NOW.date()
            )
            actions.decide_fee(by=by, at=NOW, application=row, pay_class="A")
        actions.agree_on_plan(
            by=by, at=NOW, patient=patient, balance=Decimal(100), monthly=Decimal(50), first_due=NOW.date(),
            agreed_by="Ana",
        )  # fmt: skip
        if number in (1, 3):
            with CaptureQueriesContext(connection) as captured:
                assert desk.get("/assistance/").status_code == 200
            asked.append(len(captured))
    assert asked[0] == asked[1]
