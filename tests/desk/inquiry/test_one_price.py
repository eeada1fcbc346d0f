"""One price for one case: the call screen, the public's page and the chart's estimate count the same."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage import actions as coverage
from stepwell.clinic.coverage.models import ServiceRate
from stepwell.clinic.coverage.rules import Money
from stepwell.clinic.inquiry import actions
from stepwell.desk.inquiry.price import programs_of, side_by_side
from tests.clinic.coverage.making import make_payer, make_policy, make_rates, tell_benefits
from tests.clinic.inquiry.making import make_inquiry
from tests.clinic.timetable.test_listings import make_program, place, publish
from tests.making import NOW, actor, make_patient, make_staff

MONDAY = date(2026, 3, 23)


@pytest.fixture
def rosa(site):
    return actor(make_staff(site, Role.ADMISSIONS, name="Rosa Lim"))


def told(site, rosa, patient=None):
    row = make_inquiry(site)
    return actions.make_patient_of(by=rosa, at=NOW, inquiry=row, existing=patient).inquiries.get()


def screen(by, row, **asked):
    """What the call screen says they pay in each way, by its name."""
    found = side_by_side(by, row, NOW, {"program": next(iter(programs_of(row.site_id)), None), **asked})
    return {one.name: (one.pays, one.at_most) for one in found.prices}


@pytest.mark.parametrize(
    ("changed", "pays"),
    [
        ({}, 2600),
        ({"family_out_of_pocket_max": Decimal(2000), "family_out_of_pocket_met": Decimal(800)}, 1200),
        ({"family_deductible": Decimal(500), "family_deductible_met": Decimal(500)}, 1800),
        ({"next_year_on": date(2026, 5, 1)}, 3400),
    ],
    ids=["own amounts", "family maximum", "family deductible", "year turns"],
)
def test_the_call_screen_counts_as_the_charts_estimate(site, rosa, changed, pays):
    patient = make_patient(site)
    make_rates(patient)
    policy = make_policy(patient)
    tell_benefits(policy, **changed)
    made = coverage.make_estimate(
        by=actor(make_staff(site, Role.BILLER)), at=NOW, patient=patient, policy=policy, weeks=12,
        days_per_week=3, starts_on=MONDAY,
    )  # fmt: skip
    shown = screen(rosa, told(site, rosa, patient))
    assert made.patient_pays == pays
    assert shown["Blue Lake Health"] == (Money.of(pays), Money.of(pays))
    assert shown["Without insurance"][0] == Money.of(9000)


def test_a_second_plan_is_asked_after_the_first(site, rosa):
    patient, other = make_patient(site), make_payer("Second Shore")
    make_rates(patient)
    ServiceRate.objects.create(
        site=site, payer=other, code="H0015", amount=250, starts_on=date(2026, 1, 1), source="t"
    )
    first = make_policy(patient)
    tell_benefits(first)
    second = make_policy(patient, other)
    second.priority = 2
    second.save()
    tell_benefits(second, deductible_met=Decimal(1000), coordination="standard")
    made = coverage.make_estimate(
        by=actor(make_staff(site, Role.BILLER)), at=NOW, patient=patient, policy=first, second=second, weeks=12,
        days_per_week=3, starts_on=MONDAY,
    )  # fmt: skip
    shown = screen(rosa, told(site, rosa, patient))
    assert made.patient_pays == 200
    assert list(shown)[:2] == ["Blue Lake Health", "Blue Lake Health, then Second Shore"]
    assert shown["Blue Lake Health, then Second Shore"][0] == Money.of(200)


@pytest.mark.parametrize(("zip_code", "state"), [("30303", "GA"), ("99501", "AK"), ("96813", "HI")])
def test_the_sliding_fee_of_a_state_is_the_one_that_the_public_page_counts(
    client, site, rosa, zip_code, state
):
    program = make_program(place(site, zip_code), facts={"planned_weeks": 10})
    publish(program)
    make_rates(make_patient(site, "Ben", "Other"))
    site.refresh_from_db()
    assert site.state == state
    row = make_inquiry(site)
    shown = screen(rosa, row, household=2, annual_income=Decimal(39000))
    weeks, days = program.planned_weeks, program.days_least
    asked = {
        "program": program.pk, "weeks": weeks, "days": days, "starts_on": MONDAY.isoformat(),
        "paying": "self", "household": "2", "income": "39000", "income_period": "year",
    }  # fmt: skip
    page = client.post("/cost/", asked).content.decode()
    public = re.search(r"You pay in all: (\$[\d,.]+)", unescape(re.sub(r"<[^>]+>|\s+", " ", page)))
    assert public is not None
    assert str(shown["With the sliding fee"][0]) == public[1]


def test_the_price_is_of_the_program_that_the_site_published(signed_in, site):
    publish(make_program(place(site), name="Evening IOP", facts={"planned_weeks": 10}))
    publish(make_program(place(site), name="Morning IOP", facts={"planned_weeks": 6}))
    make_rates(make_patient(site, "Ben", "Other"))
    desk: Client = signed_in(make_staff(site, Role.ADMISSIONS))
    row = make_inquiry(site, insurance="Blue Lake Health")
    page = text(desk.get(f"/inquiries/{row.code}/"))
    assert "Price of 10 weeks, 3 days a week Evening IOP, from Monday 23 March." in page
    assert "Blue Lake Health open; at most $7,500.00" in page
    other = programs_of(site.pk)[1]
    page = text(desk.post(f"/inquiries/{row.code}/price/", {"program": str(other.id)}))
    assert "Price of 6 weeks, 3 days a week Morning IOP" in page
    odd = desk.post(f"/inquiries/{row.code}/price/", {"program": "999999"})
    assert odd.status_code in (200, 422)


def test_what_may_be_billed_outside_the_network_is_said(signed_in, site, rosa):
    patient = make_patient(site)
    make_rates(patient, charge=300)
    tell_benefits(make_policy(patient), in_network=False, balance_billed=True)
    row = told(site, rosa, patient)
    page = text(signed_in(make_staff(site, Role.ADMISSIONS)).get(f"/inquiries/{row.code}/"))
    assert "$2,600.00, and up to $1,800.00 may be billed" in page


def text(answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))
