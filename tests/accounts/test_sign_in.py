"""Signing in and out, lockout, password letters, and what of it stands in the trail."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.models import User
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.project import settings as DJANGO_SETTINGS
from tests.accounts.conftest import PASSWORD
from tests.making import make_family_member, make_login, make_staff


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def trail() -> list[tuple]:
    rows = Entry.objects.filter(action__startswith="accounts.").order_by("seq")
    return [(e.action, e.actor_name, e.subject, e.patient_id, e.detail) for e in rows]


def test_passwords_are_kept_by_argon2():
    assert DJANGO_SETTINGS.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_a_sign_in_and_a_sign_out_stand_in_the_trail_without_a_patient(client, counselor):
    assert sign_in(client, counselor.user.email)["Location"] == "/home/"
    client.post("/accounts/logout/")
    who = f"User {counselor.user_id}"
    assert trail() == [
        ("accounts.login", "Nia Okafor", who, None, {}),
        ("accounts.logout", "Nia Okafor", who, None, {}),
    ]


def test_failed_sign_ins_are_counted_in_the_trail_and_an_unknown_address_is_not_written_down(
    client, counselor
):
    sign_in(client, counselor.user.email, "wrong")
    sign_in(client, counselor.user.email, "wrong")
    sign_in(client, "ana.secret@example.org", "wrong")
    who = f"User {counselor.user_id}"
    assert trail() == [
        ("accounts.login_failed", "Public", who, None, {"failed": 1}),
        ("accounts.login_failed", "Public", who, None, {"failed": 2}),
        ("accounts.login_failed", "Public", "User unknown", None, {"failed": 1}),
    ]
    assert not Entry.objects.filter(detail__icontains="ana.secret").exists()


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, counselor, known):
    response = sign_in(client, counselor.user.email if known else "nobody@example.org", "wrong")
    assert response.status_code == 200
    assert "The e-mail address or the password is not right." in response.content.decode()


def test_the_lock_of_one_account_says_so_and_locks_out_nobody_else_behind_the_address(
    client, counselor, site, demo
):
    other = make_staff(site, Role.NURSE)
    other.user.set_password(PASSWORD)
    other.user.save()
    for _ in range(52):  # more than the tries of an address
        response = sign_in(client, counselor.user.email, "wrong")
    assert "Wait 10 minutes and try again" in response.content.decode()
    assert "Wait 10 minutes" in sign_in(client, counselor.user.email).content.decode()
    assert sign_in(Client(), other.user.email).status_code == 302


def test_the_lock_follows_the_account_from_address_to_address(client, counselor):
    for number in range(5):
        sign_in(client, counselor.user.email, "wrong", REMOTE_ADDR=f"10.0.0.{number}")
    page = sign_in(client, counselor.user.email, REMOTE_ADDR="10.9.9.9").content.decode()
    assert "Wait 10 minutes" in page


def test_the_lock_of_an_address_leaves_other_addresses_alone(client, counselor, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "5/10m/key,8/10m/ip"}
    for number in range(8):
        sign_in(client, f"guess{number}@example.org", "wrong", REMOTE_ADDR="10.0.0.66")
    assert (
        "Wait 10 minutes" in sign_in(client, counselor.user.email, REMOTE_ADDR="10.0.0.66").content.decode()
    )
    assert sign_in(client, counselor.user.email, REMOTE_ADDR="10.0.0.7").status_code == 302


def test_the_lock_is_counted_in_the_database_where_every_process_sees_it(client, counselor):
    sign_in(client, counselor.user.email, "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stepwell_cache WHERE cache_key LIKE %s", ["%login_failed%"])
        assert cursor.fetchone()[0] >= 2


@pytest.mark.parametrize(
    "email", ["", "x", "a" * 5000 + "@example.org", "a\x00@example.org", "' or 1=1 --", "🙂@example.org"]
)
def test_garbage_at_the_sign_in_is_answered_with_a_sentence(client, db, email):
    assert sign_in(client, email, "x" * 300).status_code == 200


def test_home_leads_each_to_their_own_pages(client, counselor, patient, site, demo):
    def led(user: User) -> str:
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser.get("/home/")["Location"]

    admin = make_staff(site, Role.SYSTEM_ADMIN, credential="")
    assert led(make_login(patient)) == "/my/"
    assert led(make_family_member(patient).user) == "/family/"
    assert led(admin.user) == "/logins/"
    assert led(User.objects.create(email="new@example.org", name="New")) == "/accounts/email/"
    assert client.get("/home/")["Location"] == "/accounts/login/?next=/home/"


def test_an_ended_staff_member_is_nobody(client, counselor, demo):
    sign_in(client, counselor.user.email)
    type(counselor).objects.filter(pk=counselor.pk).update(ends_on="2020-02-01")
    assert client.get("/patients/").status_code == 404
    assert client.get("/home/")["Location"] == "/accounts/email/"


def test_a_letter_leads_to_a_new_password_and_says_nothing_of_a_program(client, counselor):
    client.post("/accounts/password/reset/", {"email": counselor.user.email})
    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("Choose your password", [counselor.user.email])
    for told in ("stepwell", "treatment", "patient", "clinic", "Okafor"):
        assert told not in letter.subject + letter.body
    address = re.search(r"http://[^/]+(/\S+)", letter.body)[1]
    page = client.get(address, follow=True)
    form = page.redirect_chain[-1][0]
    client.post(form, {"password1": "another long secret", "password2": "another long secret"})
    assert sign_in(Client(), counselor.user.email, "another long secret").status_code == 302
    assert client.get(address, follow=True).status_code == 200  # used up: a sentence, no fault


def test_no_letter_goes_to_an_address_that_has_no_login(client, db):
    response = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (response.status_code, mail.outbox) == (302, [])


def test_a_mail_server_that_is_away_is_said_and_breaks_nothing(client, counselor, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    response = client.post("/accounts/password/reset/", {"email": counselor.user.email}, follow=True)
    assert response.status_code == 200
    assert "could not be sent now" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/signup/", 404),
        ("/accounts/confirm-email/", 404),
        ("/accounts/confirm-email/abc/", 404),
        ("/accounts/login/code/confirm/", 404),
        ("/accounts/email/", 302),
        ("/accounts/inactive/", 200),
        ("/accounts/password/reset/", 200),
        ("/accounts/password/reset/key/1-x/", 200),
        ("/accounts/held/", 302),
    ],
)
def test_every_page_of_accounts_answers_a_stranger_sensibly(client, db, path, status):
    response = client.get(path)
    assert response.status_code == status
    assert "<style" not in response.content.decode()


ACCOUNT_PAGES = [
    "/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/", "/accounts/sessions/", "/accounts/logout/",
    "/accounts/reauthenticate/", "/accounts/2fa/recovery-codes/",
]  # fmt: skip


@pytest.mark.parametrize("path", ACCOUNT_PAGES)
def test_no_page_of_accounts_breaks_the_content_security_policy(client, counselor, path):
    sign_in(client, counselor.user.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = client.get(path)
    assert response.status_code in (200, 302, 404)
    page = response.content.decode()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page)
    inline = [
        m for m in re.findall(r"<script([^>]*)>", page) if "src=" not in m and "application/json" not in m
    ]
    assert inline == []
    assert "'unsafe" not in response["Content-Security-Policy"]


def test_being_signed_in_costs_three_queries(client, counselor, demo):
    sign_in(client, counselor.user.email)
    client.get("/patients/new/")
    with CaptureQueriesContext(connection) as seen:
        client.get("/logins/")  # refused by role: nothing but who asks is looked up
    assert [re.findall(r'FROM "(\w+)"', q["sql"])[-1] for q in seen] == [
        "django_session", "accounts_user", "clinic_staffrole",
    ]  # fmt: skip
