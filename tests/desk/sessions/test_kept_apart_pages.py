"""The pages of notes kept apart: there for their author, for everybody else not there at all."""

from __future__ import annotations

import pytest

from stepwell.accounts.roles import STAFF_ROLES, Role
from stepwell.audit.models import Entry
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import KeptApartNote, KeptApartRevision
from tests.clinic.sessions.making import group_of
from tests.making import NOW, actor, make_login, make_staff

WORDS = "Zebra-quartz: my own reading of the hour."


@pytest.fixture
def leading(signed_in, counselor):
    return signed_in(counselor)


def test_the_author_writes_reads_and_revises_it(leading, patient):
    where = f"/patients/{patient.code}/kept-apart/"
    assert "42 CFR 2.11" in leading.get(where).content.decode()
    answer = leading.post(where, {"kind": "counseling", "text": WORDS})
    note = KeptApartNote.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{where}{note.pk}/")
    page = leading.get(f"{where}{note.pk}/").content.decode()
    assert WORDS in page
    assert "42 CFR 2.31(b)" in page
    assert leading.post(f"{where}{note.pk}/", {"text": "Calmer.", "revision": "1"}).status_code == 302
    assert list(KeptApartRevision.objects.order_by("number").values_list("text", flat=True)) == [
        WORDS,
        "Calmer.",
    ]
    assert WORDS in leading.get(f"{where}{note.pk}/").content.decode()


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"kind": "diary", "text": "x"},
        {"kind": "counseling", "text": " "},
        {"kind": "counseling", "text": "\x00"},
        {"kind": "counseling", "text": "x", "session": "minus one"},
    ],
)
def test_garbage_is_answered_with_a_sentence(leading, patient, bad):
    answer = leading.post(f"/patients/{patient.code}/kept-apart/", bad)
    assert answer.status_code == 422
    assert KeptApartNote.objects.count() == 0


def test_a_session_of_nobody_is_not_found(leading, patient):
    sent = {"kind": "counseling", "text": "x", "session": "987654321"}
    assert leading.post(f"/patients/{patient.code}/kept-apart/", sent).status_code == 404


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_for_everybody_else_the_note_is_not_there(site, signed_in, by, patient, role):
    note = actions.keep_apart_note(by=by, at=NOW, patient=patient, kind="counseling", text=WORDS)
    client = signed_in(make_staff(site, role))
    where = f"/patients/{patient.code}/kept-apart/{note.pk}/"
    for answer in (client.get(where), client.post(where, {"text": "Mine.", "revision": "1"})):
        assert answer.status_code == (403 if role is Role.SYSTEM_ADMIN else 404)
        assert WORDS not in answer.content.decode()
    assert KeptApartRevision.objects.count() == 1


def test_the_patient_does_not_find_it_either(client, by, patient):
    note = actions.keep_apart_note(by=by, at=NOW, patient=patient, kind="counseling", text=WORDS)
    client.force_login(make_login(patient), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"/patients/{patient.code}/kept-apart/{note.pk}/").status_code == 404


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.COMPLIANCE, Role.COUNSELOR, Role.UTILIZATION])
def test_no_page_of_the_chart_knows_of_it(site, signed_in, counselor, by, role):
    session, (ana, _) = group_of(site, counselor)
    note = actions.keep_apart_note(
        by=by, at=NOW, patient=ana, kind="psychotherapy", text=WORDS, occurrence=session
    )
    actions.revise_kept_apart(by=by, at=NOW, note=note, text=f"{WORDS} Again.", revision=1)
    reader = signed_in(make_staff(site, role))
    for page in ("", "assessment/", "placement/", "plan/", "schedule/", "notes/", "medication/", "tests/", "recovery/",
                 "consent/", "documents/", "aftercare/", "details/", "seen/"):  # fmt: skip
        said = reader.get(f"/patients/{ana.code}/{page}").content.decode()
        assert "Zebra-quartz" not in said, page
        assert "keep apart" not in said, page
        assert f"kept-apart/{note.pk}/" not in said, page
    assert "Zebra-quartz" not in reader.get(f"/sessions/{session.pk}/").content.decode()
    assert "Zebra-quartz" not in str(list(Entry.objects.values_list("detail", "subject", "why")))
    assert Entry.objects.filter(patient_id=ana.pk, action__contains="apart").count() == 0
    assert actor(counselor).staff_id == note.author_id
