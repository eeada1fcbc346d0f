"""Reaching for what is not one's own through the session room, its buttons and the notes kept apart."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.signing import get_cookie_signer
from django.test import Client
from django.urls import reverse

from stepwell.accounts.live_topics import read_topics
from stepwell.accounts.roles import STAFF_ROLES, Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import StaffRole
from stepwell.clinic.recovery.actions import give_homework
from stepwell.clinic.recovery.models import Homework, HomeworkReview
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Attendance, KeptApartNote, Note, NotePart
from stepwell.clinic.timetable.models import Occurrence
from tests.clinic.sessions.making import group_of, part
from tests.desk.sessions.test_sessions_pages import filled
from tests.making import NOW, TODAY, actor, make_family_member, make_login, make_site, make_staff

HTMX = {"HX-Request": "true"}
SHARED, OF_ANA, OF_BEN = "zebra-shared", "zebra-ana cried for a long while", "zebra-ben laughed all the time"
APART = "zebra-apart"
READS_NOTES = {Role.COUNSELOR, Role.FACILITATOR, Role.PRESCRIBER, Role.NURSE, Role.CASE_MANAGER, Role.UTILIZATION, Role.DIRECTOR}  # fmt: skip
BUTTONS = ("draft", "all-here", "attendance", "attendance/taking-back", "no-risk", "signature", "co-signature",
           "homework", "guests", "walk-in", "hand-over", "cancellation", "topic", "topic/homework", "video/second")  # fmt: skip


@pytest.fixture
def group(site, counselor, by):
    """A session of Ana and Ben with a draft in words that can be found again."""
    session, (ana, ben) = group_of(site, counselor)
    actions.all_here(by=by, at=NOW, occurrence=session)
    actions.save_draft(
        by=by, at=NOW, occurrence=session, revision=0, shared=f"The group mapped triggers, {SHARED}.", topic="Triggers",
        parts=[part(ana, text=OF_ANA), part(ben, text=OF_BEN)],
    )  # fmt: skip
    return session, ana, ben


def html(answer):
    return answer.content.decode()


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
@pytest.mark.parametrize("is_signed", [False, True])
def test_words_of_a_note_are_read_only_by_roles_that_read_notes(site, signed_in, by, group, role, is_signed):
    session, *_ = group
    note = Note.objects.get()
    if is_signed:
        actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)
    client = signed_in(make_staff(site, role))
    where = f"/sessions/{session.pk}/"
    pages = [client.get(where), client.get(f"{where}roster/"), client.get("/notes/"), client.get("/today/")]
    pages += [client.post(f"{where}{button}/", filled(session, []), headers=HTMX) for button in BUTTONS]
    found = {
        word for page in pages for word in ("zebra-shared", "zebra-ana", "zebra-ben") if word in html(page)
    }
    assert found == (
        {"zebra-shared", "zebra-ana", "zebra-ben"} if role in READS_NOTES and is_signed else set()
    )
    assert Note.objects.get().revision == note.revision


def test_a_facilitator_of_another_site_finds_no_session_of_ours(signed_in, group):
    session, ana, _ = group
    stranger = signed_in(make_staff(make_site(), *(STAFF_ROLES - {Role.SYSTEM_ADMIN})))
    before = (Note.objects.get().revision, Attendance.objects.count())
    for path in (
        "",
        "roster/",
        "video/",
        "video/attendance/",
        "walk-in/?q=ana",
        "hand-over/",
        "cancellation/",
    ):
        assert stranger.get(f"/sessions/{session.pk}/{path}").status_code == 404, path
    for path in BUTTONS:
        answer = stranger.post(
            f"/sessions/{session.pk}/{path}/", {"of": ana.code, "code": ana.code, "member": 1}
        )
        assert answer.status_code == 404, path
    assert (Note.objects.get().revision, Attendance.objects.count()) == before


def test_a_patient_and_the_family_have_no_room(group):
    session, ana, _ = group
    for user in (make_login(ana), make_family_member(ana).user):
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        for path in ("", "roster/", *(f"{button}/" for button in BUTTONS)):
            for ask in (client.get, client.post):
                answer = ask(f"/sessions/{session.pk}/{path}")
                assert answer.status_code in (403, 404, 405), path
                assert "zebra" not in html(answer)


def test_a_former_colleague_with_a_page_still_open_reads_and_saves_nothing(signed_in, counselor, group):
    session, ana, ben = group
    client = signed_in(counselor)
    assert "zebra-ana" in html(client.get(f"/sessions/{session.pk}/"))
    StaffRole.objects.filter(staff=counselor).update(ends_on=TODAY - timedelta(days=1))
    for path in ("", "roster/", "draft/", "signature/", "all-here/"):
        for ask in (client.get, client.post):
            answer = ask(
                f"/sessions/{session.pk}/{path}", filled(session, [ana, ben], shared="mine"), headers=HTMX
            )
            assert answer.status_code in (401, 403, 404, 405), path
            assert "zebra" not in html(answer)
    assert (Note.objects.get().revision, Note.objects.get().signed_at) == (1, None)


def test_a_session_handed_over_is_written_by_nobody_else_any_more(site, signed_in, counselor, group):
    session, ana, ben = group
    client = signed_in(counselor)
    other = make_staff(site, Role.FACILITATOR)
    Occurrence.objects.filter(pk=session.pk).update(facilitator=other)
    StaffRole.objects.filter(staff=counselor, role=Role.FACILITATOR).delete()
    StaffRole.objects.filter(staff=counselor).update(role=Role.PEER)
    page = html(client.get(f"/sessions/{session.pk}/"))
    assert ("zebra" in page, "data-key" in page) == (False, False)
    answer = client.post(
        f"/sessions/{session.pk}/draft/", filled(session, [ana, ben], shared="mine"), headers=HTMX
    )
    assert "Only who leads this session writes its note" in html(answer)
    assert "zebra" not in html(answer)
    assert Note.objects.get().shared.startswith("The group")


def test_each_chart_holds_its_own_words_and_the_shared_ones(signed_in, counselor, by, group):
    _, ana, ben = group
    note = Note.objects.get()
    actions.sign_note(by=by, at=NOW, note=note, revision=note.revision)
    actions.add_addendum(
        by=by, at=NOW, note=note, patient=ben, kind="addendum", text="zebra-later", reason="zebra-why"
    )
    client = signed_in(counselor)
    for path in (
        "notes/",
        "notes/?open=all",
        f"notes/{note.pk}/",
        f"notes/{note.pk}/print/",
        f"notes/{note.pk}/addenda/",
    ):
        page = html(client.get(f"/patients/{ana.code}/{path}"))
        assert SHARED in page, path
        for word in ("zebra-ben", "zebra-later", "zebra-why", ben.family_name, ben.code):
            assert word not in page, (path, word)
    assert not any(
        "zebra" in str(row) for row in Entry.objects.values_list("detail", "subject", "why", "action")
    )


def test_a_part_of_somebody_without_a_seat_cannot_be_written(site, signed_in, counselor, group):
    session, ana, ben = group
    _, (carla, _) = group_of(site, counselor)
    client = signed_in(counselor)
    sent = filled(session, [ana, ben, carla], revision="1")
    client.post(f"/sessions/{session.pk}/draft/", sent, headers=HTMX)
    assert set(NotePart.objects.values_list("patient_id", flat=True)) == {ana.pk, ben.pk}
    client.post(f"/sessions/{session.pk}/attendance/", {**sent, "of": carla.code}, headers=HTMX)
    assert not Attendance.objects.filter(patient=carla).exists()


def test_homework_of_somebody_else_is_not_reviewed_through_my_session(site, signed_in, counselor, by, group):
    session, ana, ben = group
    Occurrence.objects.filter(pk=session.pk).update(kind="individual")
    session.seats.filter(patient=ben).update(released_at=NOW, released_because="x")
    of_ben = give_homework(
        by=by, at=NOW, patient=ben, title="Ben's", instructions="Do it.", due_on=TODAY + timedelta(days=3)
    )
    aunt = make_family_member(ben, "Aunt of Ben")
    client = signed_in(counselor)
    sent = filled(session, [ana], revision="1", format="DAP")
    for whom in (f"{ben.pk}-patient", f"{ana.pk}-{aunt.pk}", f"{ben.pk}-{aunt.pk}", "x", "-", f"{ana.pk}-"):
        client.post(
            f"/sessions/{session.pk}/homework/",
            {**sent, f"hw-{of_ben.pk}-outcome": "done", f"hw-{of_ben.pk}-text": "seen",
             "next-title": "Next", "next-instructions": "Try.", "next-whom": whom},
        )  # fmt: skip
    assert HomeworkReview.objects.count() == 0
    assert set(Homework.objects.filter(title="Next").values_list("patient_id", "family_member_id")) <= {
        (ana.pk, None)
    }


@pytest.mark.parametrize(
    "role", [Role.DIRECTOR, Role.COMPLIANCE, Role.BILLER, Role.UTILIZATION, Role.COUNSELOR]
)
def test_what_is_kept_apart_is_on_no_page_that_anybody_else_can_open(site, signed_in, by, group, role):
    session, ana, _ = group
    note = actions.keep_apart_note(
        by=by, at=NOW, patient=ana, kind="psychotherapy", text=APART, occurrence=session
    )
    actions.keep_apart_note(by=by, at=NOW, patient=ana, kind="counseling", text=APART, occurrence=session)
    client = signed_in(make_staff(site, role))
    for path in ("/home/", "/today/", "/notes/", "/find/", "/patients/", "/patients/?q=zebra", "/seen/", "/audit/", "/outcomes/",
                 "/charges/", "/claims/", f"/patients/{ana.code}/", f"/patients/{ana.code}/seen/", f"/patients/{ana.code}/print/",
                 f"/patients/{ana.code}/notes/print/", f"/sessions/{session.pk}/", f"/patients/{ana.code}/kept-apart/",
                 f"/patients/{ana.code}/kept-apart/{note.pk}/"):  # fmt: skip
        page = html(client.get(path, follow=True))
        assert APART not in page, path


def test_the_trail_does_not_tell_by_its_neighbors_of_whom_a_note_was_kept_apart(signed_in, counselor, group):
    _, ana, _ = group
    client = signed_in(counselor)
    where = reverse("desk:kept_apart", args=[ana.code])
    given = {"X-Request-ID": "0123456789abcdef0123456789abcdef"}
    assert client.post(where, {"kind": "counseling", "text": APART}, headers=given).status_code == 302
    wrote = Entry.objects.get(action="sessions.keep_apart")
    assert wrote.request_id == given["X-Request-ID"]
    assert not Entry.objects.filter(request_id=wrote.request_id, patient_id__isnull=False).exists()
    where = reverse("desk:kept_apart_note", args=[ana.code, KeptApartNote.objects.get().pk])
    client.post(where, {"text": "Other.", "revision": "1"}, headers={"X-Request-ID": "f" * 32})
    assert not Entry.objects.filter(request_id="f" * 32, patient_id__isnull=False).exists()


def test_the_page_may_hear_of_its_own_session_and_of_no_other(signed_in, counselor, group):
    session, *_ = group
    page = html(signed_in(counselor).get(f"/sessions/{session.pk}/"))
    token = re.search(r'<sw-live[^>]* token="([^"]+)"', page)[1]
    assert read_topics(token).topics == frozenset({f"occurrence:{session.pk}"})


def test_no_page_of_a_session_is_kept_by_a_browser(signed_in, counselor, by, group):
    session, ana, ben = group
    client = signed_in(counselor)
    answers = [
        client.get(f"/sessions/{session.pk}/{path}")
        for path in ("", "roster/", "video/", "video/attendance/", "walk-in/?q=b")
    ]
    answers += [
        client.get(f"/patients/{ana.code}/kept-apart/"),
        client.get("/today/"),
        client.get("/nowhere/"),
    ]
    answers += [client.post(f"/sessions/{session.pk}/draft/", filled(session, [ana, ben]), headers=HTMX)]
    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}
    assert by


def test_every_button_of_the_room_asks_for_the_token_of_the_page(counselor, group):
    session, *_ = group
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(counselor.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in BUTTONS:
        assert strict.post(f"/sessions/{session.pk}/{path}/", {}).status_code == 403, path
    for path in ("entrance", "line", "words", "door", "exit"):
        answer = strict.post(f"/video/{session.pk}/{path}/", "{}", content_type="application/json")
        assert answer.status_code == 403, path
    for path in ("/kiosks/", "/today/code/"):
        assert strict.post(path, {}).status_code == 403


def test_the_kiosk_asks_for_it_too(counselor, site):
    kiosk, key = actions.open_kiosk(by=actor(counselor), at=NOW, site=site, place="Door")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["kiosk"] = get_cookie_signer(salt="kioskstepwell.kiosk").sign(f"{kiosk.pk}.{key}")
    assert strict.get("/kiosk/").status_code == 200
    assert strict.post("/kiosk/", {"code": "AAAAAA"}).status_code == 403
