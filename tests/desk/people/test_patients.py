"""The list that opens on the work, the search, and a new record after a look at those alike."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.people.models import Patient
from tests.clinic.chart.making import admit
from tests.making import NOW, make_patient, make_site, make_staff

NEW = {
    "given_name": "Ana",
    "family_name": "Reyes",
    "birth_date": "1990-05-04",
    "phone": "",
    "email": "",
    "preferred_name": "",
}


@pytest.fixture
def admissions(site):
    return make_staff(site, Role.ADMISSIONS, credential="")


def names_on(response) -> list[str]:
    page = response.content.decode()
    return [part.split("</a>")[0].split(">")[-1] for part in page.split('class="person-name"')[1:]]


def test_the_list_opens_on_those_in_treatment_most_pressing_first(signed_in, counselor, site):
    calm, pressing = make_patient(site, "Ana", "Able"), make_patient(site, "Zoe", "Zimmer")
    make_patient(site, "Not", "Admitted")
    for patient in (calm, pressing):
        admit(patient, counselor, at=NOW - timedelta(days=9))
    Alert.objects.create(
        patient=pressing, kind="x", severity="urgent", sentence="Look now.", subject="x", raised_at=NOW
    )
    response = signed_in(counselor).get("/patients/")
    assert names_on(response) == ["Zoe Zimmer", "Ana Able"]
    assert "1 alert" in response.content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        "nunez",
        "NÚÑEZ",
        "brien nun",
        "5/4/1990",
        "05-04-90",
        "1990-05-04",
        "May 4 1990",
        "4 May 1990",
        "0142",
        "(555) 010-0142",
    ],
)
def test_a_patient_is_found_however_one_usually_asks(signed_in, counselor, site, asked):
    make_patient(site, "Ana", "Núñez-O’Brien", phone="(555) 010-0142", birth_date=date(1990, 5, 4))
    make_patient(site, "Somebody", "Else", birth_date=date(1971, 1, 30), phone="555 999 8888")
    assert names_on(signed_in(counselor).get("/patients/", {"q": asked})) == ["Ana Núñez-O’Brien"]


@pytest.mark.parametrize(
    "asked", ["%", "_", "\\", "' or 1=1 --", "ש", "🙂", "x" * 5000, "\x00", "00/00/0000", "99999999"]
)
def test_a_search_that_finds_nobody_says_what_to_try(signed_in, counselor, patient, asked):
    response = signed_in(counselor).get("/patients/", {"q": asked})
    assert response.status_code == 200
    assert names_on(response) == []


def test_nobody_of_another_site_is_found(signed_in, counselor):
    make_patient(make_site(), "Canary", "Elsewhere")
    assert "Canary" not in signed_in(counselor).get(
        "/patients/", {"q": "elsewhere"}
    ).content.decode().replace("“elsewhere”", "")


@pytest.mark.parametrize("query", [{}, {"show": "everybody"}, {"q": "re"}])
def test_the_list_asks_as_much_for_thirty_as_for_one(signed_in, counselor, site, query):
    client, counts = signed_in(counselor), []
    for so_many in (1, 29):
        for _ in range(so_many):
            admit(make_patient(site), counselor, at=NOW - timedelta(days=9))
        client.get("/patients/", query)
        with CaptureQueriesContext(connection) as seen:
            client.get("/patients/", query)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 9


def test_a_new_record_is_made_and_safe_contact_is_asked_for_next(signed_in, admissions):
    response = signed_in(admissions).post("/patients/new/", NEW)
    patient = Patient.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/patients/{patient.code}/details/")


def test_a_probable_duplicate_is_shown_before_anything_is_saved(signed_in, admissions, site):
    make_patient(site, "Ana", "Reyes", phone="555-010-0142")
    response = signed_in(admissions).post("/patients/new/", {**NEW, "birth_date": "1990-04-05"})
    page = response.content.decode()
    assert "Is it one of these?" in page
    assert "Day and month of birth are the other way round." in page
    assert Patient.objects.count() == 1


def test_none_of_these_makes_the_record_and_the_trail_keeps_whom_it_was_told_from(
    signed_in, admissions, site
):
    other = make_patient(site, "Ana", "Reyes")
    signed_in(admissions).post("/patients/new/", {**NEW, "others": [other.pk], "anyway": "1"})
    assert Patient.objects.count() == 2


def test_none_of_these_does_not_cover_somebody_who_was_not_shown(signed_in, admissions, site):
    shown, fresh = make_patient(site, "Ana", "Reyes"), make_patient(site, "Ana", "Reyes")
    response = signed_in(admissions).post("/patients/new/", {**NEW, "others": [shown.pk], "anyway": "1"})
    assert Patient.objects.count() == 2
    assert fresh.code in response.content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"birth_date": "2031-01-01"}, "in the future"),
        ({"birth_date": "1850-01-01"}, "before 1900"),
        ({"birth_date": "soon"}, "valid date"),
        ({"given_name": "  "}, "required"),
        ({"given_name": "a\x00b"}, "Null characters"),
        ({"email": "x"}, "valid email"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_typed_is_lost(signed_in, admissions, wrong, sentence):
    response = signed_in(admissions).post("/patients/new/", {**NEW, "phone": "555-0177", **wrong})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "555-0177" in response.content.decode()
    assert Patient.objects.count() == 0


def test_whoever_may_not_register_is_told_whom_to_ask(signed_in, site):
    response = signed_in(make_staff(site, Role.BILLER)).get("/patients/new/")
    assert response.status_code == 403
    assert "Ask the program director." in response.content.decode()
