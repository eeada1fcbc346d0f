from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.recovery import actions
from stepwell.clinic.recovery.models import Homework, HomeworkReview, RecoveryPlan
from tests.clinic.consent.making import consent_for_family
from tests.clinic.recovery.making import make_check_in, make_homework, patient_acting
from tests.making import NOW, make_family_member, make_patient, make_site, make_staff


def text(answer) -> str:
    return answer.content.decode()


def test_check_ins_are_drawn_with_their_numbers_beneath(signed_in, counselor, patient):
    make_check_in(patient, "a", at=NOW - timedelta(days=1), mood=4, craving=6, sleep_hours=Decimal("5.5"))
    make_check_in(patient, "b", mood=7, craving=2, used=True, used_what="beer", note="hard day 🙁")
    page = text(signed_in(counselor).get(f"/patients/{patient.code}/recovery/"))
    assert "Mood, craving and sleep from the check-ins" in page
    for word in ("5.5 h", "beer", "hard day 🙁", "used"):
        assert word in page


def test_a_plan_is_kept_in_versions_and_a_newer_one_is_not_overwritten(signed_in, counselor, patient):
    client, address = signed_in(counselor), f"/patients/{patient.code}/recovery/plans/safety/"
    assert client.get(address).status_code == 200
    sent = {"section_warning-signs": "I stop sleeping.", "based_on": "0"}
    assert client.post(address, sent)["Location"] == f"/patients/{patient.code}/recovery/"
    late = client.post(address, {**sent, "section_warning-signs": "Mine"})
    assert late.status_code == 422
    assert "was saved meanwhile" in text(late)
    assert "Mine" in text(late)
    assert RecoveryPlan.objects.count() == 1
    page = text(client.get(f"/patients/{patient.code}/recovery/"))
    assert "not complete" in page
    assert client.get(f"/patients/{patient.code}/recovery/plans/nonsense/").status_code == 404


def test_an_empty_plan_says_so(signed_in, counselor, patient):
    answer = signed_in(counselor).post(
        f"/patients/{patient.code}/recovery/plans/relapse-prevention/", {"based_on": "0"}
    )
    assert answer.status_code == 422
    assert "still empty" in text(answer)


def test_homework_is_given_to_family_only_with_consent_and_reviewed(signed_in, counselor, patient):
    member = make_family_member(patient)
    client, root = signed_in(counselor), f"/patients/{patient.code}/recovery/"
    sent = {"whom": str(member.pk), "title": "Listen", "instructions": "Ten minutes.", "due_on": "2026-03-20"}
    refused = client.post(f"{root}homework/new/", sent)
    assert refused.status_code == 422
    assert "No family member has a consent" in text(refused)
    consent_for_family(member, "homework")
    assert client.post(f"{root}homework/new/", sent)["Location"] == root
    assert Homework.objects.get().family_member == member
    mine = make_homework(patient)
    actions.answer_homework(by=patient_acting(patient), at=NOW, homework=mine, text="I called Sam.")
    assert "handed in" in text(client.get(root))
    page = text(client.get(f"{root}homework/{mine.pk}/review/"))
    assert "I called Sam." in page
    assert client.post(f"{root}homework/{mine.pk}/review/", {"text": "Good."}).status_code == 302
    assert HomeworkReview.objects.get().text == "Good."


@pytest.mark.parametrize(
    ("role", "status"), [(Role.PEER, 200), (Role.NURSE, 200), (Role.BILLER, 403), (Role.ADMISSIONS, 403)]
)
def test_who_may_see_recovery(signed_in, site, patient, role, status):
    assert signed_in(make_staff(site, role)).get(f"/patients/{patient.code}/recovery/").status_code == status


def test_strangers_are_not_there(signed_in, counselor, site, patient):
    other = make_homework(make_patient(site, "Ben", "Tran"))
    client = signed_in(counselor)
    assert client.get(f"/patients/{patient.code}/recovery/homework/{other.pk}/review/").status_code == 404
    stranger = make_patient(make_site())
    assert client.get(f"/patients/{stranger.code}/recovery/").status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_the_tab_takes_a_fixed_number_of_queries(
    signed_in, counselor, by, patient, rows, django_assert_max_num_queries
):
    for number in range(rows):
        make_check_in(patient, f"k{number}", mood=5)
        make_homework(patient, by=by)
    client = signed_in(counselor)
    client.get(f"/patients/{patient.code}/recovery/")
    with django_assert_max_num_queries(11):
        client.get(f"/patients/{patient.code}/recovery/")
