"""Questionnaires on the patient's phone: due ones on Today, safety answers at once, and only the own record."""

from __future__ import annotations

import pytest

from stepwell.clinic.assessment.models import Alert, Screening

PHQ = {f"item_{n}": "1" for n in range(1, 11)}


def text(answer) -> str:
    return answer.content.decode()


def test_what_is_due_stands_on_today_until_it_is_filled_in(phone, patient):
    assert "/my/questionnaires/phq-9/" in text(phone.get("/my/"))
    page = text(phone.get("/my/questionnaires/phq-9/"))
    assert "Little interest" in page
    done = phone.post("/my/questionnaires/phq-9/", PHQ | {"once_key": "k", "item_9": "0"}, follow=True)
    assert "Your team can see it" in text(done)
    phone.post("/my/questionnaires/phq-9/", PHQ | {"once_key": "k", "item_9": "0"})
    row = Screening.objects.get()
    assert (row.patient, row.way, row.recorded_by, int(row.total)) == (patient, "phone", None, 8)
    assert "/my/questionnaires/phq-9/" not in text(phone.get("/my/"))


def test_a_safety_answer_tells_the_team_and_shows_where_help_is(phone, patient):
    done = phone.post("/my/questionnaires/phq-9/", PHQ | {"item_9": "3"})
    assert done["Location"] == "/my/help/"
    assert Alert.objects.get().patient == patient


@pytest.mark.parametrize(
    "typed", [{}, {"item_1": "99"}, {"item_1": "\x00"}, {"item_1": "1", "once_key": "k" * 99}]
)
def test_bad_answers_are_told_and_not_saved(phone, typed):
    assert phone.post("/my/questionnaires/phq-9/", typed).status_code == 422
    assert not Screening.objects.exists()


@pytest.mark.parametrize("slug", ["cows", "nothing"])
def test_what_people_do_not_fill_in_themselves_is_not_there(phone, slug):
    assert phone.get(f"/my/questionnaires/{slug}/").status_code == 404


def test_a_question_that_hangs_on_a_heading_is_asked_under_it(phone):
    page = text(phone.get("/my/questionnaires/bam/"))
    heading, marijuana = "how many days did you use any of the following drugs", "7a. Marijuana"
    assert page.count(heading) == 1
    assert page.index(heading) < page.index(marijuana)


def test_what_may_be_left_out_is_said_on_the_phone_too(phone):
    page = text(phone.get("/my/questionnaires/audit/"))
    assert page.count("Leave out when question 1 is answered “Never”.") == 1
