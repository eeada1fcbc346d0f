"""Today, the session room, notes to sign and the notes of a chart, as the people at the desk use them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Credential
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Attendance, Note, NotePart, NoteSignature
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.sessions.making import group_of, signed, written
from tests.clinic.timetable.making import make_session
from tests.making import NOW, actor, make_patient, make_site, make_staff


@pytest.fixture
def leading(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def group(site, counselor):
    return group_of(site, counselor)


def filled(session, patients, **more):
    """What the room's form sends when it is whole."""
    sent = {
        "revision": "0",
        "page": "p1",
        "format": "GROUP",
        "topic": "Triggers",
        "shared": "We mapped triggers.",
    }
    for patient in patients:
        c = patient.code
        sent |= {f"{c}-participation": "active", f"{c}-affect": "calm", f"{c}-response": "practiced", f"{c}-risk": "none",
                 f"{c}-text": f"Said what helped in case {c}."}  # fmt: skip
    return sent | more


def test_today_shows_who_is_expected_and_the_front_desk_checks_in(site, signed_in, counselor):
    desk = signed_in(make_staff(site, Role.ADMISSIONS))
    session = make_session(
        site, counselor, [make_patient(site, "Ana", "Reyes")], starts=NOW + timedelta(minutes=20)
    )
    seat = Seat.objects.get()
    page = desk.get("/today/")
    assert page.status_code == 200
    assert "Ana R." in page.content.decode()
    assert "Check in" in page.content.decode()
    assert desk.post(f"/sessions/seats/{seat.pk}/check-in/").status_code == 302
    assert Attendance.objects.get().arrived_at == NOW
    again = desk.post(f"/sessions/seats/{seat.pk}/check-in/", headers={"HX-Request": "true"})
    assert again.status_code == 422
    assert "Ana R. is already checked in, at 10:00 am." in again.content.decode()
    assert "1 of 1 here" in desk.get("/today/board/").content.decode()
    assert session.pk == Occurrence.objects.get().pk


def test_today_names_who_is_missing(site, leading, counselor):
    make_session(site, counselor, [make_patient(site)], starts=NOW - timedelta(minutes=20))
    assert "Ana R. is not here." in leading.get("/today/").content.decode()


def test_the_whole_group_note_in_one_page(leading, group):
    session, patients = group
    room = f"/sessions/{session.pk}/"
    assert leading.get(room).status_code == 200
    assert leading.post(room + "all-here/", filled(session, patients)).status_code == 302
    assert leading.post(room + "signature/", filled(session, patients, revision="1")).status_code == 302
    note = Note.objects.get()
    assert (note.signed_at, note.topic, NotePart.objects.count()) == (NOW, "Triggers", 2)
    page = leading.get(room).content.decode()
    assert "It stands in 2 charts." in page
    assert "We mapped triggers." in page
    assert "Signatures" in page


def test_signing_what_the_page_saved_already_does_not_save_it_again(leading, group):
    session, patients = group
    room = f"/sessions/{session.pk}/"
    leading.post(room + "all-here/", filled(session, patients))
    sent = filled(session, patients, revision="1")
    assert leading.post(room + "draft/", sent).status_code == 302
    assert leading.post(room + "signature/", sent).status_code == 302
    assert (Note.objects.get().revision, NoteSignature.objects.count()) == (1, 1)


