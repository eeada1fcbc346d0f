"""The patient signs on a device handed over: it shows this plan and nothing else, and a double click signs once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from stepwell.audit.models import Entry
from stepwell.clinic.plan import actions
from stepwell.clinic.plan.models import Plan, PlanHandOver, PlanSignature
from stepwell.clinic.refusal import Denied, Refused
from tests.clinic.placement.making import make_episode
from tests.clinic.plan.making import make_plan
from tests.making import NOW

EARLIER = NOW - timedelta(days=4)
HERE = "/plan-in-hand/"


@pytest.fixture
def held(by, patient):
    return make_plan(by, make_episode(by, patient, EARLIER), EARLIER)


def test_the_device_shows_only_the_plan_and_nobody_is_signed_in_on_it(client, patient, held, page):
    assert client.post(page + "hand-over/").headers["Location"] == HERE
    body = client.get(HERE).content.decode()
    assert "I want to be home for dinner, sober." in body
    assert patient.family_name not in body
    assert "/patients/" not in body
    assert client.get(page).status_code == 302
    assert "/accounts/login/" in client.get(page).headers["Location"]


def test_the_typed_name_signs_once_however_often_it_is_clicked(client, held, page):
    client.post(page + "hand-over/")
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', client.get(HERE).content.decode())[1]
    sent = {"name": "Ana Reyes", "agree": "on", "seen": seen}
    assert "Your plan is signed." in client.post(HERE, sent).content.decode()
    assert client.post(HERE, sent).status_code in (302, 404)
    signature = PlanSignature.objects.get(role="patient")
    clinicians = PlanSignature.objects.get(role="clinician")
    assert (signature.name, signature.method, signature.staff) == ("Ana Reyes", "tablet", None)
    assert signature.content_hash == clinicians.content_hash
    assert PlanHandOver.objects.get().closed_at == NOW
    assert Entry.objects.filter(action="plan.sign_for_patient").count() == 1
    assert client.get(HERE).status_code == 404


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"agree": "on"}, "Type your name to sign."),
        ({"name": "  ", "agree": "on"}, "Type your name to sign."),
        ({"name": "Ana"}, "Tick that you have read the plan"),
        ({"name": "Ana", "agree": "on", "seen": "0" * 64}, "A newer version is in force"),
        ({"name": "A\x00na", "agree": "on"}, "Null characters are not allowed"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_signed(client, held, page, sent, said):
    client.post(page + "hand-over/")
    answer = client.post(HERE, sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not PlanSignature.objects.filter(role="patient").exists()


def test_the_device_is_given_back_unsigned(client, held, page):
    client.post(page + "hand-over/")
    assert "Nothing was signed." in client.post(HERE, {"back": "1"}).content.decode()
    assert client.get(HERE).status_code == 404
    assert not PlanSignature.objects.filter(role="patient").exists()


def test_after_the_time_is_up_the_device_shows_nothing(client, by, held, page):
    client.post(page + "hand-over/")
    PlanHandOver.objects.update(opened_at=NOW - timedelta(minutes=30), ends_at=NOW - timedelta(minutes=10))
    assert client.get(HERE).status_code == 404
    assert client.post(HERE, {"name": "Ana", "agree": "on"}).status_code in (302, 404)
    assert not PlanSignature.objects.filter(role="patient").exists()


def test_without_the_cookie_there_is_no_such_page(held):
    assert Client().get(HERE).status_code == 404
    forged = Client()
    forged.cookies["plan-in-hand"] = "1.abc:forged"
    assert forged.get(HERE).status_code == 404


def test_no_device_is_handed_over_without_a_plan_or_for_a_signed_one(client, by, patient, page):
    assert client.post(page + "hand-over/").headers["Location"] == page
    plan = make_plan(by, make_episode(by, patient, EARLIER), EARLIER)
    actions.sign_for_patient(by=by, at=NOW, plan=plan, method="paper")
    assert client.post(page + "hand-over/").headers["Location"] == page
    assert not PlanHandOver.objects.exists()


def test_nobody_but_the_device_signs_on_it(by, held):
    row, _ = actions.hand_over(by=by, at=NOW, plan=held)
    with pytest.raises(Denied, match="another device"):
        actions.sign_on_device(by=by, at=NOW, hand_over=row, name="Ana")
    late = NOW + timedelta(hours=1)
    with pytest.raises(Refused, match="time for signing on this device is up"):
        actions.sign_on_device(by=actions.as_device(row), at=late, hand_over=row, name="Ana")


def test_a_version_out_of_force_is_not_signed_on_a_device(by, patient, held):
    row, _ = actions.hand_over(by=by, at=NOW, plan=held)
    actions.sign_plan(by=by, at=NOW, plan=actions.begin_plan(by=by, at=NOW, episode=held.episode))
    with pytest.raises(Refused, match="A newer version is in force"):
        actions.sign_on_device(by=actions.as_device(row), at=NOW, hand_over=row, name="Ana")
    assert Plan.objects.count() == 2
