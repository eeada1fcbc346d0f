from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment import actions
from stepwell.clinic.assessment.models import IntakeInterview, SubstanceUse
from stepwell.clinic.assessment.rules import Use
from stepwell.clinic.inquiry.models import Inquiry
from tests.clinic.assessment.test_interview import WHOLE
from tests.making import NOW, make_staff

BODY = {f"section_{key}": answer for key, answer in WHOLE.items()}


@pytest.fixture
def page(patient):
    return f"/patients/{patient.code}/assessment/interview/"


def test_the_interview_saves_itself_and_says_so(signed_in, counselor, page):
    client = signed_in(counselor)
    typed = {"section_reason": "Court.", "gate_needs_24h_supervision": "no", "page": "p", "revision": "0"}
    answer = client.post(page, typed, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["X-Saved-Revision"]) == (200, "1")
    assert "Saved 10:00 am" in answer.content.decode()
    again = client.post(
        page, typed | {"section_reason": "Court.\n🙂 “ ‏עברית"}, headers={"HX-Request": "true"}
    )
    assert again["X-Saved-Revision"] == "2"
    assert "Court.\n🙂 “ ‏עברית" in client.get(page).content.decode()
    assert IntakeInterview.objects.get().gates["needs_24h_supervision"] is False


def test_a_page_that_is_logged_out_is_told_so_and_keeps_its_text(page, patient, client):
    answer = client.post(page, {"section_reason": "Court."}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert not IntakeInterview.objects.exists()


def test_the_page_carries_the_key_for_what_is_not_saved_yet(signed_in, counselor, site, page):
    mine = signed_in(counselor).get(page).content.decode()
    theirs = signed_in(make_staff(site, Role.COUNSELOR)).get(page).content.decode()
    key = mine.split('data-key="')[1].split('"')[0]
    assert len(key) == 44
    assert key not in theirs


def test_what_is_known_already_stands_there_with_its_source(signed_in, counselor, patient, page):
    Inquiry.objects.create(
        code="ASKED1", site=patient.site, source="web", name="Ana", phone="555", about="My job is at risk.",
        received_at=NOW - timedelta(days=3), patient=patient,
    )  # fmt: skip
    client = signed_in(counselor)
    body = client.get(page).content.decode()
    assert "My job is at risk." in body
    assert "Told when asking for help, 15 Mar 2026" in body
    client.post(page, {"section_reason": "My job is at risk.", "revision": "0", "page": "p"})
    assert IntakeInterview.objects.get().sources == {"reason": "told when asking for help, 15 Mar 2026"}
    client.post(page, {"section_reason": "", "section_health": "Well.", "revision": "1", "page": "p"})
    assert "My job is at risk." not in client.get(page).content.decode()  # emptied by hand: not offered again


def test_substances_are_rows(signed_in, counselor, page):
    client = signed_in(counselor)
    row = {
        "use-0-substance": "fentanyl", "use-0-route": "smoked", "use-0-amount": "half a gram",
        "use-0-frequency": "daily", "use-0-last_used_on": "2026-03-10", "use-0-first_age": "19",
        "use-1-substance": "", "use-7-substance": "alcohol",
    }  # fmt: skip
    answer = client.post(page, row | {"row": "more"})
    assert answer["Location"].endswith("#substances")
    assert list(SubstanceUse.objects.values_list("position", "substance", "first_age")) == [
        (0, "fentanyl", 19),
        (1, "alcohol", None),
    ]
    body = client.get(page).content.decode()
    assert "use-2-substance" in body
    assert "half a gram" in body


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"section_health.pain": "NaN"}, "from 0 to 10"),
        ({"section_withdrawal.seizures": "perhaps"}, "offers Yes, No"),
        ({"section_reason": "a\x00b"}, "Null characters"),
        ({"use-0-substance": "tea"}, "Substance 1: look again at Substance"),
        ({"use-0-substance": "alcohol", "use-0-first_age": "9" * 40}, "Age of first use"),
        ({"use-0-amount": "six"}, "Choose the substance of each row"),
        ({"use-0-substance": "alcohol", "use-0-last_used_on": "2099-01-01"}, "between birth and today"),
        ({}, "Nothing is written yet"),
        ({"section_legal.next": "soon"}, "takes a date"),
    ],
)
def test_bad_answers_get_a_sentence_and_keep_what_was_typed(signed_in, counselor, page, typed, sentence):
    typed = {"section_goals": "Sleep at night."} | typed if typed else {}
    answer = signed_in(counselor).post(page, typed)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in body
    assert ("Sleep at night." in body) == bool(typed)
    assert not IntakeInterview.objects.exists()


def test_somebody_elses_save_is_shown_beside_and_not_written_over(signed_in, counselor, by, patient, page):
    actions.save_interview(by=by, at=NOW, patient=patient, sections={"reason": "Stored."}, page="other")
    client = signed_in(counselor)
    answer = client.post(page, {"section_reason": "Typed.", "revision": "0", "page": "mine"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "saved this interview since this page was opened" in body
    assert "Stored." in body
    assert "Typed." in body
    assert 'name="revision" value="1"' in body
    client.post(page, {"section_reason": "Typed.", "revision": "1", "page": "mine"})
    assert IntakeInterview.objects.get().answers["reason"] == "Typed."


def test_it_is_signed_read_and_changed_as_a_new_version(signed_in, counselor, page):
    client = signed_in(counselor)
    blank = client.post(page + "signature/", BODY | {"section_goals": "", "revision": "0"})
    assert blank.status_code == 422
    assert "still blank in Goals" in blank.content.decode()
    signed = client.post(page + "signature/", BODY | {"revision": "1"}, follow=True).content.decode()
    assert "Signed by Nia Okafor" in signed
    assert '<form id="interview"' not in signed
    refused = client.post(page, BODY | {"revision": "2"})
    assert "begin a new version to change it" in refused.content.decode()
    no = client.post(page + "change/", {"because": ""})
    assert no.status_code == 422
    again = client.post(page + "change/", {"because": "Remembered a stay."}, follow=True).content.decode()
    assert '<form id="interview"' in again
    assert "This is version 2: Remembered a stay." in again
    assert client.get(page + "versions/1/").status_code == 200
    assert client.get(page + "versions/9/").status_code == 404
    assert client.post(page + "change/", {"because": "x"}, follow=True).status_code == 200


def test_the_summary_is_drafted_on_the_page(signed_in, counselor, page):
    answer = signed_in(counselor).post(
        page + "summary/", {"section_goals": "Work.", "revision": "0"}, follow=True
    )
    assert "Goals: “Work.”" in answer.content.decode()


def test_who_reads_only_sees_the_document_and_no_form(signed_in, site, by, patient, page):
    actions.save_interview(by=by, at=NOW, patient=patient, sections={"reason": "Court."})
    reader = signed_in(make_staff(site, Role.UTILIZATION))
    assert reader.get(page).status_code == 403
    body = reader.get(page + "versions/1/").content.decode()
    assert "Court." in body
    assert "Go on with it" not in body


def test_the_page_asks_the_database_a_fixed_number_of_times(signed_in, counselor, by, patient, page):
    client, taken = signed_in(counselor), []
    for many in (1, 30):
        actions.save_interview(
            by=by, at=NOW, patient=patient, sections={"reason": f"{many}"}, substances=[Use("alcohol")] * many
        )
        client.get(page)
        with CaptureQueriesContext(connection) as caught:
            client.get(page)
        taken.append(len(caught))
    assert taken[0] == taken[1] <= 14
