from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.medication import actions
from stepwell.clinic.medication.models import Allergy, Dose, Medication, MedicationOrder, SideEffect
from tests.clinic.medication.making import daily_here, know, make_order
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

ORDER = {
    "drug": "disulfiram",
    "dose": "250",
    "unit": "mg",
    "route": "oral",
    "frequency": "daily",
    "starts_on": "2026-03-18",
}


@pytest.fixture
def nurse(site):
    return make_staff(site, Role.NURSE, name="Bo Lind", credential="RN")


@pytest.fixture
def prescriber(site):
    return make_staff(site, Role.PRESCRIBER, name="Ruth Adeyemi", credential="MD")


def text(answer) -> str:
    return answer.content.decode()


def ready_for_disulfiram(patient, by) -> None:
    """Every check before disulfiram is met."""
    know(patient, by, liver=Decimal("1.2"), pregnancy="not_possible", last_alcohol=("drink", 72))


def test_the_round_opens_on_the_doses_due_and_one_click_gives_one(signed_in, nurse, patient):
    order = daily_here(patient, starts_on=TODAY - timedelta(days=1))
    actions.record_dose(
        by=actor(nurse),
        at=NOW - timedelta(days=1),
        order=order,
        outcome="given",
        amount=order.dose,
        once_key="y",
    )
    client = signed_in(nurse)
    page = text(client.get("/medication/"))
    assert "1 dose due" in page
    key = page.split('name="once_key" value="')[1].split('"')[0]
    sent = {"outcome": "given", "amount": "250.000", "once_key": key, "back": "round"}
    address = f"/patients/{patient.code}/medication/orders/{order.pk}/doses/new/"
    for _ in range(2):  # a double click
        assert client.post(address, sent)["Location"] == "/medication/"
    assert Dose.objects.count() == 2
    assert "Every dose of today is dealt with" in text(client.get("/medication/"))


def test_a_dose_not_given_needs_a_reason_and_what_was_typed_stays(signed_in, nurse, patient):
    order = daily_here(patient)
    address = f"/patients/{patient.code}/medication/orders/{order.pk}/doses/new/"
    answer = signed_in(nurse).post(address, {"outcome": "held", "amount": "77", "once_key": "k"})
    assert answer.status_code == 422
    assert "Write why the dose was held." in text(answer)
    assert "77" in text(answer)


def test_warnings_are_shown_once_and_then_signed(signed_in, prescriber, patient):
    ready_for_disulfiram(patient, actor(prescriber))
    client, address = signed_in(prescriber), f"/patients/{patient.code}/medication/orders/new/"
    assert client.get(address).status_code == 200
    first = client.post(address, {**ORDER, "dose": "900"})
    assert "900 mg is outside the usual" in text(first)
    assert "does not check interactions" in text(first)
    assert MedicationOrder.objects.count() == 0
    warning = text(first).split('name="seen" value="')[1].split('"')[0]
    assert client.post(address, {**ORDER, "dose": "900", "seen": warning}).status_code == 302
    assert MedicationOrder.objects.get().warnings == [warning]


def test_a_warning_that_was_not_shown_cannot_be_passed_over(signed_in, prescriber, patient):
    ready_for_disulfiram(patient, actor(prescriber))
    answer = signed_in(prescriber).post(
        f"/patients/{patient.code}/medication/orders/new/", {**ORDER, "dose": "900", "seen": "something else"}
    )
    assert (answer.status_code, MedicationOrder.objects.count()) == (200, 0)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"drug": "methadone"}, "opioid treatment program"),
        ({"dose": "0"}, "more than zero"),
        ({"dose": "a lot"}, "Enter a number"),
        ({"ends_on": "2026-03-01"}, "before it starts"),
        ({"drug": "", "other": ""}, "Choose a medicine"),
        ({"drug": "other", "other": "x\x00y"}, "Null characters"),
        ({"drug": "other", "other": " "}, "Write the name"),
        ({"other": "Something"}, "not both"),
    ],
)
def test_a_senseless_order_says_what_is_wrong(signed_in, prescriber, patient, changed, sentence):
    answer = signed_in(prescriber).post(
        f"/patients/{patient.code}/medication/orders/new/", {**ORDER, **changed}
    )
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert MedicationOrder.objects.count() == 0


