"""Good-faith estimates: when one is due, what stands in it, and that it stays as it was given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.coverage import actions as coverage
from stepwell.clinic.coverage.good_faith import actions, queries
from stepwell.clinic.coverage.good_faith.models import EstimateAsked, GoodFaithEstimate, ProviderIdentity
from stepwell.clinic.coverage.rules import Ordered, load_good_faith, missing_items
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.coverage.making import make_rates
from tests.clinic.inquiry.making import make_inquiry
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

MONDAY = date(2026, 4, 6)


@pytest.fixture
def desk(site):
    return actor(make_staff(site, Role.ADMISSIONS))


@pytest.fixture
def director(site):
    return actor(make_staff(site, Role.DIRECTOR))


@pytest.fixture
def named(director, site):
    return actions.set_identity(
        by=director,
        at=NOW,
        site=site,
        legal_name="Peachtree Recovery LLC",
        npi="1234567893",
        tin="123456789",
        state="ga",
        address="12 Peachtree St, Atlanta",
    )


def ask(by, **changed):
    facts = {"occasion": "requested", "asked_on": TODAY, "service_on": None, **changed}
    return actions.record_asking(by=by, at=NOW, **facts)


def give(by, asked, **changed):
    facts = {
        "name": "Ana Reyes",
        "birth_date": date(1990, 5, 4),
        "weeks": 2,
        "orders": [Ordered(code="H0015", days_a_week=3)],
        "starts_on": MONDAY,
        "scheduled": True,
        "diagnoses": ["F10.20"],
        "separate": ["Laboratory tests"],
        "how": "printed",
        **changed,
    }
    return actions.give_estimate(by=by, at=NOW, asked=asked, **facts)


def test_the_document_holds_all_that_the_law_lists_and_is_kept(desk, patient, named):
    make_rates(patient)
    row = give(desk, ask(desk, patient=patient))
    law = load_good_faith()
    assert missing_items(row.document, law) == ()
    assert row.document == {
        "language": "en",
        "patient": {"name": "Ana Reyes", "born": "1990-05-04"},
        "made_on": "2026-03-18",
        "primary": {
            "service": "Intensive outpatient day, substance use",
            "code": "H0015",
            "first_visit": "2026-04-06",
        },
        "scope": "Intensive outpatient day, substance use: 3 a week for 2 weeks, 6 in all.",
        "items": [
            {
                "code": "H0015",
                "label": "Intensive outpatient day, substance use",
                "number": 6,
                "usual": "250.00",
                "expected": "250.00",
                "sum": "1500.00",
            }
        ],
        "weeks": [
            {"starts_on": "2026-04-06", "visits": 3, "expected": "750.00"},
            {"starts_on": "2026-04-13", "visits": 3, "expected": "750.00"},
        ],
        "diagnosis": ["F10.20"],
        "provider": {
            "name": "Peachtree Recovery LLC",
            "npi": "1234567893",
            "tin": "123456789",
            "state": "GA",
            "address": "12 Peachtree St, Atlanta",
        },
        "separate": ["Laboratory tests"],
        "disclaimers": list(law.words["en"]["disclaimers"]),
    }
    assert (row.total, row.first_on, row.last_on) == (1500, MONDAY, date(2026, 4, 17))
    entry = Entry.objects.filter(action="coverage.estimate_given").get()
    assert entry.patient_id == patient.pk


def test_the_expected_charge_is_after_the_sliding_fee_and_the_usual_one_stands_beside_it(
    desk, patient, named
):
    make_rates(patient)
    coverage.determine_fee(by=desk, at=NOW, patient=patient, household=3, annual_income=Decimal(40980))
    row = give(desk, ask(desk, patient=patient))
    (item,) = row.document["items"]
    assert (item["usual"], item["expected"], row.total) == ("250.00", "100.00", 600)


def test_what_was_given_is_never_changed(desk, patient, named):
    make_rates(patient)
    row = give(desk, ask(desk, patient=patient))
    for table, column in (
        (GoodFaithEstimate, {"total": 1}),
        (EstimateAsked, {"because": "x"}),
        (ProviderIdentity, {"state": "AL"}),
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            table.objects.update(**column)
        with pytest.raises(IntegrityError), transaction.atomic():
            table.objects.all().delete()
    assert GoodFaithEstimate.objects.get().total == row.total


def test_a_change_of_the_plan_makes_a_new_estimate_and_the_old_one_stays(desk, patient, named):
    make_rates(patient)
    first = give(desk, ask(desk, patient=patient))
    changed = ask(desk, patient=patient, occasion="changed", service_on=MONDAY)
    assert changed.due_on == date(2026, 4, 3)
    second = give(desk, changed, weeks=4)
    assert (first.total, second.total) == (1500, 3000)
    assert [row.given.pk for row in queries.of_patient(desk, patient)] == [second.pk, first.pk]


def test_in_spanish_every_word_of_the_document_is_spanish(desk, patient, named):
    make_rates(patient)
    row = give(desk, ask(desk, patient=patient), language="es", separate=[], diagnoses=[], scheduled=False)
    assert row.document["scope"].endswith("3 por semana durante 2 semanas, 6 en total.")
    assert row.document["separate"] == ["No se espera nada más, ni antes ni después."]
    assert row.document["diagnosis"] == ["Ninguno todavía: aún no se ha hecho un diagnóstico."]
    assert row.document["primary"]["first_visit"] == "todavía sin fecha"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"diagnoses": ["F10,20"]}, "is not a diagnosis code such as F10.20"),
        ({"name": " "}, "The patient's name and date of birth"),
        ({"weeks": 60}, "One estimate covers 12 months at most"),
        ({"weeks": 0}, "at least one visit"),
        ({"orders": [Ordered(code="H0004", days_a_week=1)]}, "no charge for H0004"),
    ],
)
def test_what_cannot_stand_in_it_is_said_and_nothing_is_kept(desk, patient, named, changed, sentence):
    make_rates(patient)
    asked = ask(desk, patient=patient)
    with pytest.raises(Refused, match=sentence):
        give(desk, asked, **changed)
    assert GoodFaithEstimate.objects.count() == 0


def test_without_the_programs_own_facts_none_is_given(desk, patient):
    make_rates(patient)
    with pytest.raises(Refused, match="legal name, NPI, tax number"):
        give(desk, ask(desk, patient=patient))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"asked_on": date(2026, 3, 19)}, "in the future"),
        ({"occasion": "scheduled"}, "Say on which day the first visit is"),
        ({"occasion": "scheduled", "service_on": date(2026, 3, 19)}, "no estimate is due unless"),
        ({"occasion": "changed", "service_on": date(2026, 3, 1)}, "before the day of asking"),
    ],
)
def test_an_asking_that_makes_no_sense_is_refused(desk, patient, changed, sentence):
    with pytest.raises(Refused, match=sentence):
        ask(desk, patient=patient, **changed)
    assert EstimateAsked.objects.count() == 0


def test_one_waits_at_a_time_until_it_is_given_or_not_needed(desk, patient):
    asked = ask(desk, patient=patient)
    with pytest.raises(Refused, match="waiting for this person already"):
        ask(desk, patient=patient)
    actions.not_needed(by=desk, at=NOW, asked=asked, because="Uses insurance after all")
    assert queries.due_estimates(desk, TODAY) == []
    assert ask(desk, patient=patient).pk != asked.pk
    with pytest.raises(Refused, match="settled already"):
        actions.not_needed(by=desk, at=NOW, asked=asked, because="again")


def test_an_estimate_is_given_once(desk, patient, named):
    make_rates(patient)
    asked = ask(desk, patient=patient)
    give(desk, asked)
    with pytest.raises(Refused, match="given already"):
        give(desk, asked)
    with pytest.raises(Refused, match="given already"):
        actions.not_needed(by=desk, at=NOW, asked=asked, because="no")


def test_what_is_due_stands_by_deadline_with_business_days_left(desk, site, patient):
    inquiry = make_inquiry(site)
    ask(desk, inquiry=inquiry, occasion="scheduled", service_on=date(2026, 3, 25))
    ask(desk, patient=patient, asked_on=date(2026, 3, 11))
    due = queries.due_estimates(desk, TODAY)
    assert [(one.name, one.row.due_on, one.days_left, one.late) for one in due] == [
        ("Ana Reyes", date(2026, 3, 16), -2, True),
        (inquiry.name, date(2026, 3, 19), 1, False),
    ]


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_one_query_however_long(desk, site, many, django_assert_num_queries):
    for number in range(many):
        ask(desk, patient=make_patient(site, f"Given{number}"))
    with django_assert_num_queries(1):
        assert len(queries.due_estimates(desk, TODAY)) == many


def test_an_inquirys_estimate_is_for_who_may_see_both(site, desk):
    inquiry = make_inquiry(site)
    biller = actor(make_staff(site, Role.BILLER))
    with pytest.raises(Denied):
        ask(biller, inquiry=inquiry)
    asked = ask(desk, inquiry=inquiry)
    assert queries.due_estimates(biller, TODAY) == []
    with pytest.raises(EstimateAsked.DoesNotExist):
        queries.asked_one(biller, asked.pk)


def test_another_site_sees_and_gives_nothing(patient, desk):
    asked = ask(desk, patient=patient)
    stranger = actor(make_staff(make_site(), Role.ADMISSIONS))
    assert queries.due_estimates(stranger, TODAY) == []
    with pytest.raises(Denied):
        give(stranger, asked)


def test_a_counselor_gives_none_and_only_the_director_names_the_program(by, desk, patient, site):
    with pytest.raises(Denied):
        ask(by, patient=patient)
    with pytest.raises(Denied):
        actions.set_identity(
            by=desk, at=NOW, site=site, legal_name="X", npi="1", tin="1", state="GA", address="x"
        )
