"""The tab with every paper of a chart: each kind only for whom it is."""

from __future__ import annotations

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage import actions as coverage
from tests.clinic.consent.making import give_consent
from tests.clinic.coverage.making import make_rates
from tests.clinic.placement.making import make_episode
from tests.clinic.plan.making import make_plan
from tests.making import NOW, actor, make_patient, make_site, make_staff


def papers(by, patient) -> None:
    give_consent(patient)
    make_plan(by, make_episode(by, patient, NOW))
    make_rates(patient)
    biller = actor(make_staff(patient.site, Role.BILLER))
    coverage.make_estimate(
        by=biller, at=NOW, patient=patient, weeks=12, days_per_week=3, starts_on=NOW.date()
    )


def test_plan_consent_and_price_stand_in_one_list(signed_in, by, counselor, patient):
    papers(by, patient)
    page = signed_in(counselor).get(f"/patients/{patient.code}/documents/").content.decode()
    for title in ("Treatment plan, version 1", "Consent for Maria Reyes", "Price of 12 weeks"):
        assert title in page


def test_the_biller_sees_no_plan_among_the_documents(signed_in, by, site, patient):
    papers(by, patient)
    page = (
        signed_in(make_staff(site, Role.BILLER)).get(f"/patients/{patient.code}/documents/").content.decode()
    )
    assert "Price of 12 weeks" in page
    assert "Treatment plan" not in page


def test_documents_of_another_site_are_not_there(signed_in, counselor):
    stranger = make_patient(make_site())
    assert signed_in(counselor).get(f"/patients/{stranger.code}/documents/").status_code == 404


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_the_same_however_long_it_is(
    signed_in, by, counselor, patient, many, django_assert_max_num_queries
):
    papers(by, patient)
    for _ in range(many):
        give_consent(patient)
    client = signed_in(counselor)
    client.get(f"/patients/{patient.code}/documents/")
    with django_assert_max_num_queries(20):
        client.get(f"/patients/{patient.code}/documents/")
