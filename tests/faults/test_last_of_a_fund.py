"""Two awards from the same fund in the same moment: one is made, the other is told what is left."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.coverage.assistance import actions
from stepwell.clinic.coverage.assistance.models import Award, Fund, FundDecision
from tests.making import actor, make_patient, make_site, make_staff

pytestmark = pytest.mark.processes


def test_two_awards_and_one_balance(pages, cookie_of, all_at_once):
    now, site = datetime.now(UTC), make_site()
    rosa, lou = (make_staff(site, Role.DIRECTOR, credential="") for _ in range(2))
    fund = actions.open_fund(
        by=actor(rosa), at=now, site=site, name="Fund", source="Gift", restrictions="All", opens_on=now.date()
    )
    fund.opens_on = now.date().replace(year=now.year - 1)
    fund.save(update_fields=["opens_on"])
    actions.deposit(by=actor(rosa), at=now, fund=fund, amount=Decimal(300), note="Gift")
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
