from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment import actions
from stepwell.clinic.assessment.models import (
    Alert,
    AlertAcknowledgement,
    Diagnosis,
    Screening,
)
from stepwell.clinic.assessment.rules import search_icd
from stepwell.clinic.placement.models import Recommendation
from tests.clinic.assessment.making import make_rating, make_screening
from tests.clinic.placement.making import make_episode
from tests.making import NOW, TODAY, make_patient, make_site, make_staff

TAB = "/patients/{}/assessment/"


@pytest.fixture
def page(patient):
    return TAB.format(patient.code)


def test_the_tab_opens_on_what_is_due(signed_in, counselor, page):
    answer = signed_in(counselor).get(page)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert body.index('id="due"') < body.index('id="interview"')
    assert f'href="{page}instruments/phq-9/"' in body


def test_the_look_is_in_the_trail(signed_in, counselor, patient, page):
    signed_in(counselor).get(page)
    entry = Entry.objects.filter(kind="access").order_by("-seq")[0]
    assert (entry.patient_id, entry.subject, entry.actor_name) == (
        patient.pk,
        "Chart assessment",
        "Nia Okafor",
    )


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.COUNSELOR, 200),
        (Role.UTILIZATION, 200),
        (Role.BILLER, 403),
        (Role.PEER, 403),
        (Role.SYSTEM_ADMIN, 403),
    ],
)
def test_who_may_open_the_tab(signed_in, site, page, role, status):
    assert signed_in(make_staff(site, role)).get(page).status_code == status


@pytest.mark.parametrize("part", ["", "instruments/phq-9/", "interview/", "ratings/", "diagnoses/"])
def test_a_stranger_of_another_site_finds_nothing(signed_in, page, part):
    stranger = signed_in(make_staff(make_site(), Role.COUNSELOR))
    assert stranger.get(page + part).status_code == 404


def test_a_filled_questionnaire_is_scored_and_told(signed_in, counselor, patient, page):
    answers = {f"item_{n}": "1" for n in range(1, 10)} | {"item_9": "0"}
    answer = signed_in(counselor).post(page + "instruments/phq-9/", answers, follow=True)
    assert "PHQ-9 is recorded: 8, mild." in answer.content.decode()
    assert int(Screening.objects.get(patient=patient).total) == 8


def test_an_unfinished_questionnaire_is_kept_and_said_to_be_so(signed_in, counselor, page):
    answer = signed_in(counselor).post(page + "instruments/phq-9/", {"item_1": "1"}, follow=True)
    assert "kept as incomplete and not scored: 8 questions are open" in answer.content.decode()
    assert Screening.objects.get().total is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "No question of PHQ-9 is answered"),
        ({"item_1": "1", "taken_at": "2099-01-01T10:00"}, "later than now"),
        ({"item_1": "99"}, "Choose one of the answers offered"),
        ({"item_1": "x", "taken_at": "yesterday"}, "needs another look"),
    ],
)
def test_bad_answers_get_a_sentence_and_leave_no_row(signed_in, counselor, page, typed, sentence):
    answer = signed_in(counselor).post(page + "instruments/phq-9/", {"item_2": "", **typed})
    assert answer.status_code == 422
    if sentence != "needs another look":
        assert sentence in answer.content.decode() or "another look" in answer.content.decode()
    assert not Screening.objects.exists()


def test_what_was_chosen_is_still_there_after_an_error(signed_in, counselor, page):
    answer = signed_in(counselor).post(
        page + "instruments/phq-9/", {"item_1": "3", "taken_at": "2099-01-01T10:00"}
    )
    assert 'name="item_1" value="3" checked' in answer.content.decode()


def test_an_instrument_that_is_not_there_is_a_404(signed_in, counselor, page):
    assert signed_in(counselor).get(page + "instruments/phq-99/").status_code == 404


def test_an_alert_is_answered_with_what_was_done(signed_in, counselor, by, patient, page):
    make_screening(by, patient, "phq-9", (0, 0, 0, 0, 0, 0, 0, 0, 2, 0))
    alert = Alert.objects.get()
    client = signed_in(counselor)
    assert "ask about suicide now" in client.get(page).content.decode()
    blank = client.post(f"{page}alerts/{alert.pk}/", {"done": ""})
    assert blank.status_code == 422
    client.post(f"{page}alerts/{alert.pk}/", {"done": "Called; the safety plan was made together."})
    assert AlertAcknowledgement.objects.get().alert == alert
    again = client.post(f"{page}alerts/{alert.pk}/", {"done": "Me too"})
    assert again.status_code == 422
    assert "Nia Okafor has acknowledged this alert already" in again.content.decode()


def test_an_alert_of_another_patient_is_a_404(signed_in, counselor, by, site, page):
    make_screening(by, make_patient(site, "Ben", "Ito"), "phq-9", (0, 0, 0, 0, 0, 0, 0, 0, 2, 0))
    assert signed_in(counselor).get(f"{page}alerts/{Alert.objects.get().pk}/").status_code == 404


