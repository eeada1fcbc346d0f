"""Second factor for staff, the idle lock, and a form that was being sent when the screen locked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Patient
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_sign_in import sign_in
from tests.making import make_login

START = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(datetime.now(UTC).timestamp()) // 30))


def test_staff_without_a_second_factor_are_led_to_set_one_up_and_see_nothing_else(client, counselor, patient):
    sign_in(client, counselor.user.email)
    for path in ("/patients/", f"/patients/{patient.code}/", "/home/"):
        assert client.get(path)["Location"] == "/accounts/2fa/"
    assert client.post("/patients/new/", {})["Location"] == "/accounts/2fa/"


def test_in_the_demo_no_second_factor_is_asked_for(client, counselor, demo):
    sign_in(client, counselor.user.email)
    assert client.get("/patients/").status_code == 200


def test_patients_may_do_without_one(client, patient):
    user = make_login(patient)
    user.set_password(PASSWORD)
    user.save()
    sign_in(client, user.email)
    assert client.get("/home/")["Location"] == "/my/"


def test_an_authenticator_app_is_set_up_by_its_picture_and_asked_for_from_then_on(
    client, counselor, django_capture_on_commit_callbacks
):
    sign_in(client, counselor.user.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    assert 'src="data:image/svg+xml;' in page.content.decode()
    assert "data:" in re.search(r"img-src ([^;]+)", page["Content-Security-Policy"])[1]
    secret = client.session["mfa.totp.secret"]
    with django_capture_on_commit_callbacks(execute=True), time_machine.travel(datetime.now(UTC), tick=False):
        client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})  # of this very half minute
    assert client.get("/patients/").status_code == 200
    assert Entry.objects.filter(action="accounts.second_factor", actor_id=counselor.user_id).exists()

    later = Client()
    assert sign_in(later, counselor.user.email)["Location"].startswith("/accounts/2fa/authenticate/")
    assert later.get("/patients/")["Location"].startswith("/accounts/login/")
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=60)):  # a code is good once
        later.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert later.get("/patients/").status_code == 200


def test_a_second_factor_taken_away_is_asked_for_again_at_once(client, counselor):
    TOTP.activate(counselor.user, generate_totp_secret())
    client.force_login(counselor.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/patients/").status_code == 200
    Authenticator.objects.all().delete()
    client.post("/accounts/2fa/totp/deactivate/")
    assert client.get("/patients/")["Location"] == "/accounts/2fa/"


def test_recovery_codes_are_given_with_the_app_and_let_in_once_each(client, counselor):
    sign_in(client, counselor.user.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(client.session["mfa.totp.secret"])})
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    for expected in (200, 302):
        later = Client()
        sign_in(later, counselor.user.email)
        later.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert later.get("/patients/").status_code == expected


def test_the_screen_locks_after_fifteen_minutes_and_the_password_opens_it_where_it_was(
    client, counselor, demo
):
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, counselor.user.email)
        client.get("/patients/")
        clock.shift(14 * 60)
        assert client.get("/patients/?q=ana").status_code == 200
        clock.shift(15 * 60 + 1)
        locked = client.get("/patients/?q=ana")
        assert locked["Location"] == "/accounts/reauthenticate/?next=%2Fpatients%2F%3Fq%3Dana"
        assert client.get("/patients/").status_code == 302
        opened = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/patients/?q=ana"})
        assert opened["Location"] == "/patients/?q=ana"
        assert client.get("/patients/?q=ana").status_code == 200


def test_news_that_a_page_fetches_by_itself_keeps_no_screen_open(client, counselor, demo):
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, counselor.user.email)
        client.get("/today/")
        news = {"HX-Request": "true", "HX-Current-URL": "/today/", "X-News": "yes"}
        for _ in range(3):
            clock.shift(5 * 60)
            assert client.get("/today/board/", headers=news).status_code == 200
        clock.shift(1)
        locked = client.get("/today/board/", headers=news)
        assert locked["HX-Redirect"] == "/accounts/reauthenticate/?next=%2Ftoday%2F"


def test_a_wrong_password_does_not_open_the_lock(client, counselor, demo):
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, counselor.user.email)
        client.get("/patients/")
        clock.shift(16 * 60)
        page = client.post(
            "/accounts/reauthenticate/", {"password": "wrong", "next": "/patients/"}
        ).content.decode()
        assert "This is not your password. Nothing was lost; try again." in unescape(page)
        assert client.get("/patients/").status_code == 302


def test_what_was_typed_before_the_lock_is_offered_again_and_sent_once(client, counselor, demo):
    typed = {"given_name": "Ana “the” <b>", "family_name": "Núñez\nO’Brien", "birth_date": "1990-05-04"}
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, counselor.user.email)
        client.get("/patients/new/")
        clock.shift(20 * 60)
        locked = client.post("/patients/new/", typed)
        assert locked["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Fheld%2F"
        assert Patient.objects.count() == 0
        client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/held/"})
        page = client.get("/accounts/held/").content.decode()
        assert "What you typed was kept, and nothing was sent yet." in page
        action = re.search(r'action="([^"]+)"', page)[1]
        fields = {
            unescape(n): unescape(v) for n, v in re.findall(r'name="([^"]+)" value="([^"]*)"', page, re.S)
        }
        fields.pop("csrfmiddlewaretoken", None)
        assert (action, fields) == ("/patients/new/", typed)
        assert client.post(action, fields).status_code == 302
        assert Patient.objects.get().given_name == "Ana “the” <b>"
        assert client.get("/accounts/held/")["Location"] == "/home/"


def test_a_part_of_a_page_asked_for_after_the_lock_leads_the_whole_page_to_the_proof(client, counselor, demo):
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, counselor.user.email)
        client.get("/patients/")
        clock.shift(20 * 60)
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/patients/"}
        answer = client.get("/patients/?part=1", headers=headers)
        assert answer["HX-Redirect"].startswith("/accounts/reauthenticate/?next=http")


@pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/sessions/", "/accounts/2fa/"])
def test_the_pages_of_the_login_itself_are_locked_too(client, counselor, demo, path):
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, counselor.user.email)
        client.get("/patients/")
        clock.shift(20 * 60)
        assert client.get(path)["Location"].startswith("/accounts/reauthenticate/")


def test_that_somebody_is_there_is_written_down_at_most_once_a_minute(client, counselor, demo):
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, counselor.user.email)
        client.get("/patients/new/")
        writes = []
        for seconds in (5, 5, 5, 61, 5):
            clock.shift(seconds)
            with CaptureQueriesContext(connection) as seen:
                client.get("/logins/")
            writes.append(sum(q["sql"].startswith("UPDATE") for q in seen))
        assert writes == [0, 0, 0, 1, 0]


def test_where_i_am_signed_in_is_a_list_and_the_others_can_be_ended(counselor, demo):
    here, there = Client(), Client()
    for browser in (here, there):
        sign_in(browser, counselor.user.email)
        browser.get("/patients/")
    assert UserSession.objects.count() == 2
    assert here.get("/accounts/sessions/").status_code == 200
    here.post("/accounts/sessions/")
    assert here.get("/patients/").status_code == 200
    assert there.get("/patients/")["Location"].startswith("/accounts/login/")
    assert Session.objects.count() == 1


def test_a_page_behind_a_login_is_never_kept_by_the_browser(client, counselor, demo):
    sign_in(client, counselor.user.email)
    for path in ("/patients/", "/accounts/email/", "/home/", "/logins/", "/patients/ZZZZZZ/"):
        assert client.get(path)["Cache-Control"] == "no-store"
