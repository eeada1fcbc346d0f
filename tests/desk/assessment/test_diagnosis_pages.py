from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.clinic.assessment import actions
from stepwell.clinic.assessment.models import Diagnosis, DiagnosisEvent
from stepwell.clinic.assessment.rules import search_icd
from stepwell.clinic.refusal import Refused
from tests.making import NOW, TODAY, make_patient


@pytest.fixture
def page(patient):
    return f"/patients/{patient.code}/assessment/diagnoses/"


def record(by, patient, code, **facts):
    return actions.record_diagnosis(by=by, at=NOW, patient=patient, code=code, **facts)


def test_a_code_is_found_by_words_picked_and_recorded(signed_in, counselor, page):
    client = signed_in(counselor)
    found = client.get(page, {"q": "ptsd"}, headers={"HX-Request": "true"}).content.decode()
    assert "?code=F43.10#new" in found
    assert "<html" not in found
    picked = client.get(page, {"code": "F43.10"}).content.decode()
    assert 'value="F43.10"' in picked
    assert "Post-traumatic stress disorder, unspecified" in picked
    client.post(page, {"code": "f4310", "text": "", "primary": "on"})
    row = Diagnosis.objects.get()
    assert (row.code, row.text, row.primary) == (
        "F43.10",
        "Post-traumatic stress disorder, unspecified",
        True,
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "F10.2"}, "is a heading"),
        ({"code": "F43.8"}, "is not valid on 18 Mar 2026"),
        ({"code": "F10.20", "onset": "2099-01-01"}, "It cannot have begun on 2099-01-01"),
        ({"code": "F10.20", "onset": "yesterday"}, "valid date"),
        ({"code": "F10.20\x00"}, "Null characters"),
        ({"code": ""}, "required"),
    ],
)
def test_what_is_no_code_today_gets_a_sentence(signed_in, counselor, page, typed, sentence):
    answer = signed_in(counselor).post(page, typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Diagnosis.objects.exists()


@pytest.mark.parametrize("asked", ["zzz", "\x00", "a" * 5000, "%", "F"])
def test_an_odd_search_finds_nothing_and_breaks_nothing(signed_in, counselor, page, asked):
    assert signed_in(counselor).get(page, {"q": asked, "code": asked}).status_code == 200


def test_criteria_are_counted_first_and_recorded_by_a_second_button(signed_in, counselor, page):
    client = signed_in(counselor)
    typed = {"substance": "opioid", "criteria": ["more", "time", "craving", "duties", "people", "danger"], "primary": "on"}  # fmt: skip
    counted = client.post(page + "counted/", typed).content.decode()
    assert "F11.20 Opioid use disorder, severe" in counted
    assert "6 of 11 criteria" in counted
    assert not Diagnosis.objects.exists()
    client.post(page + "counted/", typed | {"record": "yes"})
    row = Diagnosis.objects.get()
    assert (row.code, row.criteria, row.criteria_met, row.severity, row.primary) == (
        "F11.20", typed["criteria"], 6, "severe", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"substance": "alcohol", "criteria": ["more"]}, "1 of 11 criteria count"),
        ({"substance": "tea", "criteria": ["more", "time"]}, "Select a valid choice"),
        ({"substance": "alcohol", "criteria": ["more", "fun"]}, "Select a valid choice"),
        (
            {"substance": "alcohol", "criteria": ["more", "time"], "months_without": "9" * 30},
            "less than or equal",
        ),
        (
            {"substance": "tobacco", "criteria": ["more", "time"], "months_without": "12", "record": "x"},
            "no code",
        ),
    ],
)
def test_what_cannot_be_counted_gets_a_sentence(signed_in, counselor, page, typed, sentence):
    answer = signed_in(counselor).post(page + "counted/", typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Diagnosis.objects.exists()


def test_every_step_of_a_diagnosis_is_a_row_of_its_history(signed_in, counselor, by, patient, page):
    first = record(by, patient, "F10.20", primary=True)
    second = record(by, patient, "F33.1")
    client = signed_in(counselor)
    client.post(f"{page}{second.pk}/primary/")
    client.post(f"{page}{first.pk}/end/")
    told = DiagnosisEvent.objects.order_by("pk").values_list("diagnosis__code", "kind")
    assert list(told) == [
        ("F10.20", "recorded"),
        ("F33.1", "recorded"),
        ("F10.20", "secondary"),
        ("F33.1", "primary"),
        ("F10.20", "ended"),
    ]
    body = client.get(page).content.decode()
    assert "F10.20 made secondary" in body
    for again in (f"{page}{second.pk}/primary/", f"{page}{first.pk}/end/"):
        assert client.post(again).status_code in (302, 404)
    with pytest.raises(Refused, match="primary diagnosis already"):
        actions.make_primary(by=by, at=NOW, diagnosis=second)
    with pytest.raises(Refused, match="was ended; record it anew"):
        actions.make_primary(by=by, at=NOW, diagnosis=first)


def test_a_diagnosis_of_another_patient_is_a_404(signed_in, counselor, by, site, page):
    other = record(by, make_patient(site, "Ben", "Ito"), "F10.20")
    client = signed_in(counselor)
    for verb in ("primary", "end"):
        assert client.post(f"{page}{other.pk}/{verb}/").status_code == 404


def test_the_page_asks_the_database_a_fixed_number_of_times(signed_in, counselor, by, patient, page):
    client, taken, codes = signed_in(counselor), [], [c.code for c in search_icd("depend", TODAY, 30)]
    for more in (codes[:1], codes[1:]):
        for code in more:
            record(by, patient, code)
        client.get(page)
        with CaptureQueriesContext(connection) as caught:
            client.get(page)
        taken.append(len(caught))
    assert taken[0] == taken[1]