def test_the_tab_shows_orders_list_allergies_side_effects_and_says_what_it_does_not_check(
    signed_in, by, prescriber, patient
):
    make_order(patient)
    client = signed_in(prescriber)
    root = f"/patients/{patient.code}/medication/"
    for address, sent in {
        "list/new/": {"name": "Sertraline 🙂", "dose": "50 mg"},
        "allergies/new/": {"substance": "Penicillin", "reaction": "rash"},
        "side-effects/new/": {"effect": "nausea", "severity": "mild"},
    }.items():
        assert client.get(root + address).status_code == 200
        assert client.post(root + address, sent)["Location"] == root
    page = text(client.get(root))
    for word in (
        "Naloxone nasal spray",
        "Sertraline 🙂",
        "Penicillin",
        "nausea",
        "does not check interactions",
    ):
        assert word in page
    assert (
        client.post(f"{root}list/{Medication.objects.get().pk}/end/", {"ended_on": "2026-03-18"}).status_code
        == 302
    )
    assert client.post(f"{root}allergies/{Allergy.objects.get().pk}/end/").status_code == 302
    follow = f"{root}side-effects/{SideEffect.objects.get().pk}/follow-up/"
    assert client.post(follow, {"said": "", "result": "closed"}).status_code == 422
    assert client.post(follow, {"said": "Gone.", "result": "closed"}).status_code == 302
    order = MedicationOrder.objects.get()
    assert client.post(f"{root}orders/{order.pk}/stop/", {"because": "rash"}).status_code == 302
    assert "Orders no longer in force" in text(client.get(root))


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.NURSE, 200), (Role.COUNSELOR, 200), (Role.BILLER, 403), (Role.PEER, 403), (Role.ADMISSIONS, 403)],
)
def test_who_may_see_medication(signed_in, site, patient, role, status):
    client = signed_in(make_staff(site, role))
    assert client.get("/medication/").status_code == status
    assert client.get(f"/patients/{patient.code}/medication/").status_code == status


def test_a_counselor_neither_orders_nor_gives(signed_in, counselor, patient):
    order = daily_here(patient)
    client, root = signed_in(counselor), f"/patients/{patient.code}/medication/orders/"
    assert client.get(f"{root}new/").status_code == 403
    assert client.get(f"{root}{order.pk}/doses/new/").status_code == 403
    assert client.post(f"{root}{order.pk}/stop/", {"because": "x"}).status_code == 403


def test_another_patients_rows_are_not_there(signed_in, prescriber, site, by, patient):
    other = make_patient(site, "Ben", "Tran")
    order = make_order(other)
    effect = actions.report_side_effect(by=by, at=NOW, patient=other, effect="rash", severity="mild")
    root = f"/patients/{patient.code}/medication/"
    client = signed_in(prescriber)
    assert client.get(f"{root}orders/{order.pk}/doses/new/").status_code == 404
    assert client.post(f"{root}orders/{order.pk}/stop/", {"because": "x"}).status_code == 404
    assert client.post(f"{root}side-effects/{effect.pk}/follow-up/", {"said": "x"}).status_code == 404
    stranger = make_patient(make_site())
    assert client.get(f"/patients/{stranger.code}/medication/").status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_the_pages_take_a_fixed_number_of_queries(
    signed_in, nurse, prescriber, patient, site, rows, django_assert_max_num_queries
):
    for number in range(rows):
        order = daily_here(make_patient(site, "P", f"N{number}"), by=actor(prescriber))
        actions.record_dose(
            by=actor(nurse), at=NOW, order=order, outcome="held", note="x", once_key=f"k{number}"
        )
        daily_here(patient, by=actor(prescriber))
    client = signed_in(nurse)
    client.get("/medication/")
    with django_assert_max_num_queries(11):  # session, user, roles, round 4, not taken, side effects, rail
        client.get("/medication/")
    with django_assert_max_num_queries(27):
        client.get(f"/patients/{patient.code}/medication/")