def test_what_is_missing_is_named_and_nothing_typed_is_lost(leading, group):
    session, patients = group
    actions.all_here(
        by=actor(Occurrence.objects.select_related("facilitator").get(pk=session.pk).facilitator),
        at=NOW,
        occurrence=session,
    )
    sent = filled(session, patients) | {f"{patients[0].code}-risk": "", "shared": "A new text."}
    answer = leading.post(f"/sessions/{session.pk}/signature/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This note cannot be signed yet. Mark the risk screen for Ana." in page
    assert "A new text." in page
    assert NoteSignature.objects.count() == 0


def test_two_writers_see_both_texts(site, leading, group):
    session, patients = group
    other = make_staff(site, name="Lena Lindqvist")
    Occurrence.objects.filter(pk=session.pk).update(cofacilitator=other)
    actions.save_draft(
        by=actor(other), at=NOW, occurrence=session, revision=0, shared="Lena's words.", topic="T", parts=[]
    )
    answer = leading.post(f"/sessions/{session.pk}/draft/", filled(session, patients))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Lindqvist saved this note at 10:00 am" in page
    assert "Lena&#39;s words." in page
    assert "We mapped triggers." in page


def test_the_draft_saves_itself_by_htmx(leading, group):
    session, patients = group
    room = f"/sessions/{session.pk}/draft/"
    first = leading.post(room, filled(session, patients), headers={"HX-Request": "true"})
    assert "Draft saved 10:00 am" in first.content.decode()
    again = leading.post(room, filled(session, patients, shared="More."), headers={"HX-Request": "true"})
    assert "Draft saved" in again.content.decode()
    assert Note.objects.get().shared == "More."


def test_attendance_by_exception(leading, group):
    session, (ana, ben) = group
    room = f"/sessions/{session.pk}/"
    c = ana.code
    late = {
        "of": c,
        f"{c}-outcome": "present",
        f"{c}-arrived": "09:20",
        f"{c}-left": "09:50",
        f"{c}-out": "09:30",
        f"{c}-back": "09:35",
    }
    assert leading.post(room + "attendance/", filled(session, [], **late)).status_code == 302
    assert Attendance.objects.get(patient=ana).minutes == 25
    absent = {"of": ben.code, f"{ben.code}-outcome": "excused"}
    answer = leading.post(room + "attendance/", filled(session, [], revision="1", **absent))
    assert answer.status_code == 422
    assert "Say why Ben F. was absent" in answer.content.decode()
    absent[f"{ben.code}-reason"] = "Child is ill"
    assert leading.post(room + "attendance/", filled(session, [], revision="1", **absent)).status_code == 302
    assert Attendance.objects.get(patient=ben).reason == "Child is ill"


@pytest.mark.parametrize(
    "bad",
    [
        {"revision": "minus one"},
        {"topic": "\x00"},
        {"shared": "\x00"},
        {"format": "NONSENSE"},
        {"topic": "x" * 500},
        {"revision": "99999999999999999999"},
    ],
)
def test_garbage_is_answered_with_a_sentence(leading, group, bad):
    session, patients = group
    answer = leading.post(f"/sessions/{session.pk}/draft/", filled(session, patients) | bad)
    assert answer.status_code == 422
    assert "What you typed is still here." in answer.content.decode()


@pytest.mark.parametrize("words", ["‏عربي 漢字 🙂" * 20, "<script>alert(1)</script>", "x" * 15_000])
def test_any_script_and_any_length_survives(leading, group, words):
    session, patients = group
    c = patients[0].code
    assert (
        leading.post(
            f"/sessions/{session.pk}/draft/", filled(session, patients) | {f"{c}-text": words}
        ).status_code
        == 302
    )
    assert NotePart.objects.get(patient=patients[0]).text == words
    assert "<script>alert" not in leading.get(f"/sessions/{session.pk}/").content.decode()


def test_the_skill_of_a_draft_is_shown_and_kept_when_the_room_is_saved(leading, group):
    session, patients = group
    c = patients[0].code
    leading.post(f"/sessions/{session.pk}/draft/", filled(session, patients) | {f"{c}-skill": "Urge surfing"})
    shown = leading.get(f"/sessions/{session.pk}/").content.decode()
    sent = dict(re.findall(r'name="([^"]+-skill)"[^>]*value="([^"]*)"', shown))
    assert sent == {f"{one.code}-skill": "Urge surfing" if one.code == c else "" for one in patients}
    more = filled(session, patients, revision="1") | sent | {f"{c}-text": "Said what helped, once more."}
    assert leading.post(f"/sessions/{session.pk}/draft/", more).status_code == 302
    part = NotePart.objects.get(patient=patients[0])
    assert (part.skill, part.text) == ("Urge surfing", "Said what helped, once more.")


def test_clones_are_pointed_out(leading, group, by):
    session, patients = group
    same = "Talked about the weekend and named two people to call when cravings come back."
    sent = filled(session, patients) | {f"{p.code}-text": same for p in patients}
    leading.post(f"/sessions/{session.pk}/draft/", sent)
    assert "These two parts are 100 % the same" in leading.get(f"/sessions/{session.pk}/").content.decode()


def test_an_individual_session_has_a_format(site, leading, counselor):
    patient = make_patient(site)
    session = make_session(site, counselor, [patient], starts=NOW - timedelta(hours=1))
    c = patient.code
    leading.post(f"/sessions/{session.pk}/all-here/", {"format": "DAP"})
    sent = {"revision": "1", "format": "DAP", "topic": "Sleep", "shared": "Worked on sleep.", f"{c}-risk": "none",
            f"{c}-section-data": "Slept badly.", f"{c}-section-assessment": "Stress.", f"{c}-section-plan": "Diary."}  # fmt: skip
    assert leading.post(f"/sessions/{session.pk}/signature/", sent).status_code == 302
    assert NotePart.objects.get().sections == {
        "data": "Slept badly.",
        "assessment": "Stress.",
        "plan": "Diary.",
    }
    page = leading.get(f"/patients/{c}/notes/").content.decode()
    assert "Slept badly." in page


def test_a_chart_never_shows_another_persons_part(leading, group, by):
    session, (ana, ben) = group
    note = signed(by, session, [ana, ben])
    actions.add_addendum(by=by, at=NOW, note=note, kind="addendum", text="BEN-ONLY", reason="x", patient=ben)
    for path in (
        f"/patients/{ana.code}/notes/",
        f"/patients/{ana.code}/notes/{note.pk}/",
        f"/patients/{ana.code}/notes/{note.pk}/print/",
    ):
        page = leading.get(path).content.decode()
        assert f"case {ana.pk} " in page
        assert f"case {ben.pk} " not in page
        assert "BEN-ONLY" not in page
        assert ben.family_name not in page


def test_an_addendum_is_added_in_the_chart(leading, group, by):
    session, (ana, ben) = group
    note = signed(by, session, [ana, ben])
    path = f"/patients/{ana.code}/notes/{note.pk}/addenda/"
    assert leading.post(path, {"kind": "addendum", "text": "", "reason": ""}).status_code == 422
    assert (
        leading.post(path, {"kind": "addendum", "text": "Called her sister.", "reason": "Later"}).status_code
        == 302
    )
    assert "Called her sister." in leading.get(f"/patients/{ana.code}/notes/").content.decode()


def test_a_look_at_the_notes_is_in_the_trail(leading, group, by):
    session, (ana, ben) = group
    signed(by, session, [ana, ben])
    leading.get(f"/patients/{ana.code}/notes/")
    assert Entry.objects.filter(action="chart.access", patient_id=ana.pk).exists()


def test_notes_to_sign_and_to_co_sign(site, leading, signed_in, counselor):
    trainee = make_staff(site, Role.FACILITATOR, credential="INTERN", name="Tara Trainee")
    Credential.objects.filter(staff=trainee).update(supervisor=counselor)
    session, patients = group_of(site, trainee)
    assert "Relapse prevention" in signed_in(trainee).get("/notes/").content.decode()
    signed(actor(trainee), session, patients)
    page = leading.get("/notes/").content.decode()
    assert "Tara Trainee" in page
    assert re.search(r'Notes to sign</span> <span class="count">1<', page)
    assert leading.post(f"/sessions/{session.pk}/co-signature/").status_code == 302
    assert Note.objects.get().cosigned_at == NOW


def test_a_session_is_handed_over_and_cancelled(site, leading, counselor):
    other = make_staff(site, name="Lena Lindqvist")
    session = make_session(site, counselor, [make_patient(site)], starts=NOW + timedelta(hours=1))
    room = f"/sessions/{session.pk}/"
    assert leading.get(room + "hand-over/").status_code == 200
    assert leading.post(room + "cancellation/", {"because": ""}).status_code == 422
    assert leading.post(room + "hand-over/", {"to": other.pk}).status_code == 302
    assert leading.post(room + "cancellation/", {"because": "Snow"}).status_code == 302
    assert "Snow" in leading.get(room).content.decode()


@pytest.mark.parametrize(
    ("role", "today", "room", "notes"),
    [
        (Role.ADMISSIONS, 200, 200, 403),
        (Role.COUNSELOR, 200, 200, 200),
        (Role.PEER, 200, 200, 200),
        (Role.BILLER, 200, 200, 403),
        (Role.COMPLIANCE, 200, 200, 403),
        (Role.SYSTEM_ADMIN, 403, 403, 403),
    ],
)
def test_pages_open_by_role(site, signed_in, group, role, today, room, notes):
    client = signed_in(make_staff(site, role))
    asked = ("/today/", f"/sessions/{group[0].pk}/", "/notes/")
    assert tuple(client.get(path).status_code for path in asked) == (today, room, notes)


def test_who_does_not_read_notes_sees_no_word_of_one(site, signed_in, group, by):
    session, patients = group
    signed(by, session, patients)
    for role in (Role.ADMISSIONS, Role.PEER, Role.BILLER, Role.COMPLIANCE):
        page = signed_in(make_staff(site, role)).get(f"/sessions/{session.pk}/").content.decode()
        assert "The group mapped triggers" not in page
        assert "of case" not in page


def test_another_sites_session_is_not_there(signed_in, group, by):
    session, patients = group
    stranger = signed_in(make_staff(make_site(), Role.COUNSELOR, Role.ADMISSIONS))
    seat = Seat.objects.filter(occurrence=session).first()
    for path in ("", "roster/"):
        assert stranger.get(f"/sessions/{session.pk}/{path}").status_code == 404
    for path in (
        "all-here/",
        "attendance/",
        "draft/",
        "signature/",
        "no-risk/",
        "co-signature/",
        "hand-over/",
        "cancellation/",
    ):
        assert stranger.post(f"/sessions/{session.pk}/{path}", {}).status_code == 404
    assert stranger.post(f"/sessions/seats/{seat.pk}/check-in/").status_code == 404
    assert stranger.get(f"/patients/{patients[0].code}/notes/").status_code == 404


def count(client, path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_pages_cost_the_same_for_one_person_and_for_thirty(db, signed_in):
    costs = []
    for people in (1, 30):
        site = make_site()  # nobody of the first round has a day that is too short in the second
        leader = make_staff(site, Role.COUNSELOR, Role.FACILITATOR)
        session, patients = group_of(site, leader, people, name=f"Group of {people}")
        client = signed_in(leader)
        paths = [
            "/today/",
            "/today/board/",
            f"/sessions/{session.pk}/",
            f"/sessions/{session.pk}/roster/",
            "/notes/",
        ]
        costs.append([count(client, path) for path in paths])
        written(actor(leader), session, patients)
        costs[-1].append(count(client, f"/sessions/{session.pk}/"))
        note = Note.objects.get(occurrence=session)
        actions.sign_note(by=actor(leader), at=NOW, note=note, revision=1)
        costs[-1] += [
            count(client, path)
            for path in (f"/sessions/{session.pk}/", f"/patients/{patients[0].code}/notes/")
        ]
    assert costs[0] == costs[1]


@pytest.fixture
def busy(site, counselor):
    """Own session, and nine of others with ten people each, an hour from now."""
    own = make_session(site, counselor, [make_patient(site, "Ana", "Reyes")], starts=NOW + timedelta(hours=1))
    others = [
        make_session(
            site,
            make_staff(site, name=f"Lee {n}"),
            [make_patient(site, f"Bo{n}{m}", f"Fox{n}{m}") for m in range(10)],
            starts=NOW + timedelta(hours=1),
        )
        for n in range(9)
    ]
    return own, others


def test_a_long_day_names_the_own_people_and_as_many_of_others_as_can_be_read(busy, leading):
    _own, others = busy
    page = leading.get("/today/").content.decode()
    assert "Ana R." in page
    named = [f"Bo{n}0 F." in page for n in range(9)]
    assert named == [True] * 7 + [False] * 2
    assert f'href="?open={others[8].pk}#session-{others[8].pk}"' in page
    assert page.count("10 expected") == 9
    assert "Later today" not in page


def test_a_line_opens_with_and_without_javascript_and_stays_open(busy, leading):
    last = busy[1][8].pk
    part = leading.get(f"/today/sessions/{last}/").content.decode()
    assert "Bo80 F." in part
    assert f'name="open" value="{last}"' in part
    for path in (f"/today/?open={last}", f"/today/board/?open={last}&q="):
        page = leading.get(path).content.decode()
        assert "Bo80 F." in page
        assert "Bo70 F." not in page
    seat = Seat.objects.filter(occurrence=last).first()
    answer = leading.post(f"/sessions/seats/{seat.pk}/check-in/", {"back": "opened"})
    assert answer.headers["Location"] == f"/today/?open={last}#session-{last}"
    again = leading.post(
        f"/sessions/seats/{seat.pk}/check-in/", {"open": [str(last)]}, headers={"HX-Request": "true"}
    )
    assert "Bo80 F." in again.content.decode()


def test_the_front_desk_sees_the_next_arrivals_and_finds_anybody(busy, site, signed_in):
    desk = signed_in(make_staff(site, Role.ADMISSIONS))
    page = desk.get("/today/").content.decode()
    assert page.count("Check in<") == 36
    assert "Later today (55)" in page
    assert "Bo88 F." not in page
    last = desk.get("/today/?later=2").content.decode()
    assert last.count("Check in<") == 19
    assert "Bo88 F." in last
    assert "Earlier" in last
    found = desk.get("/today/board/?q=fox88").content.decode()
    assert ("Bo88 Fox88" in found, found.count("Check in<")) == (True, 1)
    assert "Nobody of that name is expected today." in desk.get("/today/?q=Nobody%00").content.decode()
    for garbage in ("open=x&open=-1&open=99999999999999999999", "later=x", "later=9999999", "open=%C2%B2"):
        assert desk.get(f"/today/?{garbage}").status_code == 200


def test_two_of_one_short_name_are_told_apart(site, signed_in, counselor):
    desk = signed_in(make_staff(site, Role.ADMISSIONS))
    people = [make_patient(site, "Ana", "Reyes"), make_patient(site, "Ana", "Rossi")]
    make_session(site, counselor, people, starts=NOW + timedelta(hours=1))
    page = desk.get("/today/").content.decode()
    assert ("Ana Reyes" in page, "Ana Rossi" in page, "Ana R." in page) == (True, True, False)


def test_the_board_costs_the_same_on_a_long_day(site, leading, busy, signed_in, counselor):
    long = count(leading, "/today/"), count(leading, "/today/board/")
    other = make_site(name="A quiet place")
    quiet = signed_in(make_staff(other, Role.COUNSELOR, Role.FACILITATOR))
    assert count(quiet, "/today/board/") <= long[1]
    Seat.objects.filter(occurrence__in=[o.pk for o in busy[1]]).update(released_at=NOW)
    assert (count(leading, "/today/"), count(leading, "/today/board/")) == long
