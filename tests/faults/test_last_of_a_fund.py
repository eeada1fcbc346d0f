"""A fund's money asked for twice in the same moment: nothing is paid, promised or asked for twice."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.coverage.assistance import actions
from stepwell.clinic.coverage.assistance.models import Award, Fund, FundDecision, FundEntry, FundRequest
from stepwell.clinic.people.models import Staff
from tests.making import actor, make_patient, make_site, make_staff

pytestmark = pytest.mark.processes


@pytest.fixture
def fund_of_300() -> tuple[Fund, Staff, Staff]:
    """A fund of today with $300, and two directors of its site."""
    now, site = datetime.now(UTC), make_site()
    rosa, lou = (make_staff(site, Role.DIRECTOR, credential="") for _ in range(2))
    fund = actions.open_fund(
        by=actor(rosa), at=now, site=site, name="Fund", source="Gift", restrictions="All", opens_on=now.date()
    )
    fund.opens_on = now.date().replace(year=now.year - 1)
    fund.save(update_fields=["opens_on"])
    actions.deposit(by=actor(rosa), at=now, fund=fund, amount=Decimal(300), note="Gift")
    return fund, rosa, lou


def test_two_awards_and_one_balance(pages, cookie_of, all_at_once, fund_of_300):
    fund, rosa, lou = fund_of_300
    now, site = datetime.now(UTC), fund.site
    asked = [
        actions.request_help(
            by=actor(rosa),
            at=now,
            fund=fund,
            patient=make_patient(site, name),
            amount=Decimal(200),
            because="x",
        )
        for name in ("Ana", "Ben")
    ]
    given = {"outcome": "awarded", "amount": "200", "because": "Needed"}
    addresses = [f"/patients/{one.patient.code}/assistance/request/{one.pk}/" for one in asked]
    first, second = cookie_of(rosa), cookie_of(lou)

    answers = all_at_once(
        lambda: pages.post(addresses[0], first, given),
        lambda: pages.post(addresses[1], second, given),
    )

    assert sorted(answer.status for answer in answers) == [302, 422]
    told = next(answer.said for answer in answers if answer.status == 422)
    assert "Fund has $100.00 free, which is less than this award." in told
    fund = Fund.objects.get()
    assert (fund.available, fund.awarded) == (100, 200)
    assert (Award.objects.count(), FundDecision.objects.count()) == (1, 1)
    assert Entry.objects.filter(action="coverage.fund_decision").count() == 1


def test_one_award_used_twice_at_once_pays_no_more_than_there_is(pages, cookie_of, all_at_once, fund_of_300):
    fund, rosa, lou = fund_of_300
    now = datetime.now(UTC)
    asked = actions.request_help(
        by=actor(rosa), at=now, fund=fund, patient=make_patient(fund.site), amount=Decimal(200), because="x"
    )
    made = actions.decide_request(
        by=actor(rosa), at=now, request=asked, outcome="awarded", amount=Decimal(200), because="Needed"
    ).award
    address = f"/patients/{asked.patient.code}/assistance/award/{made.pk}/"
    charge = {"charge": "150", "insurance": "0", "eap": "0", "fee_off": "0", "note": "March"}
    cookies = cookie_of(rosa), cookie_of(lou)

    answers = all_at_once(*(lambda cookie=cookie: pages.post(address, cookie, charge) for cookie in cookies))

    assert [answer.status for answer in answers] == [302, 302]
    spent = FundEntry.objects.filter(kind="spent").order_by("pk").values_list("amount", flat=True)
    fund, made = Fund.objects.get(), Award.objects.get()
    assert (list(spent), made.left, fund.awarded, fund.available) == ([150, 50], 0, 0, 100)


def test_a_request_pressed_twice_is_one_request(pages, cookie_of, all_at_once, fund_of_300):
    fund, rosa, lou = fund_of_300
    patient = make_patient(fund.site)
    address = f"/patients/{patient.code}/assistance/request/"
    told = {"fund": str(fund.pk), "amount": "100", "because": "No work"}
    cookies = cookie_of(rosa), cookie_of(lou)

    answers = all_at_once(*(lambda cookie=cookie: pages.post(address, cookie, told) for cookie in cookies))

    assert sorted(answer.status for answer in answers) == [302, 422]
    assert FundRequest.objects.count() == 1
