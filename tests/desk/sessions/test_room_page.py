"""The session room's own page: parts that news replaces, attendance by exception, walk-ins and guests."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.actions import raise_alert
from stepwell.clinic.people.models import Patient
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.models import Attendance, Guest, Note, NotePart
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.consent.making import consent_for_family
from tests.clinic.sessions.making import BEFORE, group_of, signed
from tests.clinic.timetable.making import admitted, make_session
from tests.desk.sessions.test_sessions_pages import count, filled
from tests.making import NOW, actor, make_family_member, make_site, make_staff

HTMX = {"HX-Request": "true"}
START = NOW - timedelta(hours=1)


@pytest.fixture
def leading(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def group(site, counselor):
    return group_of(site, counselor)


def html(answer):
    return answer.content.decode()


def part_of(page, number):
    """The element of that id as the page has it."""
    found = re.search(rf'<(\w+)[^>]* id="{number}"[^>]*>(.*?)</\1>', page, re.DOTALL)
    assert found, f"{number} is not on the page"
    return found[2]


# saving --


def test_the_page_hears_which_revision_the_server_has(leading, group):
    session, patients = group
    room = f"/sessions/{session.pk}/draft/"
    first = leading.post(room, filled(session, patients), headers=HTMX)
    assert first.headers["X-Saved-Revision"] == "1"
    Note.objects.update(saved_from="another page", revision=7)
    refused = leading.post(room, filled(session, patients, shared="Mine."), headers=HTMX)
    assert (refused.status_code, "X-Saved-Revision" in refused.headers) == (200, False)
    assert "saved this note at" in html(refused)


def test_an_expired_login_answers_a_part_with_401_and_a_button_with_the_way_back(client, leading, group):
    session, patients = group
    room = f"/sessions/{session.pk}/"
    assert client.post(room + "draft/", filled(session, patients), headers=HTMX).status_code == 401
    assert client.get(room + "roster/", headers=HTMX).status_code == 401
    pressed = client.post(
        room + "signature/", filled(session, patients), headers={"Referer": f"http://testserver{room}"}
    )
    assert (pressed.status_code, pressed.headers["Location"]) == (302, f"/accounts/login/?next={room}")
    elsewhere = client.post(room + "signature/", {}, headers={"Referer": "https://elsewhere.example/x/"})
    assert elsewhere.headers["Location"] == f"/accounts/login/?next={room}signature/"


def keep_of(client, session):
    found = re.search(r'<sw-keep data-name="([^"]+)" data-key="([^"]+)" data-hours="(\d+)"', html(client.get(f"/sessions/{session.pk}/")))  # fmt: skip
    return found.groups() if found else None


def test_the_key_is_of_one_login_and_one_session_and_always_the_same(site, signed_in, counselor, group):
    session, _ = group
    other = make_staff(site, Role.COUNSELOR, Role.FACILITATOR, name="Lena Lindqvist")
    Occurrence.objects.filter(pk=session.pk).update(cofacilitator=other)
    another = make_session(site, counselor, [admitted(site, "Ida", "Alone")], starts=NOW + timedelta(hours=3))
    mine, again = keep_of(signed_in(counselor), session), keep_of(signed_in(counselor), session)
    theirs, elsewhere = keep_of(signed_in(other), session), keep_of(signed_in(counselor), another)
    assert mine == again
    assert len({mine[:2], theirs[:2], elsewhere[:2]}) == 3
    assert len({mine[0], theirs[0], elsewhere[0]}) == len({mine[1], theirs[1], elsewhere[1]}) == 3
    assert (len(b64decode(mine[1])), mine[2]) == (32, "72")
    assert str(session.pk) not in mine[0]


def test_who_does_not_write_the_note_gets_no_key(site, signed_in, group):
    for role in (Role.NURSE, Role.PEER, Role.ADMISSIONS, Role.DIRECTOR):
        assert keep_of(signed_in(make_staff(site, role)), group[0]) is None


# attendance by exception --


def test_all_here_by_htmx_answers_with_the_news_alone(leading, group):
    session, patients = group
    answer = leading.post(f"/sessions/{session.pk}/all-here/", filled(session, patients), headers=HTMX)
    page = html(answer)
    assert answer.status_code == 200
    assert "2 of 2 recorded" in part_of(page, "recorded")
    assert "attended" in part_of(page, f"state-{patients[0].code}")
    assert "<section" not in page.replace('<section id="before-you-sign"', "")
    assert f'id="{patients[0].code}-text"' not in page
    again = leading.post(f"/sessions/{session.pk}/all-here/", filled(session, patients), headers=HTMX)
    assert "Attendance of everybody is recorded already." in part_of(html(again), "room-said")


def test_one_person_recorded_by_htmx_leaves_what_is_being_written_alone(leading, group):
    session, (ana, ben) = group
    path = f"/sessions/{session.pk}/attendance/"
    late = filled(session, [ana, ben], of=ana.code, **{f"{ana.code}-arrived": "09:20"})
    page = html(leading.post(path, late, headers=HTMX))
    assert page.lstrip().startswith(f'<div class="room-came own-button" id="came-{ana.code}" data-quiet>')
    assert "20 min late" in part_of(page, f"state-{ana.code}")
    assert "<textarea" not in page
    assert NotePart.objects.count() == 2, "what was typed is saved with it"


def test_an_absence_by_htmx_brings_the_person_back_whole(leading, group):
    session, (ana, ben) = group
    path = f"/sessions/{session.pk}/attendance/"
    answer = leading.post(path, filled(session, [ana, ben], absent=f"{ana.code}/ill"), headers=HTMX)
    assert answer.headers["HX-Retarget"] == f"#p-{ana.code}"
    assert f'<section class="room-person" id="p-{ana.code}"' in html(answer)
    assert f'id="p-{ben.code}"' not in html(answer)
    back = leading.post(
        path, filled(session, [ana, ben], of=ana.code), headers=HTMX | {"HX-Target": f"p-{ana.code}"}
    )
    assert f'id="{ana.code}-text"' in html(back)


def test_a_refusal_by_htmx_replaces_nothing(leading, group):
    session, (ana, ben) = group
    wrong = filled(session, [ana, ben], of=ana.code, **{f"{ana.code}-arrived": "03:00"})
    answer = leading.post(f"/sessions/{session.pk}/attendance/", wrong, headers=HTMX)
    assert answer.headers["HX-Reswap"] == "none"
    assert "cannot have arrived at that time" in part_of(html(answer), "room-said")


def test_times_out_are_kept_added_and_taken_back_one_by_one(leading, group):
    session, (ana, _) = group
    room, c = f"/sessions/{session.pk}/", ana.code
    two = {"page": "p1", "of": c, f"{c}-out": ["09:10", "09:30", ""], f"{c}-back": ["09:15", "09:40", ""]}
    assert leading.post(room + "attendance/", two).status_code == 302
    assert Attendance.objects.get().minutes == 45
    page = html(leading.get(room))
    assert "Out 09:10–09:15, 09:30–09:40" in page
    assert page.count(f'name="{c}-out"') == 3
    less = two | {"of": f"{c}/0"}
    assert leading.post(room + "attendance/", less).status_code == 302
    assert Attendance.objects.get().minutes == 50
    wrong = {"page": "p1", "of": c, f"{c}-out": [""], f"{c}-back": ["09:15"]}
    answer = leading.post(room + "attendance/", wrong)
    assert (answer.status_code, "Say when Ana stepped out, too." in html(answer)) == (422, True)
    assert 'value="09:15"' in html(answer)


@pytest.mark.parametrize(
    ("absent", "typed", "row"),
    [
        ("ill", "", ("excused", "Ill")),
        ("ill", "flu", ("excused", "Ill: flu")),
        ("silent", "", ("unexcused", "Did not call")),
        ("excused", "Snow", ("excused", "Snow")),
        ("unexcused", "Snow", ("unexcused", "Snow")),
    ],
)
def test_an_absence_is_one_tap(leading, group, absent, typed, row):
    session, (ana, _) = group
    sent = {"page": "p1", "absent": f"{ana.code}/{absent}", f"{ana.code}-reason": typed}
    assert leading.post(f"/sessions/{session.pk}/attendance/", sent).status_code == 302
    came = Attendance.objects.get()
    assert (came.outcome, came.reason, came.minutes) == (*row, 0)


def test_an_absence_without_a_reason_or_of_nobody_is_refused(leading, group):
    session, (ana, _) = group
    for absent, sentence in (
        (f"{ana.code}/excused", "Say why Ana F. was absent"),
        (f"{ana.code}/joke", "Say whether Ana F. came"),
        ("NOBODY/ill", "Choose whose attendance to record"),
        ("\x00/ill", "Choose whose attendance to record"),
    ):
        answer = leading.post(f"/sessions/{session.pk}/attendance/", {"page": "p1", "absent": absent})
        assert (answer.status_code, sentence in html(answer)) == (422, True), absent
        part = leading.post(
            f"/sessions/{session.pk}/attendance/", {"page": "p1", "absent": absent}, headers=HTMX
        )
        assert sentence in part_of(html(part), "room-said")
    assert Attendance.objects.count() == 0


def test_after_an_absence_the_row_offers_what_the_contact_rules_allow(leading, group):
    session, (ana, ben) = group
    Patient.objects.filter(pk=ana.pk).update(phone="404-555-0101", may_call=True)
    Patient.objects.filter(pk=ben.pk).update(phone="404-555-0102", may_call=False)
    for one in (ana, ben):
        leading.post(f"/sessions/{session.pk}/attendance/", {"page": "p1", "absent": f"{one.code}/ill"})
    page = html(leading.get(f"/sessions/{session.pk}/"))
    assert 'href="tel:404-555-0101"' in page
    assert "This is your appointment office." in page
    assert "404-555-0102" not in page
    assert "The person did not allow calls." in page
    assert page.count("Offer a make-up") == 2
    assert f'href="/patients/{ana.code}/schedule/#openings"' in page
    assert leading.get(f"/patients/{ben.code}/details/").status_code == 200


def test_how_somebody_takes_part_is_recorded_and_a_mistake_is_taken_back(leading, group):
    session, (ana, _) = group
    room, c = f"/sessions/{session.pk}/", ana.code
    leading.post(room + "attendance/", {"page": "p1", "of": c, f"{c}-mode": "on_site"})
    assert Attendance.objects.get().mode == "on_site"
    leading.post(room + "attendance/", {"page": "p1", "of": c, f"{c}-mode": "video"})
    assert Attendance.objects.get().mode == "video"
    assert "by video" in html(leading.get(room))
    assert leading.post(room + "attendance/taking-back/", {"page": "p1", "of": c}).status_code == 302
    assert Attendance.objects.count() == 0
    again = leading.post(room + "attendance/taking-back/", {"page": "p1", "of": c})
    assert (again.status_code, "Nothing is recorded" in html(again)) == (422, True)


def test_news_of_a_check_in_says_who_came_and_what_is_missing(site, leading, group, signed_in):
    session, _patients = group
    actions.all_here(by=actor(make_staff(site, Role.NURSE)), at=NOW, occurrence=session)
    page = html(leading.get(f"/sessions/{session.pk}/roster/"))
    assert "2 of 2 recorded" in page
    assert part_of(page, "before-you-sign").count("Ana F.") == 1
    assert "<textarea" not in page
    watching = html(signed_in(make_staff(site, Role.DIRECTOR)).get(f"/sessions/{session.pk}/roster/"))
    assert "before-you-sign" not in watching
    assert 'name="of"' not in watching


# what to look out for --


def test_alerts_and_the_last_risk_stand_with_the_person_for_who_may_see_them(site, leading, group, signed_in):
    session, (ana, ben) = group
    raise_alert(by=actor(make_staff(site, Role.COUNSELOR)), at=NOW, patient=ana, kind="x", sentence="Asked to be called.", subject="Screening 1", urgent=True)  # fmt: skip
    page = html(leading.get(f"/sessions/{session.pk}/"))
    assert page.index("Asked to be called.") < page.index(f'id="p-{ben.code}"')
    link = re.search(r'href="(/patients/[^"]+/alerts/\d+/)"', page)
    assert link
    assert leading.get(link[1]).status_code == 200
    peer = html(signed_in(make_staff(site, Role.PEER)).get(f"/sessions/{session.pk}/"))
    assert "Asked to be called." not in peer


# walk-ins --


def test_a_walk_in_is_found_and_added_in_one_press(site, leading, group):
    session, _ = group
    zoe = admitted(site, "Zoe", "Walker")
    room = f"/sessions/{session.pk}/"
    assert "Somebody without a seat came" in html(leading.get(room))
    page = html(leading.get(room + "walk-in/?q=zoe", headers=HTMX))
    assert (zoe.full_name in page, "<html" in page) == (True, False)
    assert "<html" in html(leading.get(room + "walk-in/?q=zoe"))
    answer = leading.post(room + "walk-in/", {"code": zoe.code})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{room}#p-{zoe.code}")
    assert Seat.objects.filter(occurrence=session, patient=zoe).count() == 1
    again = leading.post(room + "walk-in/", {"code": zoe.code})
    assert (again.status_code, "already has a seat" in html(again)) == (422, True)
    for garbage in ("", "\x00", "NOBODY00", "x" * 400):
        assert leading.post(room + "walk-in/", {"code": garbage}).status_code == 404


def test_a_walk_in_of_another_site_is_not_there_and_roles_without_booking_see_no_search(
    site, leading, group, signed_in
):
    session, _ = group
    there = admitted(make_site(), "Zoe", "Elsewhere")
    room = f"/sessions/{session.pk}/"
    assert "Elsewhere" not in html(leading.get(room + "walk-in/?q=zoe"))
    assert leading.post(room + "walk-in/", {"code": there.code}).status_code == 404
    nurse = signed_in(make_staff(site, Role.NURSE))
    assert "Somebody without a seat came" not in html(nurse.get(room))
    assert nurse.get(room + "walk-in/?q=zoe").status_code == 403


# guests --


@pytest.fixture
def family(site, counselor):
    ana = admitted(site, "Ana", "Reyes")
    session = make_session(site, counselor, [ana], starts=START, kind="family", treatment="family")
    return session, ana, make_family_member(ana)


def test_a_guest_is_received_by_consent_or_by_the_patients_word(leading, family):
    session, _ana, mother = family
    room = f"/sessions/{session.pk}/"
    assert "Record first that Ana is here." in html(leading.get(room))
    answer = leading.post(room + "guests/", {"member": mother.pk, "agrees": "yes"}, follow=True)
    assert "Record first that Ana is here." in html(answer)
    leading.post(room + "all-here/", {"page": "p1", "format": "DAP"})
    assert "Ana says yes, is here" in html(leading.get(room))
    leading.post(room + "guests/", {"member": mother.pk, "agrees": "yes"})
    assert Guest.objects.get().ground == "say_so"
    assert "the patient&#39;s say-so" in html(leading.get(room))
    leading.post(f"{room}guests/{Guest.objects.get().pk}/taking-back/")
    consent_for_family(mother, at=BEFORE)
    assert "Is here" in html(leading.get(room))
    leading.post(room + "guests/", {"member": mother.pk})
    assert Guest.objects.get().ground == "consent"
    assert leading.post(room + "guests/", {"member": "9" * 30}).status_code == 404


def test_guests_are_seen_by_staff_in_the_room_and_in_no_chart(site, leading, group, signed_in, by):
    session, (ana, ben) = group
    Occurrence.objects.filter(pk=session.pk).update(treatment="family")
    aunt = make_family_member(ana, "Aunt Unmistakable")
    consent_for_family(aunt, at=BEFORE)
    leading.post(f"/sessions/{session.pk}/guests/", {"member": aunt.pk})
    assert Guest.objects.count() == 1
    assert "Aunt Unmistakable" in html(leading.get(f"/sessions/{session.pk}/"))
    signed(by, session, [ana, ben])
    for path in ("", "notes/", "schedule/", "recovery/", "consent/", "details/"):
        assert "Aunt Unmistakable" not in html(leading.get(f"/patients/{ben.code}/{path}"))
    for role in (Role.BILLER, Role.DIRECTOR, Role.ADMISSIONS, Role.COMPLIANCE):
        page = html(signed_in(make_staff(site, role)).get(f"/sessions/{session.pk}/"))
        assert "Aunt Unmistakable" not in page


def test_the_room_and_its_news_cost_the_same_for_one_family_and_for_ten(site, signed_in):
    costs = []
    for people in (1, 10):
        leader = make_staff(site, Role.COUNSELOR, Role.FACILITATOR)
        session, patients = group_of(site, leader, people, name=f"Families {people}")
        Occurrence.objects.filter(pk=session.pk).update(treatment="family")
        for patient in patients:
            consent_for_family(make_family_member(patient), at=BEFORE)
            raise_alert(by=actor(leader), at=NOW, patient=patient, kind="x", sentence="Look.", subject="S 1", urgent=False)  # fmt: skip
        client = signed_in(leader)
        client.post(
            f"/sessions/{session.pk}/attendance/", {"page": "p1", "absent": f"{patients[0].code}/ill"}
        )
        costs.append([count(client, f"/sessions/{session.pk}/{path}") for path in ("", "roster/")])
    assert costs[0] == costs[1]
