"""Good-faith estimates at the desk: from the question to the printed sheet; what is due; odd answers."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.coverage.good_faith.models import EstimateAsked, GoodFaithEstimate, ProviderIdentity
from stepwell.clinic.coverage.models import Estimate, ServiceRate
from stepwell.clinic.coverage.rules import load_good_faith
from tests.clinic.coverage.making import make_payer, make_policy, make_rates, tell_benefits
from tests.clinic.inquiry.making import make_inquiry
from tests.making import make_staff


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def director(signed_in, site):
    return signed_in(make_staff(site, Role.DIRECTOR))


@pytest.fixture
def desk(signed_in, site):
    return signed_in(make_staff(site, Role.ADMISSIONS))


PROGRAM = {
    "legal_name": "Peachtree Recovery LLC",
    "npi": "1234567893",
    "tin": "12-3456789",
    "state": "ga",
    "address": "12 Peachtree St",
}
SHEET = {
    "name": "Ana Reyes",
    "birth_date": "1990-05-04",
    "language": "en",
    "code": "H0015",
    "days_per_week": 3,
    "weeks": 12,
    "starts_on": "2026-04-06",
    "scheduled": "on",
    "diagnoses": "f10.20, F33.1",
    "separate": "Laboratory tests\nA doctor's visit",
    "how": "printed",
}


def test_from_the_question_to_the_printed_sheet(desk, director, patient):
    make_rates(patient)
    assert director.post("/good-faith/program/", PROGRAM).status_code == 302
    assert ProviderIdentity.objects.get().tin == "123456789"
    asked = {"occasion": "requested", "asked_on": "2026-03-18"}
    answer = desk.post(f"/patients/{patient.code}/coverage/good-faith/", asked)
    row = EstimateAsked.objects.get()
    assert (answer.status_code, row.due_on) == (302, date(2026, 3, 23))
    page = words(desk.get("/good-faith/"))
    assert "Ana Reyes" in page
    assert "3 business days" in page
    page = words(desk.post(f"/good-faith/asked/{row.pk}/", SHEET, follow=True))
    for said in (
        "Good-faith estimate", "Ana Reyes", "May 4, 1990", "Intensive outpatient day, substance use (H0015)",
        "3 a week for 12 weeks, 36 in all", "F10.20, F33.1", "$250.00", "Expected charges in all: $9,000.00",
        "Peachtree Recovery LLC", "1234567893", "123456789", "GA", "12 Peachtree St", "Laboratory tests",
        "A doctor's visit", *load_good_faith().words["en"]["disclaimers"],
    ):  # fmt: skip
        assert said in page, said
    assert "Nobody is waiting for an estimate." in words(desk.get("/good-faith/"))
    assert "given Wed 18 Mar" in words(desk.get(f"/patients/{patient.code}/coverage/"))


def test_somebody_who_asks_for_help_gets_one_in_spanish(desk, director, site, patient):
    make_rates(patient)
    director.post("/good-faith/program/", PROGRAM)
    inquiry = make_inquiry(site)
    assert (
        f"/inquiries/{inquiry.code}/good-faith/" in desk.get(f"/inquiries/{inquiry.code}/").content.decode()
    )
    asked = {"occasion": "scheduled", "asked_on": "2026-03-18", "service_on": "2026-03-25"}
    desk.post(f"/inquiries/{inquiry.code}/good-faith/", asked)
    row = EstimateAsked.objects.get()
    assert row.due_on == date(2026, 3, 19)
    sent = {**SHEET, "language": "es", "name": inquiry.name}
    page = words(desk.post(f"/good-faith/asked/{row.pk}/", sent, follow=True))
    for said in (
        "Estimado de buena fe",
        "Total de los cargos esperados: $9,000.00",
        "Tratamiento",
        "6 de abril de 2026",
    ):
        assert said.lower() in page.lower()
    assert (
        '<article class="stack" lang="es">'
        in desk.get(f"/good-faith/{GoodFaithEstimate.objects.get().pk}/").content.decode()
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"weeks": 0}, "greater than or equal to 1"),
        ({"weeks": 200}, "less than or equal to 52"),
        ({"diagnoses": "broken heart"}, "is not a diagnosis code"),
        ({"birth_date": ""}, "required"),
        ({"birth_date": "2026-03-19"}, "is in the future"),
        ({"birth_date": "1899-12-31"}, "is before 1900"),
        ({"also_code_1": "H0004"}, "Say how many of it a week."),
        ({"also_code_1": "H0004", "also_days_1": 1}, "no charge for H0004"),
        ({"name": "\x00"}, "Null characters"),
    ],
)
def test_what_makes_no_sense_on_the_sheet_is_told(desk, director, patient, changed, sentence):
    make_rates(patient)
    director.post("/good-faith/program/", PROGRAM)
    asked = {"occasion": "requested", "asked_on": "2026-03-18"}
    desk.post(f"/patients/{patient.code}/coverage/good-faith/", asked)
    answer = desk.post(f"/good-faith/asked/{EstimateAsked.objects.get().pk}/", {**SHEET, **changed})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert GoodFaithEstimate.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"occasion": "requested", "asked_on": "2030-01-01"}, "in the future"),
        ({"occasion": "scheduled", "asked_on": "2026-03-18"}, "Say on which day the first visit is"),
        ({"occasion": "scheduled", "asked_on": "2026-03-18", "service_on": "2026-03-19"}, "no estimate is due"),
        ({"occasion": "wished", "asked_on": "2026-03-18"}, "valid choice"),
    ],
)  # fmt: skip
def test_an_asking_that_makes_no_sense_is_told(desk, patient, sent, sentence):
    answer = desk.post(f"/patients/{patient.code}/coverage/good-faith/", sent)
    assert answer.status_code == 422
    assert sentence in words(answer)


def test_what_is_not_needed_any_more_leaves_the_list_with_its_reason(desk, patient):
    desk.post(
        f"/patients/{patient.code}/coverage/good-faith/",
        {"occasion": "requested", "asked_on": "2026-03-18"},
    )
    row = EstimateAsked.objects.get()
    assert "program director enters them" in words(desk.get(f"/good-faith/asked/{row.pk}/"))
    desk.post(f"/good-faith/asked/{row.pk}/not-needed/", {"because": "Uses insurance after all"})
    assert "Nobody is waiting" in words(desk.get("/good-faith/"))
    assert "not needed: Uses insurance after all" in words(desk.get(f"/patients/{patient.code}/coverage/"))
    assert desk.get(f"/good-faith/asked/{row.pk}/not-needed/").status_code == 302


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [({"npi": "12"}, "ten digits"), ({"tin": "1234"}, "nine digits"), ({"state": "Georgia"}, "two letters")],
)
def test_the_programs_own_facts_are_checked(director, changed, sentence):
    answer = director.post("/good-faith/program/", {**PROGRAM, **changed})
    assert answer.status_code == 422
    assert sentence in words(answer)


def test_an_estimate_with_a_second_plan_assistance_and_ordered_hours_is_printed(desk, patient):
    first, second = make_payer(), make_payer("Second Health")
    make_rates(patient, first)
    one, other = make_policy(patient, first), make_policy(patient, second)
    ServiceRate.objects.create(
        site=patient.site, payer=second, code="H0015", amount=250, starts_on=date(2026, 1, 1), source="test"
    )
    tell_benefits(one, deductible_met=1000)
    tell_benefits(other, deductible_met=1000, coinsurance=None, copay_per_day=10, coordination="standard")
    sent = {
        "policy": one.pk,
        "second": other.pk,
        "weeks": 12,
        "hours_per_week": "9",
        "hours_per_day": "3",
        "starts_on": "2026-03-23",
        "eap_visits": "3",
        "eap_order": "alone",
    }
    page = words(desk.post(f"/patients/{patient.code}/coverage/estimate/", sent, follow=True))
    row = Estimate.objects.get()
    # 33 days after three of assistance: the first pays 80 % of $250, the second all of the rest.
    assert (row.total, row.payer_pays, row.second_pays, row.eap_pays, row.patient_pays) == (
        9000,
        6600,
        1650,
        750,
        0,
    )
    for said in (
        "Second plan pays",
        "Assistance program pays",
        "You have paid by then",
        "Blue Lake Health, then Second Health",
    ):
        assert said in page, said


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"days_per_week": "", "hours_per_week": "9"}, "Give both"),
        ({"days_per_week": ""}, "Say how many days a week, or how many hours."),
        ({"hours_per_week": "22", "hours_per_day": "3"}, "do not fit into seven days"),
        ({"also_code_2": "H0004"}, "Say how many of it a week."),
        ({"weeks": 200}, "less than or equal to 52"),
    ],
)
def test_an_order_that_is_not_clear_is_asked_for_again(desk, patient, changed, sentence):
    sent = {"policy": "", "weeks": 12, "days_per_week": 3, "starts_on": "2026-03-23", **changed}
    answer = desk.post(f"/patients/{patient.code}/coverage/estimate/", sent)
    assert answer.status_code == 422
    assert sentence in words(answer)
