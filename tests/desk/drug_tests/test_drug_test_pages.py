from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.drug_tests.models import Collection, PanelResult, RandomDraw, SealedSeed, TestOrder
from tests.clinic.drug_tests.making import CLEAN, make_result, make_test
from tests.clinic.medication.making import make_order
from tests.clinic.timetable.making import admitted
from tests.making import TODAY, make_patient, make_site, make_staff


def text(answer) -> str:
    return answer.content.decode()


def test_a_test_is_ordered_from_the_tab_with_one_button(signed_in, counselor, patient):
    client, root = signed_in(counselor), f"/patients/{patient.code}/tests/"
    assert "Order a test" in text(client.get(root))
    sent = {"panel": "standard", "reason": "scheduled", "due_on": "2026-03-18"}
    assert client.post(f"{root}new/", sent)["Location"] == root
    assert TestOrder.objects.get().panel == "standard"
    twice = client.post(f"{root}new/", sent)
    assert twice.status_code == 422
    assert "ordered for that day already" in text(twice)


def test_from_collection_to_review(signed_in, counselor, by, patient):
    from decimal import Decimal

    make_order(patient, drug="buprenorphine", dose=Decimal(16), frequency="daily", route="sublingual")
    test = make_test(patient, by)
    client, root = signed_in(counselor), f"/patients/{patient.code}/tests/"
    assert patient.full_name in text(client.get("/drug-tests/"))
    refused = client.post(f"{root}{test.pk}/collection/", {})
    assert refused.status_code == 422
    assert "number on the label" in text(refused)
    answer = client.post(f"{root}{test.pk}/collection/", {"specimen": "S-1", "temperature_f": "96"})
    assert answer["Location"] == f"{root}{test.pk}/result/"
    page = text(client.get(answer["Location"]))
    assert "Expected to be positive, because it is prescribed: Buprenorphine" in page
    said = {f"class_{code}": word for code, word in CLEAN.items()}
    sent = {"method": "presumptive", **said, "class_buprenorphine": "positive", "class_fentanyl": "positive"}
    assert client.post(answer["Location"], sent)["Location"] == root
    waiting = text(client.get("/drug-tests/"))
    assert "Send it for confirmation before anything follows from it." in waiting
    result = PanelResult.objects.get()
    done = client.post(f"{root}results/{result.pk}/review/", {"note": "Talked.", "back": "list"})
    assert done["Location"] == "/drug-tests/"
    assert "Every result is reviewed" in text(client.get("/drug-tests/"))
    chart = text(client.get(root))
    assert "as prescribed" in chart
    assert "Talked." in chart


def test_no_specimen_is_shown_as_itself(signed_in, counselor, by, patient):
    test = make_test(patient, by)
    client = signed_in(counselor)
    client.post(f"/patients/{patient.code}/tests/{test.pk}/collection/", {"refused": "on"})
    assert Collection.objects.get().refused
    assert "It is not a positive" in text(client.get("/drug-tests/"))


@pytest.mark.parametrize(
    "sent",
    [
        {"panel": "nonsense", "reason": "scheduled", "due_on": "2026-03-18"},
        {"panel": "standard", "reason": "scheduled", "due_on": "soon"},
        {"panel": "standard", "reason": "scheduled", "due_on": "2026-03-01"},
        {},
    ],
)
def test_garbage_gets_a_sentence(signed_in, counselor, patient, sent):
    answer = signed_in(counselor).post(f"/patients/{patient.code}/tests/new/", sent)
    assert answer.status_code == 422
    assert TestOrder.objects.count() == 0


def test_random_days_are_drawn_and_stay_out_of_sight(signed_in, counselor, site):
    patient = admitted(site)
    client = signed_in(counselor)
    assert "First, seal a seed" in text(client.get("/drug-tests/random/"))
    assert client.post("/drug-tests/random/seed/")["Location"] == "/drug-tests/random/"
    page = text(client.get("/drug-tests/random/"))
    sealed = SealedSeed.objects.get()
    assert "Nobody sees a day before it comes" in page
    assert sealed.commitment in page
    assert sealed.seed not in page
    sent = {
        "sealed": sealed.commitment,
        "patients": [patient.pk],
        "panel": "standard",
        "tests": "1",
        "first_on": "2026-03-20",
        "last_on": "2026-03-27",
        "weekdays": ["0", "1", "2", "3", "4"],
    }
    assert client.post("/drug-tests/random/", sent).status_code == 302
    assert RandomDraw.objects.get().orders.count() == 1
    assert "No test was ordered yet" in text(client.get(f"/patients/{patient.code}/tests/"))
    twice = client.post("/drug-tests/random/", sent)
    assert "held already" in text(twice)
    assert RandomDraw.objects.count() == 1
    too_many = client.post("/drug-tests/random/", {**sent, "sealed": "", "tests": "9"})
    assert too_many.status_code == 422
    assert "do not fit" in text(too_many)


@pytest.mark.parametrize(
    ("role", "read", "order"),
    [
        (Role.NURSE, 200, 200),
        (Role.CASE_MANAGER, 200, 403),
        (Role.PEER, 403, 403),
        (Role.BILLER, 403, 403),
    ],
)
def test_who_may_see_and_order(signed_in, site, patient, role, read, order):
    client = signed_in(make_staff(site, role))
    assert client.get("/drug-tests/").status_code == read
    assert client.get(f"/patients/{patient.code}/tests/").status_code == read
    assert client.get("/drug-tests/random/").status_code == order


def test_another_patients_rows_are_not_there(signed_in, counselor, by, site, patient):
    result = make_result(make_patient(site, "Ben", "Tran"), by)
    client, root = signed_in(counselor), f"/patients/{patient.code}/tests/"
    assert client.get(f"{root}{result.order_id}/result/").status_code == 404
    assert client.get(f"{root}{result.order_id}/collection/").status_code == 404
    assert client.post(f"{root}results/{result.pk}/review/").status_code == 404
    stranger = make_patient(make_site())
    assert client.get(f"/patients/{stranger.code}/tests/").status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_the_pages_take_a_fixed_number_of_queries(
    signed_in, counselor, by, patient, rows, django_assert_max_num_queries
):
    for number in range(rows):
        make_result(patient, by, order=make_test(patient, by, due_on=TODAY + timedelta(days=number)))
    client = signed_in(counselor)
    client.get("/drug-tests/")
    with django_assert_max_num_queries(10):
        client.get("/drug-tests/")
    with django_assert_max_num_queries(12):
        client.get(f"/patients/{patient.code}/tests/")
