from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.consent import actions as consent
from stepwell.clinic.people.models import FamilyMember
from stepwell.clinic.recovery.models import HomeworkAnswer
from stepwell.clinic.timetable import actions as timetable
from tests.clinic.consent.making import consent_for_family
from tests.clinic.recovery.making import make_homework
from tests.clinic.timetable.making import MONDAY, admitted, make_group
from tests.making import NOW, actor, make_family_member, make_staff

NOTHING = "There is nothing to see right now"


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def booked(site, patient):
    group = make_group(site, name="CBT for cravings")
    director = actor(make_staff(site, Role.DIRECTOR))
    timetable.enroll(by=director, at=NOW, patient=patient, group=group, starts_on=MONDAY)


@pytest.mark.parametrize("address", ["/family/", "/family/reading/", "/family/help/"])
def test_only_family_opens_the_family_pages(site, phone, phone_of, mothers_phone, address):
    assert mothers_phone.get(address).status_code == 200
    assert phone.get(address).status_code == 404
    assert phone_of(make_staff(site, Role.COUNSELOR).user).get(address).status_code == 404
    assert Client().get(address)["Location"].startswith("/accounts/login/")


def test_without_a_consent_nothing_is_said_not_even_a_name(patient, mothers_phone, booked):
    for address in ("/family/", "/family/reading/"):
        page = text(mothers_phone.get(address))
        assert NOTHING in page
        assert "tel:988" in page
        for word in ("Ana", "Reyes", patient.code, "session"):
            assert word not in page
    assert Entry.objects.filter(kind="access").count() == 0


@pytest.mark.parametrize(
    ("permitted", "sessions", "homework"),
    [
        (["schedule"], True, False),
        (["homework"], False, True),
        (["schedule", "homework"], True, True),
        (["attendance"], False, False),
        (["entire_record"], True, True),
    ],
)
def test_each_part_shows_only_when_its_kind_is_permitted(
    patient, mother, mothers_phone, booked, by, permitted, sessions, homework
):
    paper = consent_for_family(mother, "homework", at=NOW - timedelta(hours=1))
    make_homework(patient, by=by, family_member=mother, title="Listen for ten minutes")
    consent.revoke_consent(by=by, at=NOW, consent=paper, said_by="Ana Reyes")
    consent_for_family(mother, *permitted)
    page = text(mothers_phone.get("/family/"))
    assert ("Wed 18 Mar, 6:00 – 7:30 pm" in page) is sessions
    assert ("Listen for ten minutes" in page) is homework
    assert "CBT for cravings" not in page
    assert NOTHING not in page


def test_the_look_is_in_the_trail_with_what_was_permitted(patient, mother, mothers_phone):
    consent_for_family(mother, "schedule")
    mothers_phone.get("/family/")
    entry = Entry.objects.get(kind="access")
    assert (entry.patient_id, entry.actor_name, entry.why) == (patient.pk, "Maria Reyes", "family support")
    assert entry.detail == {"family_member": mother.pk, "permitted": ["schedule"]}


def test_homework_is_answered_within_consent_and_not_after_it(patient, mother, mothers_phone, by):
    paper = consent_for_family(mother, "homework")
    row = make_homework(patient, by=by, family_member=mother)
    address = f"/family/{mother.pk}/homework/{row.pk}/"
    assert "Riding out an urge" in text(mothers_phone.get(address))
    assert mothers_phone.post(address, {"text": " "}).status_code == 422
    consent.revoke_consent(by=by, at=NOW, consent=paper, said_by="Ana Reyes")
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        assert NOTHING in text(mothers_phone.get(address))
        assert NOTHING in text(mothers_phone.post(address, {"text": "too late"}))
    assert HomeworkAnswer.objects.count() == 0


def test_homework_is_handed_in_with_three_taps(patient, mother, mothers_phone, by):
    consent_for_family(mother, "homework")
    row = make_homework(patient, by=by, family_member=mother)
    address = f"/family/{mother.pk}/homework/{row.pk}/"
    assert f'href="{address}"' in text(mothers_phone.get("/family/"))
    assert mothers_phone.post(address, {"text": "We talked."})["Location"] == "/family/"
    assert HomeworkAnswer.objects.get().text == "We talked."


@pytest.mark.parametrize("ends", ["revoked", "expired", "removed"])
def test_at_the_moment_a_consent_ends_only_the_crisis_card_is_left(
    patient, mother, mothers_phone, booked, by, ends
):
    from datetime import date

    paper = consent_for_family(mother)
    assert "Next sessions of Ana" in text(mothers_phone.get("/family/"))
    later = NOW + timedelta(seconds=1)
    if ends == "revoked":
        consent.revoke_consent(by=by, at=NOW, consent=paper, said_by="Ana Reyes")
    elif ends == "expired":
        later = NOW.replace(year=2027, month=3, day=18)
        assert paper.expires_on == date(2027, 3, 18)
    else:
        FamilyMember.objects.filter(pk=mother.pk).update(removed_at=NOW)
    with time_machine.travel(later, tick=False):
        fresh = Client()
        fresh.force_login(mother.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = fresh.get("/family/")
        if ends == "removed":
            assert answer.status_code == 404
        else:
            assert NOTHING in text(answer)
            assert "Ana" not in text(answer)


def test_a_member_of_two_families_sees_each_only_by_its_own_consent(
    site, patient, mother, mothers_phone, booked, by
):
    other = admitted(site, "Zebulon", "Quartermaine")
    FamilyMember.objects.create(patient=other, user=mother.user, name="Maria Reyes", relation="aunt")
    consent_for_family(mother, "schedule")
    page = text(mothers_phone.get("/family/"))
    assert "Next sessions of Ana" in page
    for word in ("Zebulon", "Quartermaine", other.code):
        assert word not in page


def test_nobody_elses_homework_is_there(site, patient, mother, mothers_phone, by):
    consent_for_family(mother)
    brother = make_family_member(patient, "Luis Reyes")
    consent_for_family(brother)
    his, anas = make_homework(patient, by=by, family_member=brother), make_homework(patient, by=by)
    stranger = admitted(site, "Zebulon", "Quartermaine")
    aunt = make_family_member(stranger, "Zoe Quartermaine")
    consent_for_family(aunt)
    hers = make_homework(stranger, by=by, family_member=aunt)
    for member, row in ((mother, his), (brother, his), (mother, anas), (mother, hers), (aunt, hers)):
        address = f"/family/{member.pk}/homework/{row.pk}/"
        assert mothers_phone.get(address).status_code == 404
        assert mothers_phone.post(address, {"text": "x"}).status_code == 404
    for address in ("/family/", "/family/reading/", "/family/help/"):
        page = text(mothers_phone.get(address))
        for word in ("Zebulon", "Quartermaine", stranger.code, "Luis"):
            assert word not in page


@pytest.mark.parametrize("address", ["/family/", "/family/reading/", "/family/help/"])
def test_titles_are_neutral(mother, mothers_phone, address):
    consent_for_family(mother)
    title = re.search(r"<title>(.*?)</title>", text(mothers_phone.get(address)))[1]
    assert title in {"Family", "Reading", "Help"}


@pytest.mark.parametrize("rows", [1, 30])
def test_the_family_page_takes_a_fixed_number_of_queries(
    patient, mother, mothers_phone, booked, by, rows, django_assert_max_num_queries
):
    consent_for_family(mother)
    for number in range(rows):
        make_homework(patient, by=by, family_member=mother, title=f"No. {number}")
    mothers_phone.get("/family/")
    with django_assert_max_num_queries(15):
        assert mothers_phone.get("/family/").status_code == 200