def test_ratings_lead_to_the_recommended_level(signed_in, counselor, patient, page):
    typed = {f"d{n}": "1" for n in range(1, 7)} | {f"because{n}": "Because." for n in range(1, 7)}
    typed |= {"d5": "3", "gate_needs_24h_supervision": "no"}
    answer = signed_in(counselor).post(page + "ratings/", typed, follow=True)
    assert answer.redirect_chain[-1][0] == f"/patients/{patient.code}/placement/"
    assert Recommendation.objects.get().level == "2.1"
    assert "Recommended: 2.1 Intensive outpatient" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"d1": ""}, "No dimension is rated yet"),
        ({"d1": "2"}, "without a reason"),
        ({"because1": "Seizure in 2020."}, "has a reason but no number"),
    ],
)
def test_half_a_rating_is_refused_and_nothing_typed_is_lost(signed_in, counselor, page, typed, sentence):
    answer = signed_in(counselor).post(page + "ratings/", typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert typed.get("because1", "") in answer.content.decode()
    assert not Recommendation.objects.exists()


def test_a_diagnosis_is_recorded_and_ended(signed_in, counselor, page):
    client = signed_in(counselor)
    bad = client.post(page + "diagnoses/", {"code": "booze", "text": "x"})
    assert bad.status_code == 422
    assert "is not an ICD-10-CM code" in bad.content.decode()
    client.post(
        page + "diagnoses/", {"code": "F10.20", "text": "Alcohol use disorder, severe", "primary": "on"}
    )
    row = Diagnosis.objects.get()
    assert client.get(f"{page}diagnoses/{row.pk}/end/").status_code == 405
    client.post(f"{page}diagnoses/{row.pk}/end/")
    assert Diagnosis.objects.get().ended_at == NOW


def test_a_filling_in_error_says_so(signed_in, counselor, by, patient, page):
    row = make_screening(by, patient)
    client = signed_in(counselor)
    assert "Little interest" in client.get(f"{page}screenings/{row.pk}/").content.decode()
    client.post(f"{page}screenings/{row.pk}/", {"because": "Wrong person"})
    assert "entered in error, Wrong person" in client.get(page).content.decode()


def test_whoever_reads_only_cannot_say_that_it_was_in_error(signed_in, by, site, patient, page):
    row = make_screening(by, patient)
    reviewer = signed_in(make_staff(site, Role.UTILIZATION))
    assert reviewer.get(f"{page}screenings/{row.pk}/").status_code == 200
    assert reviewer.post(f"{page}screenings/{row.pk}/", {"because": "x"}).status_code == 403


@pytest.mark.parametrize("many", [1, 30])
def test_the_tab_asks_the_database_a_fixed_number_of_times(
    signed_in, counselor, by, patient, page, many, django_assert_num_queries
):
    make_episode(by, patient, NOW - timedelta(days=90))
    actions.save_interview(by=by, at=NOW, patient=patient, sections={"reason": "Court."})
    for n in range(many):
        at = NOW - timedelta(days=60 - n)
        make_screening(by, patient, "phq-9", (n % 3, 1, 0, 0, 0, 0, 0, 0, 1, 0), at)
        make_screening(by, patient, "bam", (0,), at)
        make_rating(by, patient, at=at)
        code = CODES[n]
        actions.record_diagnosis(by=by, at=at, patient=patient, code=code, text="x", primary=not n)
    client = signed_in(counselor)
    client.get(page)
    with django_assert_num_queries(QUERIES):
        answer = client.get(page)
    assert "PHQ-9 over time" in answer.content.decode() or many == 1


QUERIES = 14
CODES = [one.code for one in search_icd("depend", TODAY, 30)]


def test_all_open_alerts_of_the_own_site_are_listed_and_no_other(signed_in, counselor, site):
    here, elsewhere = make_patient(site, "Ana"), make_patient(make_site("Elsewhere"), "Zoe")
    for patient, severity in ((here, "soon"), (here, "urgent"), (elsewhere, "urgent")):
        Alert.objects.create(
            patient=patient, severity=severity, raised_at=NOW, sentence=f"{severity} for {patient.given_name}"
        )
    body = signed_in(counselor).get("/alerts/").content.decode()
    assert body.index("urgent for Ana") < body.index("soon for Ana")
    assert "Zoe" not in body


def test_the_alerts_are_asked_for_once_however_many(signed_in, counselor, patient, django_assert_num_queries):
    browser = signed_in(counselor)
    browser.get("/alerts/")
    taken = []
    for many in (1, 30):
        Alert.objects.bulk_create(
            Alert(patient=patient, severity="urgent", raised_at=NOW, sentence=f"{n}") for n in range(many)
        )
        with CaptureQueriesContext(connection) as caught:
            browser.get("/alerts/")
        taken.append(len(caught))
    assert taken[0] == taken[1]
