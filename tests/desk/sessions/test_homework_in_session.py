"""Homework in an individual or family session: how it went, and the next, beside the note."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.recovery.models import Homework, HomeworkReview
from stepwell.clinic.sessions.models import NotePart
from tests.clinic.consent.making import consent_for_family
from tests.clinic.recovery.making import make_homework
from tests.clinic.sessions.making import group_of
from tests.clinic.timetable.making import make_session
from tests.making import NOW, make_family_member, make_login, make_patient, make_staff


@pytest.fixture
def leading(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def family(site, counselor):
    """A family session that is over, with the patient's and the mother's homework."""
    patient = make_patient(site)
    member = make_family_member(patient)
    consent_for_family(member, at=NOW - timedelta(days=8))
    session = make_session(
        site, counselor, [patient], starts=NOW - timedelta(hours=1), kind="family", treatment="family"
    )
    own = make_homework(patient, title="Ride out an urge", at=NOW - timedelta(days=7))
    hers = make_homework(patient, title="Write a letter", family_member=member, at=NOW - timedelta(days=7))
    return session, patient, member, own, hers


def test_the_room_shows_the_homework_of_patient_and_family(leading, family):
    session, _, _, own, hers = family
    page = leading.get(f"/sessions/{session.pk}/").content.decode()
    assert own.title in page
    assert hers.title in page
    assert "All of them" in page


def test_one_press_reviews_gives_the_next_and_keeps_what_is_typed(leading, family):
    session, patient, member, own, hers = family
    c = patient.code
    sent = {
        "revision": "0", "page": "p1", "format": "DAP", "topic": "Talking at home", "shared": "We practiced.",
        f"{c}-section-data": "Both spoke.",
        f"hw-{own.pk}-outcome": "done", f"hw-{own.pk}-text": "Well done.", f"hw-{hers.pk}-outcome": "not_done",
        "next-title": "Ask before helping", "next-instructions": "Ask once a day.", "next-due": "2026-03-25",
        "next-whom": f"{patient.pk}-all",
    }  # fmt: skip
    answer = leading.post(f"/sessions/{session.pk}/homework/", sent)
    assert (answer.status_code, answer["Location"]) == (302, f"/sessions/{session.pk}/#homework")
    assert set(HomeworkReview.objects.values_list("homework", "outcome", "occurrence")) == {
        (own.pk, "done", session.pk),
        (hers.pk, "not_done", session.pk),
    }
    given = Homework.objects.filter(title="Ask before helping")
    assert set(given.values_list("family_member", "occurrence")) == {
        (None, session.pk),
        (member.pk, session.pk),
    }
    assert NotePart.objects.get().sections["data"] == "Both spoke."
    page = leading.get(f"/sessions/{session.pk}/").content.decode()
    assert "Ask before helping" in page
    assert "Ride out an urge" not in page


def test_patient_and_family_see_it_on_their_own_pages(client, leading, family):
    session, patient, member, own, _ = family
    leading.post(
        f"/sessions/{session.pk}/homework/",
        {"format": "DAP", f"hw-{own.pk}-outcome": "partly", f"hw-{own.pk}-text": "A good start.",
         "next-title": "Ask before helping", "next-instructions": "Ask once a day.", "next-whom": f"{patient.pk}-all"},
    )  # fmt: skip
    client.force_login(make_login(patient), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Ask before helping" in client.get("/my/homework/").content.decode()
    page = client.get(f"/my/homework/{own.pk}/").content.decode()
    assert "partly done" in page
    assert "A good start." in page
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Ask before helping" in client.get("/family/").content.decode()


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"next-title": "Only a title"}, "Give the homework a title and say what to do"),
        ({"next-title": "T", "next-instructions": "I", "next-due": "2026-01-01"}, "has passed"),
        ({"next-title": "T", "next-instructions": "I", "next-due": "soon"}, "Look at the next homework"),
        ({"next-title": "x" * 500}, "Look at the next homework"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_is_kept(leading, family, bad, sentence):
    session, patient, *_ = family
    sent = {"format": "DAP", "topic": "Kept topic", f"{patient.code}-section-data": "Kept words."} | bad
    answer = leading.post(f"/sessions/{session.pk}/homework/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "Kept words." in page
    assert bad["next-title"][:100] in page


def test_an_unknown_outcome_is_refused(leading, family):
    session, _, _, own, _ = family
    answer = leading.post(
        f"/sessions/{session.pk}/homework/", {"format": "DAP", f"hw-{own.pk}-outcome": "eaten"}
    )
    assert answer.status_code == 422
    assert HomeworkReview.objects.count() == 0


def test_without_a_consent_the_family_is_not_offered(site, leading, counselor):
    patient = make_patient(site)
    member = make_family_member(patient)
    session = make_session(
        site, counselor, [patient], starts=NOW - timedelta(hours=1), kind="family", treatment="family"
    )
    page = leading.get(f"/sessions/{session.pk}/").content.decode()
    assert f"{patient.pk}-{member.pk}" not in page
    leading.post(
        f"/sessions/{session.pk}/homework/",
        {
            "format": "DAP",
            "next-title": "T",
            "next-instructions": "I",
            "next-whom": f"{patient.pk}-{member.pk}",
        },
    )
    assert Homework.objects.count() == 0


def test_a_group_hands_out_no_homework_here(site, leading, counselor):
    session, patients = group_of(site, counselor)
    answer = leading.post(
        f"/sessions/{session.pk}/homework/", {"format": "GROUP", "next-title": "T", "next-instructions": "I"}
    )
    assert answer.status_code == 422
    assert Homework.objects.count() == 0
    assert len(patients) == 2


def test_who_does_not_care_for_patients_hands_out_nothing(site, signed_in, family):
    session, *_ = family
    client = signed_in(make_staff(site, Role.BILLER))
    assert client.post(f"/sessions/{session.pk}/homework/", {}).status_code == 403
