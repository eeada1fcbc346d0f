"""The queue, the call screen and every next step, through address, middleware and template."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.inquiry import actions
from stepwell.clinic.inquiry.models import Inquiry, InquiryEvent, IntakeAppointment
from stepwell.clinic.people.models import Patient, StaffRole
from stepwell.clinic.timetable import actions as timetable
from tests.clinic.inquiry.making import TOMORROW_AT_TEN, make_inquiry, open_on_weekdays
from tests.making import NOW, actor, make_patient, make_room, make_site, make_staff

HOUR = timedelta(hours=1)


@pytest.fixture
def rosa(site):
    open_on_weekdays(site)
    return make_staff(site, Role.ADMISSIONS, name="Rosa Lim")


@pytest.fixture
def desk(signed_in, rosa) -> Client:
    return signed_in(rosa)


@pytest.fixture
def inquiry(site) -> Inquiry:
    return make_inquiry(site, about="I drink every day.", free_times=["thu-morning"])


def at(inquiry: Inquiry, part: str = "") -> str:
    return f"/inquiries/{inquiry.code}/{part}"


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def kinds(inquiry: Inquiry) -> list[str]:
    return list(InquiryEvent.objects.filter(inquiry=inquiry).order_by("pk").values_list("kind", flat=True))


def test_the_queue_opens_on_who_waits_longest(desk, site):
    make_inquiry(site, name="Fresh Face")
    make_inquiry(site, name="Three Days", at=NOW - 72 * HOUR)
    page = text(desk.get("/inquiries/"))
    assert page.index("Three Days") < page.index("Fresh Face")
    assert "1 person has waited longer than promised." in page
    assert "2 to answer" in page
    assert "Call Three Days first" in page


def test_danger_is_named_before_anything_else(desk, site):
    make_inquiry(site, name="Three Days", at=NOW - 72 * HOUR)
    risky = make_inquiry(site, name="Somebody", red_flags=["suicide_plan"])
    assert "Somebody may be in danger now." in text(desk.get("/inquiries/"))
    assert "connect to 988 or 911" in text(desk.get(at(risky)))


def test_an_empty_queue_says_so(desk):
    page = text(desk.get("/inquiries/"))
    assert "Nobody waits for an answer." in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.COUNSELOR, 200),
        (Role.CASE_MANAGER, 200),
        (Role.DIRECTOR, 200),
        (Role.BILLER, 403),
        (Role.NURSE, 403),
        (Role.COMPLIANCE, 403),
    ],
)
def test_who_may_open_the_pages(signed_in, site, inquiry, role, status):
    client = signed_in(make_staff(site, role))
    for address in ("/inquiries/", "/inquiries/new/", at(inquiry)):
        assert client.get(address).status_code == status
    assert client.post(at(inquiry, "answer/"), {}).status_code in (302, 403)


def test_strangers_find_nothing_and_the_public_is_asked_to_sign_in(signed_in, inquiry, client):
    stranger = signed_in(make_staff(make_site(), Role.ADMISSIONS))
    assert stranger.get(at(inquiry)).status_code == 404
    for part in ("answer/", "attempt/", "referral/", "intake/", "patient/", "closing/", "reopening/"):
        assert stranger.post(at(inquiry, part), {}).status_code == 404
    assert "Ana Reyes" not in text(stranger.get("/inquiries/"))
    assert client.get(at(inquiry)).status_code == 302


def test_opening_an_inquiry_is_written_down(desk, inquiry):
    desk.get(at(inquiry))
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.action, entry.kind, entry.subject) == ("inquiry.access", "access", f"Inquiry {inquiry.pk}")


def test_the_call_screen_says_how_the_person_may_be_reached_now(desk, site):
    row = make_inquiry(site, may_text=True, safe_times="mon-fri 17:00-20:00")
    page = text(desk.get(at(row)))
    assert "Safe: call and text. Not allowed: voicemail and e-mail. Not now" in page
    assert "appointment office" not in page
    row = make_inquiry(site, safe_times="when he is at work")
    assert "They wrote about when: “when he is at work”" in text(desk.get(at(row)))


def test_from_the_queue_to_a_booked_intake_in_three_clicks(desk, site, counselor, inquiry):
    """Open the inquiry, keep the time that fits, book. The budget is eight."""
    make_room(site, name="Room 2")
    page = desk.get(at(inquiry)).content.decode()
    chosen = re.search(r'name="time" value="([^"]+)" checked', page)[1]
    assert "fits their week" in page
    answer = desk.post(at(inquiry, "intake/"), {"time": chosen, "minutes": 60, "mode": "on_site"})
    assert (answer.status_code, answer["Location"]) == (302, at(inquiry))
    intake = IntakeAppointment.objects.get()
    assert (f"{intake.starts:%a %H:%M}", intake.staff, intake.room.name) == ("Thu 12:00", counselor, "Room 2")
    page = text(desk.get(at(inquiry)))
    assert "Intake Thu 19 Mar, 8:00 – 9:00 am" in page
    assert "Book the intake" not in page
    assert "Thu 19 Mar, 8:00 – 9:00 am" in text(desk.get("/inquiries/"))


def own(**facts):
    return {"time": "own", "minutes": 60, "mode": "on_site", "starts": "2026-03-19T10:00", **facts}


def test_a_time_of_ones_own_is_wall_time_of_the_site(desk, site, counselor, inquiry):
    room = make_room(site)
    answer = desk.post(at(inquiry, "intake/"), own(staff=counselor.pk, room=room.pk))
    assert answer.status_code == 302
    assert IntakeAppointment.objects.get().starts == TOMORROW_AT_TEN


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"starts": ""}, "Say when the intake starts."),
        ({"starts": "0001-01-01T00:00"}, "time is over"),
        ({"starts": "9999-12-31T23:59"}, "more than 366 days ahead"),
        ({"starts": "2026-03-08T02:30"}, "couldn’t be interpreted in time zone"),
        ({"starts": "2026-03-19T22:00"}, "open from 8:00 am to 5:00 pm"),
        ({"staff": ""}, "Say who takes the intake."),
        ({"staff": "999999"}, "Select a valid choice"),
        ({"room": ""}, "Choose a room"),
        ({"mode": "carrier"}, "Choose length and place again"),
        ({"minutes": "many"}, "Choose length and place again"),
        ({"time": "1.2.3"}, "not on offer any more"),
        ({"time": "x" * 10_000}, "not on offer any more"),
        ({"time": "\x00"}, "Null characters are not allowed"),
        ({"time": ""}, "Choose a time."),
    ],
)
def test_a_booking_that_cannot_be_gets_a_sentence(desk, site, counselor, inquiry, facts, sentence):
    room = make_room(site)
    answer = desk.post(at(inquiry, "intake/"), own(**{"staff": counselor.pk, "room": room.pk, **facts}))
    assert answer.status_code == 422
    assert sentence in text(answer).replace("&#x27;", "’").replace("&#39;", "’")
    assert IntakeAppointment.objects.count() == 0


def test_the_second_receptionist_reads_what_clashes(desk, site, counselor, inquiry):
    room = make_room(site, name="Room 2")
    first = make_inquiry(site, name="First Come")
    assert desk.post(at(first, "intake/"), own(staff=counselor.pk, room=room.pk)).status_code == 302
    answer = desk.post(at(inquiry, "intake/"), own(staff=counselor.pk, room=room.pk))
    assert answer.status_code == 422
    assert "Room 2 is taken by an intake, Thu 19 Mar, 10:00 am to 11:00 am" in text(answer)


@pytest.mark.parametrize("query", ["minutes=45&mode=video", "minutes=x&mode=%00", "staff=999", "minutes=120"])
def test_times_can_be_looked_for_and_odd_questions_get_the_usual(desk, site, counselor, inquiry, query):
    make_room(site)
    assert desk.get(at(inquiry, f"?{query}")).status_code == 200


def test_cancelled_and_booked_again_then_here(desk, site, counselor, inquiry):
    room = make_room(site)
    today = own(staff=counselor.pk, room=room.pk, starts="2026-03-18T14:00")
    desk.post(at(inquiry, "intake/"), today)
    assert desk.post(at(inquiry, "intake/cancellation/"), {"note": "Ill."}).status_code == 302
    assert desk.post(at(inquiry, "intake/cancellation/"), {"note": ""}).status_code == 404
    desk.post(at(inquiry, "intake/"), today)
    assert desk.post(at(inquiry, "intake/arrival/")).status_code == 302
    assert kinds(inquiry) == ["booked", "reopened", "booked"]
    assert "Here since 10:00 am" in text(desk.get(at(inquiry)))
    assert "here since 10:00 am" in text(desk.get("/inquiries/"))


def test_whoever_did_not_come_stands_in_the_queue_until_it_is_written_down(
    signed_in, rosa, desk, site, counselor, inquiry
):
    desk.post(at(inquiry, "intake/"), own(staff=counselor.pk, room=make_room(site).pk))
    came = make_inquiry(site, name="Came Late")
    desk.post(
        at(came, "intake/"), own(staff=counselor.pk, room=make_room(site).pk, starts="2026-03-19T12:00")
    )
    assert "Did they come to the intake?" not in text(desk.get("/inquiries/"))
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        desk = signed_in(rosa)
        page = text(desk.get("/inquiries/"))
        assert "Did they come to the intake?" in page
        assert "Thu 19 Mar, 10:00 – 11:00 am" in page
        assert "Nobody has written down whether they came" in text(desk.get(at(inquiry)))
        assert desk.post(at(inquiry, "intake/cancellation/"), {"note": "No answer."}).status_code == 302
        assert "Did not come to the intake; open again" in text(desk.get(at(inquiry)))
        assert "Was here" in text(desk.get(at(came)))
        assert desk.post(at(came, "intake/arrival/")).status_code == 302
        page = text(desk.get("/inquiries/"))
        assert ("Did they come" in page, "1 to answer" in page) == (False, True)


def test_a_closed_day_and_somebody_away_are_known_to_the_call_screen(desk, site, counselor, inquiry):
    room, director = make_room(site, name="Room 2"), actor(make_staff(site, Role.DIRECTOR))
    desk.post(at(inquiry, "intake/"), own(staff=counselor.pk, room=room.pk))
    timetable.close_day(by=director, at=NOW, site=site, on=date(2026, 3, 19), because="Snow")
    timetable.declare_absence(
        by=director, at=NOW, staff=counselor, starts=NOW, ends=NOW + timedelta(hours=9), because="Ill"
    )
    assert "The site is closed on Thu 19 Mar (Snow)" in text(desk.get("/inquiries/"))
    assert "Call, cancel this intake and book another." in text(desk.get(at(inquiry)))
    other = make_inquiry(site, name="Other One")
    page = desk.get(at(other)).content.decode()
    assert ("Thursday 19 March" in page, "Wednesday 18 March" in page, "Friday 20 March" in page) == (
        False, False, True,
    )  # fmt: skip
    for starts, sentence in (
        ("2026-03-19T14:00", "The site is closed on Thu 19 Mar (Snow). Choose another time"),
        ("2026-03-18T15:00", "is away at that time. Choose another time"),
    ):
        answer = desk.post(at(other, "intake/"), own(staff=counselor.pk, room=room.pk, starts=starts))
        assert (answer.status_code, sentence in text(answer)) == (422, True)
    assert "Ill" not in text(answer)


def test_a_person_who_is_early_by_a_day_is_not_checked_in(desk, site, counselor, inquiry):
    desk.post(at(inquiry, "intake/"), own(staff=counselor.pk, room=make_room(site).pk))
    answer = desk.post(at(inquiry, "intake/arrival/"))
    assert answer.status_code == 422
    assert "This intake is on Thu 19 Mar, 10:00 am" in text(answer)


def test_answered_tried_referred_closed_and_opened_again(desk, inquiry):
    assert (
        desk.post(at(inquiry, "attempt/"), {"how": "call", "note": "No answer."})["Location"] == "/inquiries/"
    )
    assert "tried 1 time" in text(desk.get("/inquiries/"))
    assert desk.post(at(inquiry, "answer/"), {"note": "نص 😀"}).status_code == 302
    assert "1 to book" in text(desk.get("/inquiries/"))
    refer = {
        "reason": "needs_withdrawal_management",
        "referred_to": "River Hospital",
        "contact": "Dana 555-0142",
    }
    assert desk.post(at(inquiry, "referral/"), refer).status_code == 302
    assert "Referred to River Hospital" in text(desk.get("/inquiries/"))
    assert desk.post(at(inquiry, "reopening/"), {"note": ""}).status_code == 302
    assert desk.post(at(inquiry, "closing/"), {"reason": "elsewhere"}).status_code == 302
    assert kinds(inquiry) == ["attempted", "answered", "screened_out", "reopened", "closed"]
    page = text(desk.get(at(inquiry)))
    assert "Closed: found help elsewhere" in page
    assert "Rosa Lim" in page


@pytest.mark.parametrize(
    ("part", "facts", "sentence"),
    [
        ("attempt/", {"how": "pigeon"}, "Select a valid choice"),
        ("attempt/", {"how": "email"}, "Select a valid choice"),
        ("answer/", {"note": "a\x00b"}, "Null characters are not allowed"),
        ("answer/", {"note": "a" * 10_000}, "at most 2000 characters"),
        ("referral/", {"reason": "", "referred_to": ""}, "This field is required"),
        ("referral/", {"reason": "needs_higher_care", "referred_to": "River"}, "whom you spoke with there"),
        ("closing/", {"reason": "not_reached"}, "Nobody has tried yet. Try 3 times"),
        ("closing/", {"reason": "bored"}, "Select a valid choice"),
        ("reopening/", {}, "still open"),
        ("patient/", {"which": "new"}, "A new record needs it."),
        ("patient/", {"which": "ZZZZZZ"}, "not one that can be chosen"),
    ],
)
def test_what_is_refused_is_a_sentence_and_changes_nothing(desk, inquiry, part, facts, sentence):
    answer = desk.post(at(inquiry, part), facts)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert (kinds(inquiry), Patient.objects.count()) == ([], 0)


def test_the_record_is_made_and_a_likely_double_is_shown_first(desk, site, inquiry):
    facts = {"which": "new", "given_name": "Ana", "family_name": "Reyes", "birth_date": "1990-05-04"}
    on_file = make_patient(site, phone="404-555-0199")
    page = text(desk.get(at(inquiry)))
    assert "Somebody on file looks like this person." in page
    assert on_file.code in page
    answer = desk.post(at(inquiry, "patient/"), facts)
    assert answer.status_code == 422
    assert desk.post(at(inquiry, "patient/"), {"which": on_file.code}).status_code == 302
    assert Inquiry.objects.get(pk=inquiry.pk).patient == on_file
    other = make_inquiry(site, name="Maria Reyes", asking_for="family")
    answer = desk.post(at(other, "patient/"), facts)
    assert answer.status_code == 422
    assert "Another person: make a new record" in text(answer)
    assert desk.post(at(other, "patient/"), {**facts, "which": "another"}).status_code == 302
    assert Inquiry.objects.get(pk=other.pk).patient.pk != on_file.pk


@pytest.mark.parametrize("born", ["0001-01-01", "1800-01-01", "3000-01-01", "yesterday"])
def test_a_birth_date_that_cannot_be_is_refused(desk, inquiry, born):
    facts = {"which": "new", "given_name": "Ana", "family_name": "Reyes", "birth_date": born}
    assert desk.post(at(inquiry, "patient/"), facts).status_code == 422
    assert Patient.objects.count() == 0


def call(here, **facts):
    return {
        "source": "phone", "site": here.pk, "asking_for": "self", "name": "Ana Reyes", "phone": "404-555-0199",
        "ways": ["may_call"], "language": "es", "free_times": ["mon-evening"], "red_flags": ["injecting"],
        "once_key": "k", **facts,
    }  # fmt: skip


def test_a_call_is_written_down_once(desk, site):
    page = desk.get("/inquiries/new/").content.decode()
    assert re.search(r'name="once_key" value="[\w-]{20,}"', page)
    for _ in range(2):
        assert desk.post("/inquiries/new/", call(site)).status_code == 302
    row = Inquiry.objects.get()
    assert (row.source, row.may_call, row.may_text, row.language, row.free_times, row.red_flags) == (
        "phone",
        True,
        False,
        "es",
        ["mon-evening"],
        ["injecting"],
    )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "a\x00"}, "Null characters are not allowed"),
        ({"name": "a" * 10_000}, "at most 160 characters"),
        ({"ways": []}, "Tick at least one safe way"),
        ({"phone": ""}, "no way to answer yet"),
        ({"free_times": ["mon-midnight"]}, "Tick only times of the week that are shown."),
        ({"red_flags": ["bored"]}, "Select a valid choice"),
        ({"birth_date": "soon"}, "valid date"),
    ],
)
def test_a_call_that_cannot_be_kept_loses_nothing_typed(desk, site, facts, sentence):
    answer = desk.post("/inquiries/new/", call(site, **{"about": "Keep me", **facts}))
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "Keep me" in text(answer)
    assert Inquiry.objects.count() == 0


def test_pages_take_as_many_queries_for_thirty_as_for_one(
    desk, site, rosa, counselor, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    room = make_room(site)

    def counted(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(address).status_code == 200
        return len(queries)

    first = make_inquiry(site, name="First Person")
    counted("/inquiries/")
    one = counted("/inquiries/"), counted(at(first))
    for n in range(29):
        row = make_inquiry(site, name=f"First Person{n}", at=NOW - n * HOUR)
        actions.log_attempt(by=actor(rosa), at=NOW, inquiry=row, how="call")
        if n < 6:
            starts = TOMORROW_AT_TEN + (n - 2) * HOUR
            actions.book_intake(
                by=actor(rosa), at=NOW, inquiry=row, staff=counselor, room=room, starts=starts, minutes=60
            )
        if n > 25:
            actions.close_inquiry(by=actor(rosa), at=NOW, inquiry=row, reason="elsewhere")
    many = counted("/inquiries/"), counted(at(first))
    assert many[0] <= one[0] + 4, (
        "the first booked intake and the first closed inquiry bring their own queries"
    )
    assert many[1] <= one[1] + 2, "those who asked before bring their stories, in two queries for all"
    make_inquiry(site)
    assert counted("/inquiries/") == many[0]


def test_late_in_the_evening_those_who_work_that_day_are_offered(signed_in, rosa, site, inquiry):
    """23:30 on Wednesday in New York is Thursday in Greenwich."""
    staying = make_staff(site, Role.COUNSELOR, name="Lou Day", ends_on=date(2026, 3, 18))
    coming = make_staff(site, Role.COUNSELOR, name="Kim Morrow")
    StaffRole.objects.filter(staff=coming).update(starts_on=date(2026, 3, 19))
    with time_machine.travel(datetime(2026, 3, 19, 3, 30, tzinfo=UTC), tick=False):
        shown = text(signed_in(rosa).get(at(inquiry)))
        assert (f'value="{staying.pk}"' in shown, "Kim Morrow" in shown) == (True, False)
    with time_machine.travel(datetime(2026, 3, 19, 4, 30, tzinfo=UTC), tick=False):
        shown = text(signed_in(rosa).get(at(inquiry)))
        assert ("Lou Day" in shown, f'value="{coming.pk}"' in shown) == (False, True)
