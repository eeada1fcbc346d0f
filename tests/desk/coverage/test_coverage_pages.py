from __future__ import annotations

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage.models import Benefits, Estimate, Policy
from tests.clinic.coverage.making import make_payer, make_policy, make_rates, tell_benefits
from tests.making import make_patient, make_site, make_staff


@pytest.fixture
def biller(signed_in, site):
    return signed_in(make_staff(site, Role.BILLER))


def test_from_the_card_to_the_printed_price(biller, patient):
    payer = make_payer()
    make_rates(patient, payer)
    home = f"/patients/{patient.code}/coverage/"
    card = {
        "payer": payer.pk,
        "member_id": "M-1",
        "relation": "self",
        "priority": 1,
        "starts_on": "2026-01-01",
    }
    assert biller.post(home + "policy/", card).status_code == 302
    policy = Policy.objects.get()
    assert "Nobody has asked Blue Lake Health" in biller.get(home).content.decode()
    told = {
        "channel": "phone", "covered": "true", "in_network": "true", "deductible": "1000", "deductible_met": "0",
        "out_of_pocket_max": "4000", "out_of_pocket_met": "0", "coinsurance_percent": "20",
    }  # fmt: skip
    assert biller.post(f"{home}policy/{policy.pk}/benefits/", told).status_code == 302
    assert Benefits.objects.get().authorization_required is None
    sent = {"policy": policy.pk, "weeks": 12, "days_per_week": 3, "starts_on": "2026-03-23"}
    page = biller.post(home + "estimate/", sent, follow=True)
    assert "$2,600.00" in page.content.decode()
    assert "2,600.00" in biller.get(home).content.decode()


def test_all_that_was_heard_of_a_plan_stands_on_the_page(biller, patient):
    policy = make_policy(patient)
    home = f"/patients/{patient.code}/coverage/"
    tell_benefits(policy)
    assert "Family deductible" not in biller.get(home).content.decode()
    tell_benefits(
        policy,
        coinsurance="0.125",
        family_deductible=3000,
        family_deductible_met=1250,
        next_year_on="2027-01-01",
        note="Another payer answers for this service: Sample Behavioral.",
    )
    page = biller.get(home).content.decode()
    for said in (
        "12.5 %",
        "$3,000.00, met $1,250.00",
        "1 Jan 2027",
        "Another payer answers for this service",
    ):
        assert said in page, said


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"weeks": 0}, "greater than or equal to 1"),
        ({"weeks": "many"}, "whole number"),
        ({"starts_on": "soon"}, "valid date"),
        ({"policy": "99999"}, "valid choice"),
    ],
)
def test_a_plan_that_makes_no_sense_is_answered_with_a_sentence(biller, patient, sent, sentence):
    answer = biller.post(
        f"/patients/{patient.code}/coverage/estimate/",
        {"policy": "", "weeks": 12, "days_per_week": 3, "starts_on": "2026-03-23", **sent},
    )
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Estimate.objects.count() == 0


def test_a_counselor_reads_and_does_not_write(signed_in, counselor, patient):
    client = signed_in(counselor)
    assert client.get(f"/patients/{patient.code}/coverage/").status_code == 200
    assert client.get(f"/patients/{patient.code}/coverage/policy/").status_code == 403


def test_another_sites_patient_and_another_patients_estimate_are_not_there(biller, site, patient):
    stranger = make_patient(make_site())
    assert biller.get(f"/patients/{stranger.code}/coverage/").status_code == 404
    policy = make_policy(make_patient(site, "Ben", "Tran"))
    tell_benefits(policy)
    assert biller.get(f"/patients/{patient.code}/coverage/policy/{policy.pk}/benefits/").status_code == 404


def test_the_director_sets_a_rate_and_the_old_one_ends_the_day_before(signed_in, site):
    director = signed_in(make_staff(site, Role.DIRECTOR))
    sent = {"payer": "", "code": "H0015", "amount": "260", "starts_on": "2026-01-01", "source": "board"}
    assert director.post("/rates/", sent).status_code == 302
    assert director.post("/rates/", {**sent, "amount": "275", "starts_on": "2026-07-01"}).status_code == 302
    page = director.get("/rates/").content.decode()
    assert "$260.00" in page
    assert "30 Jun 2026" in page
    refused = director.post("/rates/", {**sent, "amount": "1", "starts_on": "2026-07-01"})
    assert refused.status_code == 422
    assert "from that day already" in refused.content.decode()
    assert director.post("/rates/", {**sent, "amount": "-1"}).status_code == 422
    assert signed_in(make_staff(site, Role.BILLER)).get("/rates/").status_code == 403
