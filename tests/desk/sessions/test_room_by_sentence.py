"""The session room: the site's own rule, times that were only typed, a text, and every kind of single session."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Patient, Site
from stepwell.clinic.plan.models import Objective
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Attendance, Note
from stepwell.clinic.timetable.models import Occurrence
from tests.clinic.plan.making import make_plan, tree
from tests.clinic.sessions.making import group_of, signed
from tests.clinic.timetable.making import admitted, make_session
from tests.desk.sessions.test_sessions_pages import filled
from tests.making import NOW, actor, make_room, make_staff


@pytest.fixture
def leading(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def group(site, counselor):
    return group_of(site, counselor)


def html(answer):
    return answer.content.decode()


# the site's rule --


def test_a_director_sets_hours_and_likeness_of_the_notes_and_empties_them_again(site, signed_in):
    client = signed_in(make_staff(site, Role.DIRECTOR))
    where = f"/sites/{site.pk}/"
    assert "Left empty: 72." in html(client.get(where))
    facts = {"site-name": site.name, "site-zone": site.zone, "site-week_starts_on": "0"}
    sent = facts | {"site-note_due_hours": "24", "site-note_alike_percent": "60"}
    assert client.post(where, sent).status_code == 302
    site.refresh_from_db()
    assert (site.note_due_hours, site.note_alike_percent) == (24, 60)
    for wrong in ({"site-note_due_hours": "0"}, {"site-note_alike_percent": "101"}):
        assert client.post(where, sent | wrong).status_code == 422
    assert client.post(where, facts).status_code == 302
    site.refresh_from_db()
    assert (site.note_due_hours, site.note_alike_percent) == (None, None)


def test_room_list_and_chart_say_late_by_the_hours_of_the_site(site, leading, group, by):
    session, (ana, _) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    pages = (f"/sessions/{session.pk}/", "/notes/", f"/patients/{ana.code}/")
    before = [html(leading.get(page)) for page in pages]
    assert "due 72 hours after the session" in before[1]
    assert all("marked as a late entry" not in page and "late since" not in page for page in before)
    Occurrence.objects.filter(pk=session.pk).update(
        starts=session.starts - timedelta(hours=2), ends=session.ends - timedelta(hours=2)
    )
    Site.objects.update(note_due_hours=1)
    after = [html(leading.get(page)) for page in pages]
    assert "It will be marked as a late entry." in after[0]
    assert "due 1 hours after the session" not in after[1]
    assert "due 1 hour after the session" in after[1]
    assert "late since" in after[1]


def test_the_meter_of_the_room_has_the_limit_of_the_site(site, leading, group, by):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    same = "Came on time. Sat near door. Named one trigger."
    words = {f"{ana.code}-text": f"{same} Left early.", f"{ben.code}-text": f"{same} Stayed on."}
    leading.post(f"/sessions/{session.pk}/draft/", filled(session, [ana, ben]) | words)
    page = html(leading.get(f"/sessions/{session.pk}/"))
    assert "64 % alike" in page
    assert "much alike" not in page
    Site.objects.update(note_alike_percent=60)
    page = html(leading.get(f"/sessions/{session.pk}/"))
    assert "much alike" in page
    assert '<p class="soft small" aria-hidden="true">64 % of Ana&#39;s part as in Ben&#39;s.</p>' in page


# after an absence --


@pytest.mark.parametrize(
    ("facts", "offered", "never"),
    [
        ({"may_text": True, "may_email": True}, "sms:404-555-0101?&amp;body=", "mailto:"),
        ({"may_text": False, "may_email": True}, "mailto:ana@example.org?body=", "sms:"),
        ({"may_text": False, "may_email": False}, "tel:", "sms:"),
    ],
)
def test_after_an_absence_a_message_is_offered_by_the_contact_rules(leading, group, facts, offered, never):
    session, (ana, _) = group
    Patient.objects.filter(pk=ana.pk).update(
        phone="404-555-0101", email="ana@example.org", may_call=True, **facts
    )
    leading.post(f"/sessions/{session.pk}/attendance/", {"page": "p1", "absent": f"{ana.code}/ill"})
    page = html(leading.get(f"/sessions/{session.pk}/"))
    assert offered in page
    assert never not in page
    assert "Offer a make-up" in page
    assert not re.search(
        r"(sms|mailto):[^\"]*(treatment|recovery|counsel|program|group)", page, re.IGNORECASE
    )


# what was only typed --


@pytest.mark.parametrize(
    "typed",
    [{"arrived": "09:20"}, {"left": "09:40"}, {"mode": "on_site"}, {"out": ["09:10"], "back": ["09:20"]}],
)
def test_times_that_were_typed_and_not_recorded_are_not_passed_over_at_signing(leading, group, by, typed):
    session, (ana, ben) = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    sent = filled(session, [ana, ben]) | {f"{ana.code}-{name}": value for name, value in typed.items()}
    refused = leading.post(f"/sessions/{session.pk}/signature/", sent)
    page = html(refused)
    assert refused.status_code == 422
    assert "The times of Ana F. are typed but not recorded." in page
    assert Note.objects.get().signed_at is None
    if "arrived" in typed:
        assert 'value="09:20"' in page
    leading.post(f"/sessions/{session.pk}/attendance/", sent | {"of": ana.code, "revision": "1"})
    assert leading.post(f"/sessions/{session.pk}/signature/", sent | {"revision": "1"}).status_code == 302
    assert Note.objects.get().signed_at == NOW


def test_a_page_older_than_a_check_in_signs_all_the_same(leading, group, by):
    session, patients = group
    actions.all_here(by=by, at=NOW, occurrence=session)
    empty = {f"{one.code}-{name}": "" for one in patients for name in ("arrived", "left", "out", "back")}
    sent = filled(session, patients) | empty
    assert leading.post(f"/sessions/{session.pk}/signature/", sent).status_code == 302


# video per person --


def test_the_note_in_the_chart_and_on_paper_says_video_of_who_took_part_by_video(site, leading, group, by):
    session, (ana, ben) = group
    Occurrence.objects.filter(pk=session.pk).update(room=make_room(site, name="Blue room"), mode="both")
    for one, mode in ((ana, "video"), (ben, "on_site")):
        entry = actions.Entry(patient_id=one.pk, outcome="present", mode=mode)
        actions.record_attendance(by=by, at=NOW, occurrence=session, entries=[entry])
    sent = filled(session, [ana, ben])
    assert leading.post(f"/sessions/{session.pk}/signature/", sent).status_code == 302
    note = Note.objects.get()
    for one, by_video in ((ana, True), (ben, False)):
        for page in (f"notes/{note.pk}/", f"notes/{note.pk}/print/"):
            said = html(leading.get(f"/patients/{one.code}/{page}"))
            assert ("Blue room" in said) is not by_video, page


# single sessions --

KINDS = [
    ("individual", Role.COUNSELOR, "LPC", "DAP"),
    ("family", Role.COUNSELOR, "LMFT", "DAP"),
    ("crisis", Role.COUNSELOR, "LPC", "BIRP"),
    ("case_management", Role.CASE_MANAGER, "CM", "GIRP"),
    ("medical", Role.PRESCRIBER, "MD", "SOAP"),
    ("peer", Role.PEER, "CPS", "GIRP"),
]


@pytest.mark.parametrize(("kind", "role", "credential", "format"), KINDS)
def test_each_kind_of_session_is_written_in_its_own_shape_with_an_objective_offered_and_signed(
    site, signed_in, by, kind, role, credential, format
):
    ana = admitted(site)
    later = tree("Nights slept through", due_on=date(2026, 6, 1))
    soon = tree("Meetings a week", due_on=date(2026, 4, 1))
    later[0]["goals"][0]["objectives"] += soon[0]["goals"][0]["objectives"]
    make_plan(by, ana.episodes.get(), problems=later)
    leader = make_staff(site, role, credential=credential)
    session = make_session(
        site, leader, [ana], starts=NOW - timedelta(hours=1), ends=NOW, kind=kind, treatment="individual"
    )
    client, where, c = signed_in(leader), f"/sessions/{session.pk}/", ana.code
    page = html(client.get(where))
    assert f'value="{format}" selected' in page
    due_first = Objective.objects.get(measure="Meetings a week")
    assert re.findall(rf'name="{c}-objective".*?</select>', page, re.DOTALL)
    offered = re.findall(
        r'<option value="(\d+)"', re.search(rf'name="{c}-objective".*?</select>', page, re.DOTALL)[0]
    )
    assert offered[0] == str(due_first.pk), "the one most due first"
    assert f'value="{due_first.pk}" selected' in page
    keys = list(dict.fromkeys(re.findall(rf'name="{c}-section-(\w+)"', page)))
    assert len(keys) >= 3
    if "goal" in keys:
        assert "Meetings a week: 28 of 30" in page
    client.post(where + "all-here/", {"page": "p1"})
    sent = {"revision": "0", "page": "p1", "format": format, "topic": "Week", "shared": "Went through the week.",
            f"{c}-risk": "none", f"{c}-objective": str(due_first.pk)}  # fmt: skip
    sent |= {f"{c}-section-{key}": f"Words about {key}." for key in keys}
    assert client.post(where + "signature/", sent).status_code == 302
    note = Note.objects.get()
    assert (note.format, note.signed_at, note.parts.get().objective) == (format, NOW, due_first)
    reader = signed_in(make_staff(site, Role.COUNSELOR))
    chart = html(reader.get(f"/patients/{c}/notes/"))
    assert f"Words about {keys[0]}." in chart
    assert "Objective: Meetings a week" in chart


def test_a_single_session_outside_its_usual_length_gets_a_sentence(site, leading, counselor, by):
    ana = admitted(site)
    session = make_session(site, counselor, [ana], starts=NOW - timedelta(hours=1), ends=NOW, kind="crisis")
    entry = actions.Entry(patient_id=ana.pk, outcome="present", left=session.starts + timedelta(minutes=20))
    actions.record_attendance(by=by, at=NOW, occurrence=session, entries=[entry])
    assert "A crisis session of 20 minutes is short" in html(leading.get(f"/sessions/{session.pk}/"))


# co-signature --


def test_a_note_to_co_sign_waits_with_the_supervisor_named_and_with_nobody_else(site, signed_in, counselor):
    from stepwell.clinic.people.models import Credential

    trainee = make_staff(site, Role.FACILITATOR, credential="INTERN", name="Tara Trainee")
    Credential.objects.filter(staff=trainee).update(supervisor=counselor)
    session, patients = group_of(site, trainee)
    signed(actor(trainee), session, patients)
    other = signed_in(make_staff(site, Role.COUNSELOR))
    assert "Tara Trainee" not in html(other.get("/notes/"))
    assert other.post(f"/sessions/{session.pk}/co-signature/").status_code in (302, 403)
    assert Note.objects.get().cosigned_at is None
    mine = signed_in(counselor)
    assert "Co-sign" in html(mine.get(f"/sessions/{session.pk}/"))
    assert mine.post(f"/sessions/{session.pk}/co-signature/").status_code == 302
    assert "Tara Trainee" not in html(mine.get("/notes/"))
    chart = html(mine.get(f"/patients/{patients[0].code}/notes/"))
    assert "Signed by Tara Trainee, INTERN" in chart
    assert f"Co-signed by {counselor.name}, LPC" in chart
    assert Attendance.objects.filter(locked_at__isnull=True).count() == 0
