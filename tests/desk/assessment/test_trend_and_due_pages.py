from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.assessment import actions
from stepwell.clinic.assessment.models import Alert, Screening
from tests.clinic.assessment.making import make_screening
from tests.clinic.placement.making import make_episode
from tests.making import NOW, make_patient, make_site, make_staff


@pytest.fixture
def page(patient):
    return f"/patients/{patient.code}/assessment/"


def copies(row, many):
    """Many fillings like this one, an hour apart."""
    Screening.objects.bulk_create(
        Screening(
            patient=row.patient, instrument=row.instrument, version=row.version, answers=row.answers,
            complete=True, total=(n % 27), band=row.band, flags=[], missing=[],
            taken_at=NOW - timedelta(hours=n + 1), recorded_at=NOW, recorded_by=row.recorded_by,
        )
        for n in range(many)
    )  # fmt: skip


@pytest.mark.parametrize("part", ["", "trends/phq-9/"])
def test_a_thousand_responses_open_in_200_ms_with_as_many_statements_as_two(
    signed_in, counselor, by, patient, page, part
):
    copies(make_screening(by, patient), 1)
    client, taken = signed_in(counselor), []
    client.get(page + part)
    for more in (0, 1000):
        copies(Screening.objects.first(), more)
        with CaptureQueriesContext(connection) as caught:
            began = time.perf_counter()
            answer = client.get(page + part)
            lasted = time.perf_counter() - began
        taken.append(len(caught))
        assert answer.status_code == 200
    assert taken[0] == taken[1]
    best = lasted
    for _ in range(4):
        began = time.perf_counter()
        client.get(page + part)
        best = min(best, time.perf_counter() - began)
    assert best < 0.2


def test_the_course_marks_the_change_that_means_something(signed_in, counselor, by, patient, page):
    first = make_screening(by, patient, "phq-9", (2,) * 8 + (0, 0), NOW - timedelta(days=20))
    make_screening(by, patient, "phq-9", (1,) * 8 + (0, 0), NOW - timedelta(days=10))
    body = signed_in(counselor).get(page + "trends/phq-9/").content.decode()
    assert "5 better than at first" in body
    assert "-8: better" in body
    assert f"screenings/{first.pk}/" in body
    empty = signed_in(counselor).get(page + "trends/gad-7/").content.decode()
    assert "Not filled in yet" in empty
    assert signed_in(counselor).get(page + "trends/nothing/").status_code == 404


def test_an_incomplete_filling_is_listed_as_such_and_not_drawn(signed_in, counselor, by, patient, page):
    make_screening(by, patient, "phq-9", (2, None))
    body = signed_in(counselor).get(page + "trends/phq-9/").content.decode()
    assert "not complete, not scored" in body
    number = Screening.objects.get().pk
    detail = signed_in(counselor).get(f"{page}screenings/{number}/").content.decode()
    assert "Not complete, so not scored." in detail


def test_answers_are_corrected_on_a_page_and_the_earlier_ones_stay(signed_in, counselor, by, patient, page):
    row = make_screening(by, patient)
    client = signed_in(counselor)
    path = f"{page}screenings/{row.pk}/correction/"
    assert 'name="item_1" value="1" checked' in client.get(path).content.decode()
    typed = {f"item_{n}": "2" for n in range(1, 11)}
    assert client.post(path, typed).status_code == 422
    done = client.post(path, typed | {"because": "Wrong line."}, follow=True).content.decode()
    assert "Corrects an earlier one." in done
    former = client.get(f"{page}screenings/{row.pk}/").content.decode()
    assert "Corrected since; it does not count." in former
    assert "Correct the answers" not in former
    assert "corrected since" in client.get(page).content.decode()


def test_a_double_click_fills_in_once(signed_in, counselor, page):
    typed = {f"item_{n}": "1" for n in range(1, 11)} | {"once_key": "k1"}
    client = signed_in(counselor)
    for _ in range(2):
        assert client.post(page + "instruments/phq-9/", typed).status_code == 302
    assert Screening.objects.count() == 1


def test_the_work_list_shows_who_is_due_latest_first_with_one_number_of_statements(
    signed_in, site, counselor, by, patient
):
    make_episode(by, patient, NOW - timedelta(days=90))
    make_screening(by, patient, "phq-9", (1, 1, 0), NOW - timedelta(days=40))
    elsewhere = make_patient(make_site("Elsewhere"), "Zoe")
    client = signed_in(counselor)
    body = client.get("/questionnaires/").content.decode()
    assert patient.board_name in body
    assert "since Thu 18 Dec" in body or "since" in body
    assert elsewhere.board_name not in body
    taken = []
    for many in (0, 12):
        for _ in range(many):
            make_episode(by, make_patient(site), NOW - timedelta(days=30))
        with CaptureQueriesContext(connection) as caught:
            client.get("/questionnaires/")
        taken.append(len(caught))
    assert taken[0] == taken[1]


def test_an_alert_passed_on_stands_first_for_whom_it_was_passed_on_to(signed_in, site, by, patient):
    director = make_staff(site, Role.DIRECTOR, name="Ida Lee")
    for n, minutes in enumerate((600, 5)):
        Alert.objects.create(
            patient=patient,
            severity="urgent",
            raised_at=NOW - timedelta(minutes=minutes),
            sentence=f"No. {n}",
        )
    actions.escalate_alerts(by=stepwell_itself(), at=NOW)
    body = signed_in(director).get("/alerts/").content.decode()
    assert "1 alert passed on to you." in body
    assert "Passed on to Lee after 30 min." in body
