from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment import actions
from stepwell.clinic.assessment.models import Alert, LobbyTurn, Screening
from stepwell.clinic.refusal import Denied, Refused
from tests.making import NOW, actor, make_patient, make_staff

PHQ = {"instrument": "phq-9"} | {f"item_{n}": "1" for n in range(1, 11)}


def turn_of(by, patient, *slugs):
    return actions.hand_over_tablet(by=by, at=NOW, patient=patient, instruments=slugs or ("phq-9",))


def tablet_with(code):
    client = Client()
    return client, client.post("/tablet/", {"code": code})


def test_staff_hands_over_what_is_due_and_reads_out_a_code(signed_in, counselor, patient):
    client = signed_in(counselor)
    page = f"/patients/{patient.code}/assessment/tablet/"
    assert 'value="phq-9" checked' in client.get(page).content.decode()
    body = client.post(page, {"instruments": ["phq-9", "gad-7"]}).content.decode()
    code = body.split('own-code">')[1].split("<")[0]
    assert len(code.replace(" ", "")) == 6
    turn = LobbyTurn.objects.get()
    assert turn.instruments == ["phq-9", "gad-7"]
    assert code.replace(" ", "") not in turn.code_digest
    for typed in ({}, {"instruments": ["cows"]}, {"instruments": ["nothing"]}):
        assert client.post(page, typed).status_code == 422


def test_the_tablet_shows_the_questionnaire_and_no_name_and_keeps_nothing(by, patient):
    _, code = turn_of(by, patient, "phq-9", "gad-7")
    client, opened = tablet_with(f"{code[:3]} {code[3:].lower()}")
    assert opened["Location"] == "/tablet/"
    shown = client.get("/tablet/")
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", shown.content.decode())  # letters by chance
    assert "PHQ-9" in body
    assert "1 of 2" in body
    assert shown["Cache-Control"] == "no-store"
    for name in (patient.given_name, patient.family_name, patient.code, "Nia"):
        assert name not in body
    assert "GAD-7" in client.post("/tablet/", PHQ, follow=True).content.decode()
    assert client.post("/tablet/", PHQ)["Location"] == "/tablet/"  # pressed twice
    over = client.post("/tablet/", {"instrument": "gad-7", "item_1": "2"})
    assert "hand the tablet back" in over.content.decode()
    assert over["Clear-Site-Data"] == '"cache", "storage"'
    assert client.cookies["lobby"].value == ""
    assert "Type the code" in client.get("/tablet/").content.decode()
    rows = Screening.objects.order_by("pk").values_list("instrument", "way", "recorded_by", "complete")
    assert list(rows) == [("phq-9", "tablet", None, True), ("gad-7", "tablet", None, False)]


def test_a_safety_answer_on_the_tablet_alerts_at_once(by, patient):
    turn, code = turn_of(by, patient)
    client, _ = tablet_with(code)
    client.post("/tablet/", PHQ | {"item_9": "2"})
    assert Alert.objects.get().patient == patient
    entry = Entry.objects.filter(action="assessment.record_screening").order_by("-seq").first()
    assert (entry.actor_name, entry.patient_id) == (f"Tablet {turn.pk}", patient.pk)


def test_a_code_opens_once_and_for_a_short_while(by, patient):
    _, code = turn_of(by, patient)
    assert tablet_with(code)[1].status_code == 302
    again = tablet_with(code)[1]
    assert again.status_code == 422
    assert "ask staff for a new one" in again.content.decode()
    _, late = turn_of(by, patient)
    with time_machine.travel(NOW + timedelta(minutes=21), tick=False):
        assert tablet_with(late)[1].status_code == 422


def test_a_new_code_ends_the_turn_before_it(by, patient):
    _, code = turn_of(by, patient)
    client, _ = tablet_with(code)
    turn_of(by, patient)
    assert "Type the code" in client.get("/tablet/").content.decode()


def test_too_many_wrong_codes_and_the_right_one_is_not_taken(by, patient):
    _, code = turn_of(by, patient)
    for _ in range(8):
        assert tablet_with("AAAAAA")[1].status_code == 422
    assert tablet_with(code)[1].status_code == 422


@pytest.mark.parametrize("typed", ["", "x" * 5000, "\x00", "ÄÖÜ"])
def test_an_odd_code_opens_nothing(db, typed):
    assert tablet_with(typed)[1].status_code == 422


def test_a_bad_answer_on_the_tablet_is_told_and_not_saved(by, patient):
    _, code = turn_of(by, patient)
    client, _ = tablet_with(code)
    assert client.post("/tablet/", {"instrument": "phq-9", "item_1": "99"}).status_code == 422
    assert client.post("/tablet/", {"instrument": "phq-9"}).status_code == 422
    assert not Screening.objects.exists()


def test_stopping_keeps_what_was_sent(by, patient):
    _, code = turn_of(by, patient, "phq-9", "gad-7")
    client, _ = tablet_with(code)
    client.post("/tablet/", PHQ)
    assert "Thank you" in client.post("/tablet/end/").content.decode()
    assert Screening.objects.count() == 1
    assert client.post("/tablet/end/").status_code == 302


def test_handing_over_this_device_ends_the_login_on_it(signed_in, counselor, patient):
    client = signed_in(counselor)
    page = f"/patients/{patient.code}/assessment/tablet/"
    answer = client.post(page, {"instruments": ["phq-9"], "here": "yes"}, follow=True)
    assert "1 of 1" in answer.content.decode()
    assert client.get(page).status_code == 302  # to the login


def test_who_does_not_assess_hands_nothing_over(site, by, patient):
    biller = actor(make_staff(site, Role.BILLER))
    with pytest.raises(Denied):
        turn_of(biller, patient)
    with pytest.raises(Denied, match="nobody is logged in"):
        actions.open_lobby_turn(by=by, at=NOW, code="AAAAAA")
    with pytest.raises(Refused, match="at least one"):
        actions.hand_over_tablet(by=by, at=NOW, patient=make_patient(site), instruments=[])


def test_a_question_that_hangs_on_a_heading_is_asked_under_it_on_the_tablet(by, patient):
    _, code = turn_of(by, patient, "bam")
    client, _ = tablet_with(code)
    page = client.get("/tablet/").content.decode()
    heading, marijuana = "how many days did you use any of the following drugs", "7a. Marijuana"
    assert page.count(heading) == 1
    assert page.index(heading) < page.index(marijuana)
