from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.coverage import actions, queries
from stepwell.clinic.coverage.models import Benefits, Estimate, FeeDetermination, Policy, ServiceRate
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.coverage.making import TOLD, make_payer, make_policy, make_rates, tell_benefits
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff


@pytest.fixture
def biller(site):
    return actor(make_staff(site, Role.BILLER))


def plan(patient, policy=None, weeks=12, days=3):
    return {
        "patient": patient,
        "policy": policy,
        "weeks": weeks,
        "days_per_week": days,
        "starts_on": TODAY,
        "at": NOW,
    }


def test_twelve_weeks_of_three_days_cost_what_the_worked_case_says(biller, patient):
    policy = make_policy(patient)
    make_rates(patient)
    tell_benefits(policy)
    made = actions.make_estimate(by=biller, **plan(patient, policy))
    assert (made.total, made.patient_pays, made.payer_pays, made.written_off) == (9000, 2600, 6400, 0)
    assert sum(Decimal(week["patient_pays"]) for week in made.lines) == 2600
    assert Entry.objects.filter(action="coverage.estimate", patient_id=patient.pk).count() == 1


def test_what_the_plan_has_not_told_leaves_the_price_open(biller, patient):
    policy = make_policy(patient)
    make_rates(patient)
    made = actions.make_estimate(by=biller, **plan(patient, policy))
    assert (made.patient_pays, made.payer_pays) == (None, None)
    assert made.words["unknown"]


def test_self_pay_with_the_sliding_fee_takes_the_discount_off(biller, patient):
    make_rates(patient)
    fee = actions.determine_fee(by=biller, at=NOW, patient=patient, household=3, annual_income=Decimal(40980))
    assert (fee.edition, fee.discount) == ("2026", Decimal("0.60"))
    made = actions.make_estimate(by=biller, **plan(patient))
    assert (made.patient_pays, made.discount, made.payer_pays) == (3600, 5400, 0)


def test_the_newest_benefits_hold(biller, patient):
    policy = make_policy(patient)
    make_rates(patient)
    tell_benefits(policy)
    tell_benefits(
        policy, deductible_met=Decimal(1000), out_of_pocket_max=Decimal(500), coinsurance=Decimal("0.10")
    )
    assert actions.make_estimate(by=biller, **plan(patient, policy)).patient_pays == 500
    assert queries.policies_of(biller, patient)[0].benefits == Benefits.objects.last()


def test_without_a_charge_there_is_no_estimate(biller, patient):
    with pytest.raises(Refused, match="no charge for H0015"):
        actions.make_estimate(by=biller, **plan(patient))
    assert Estimate.objects.count() == 0


def test_a_policy_of_somebody_else_prices_nothing_here(biller, patient, site):
    make_rates(patient)
    other = make_policy(make_patient(site, "Ben", "Tran"))
    with pytest.raises(Refused, match="somebody else"):
        actions.make_estimate(by=biller, **plan(patient, other))


def test_more_met_than_there_is_refused_with_a_sentence(biller, patient):
    policy = make_policy(patient)
    with pytest.raises(Refused, match="More of the deductible is met"):
        actions.record_benefits(
            by=biller, at=NOW, policy=policy, facts={**TOLD, "deductible_met": Decimal(2000)}
        )
    assert Benefits.objects.count() == 0


def test_the_same_card_twice_is_one_policy(patient):
    make_policy(patient)
    with pytest.raises(Refused, match="already on file"):
        make_policy(patient)
    assert Policy.objects.count() == 1


def test_a_counselor_does_not_record_coverage(by, patient):
    with pytest.raises(Denied):
        actions.determine_fee(by=by, at=NOW, patient=patient, household=1, annual_income=Decimal(0))
    assert FeeDetermination.objects.count() == 0


@pytest.mark.parametrize("income", [Decimal(0), Decimal(10_000_000)])
@pytest.mark.parametrize("household", [1, 20, 99])
def test_the_sliding_fee_answers_for_any_household_and_income(biller, patient, household, income):
    row = actions.determine_fee(by=biller, at=NOW, patient=patient, household=household, annual_income=income)
    assert 0 <= row.discount <= 1


def test_a_new_rate_ends_the_old_one_the_day_before(site, patient):
    director = actor(make_staff(site, Role.DIRECTOR))
    make_rates(patient)
    actions.set_rate(
        by=director,
        at=NOW,
        site=site,
        code="H0015",
        amount=Decimal(275),
        starts_on=date(2026, 7, 1),
        source="board",
    )
    assert queries.rate_on(site.pk, "H0015", date(2026, 6, 30)).amount == 250
    assert queries.rate_on(site.pk, "H0015", date(2026, 7, 1)).amount == 275
    with pytest.raises(Refused, match="from that day already"):
        actions.set_rate(
            by=director,
            at=NOW,
            site=site,
            code="H0015",
            amount=Decimal(1),
            starts_on=date(2026, 7, 1),
            source="x",
        )


def test_the_database_refuses_an_estimate_whose_parts_do_not_sum(patient):
    with pytest.raises(IntegrityError, match="estimate_parts_sum_to_the_whole"), transaction.atomic():
        Estimate.objects.create(
            patient=patient, weeks=1, days_per_week=1, starts_on=TODAY, inputs={}, lines=[], words={},
            total=100, patient_pays=50, payer_pays=49, made_at=NOW,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"amount": -1}, "rate_not_negative"),
        ({"amount": 1, "ends_on": date(2025, 1, 1)}, "rate_ends_after_start"),
    ],
)
def test_the_database_refuses_a_rate_that_makes_no_sense(site, facts, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ServiceRate.objects.create(site=site, code="H0015", starts_on=date(2026, 1, 1), source="x", **facts)


@pytest.mark.parametrize("many", [1, 30])
def test_policies_cost_two_queries_however_many(biller, patient, many, django_assert_num_queries):
    for number in range(many):
        policy = make_policy(patient, make_payer(f"Payer {number}"))
        tell_benefits(policy)
    with django_assert_num_queries(2):
        assert len(queries.policies_of(biller, patient)) == many


def test_another_sites_biller_sees_nothing(patient):
    make_policy(patient)
    assert queries.policies_of(actor(make_staff(make_site(), Role.BILLER)), patient) == []
