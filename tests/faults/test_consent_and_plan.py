"""A consent and a plan are signed whole or not at all: double clicks, two at once, a server that dies in the middle."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.audit import trail
from stepwell.audit.models import Entry
from stepwell.clinic.consent.models import Consent
from stepwell.clinic.plan import actions
from stepwell.clinic.plan.models import Plan, PlanSignature
from tests.clinic.placement.making import make_episode
from tests.clinic.plan.making import make_plan
from tests.faults.test_signing import AUDIT_CHAIN, wait_until_a_writer_waits, wait_until_the_dead_let_go
from tests.making import NOW, actor, make_login, make_patient, make_site, make_staff

pytestmark = pytest.mark.processes
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
EARLIER = NOW - timedelta(days=3)
CONSENT = {
    "kind": "specific", "recipient": "other", "recipient_name": "Maria Reyes", "behind": "treating_providers",
    "information": "attendance", "purposes": "family_support", "discloser": "Peachtree IOP", "expiry": "on",
    "expires_on": "2036-03-18", "right_to_revoke_stated": "on", "redisclosure_stated": "on",
    "consequences_stated": "on", "signed_by": "Ana Reyes", "signature_method": "electronic",
}  # fmt: skip


@pytest.fixture
def people(committed_database) -> tuple[Any, Any, Any]:
    site = make_site()
    counselor = make_staff(site, Role.COUNSELOR, credential="LCSW")
    return counselor, make_staff(site, Role.COUNSELOR, credential="LCSW"), make_patient(site)


@pytest.fixture
def phone_of(committed_database) -> Callable[[Any], str]:
    def login(patient: Any) -> str:
        client = Client()
        client.force_login(make_login(patient), backend=_BACKEND)
        return f"sessionid={client.cookies['sessionid'].value}"

    return login


def in_force(patient: Any) -> dict[str, int]:
    """What stands of a plan's signatures and of what they bring about."""
    plans = Plan.objects.filter(episode__patient=patient)
    return {
        "signed": plans.filter(signed_at__isnull=False).count(),
        "in force": plans.filter(signed_at__isnull=False, superseded_at__isnull=True).count(),
        "clinician": PlanSignature.objects.filter(plan__in=plans, role="clinician").count(),
        "patient": PlanSignature.objects.filter(plan__in=plans, role="patient").count(),
        "entries": Entry.objects.filter(action__in=["plan.sign", "plan.sign_for_patient"]).count(),
    }


def die_before_the_commit(pages: Any, click: Callable[[], object]) -> None:
    """Everything is written but the audit entry and the commit; then every process of the server ends at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [AUDIT_CHAIN])
        clicking = threading.Thread(target=click)
        clicking.start()
        wait_until_a_writer_waits(cursor)
        pages.kill()
        clicking.join()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [AUDIT_CHAIN])
    wait_until_the_dead_let_go(None)


def lost(pages: Any, path: str, cookie: str, fields: dict[str, object] | None = None) -> Callable[[], None]:
    def click() -> None:
        with pytest.raises(ConnectionError):
            pages.post(path, cookie, fields)

    return click


SIGNED = {"signed": 2, "in force": 1, "clinician": 2, "patient": 0, "entries": 2}
UNSIGNED = {"signed": 1, "in force": 1, "clinician": 1, "patient": 0, "entries": 1}


def a_draft_beside_a_plan(counselor: Any, patient: Any) -> None:
    by = actor(counselor)
    plan = make_plan(by, make_episode(by, patient, EARLIER), EARLIER)
    actions.begin_plan(by=by, at=EARLIER, episode=plan.episode)


def test_two_clinicians_and_a_double_click_sign_a_plan_once(pages, cookie_of, all_at_once, people):
    counselor, other, patient = people
    a_draft_beside_a_plan(counselor, patient)
    path = f"/patients/{patient.code}/plan/signature/"
    mine, theirs = cookie_of(counselor), cookie_of(other)
    answers = all_at_once(*[lambda: pages.post(path, mine)] * 2, lambda: pages.post(path, theirs))
    assert [answer.status for answer in answers] == [302] * 3
    assert in_force(patient) == SIGNED
    assert trail.verify().ok


def test_a_server_killed_while_a_plan_is_signed_leaves_the_one_before_in_force(pages, cookie_of, people):
    counselor, _, patient = people
    a_draft_beside_a_plan(counselor, patient)
    path, cookie = f"/patients/{patient.code}/plan/signature/", cookie_of(counselor)
    die_before_the_commit(pages, lost(pages, path, cookie))
    assert in_force(patient) == UNSIGNED
    pages.start()
    assert pages.post(path, cookie).status == 302
    assert in_force(patient) == SIGNED
    assert trail.verify().ok


def test_a_patient_who_taps_twice_signs_once_and_a_dying_server_signs_nothing(
    pages, phone_of, all_at_once, people
):
    counselor, _, patient = people
    by = actor(counselor)
    make_plan(by, make_episode(by, patient, EARLIER), EARLIER)
    phone, path = phone_of(patient), "/my/plan/signature/"
    before = in_force(patient)
    die_before_the_commit(pages, lost(pages, path, phone))
    assert in_force(patient) == before
    pages.start()
    all_at_once(*[lambda: pages.post(path, phone)] * 3)
    assert in_force(patient) == before | {"patient": 1, "entries": before["entries"] + 1}
    assert trail.verify().ok


def test_a_name_typed_on_a_device_that_was_handed_over_signs_once(pages, cookie_of, all_at_once, people):
    counselor, _, patient = people
    by = actor(counselor)
    make_plan(by, make_episode(by, patient, EARLIER), EARLIER)
    answer = pages.post(f"/patients/{patient.code}/plan/hand-over/", cookie_of(counselor))
    device = next(
        value.split(";")[0]
        for name, value in answer.getheaders()
        if name.lower() == "set-cookie" and value.startswith("plan-in-hand=")
    )
    sent = {"name": "Ana Reyes", "agree": "on"}
    answers = all_at_once(*[lambda: pages.post("/plan-in-hand/", device, sent)] * 3)
    assert sorted(a.status for a in answers)[0] == 200
    assert all(a.status < 500 for a in answers)
    assert in_force(patient)["patient"] == 1
    assert PlanSignature.objects.get(role="patient").method == "tablet"
    assert trail.verify().ok


def consents() -> tuple[int, int]:
    return Consent.objects.count(), Entry.objects.filter(action="consent.record").count()


def the_form(pages: Any, path: str, cookie: str) -> dict[str, object]:
    """What the page of a new consent sends, with the key of this form."""
    key = re.search(r'name="once_key" value="([^"]+)"', pages.get(path, cookie).said)
    assert key is not None
    return CONSENT | {"once_key": key[1]}


def test_a_double_click_on_a_consent_keeps_one_and_a_dying_server_none(pages, cookie_of, all_at_once, people):
    counselor, _, patient = people
    path, cookie = f"/patients/{patient.code}/consent/new/", cookie_of(counselor)
    sent = the_form(pages, path, cookie)
    die_before_the_commit(pages, lost(pages, path, cookie, sent))
    assert consents() == (0, 0)
    pages.start()
    answers = all_at_once(*[lambda: pages.post(path, cookie, sent)] * 3)
    assert [answer.status for answer in answers] == [302] * 3
    assert consents() == (1, 1)
    assert pages.post(path, cookie, the_form(pages, path, cookie)).status == 302
    assert consents() == (2, 2)
    assert trail.verify().ok
