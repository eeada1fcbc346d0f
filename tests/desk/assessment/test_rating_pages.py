from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.clinic.assessment import actions
from stepwell.clinic.assessment.models import DimensionalRating
from stepwell.clinic.assessment.rules import Use, fourth_dimensions
from stepwell.clinic.placement.models import Recommendation
from tests.clinic.assessment.making import make_screening
from tests.making import NOW

ANSWERS = {"withdrawal": "Shaky.", "withdrawal.seizures": "yes", "withdrawal.now": "none", "goals": "Sleep."}
PARTS = [p.key for d in fourth_dimensions() for p in d.parts]


@pytest.fixture
def page(patient):
    return f"/patients/{patient.code}/assessment/ratings/"


def asked(by, patient):
    actions.save_interview(by=by, at=NOW - timedelta(hours=1), patient=patient, sections=ANSWERS)


def test_facts_stand_beside_each_rating_and_the_reason_is_drafted(signed_in, counselor, by, patient, page):
    asked(by, patient)
    row = make_screening(by, patient, "phq-9", (2, 2, 2, 2, 2, 2, 2, 2, 0, 0))
    body = signed_in(counselor).get(page).content.decode()
    assert "Speaks for a higher rating: has had a seizure in withdrawal. Speaks against: no sign" in body
    assert 'name="cite1" value="answer:withdrawal.seizures" checked' in body
    assert 'name="cite1" value="answer:withdrawal">' in body  # only told: not ticked yet
    assert f'name="cite3" value="score:{row.pk}" checked' in body
    assert "PHQ-9 16, moderately severe on Wed 18 Mar" in body


def test_what_is_cited_is_kept_as_it_was_said(signed_in, counselor, by, patient, page):
    asked(by, patient)
    typed = {"d1": "2", "because1": "A seizure in 2020.", "cite1": ["answer:withdrawal.seizures"]}
    signed_in(counselor).post(page, typed)
    row = DimensionalRating.objects.get()
    assert (row.edition, row.d1, row.reasons) == ("third", 2, {"d1": "A seizure in 2020."})
    assert row.evidence == {
        "d1": [
            {
                "key": "answer:withdrawal.seizures",
                "label": "A seizure in withdrawal, ever?",
                "said": "has had a seizure in withdrawal",
                "leaning": "raises",
            }
        ]
    }
    assert Recommendation.objects.get().rating == row


def test_a_reason_is_drafted_anew_from_what_is_ticked_and_saves_nothing(
    signed_in, counselor, by, patient, page
):
    asked(by, patient)
    typed = {"d2": "1", "because2": "Mine.", "because1": "Old.", "cite1": ["answer:withdrawal"], "draft": "1"}
    answer = signed_in(counselor).post(page, typed)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "Told: “Shaky.”." in body
    assert "Mine." in body
    assert 'name="d2" value="1" checked' in body
    assert not DimensionalRating.objects.exists()


def test_a_drafted_reason_without_a_number_is_no_half_rating(signed_in, counselor, by, patient, page):
    asked(by, patient)
    client = signed_in(counselor)
    drafted = "Speaks for a higher rating: has had a seizure in withdrawal. Speaks against: no sign of withdrawal now."
    typed = {"because1": drafted, "d2": "1", "because2": "Well."}
    assert client.post(page, typed).status_code == 302
    refused = client.post(page, typed | {"because1": "A seizure last week."})
    assert "has a reason but no number" in refused.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"cite1": ["answer:nothing"], "d1": "1", "because1": "x"},
        {"d1": "9", "because1": "x"},
        {"d1": "NaN", "because1": "x"},
        {"d1": "1", "because1": "\x00"},
    ],
)
def test_what_no_rating_takes_is_told_and_not_saved(signed_in, counselor, page, typed):
    assert signed_in(counselor).post(page, typed).status_code == 422
    assert not DimensionalRating.objects.exists()


def test_the_fourth_edition_is_rated_by_parts_and_has_no_numbers(signed_in, counselor, by, patient, page):
    asked(by, patient)
    typed = {f"least_{key}": "any" for key in PARTS} | {f"because_{key}": "Well." for key in PARTS}
    typed |= {"least_support": "2.1", "because_support": "Alone at home.", "person": "Evenings.", "cite6": []}
    answer = signed_in(counselor).post(page + "fourth/", typed)
    assert answer["Location"].endswith("/placement/")
    row = DimensionalRating.objects.get()
    assert (row.edition, row.d1, row.reasons) == ("fourth", None, {"d6": "Evenings."})
    assert row.parts["support"] == {"least": "2.1", "because": "Alone at home."}
    body = signed_in(counselor).get(page + "fourth/").content.decode()
    assert "Alone at home." in body
    assert "Alone at home." not in signed_in(counselor).get(page).content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "No part is rated yet"),
        ({"least_support": "2.1"}, "Support is rated without a reason"),
        ({"because_support": "Alone."}, "Support has a reason but no level"),
        ({"least_support": "9.9", "because_support": "x"}, "Select a valid choice"),
    ],
)
def test_half_a_fourth_rating_is_refused(signed_in, counselor, page, typed, sentence):
    answer = signed_in(counselor).post(page + "fourth/", typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not DimensionalRating.objects.exists()


@pytest.mark.parametrize("edition", ["", "fourth/"])
def test_the_page_asks_the_database_a_fixed_number_of_times(signed_in, counselor, by, patient, page, edition):
    client, taken = signed_in(counselor), []
    for many in (1, 20):
        actions.save_interview(
            by=by, at=NOW, patient=patient, sections={"reason": f"{many}"}, substances=[Use("alcohol")] * many
        )
        for n in range(many):
            make_screening(by, patient, "phq-9", (n % 3, 1, 0, 0, 0, 0, 0, 0, 0, 0), NOW - timedelta(days=n))
        client.get(page + edition)
        with CaptureQueriesContext(connection) as caught:
            client.get(page + edition)
        taken.append(len(caught))
    assert taken[0] == taken[1]


@pytest.mark.parametrize("part", ["interview/", "ratings/", "ratings/fourth/"])
def test_what_the_interview_told_of_withdrawal_answers_the_gate_until_somebody_says_otherwise(
    signed_in, counselor, by, patient, part
):
    client, page = signed_in(counselor), f"/patients/{patient.code}/assessment/"
    gate = re.compile(r'name="gate_severe_withdrawal_risk" value="(\w*)"[^>]*checked')
    assert gate.findall(client.get(page + part).content.decode()) in ([], [""])
    actions.save_interview(
        by=by, at=NOW, patient=patient, sections={"withdrawal.seizures": "yes", "withdrawal.sedatives": "no"}
    )
    body = client.get(page + part).content.decode()
    assert gate.findall(body) == ["yes"]
    assert "Told in the interview: has had a seizure in withdrawal." in body
    actions.save_interview(
        by=by, at=NOW, patient=patient, sections={}, gates={"severe_withdrawal_risk": False}
    )
    body = client.get(page + part).content.decode()
    assert gate.findall(body) == ["no"]
    assert "Told in the interview: has had a seizure in withdrawal." in body
