"""The pages of hours, absences, closed days, a patient's times, the next seats, calendars and printed weeks."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.timetable import actions
from stepwell.clinic.timetable.models import (
    CalendarFeed,
    Closure,
    Enrollment,
    KeptApart,
    Occurrence,
    PatientTag,
    PatientWindow,
    StaffAbsence,
    StaffAvailability,
    TherapyGroup,
    WeekVersion,
)
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

FRI = date(2026, 3, 20)


@pytest.fixture
def director(site):
    return make_staff(site, Role.DIRECTOR)


@pytest.fixture
def client(signed_in, counselor):
    return signed_in(counselor)


@pytest.fixture
def office(signed_in, director):
    return signed_in(director)


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


LIMITS = {"day_hours": "6", "week_hours": "25", "usual_hours": "20", "rest": "10", "travel": "15"}


def sent(**rows: str) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in rows.items()}


# -- hours of the staff --


def test_hours_limits_and_kinds_are_saved_with_one_press(office, counselor):
    answer = office.post(
        f"/availability/staff/{counselor.pk}/",
        {
            **sent(t0_0_from="09:00", t0_0_to="12:00", t0_1_from="13:00", t0_1_to="17:00"),
            **LIMITS,
            "leads": ["skills"],
            "first_on": "2026-03-18",
            "do": "save",
        },
    )
    assert (answer.status_code, answer.url) == (302, "/availability/")
    rows = StaffAvailability.objects.filter(staff=counselor).order_by("starts_at")
    assert [(r.weekday, r.starts_at, r.ends_at) for r in rows] == [
        (0, time(9), time(12)),
        (0, time(13), time(17)),
    ]
    shown = page(office, "/availability/")
    assert "Mon 9:00 am – 12:00 pm; Mon 1:00 pm – 5:00 pm" in shown


def test_monday_is_copied_without_saving_anything(office, counselor):
    answer = office.post(
        f"/availability/staff/{counselor.pk}/",
        {**sent(t0_0_from="09:00", t0_0_to="12:00"), **LIMITS, "first_on": "2026-03-18", "do": "copy"},
    )
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="t4-0-from" value="09:00"' in shown
    assert 'name="t5-0-from" value="09:00"' not in shown
    assert not StaffAvailability.objects.exists()


def test_more_rows_are_given_without_losing_what_was_typed(office, counselor):
    answer = office.post(
        f"/availability/staff/{counselor.pk}/",
        {**sent(t0_0_from="09:00", t0_0_to="12:00"), **LIMITS, "first_on": "2026-03-18", "do": "more"},
    )
    shown = answer.content.decode()
    assert 'name="t0-1-from"' in shown
    assert 'value="09:00"' in shown


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"t0-0-from": "09:00", "t0-0-to": ""}, "say from when until when"),
        ({"t0-0-from": "nine", "t0-0-to": "12:00"}, "Enter a valid time"),
        ({"t0-0-from": "12:00", "t0-0-to": "09:00"}, "ends before it begins"),
        ({"t0-0-from": "\0", "t0-99999999999-from": "09:00", "t0-x-from": "1"}, "Enter a valid time"),
    ],
)
def test_times_that_make_no_sense_come_back_with_a_sentence(office, counselor, rows, sentence):
    answer = office.post(
        f"/availability/staff/{counselor.pk}/", {**rows, **LIMITS, "first_on": "2026-03-18", "do": "save"}
    )
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not StaffAvailability.objects.exists()


def test_availability_is_the_directors(client):
    assert client.get("/availability/").status_code == 403


def test_a_stranger_site_has_no_such_person(office):
    other = make_staff(make_site("Elsewhere"), Role.COUNSELOR)
    assert office.get(f"/availability/staff/{other.pk}/").status_code == 404


# -- away, out of use, closed --


def test_somebody_is_away_and_the_sessions_are_named(office, site, counselor):
    make_group(site, counselor)
    answer = office.post(
        "/availability/absences/new/",
        {"staff": counselor.pk, "first_on": "2026-03-18", "because": "Ill"},
        follow=True,
    )
    shown = answer.content.decode()
    assert "1 session needs somebody or something else." in shown
    assert f"cannot be held: {counselor.short_name} is away." in shown
    assert 'name="then" value="mend"' in shown
    row = StaffAbsence.objects.get()
    assert (row.ends - row.starts) == timedelta(days=1)
    office.post(f"/availability/absences/{row.pk}/withdrawal/")
    row.refresh_from_db()
    assert row.withdrawn_at == NOW


def test_a_room_is_out_of_use_and_back(office, site, counselor):
    group = make_group(site, counselor)
    office.post(
        "/availability/rooms-out/new/",
        {"room": group.room_id, "first_on": "2026-03-18", "last_on": "2026-03-20", "because": "Water"},
    )
    out = group.room.outs.get()
    assert "Rooms out of use" in page(office, "/availability/")
    office.post(f"/availability/rooms-out/{out.pk}/return/")
    out.refresh_from_db()
    assert out.withdrawn_at == NOW


def test_a_day_is_closed_and_its_sessions_with_it(office, site, counselor):
    group = make_group(site, counselor)
    answer = office.post(
        "/availability/closures/", {"on": FRI.isoformat(), "because": "Snow", "cancel": "on"}, follow=True
    )
    assert "1 session is cancelled." in answer.content.decode()
    assert Occurrence.objects.get(group=group, local_date=FRI).cancelled_because == "Site closed: Snow"
    again = office.post("/availability/closures/", {"on": FRI.isoformat(), "because": "Ice"})
    assert (again.status_code, "closed already" in again.content.decode()) == (422, True)
    row = Closure.objects.get()
    office.post(f"/availability/closures/{row.pk}/opening/")
    assert not Closure.objects.filter(withdrawn_at__isnull=True).exists()


def test_after_closing_a_day_the_page_leads_to_other_seats(office, site, counselor, director):
    group = make_group(site, counselor)
    ana = admitted(site)
    actions.enroll(by=actor(director), at=NOW, patient=ana, group=group, starts_on=FRI)
    answer = office.post(
        "/availability/closures/", {"on": FRI.isoformat(), "because": "Snow", "cancel": "on"}, follow=True
    )
    said = answer.content.decode()
    assert "1 person loses a seat on" in said
    assert "Find them other seats" in said
    mended = office.post("/planning/", {"starts_on": "2026-03-16", "then": "mend"}, follow=True)
    assert "Friday is closed" in mended.content.decode()  # the draft in which she sits on Wednesday instead
    draft = WeekVersion.objects.get(origin="repair")
    assert [one.local_date.weekday() for one in draft.sessions.filter(seats__patient=ana)] == [2]


def test_holidays_are_proposed_and_decided_with_one_press(office, site):
    site.address = "1 Sample Street, Atlanta, GA"
    site.save()
    assert "Memorial Day" in page(office, "/availability/closures/")
    office.post("/availability/open-days/", {"on": "2026-05-25"})
    assert "Memorial Day" not in page(office, "/availability/closures/")
    answer = office.post("/availability/open-days/", {"on": "garbage"}, follow=True)
    assert "said already" in answer.content.decode()


# -- a patient's times --


def test_a_patients_times_are_saved_and_shown(client, site):
    patient = admitted(site)
    answer = client.post(
        f"/patients/{patient.code}/schedule/times/",
        {**sent(t2_0_from="17:30", t2_0_to="21:00", t2_0_wish="possible", t2_0_where="video"),
         "first_on": TODAY.isoformat(), "do": "save"},
    )  # fmt: skip
    assert answer.status_code == 302
    row = PatientWindow.objects.get()
    assert (row.weekday, row.preferred, row.on_site, row.video) == (2, False, False, True)
    assert "Said by" in page(client, f"/patients/{patient.code}/schedule/times/")


def test_sessions_that_no_longer_fit_are_named_with_the_mend(client, site, counselor, director):
    patient, group = admitted(site), make_group(site, counselor)
    by = actor(director)
    actions.enroll(by=by, at=NOW, patient=patient, group=group, starts_on=TODAY)
    client.post(
        f"/patients/{patient.code}/schedule/times/",
        {**sent(t2_0_from="17:30", t2_0_to="21:00"), "first_on": TODAY.isoformat(), "do": "save"},
    )
    shown = page(client, f"/patients/{patient.code}/schedule/times/")
    assert "3 booked sessions do not fit these times:" in shown


def test_tags_and_who_is_kept_apart(client, site):
    patient, other = admitted(site), admitted(site, "Ben", "Thornton")
    where = f"/patients/{patient.code}/schedule"
    client.post(f"{where}/tags/", {"more": "Women, spanish"})
    assert list(PatientTag.objects.order_by("tag").values_list("tag", flat=True)) == ["spanish", "women"]
    client.post(f"{where}/apart/", {"other": other.code.lower(), "because": "Both asked for it"})
    shown = page(client, f"{where}/times/")
    assert "Never in one session with one other person" in shown
    assert "Both asked for it" not in shown
    assert other.code not in shown
    wrong = client.post(f"{where}/apart/", {"other": "NOBODY", "because": "x"})
    assert (wrong.status_code, "No patient here has this code" in wrong.content.decode()) == (422, True)
    client.post(f"{where}/apart/{KeptApart.objects.get().pk}/end/")
    assert KeptApart.objects.get().ended_at == NOW


# -- the next seats --


def test_the_next_seats_are_booked_with_one_press(client, site, counselor, director):
    program = actions.set_up_program(
        by=actor(director), at=NOW, site=site, name="IOP", level="2.1", minutes_least=540, minutes_most=1140
    )
    track = actions.set_up_track(by=actor(director), at=NOW, program=program, name="Evening", kind="evening")
    group = make_group(site, counselor, tracks=[track])
    patient = admitted(site)
    shown = page(client, f"/patients/{patient.code}/schedule/next-seats/")
    assert "3 h a week; 6 h would be missing." in shown
    answer = client.post(
        f"/patients/{patient.code}/schedule/next-seats/",
        {"group": [str(group.pk)], "starts_on": "2026-03-20"},
    )
    assert (answer.status_code, Enrollment.objects.get().starts_on) == (302, FRI)


@pytest.mark.parametrize("groups", [[], ["99999999"], ["x"], ["1" * 40]])
def test_seats_that_are_not_there_book_nothing(client, site, groups):
    patient = admitted(site)
    client.post(f"/patients/{patient.code}/schedule/next-seats/", {"group": groups, "starts_on": "soon"})
    assert not Enrollment.objects.exists()


def test_all_groups_are_booked_or_none(client, site, counselor, director):
    free = make_group(site, counselor)
    full = make_group(site, make_staff(site, Role.FACILITATOR), meets=((1, time(9)),), capacity=3)
    for name in ("Ben", "Cal", "Dee"):
        actions.enroll(by=actor(director), at=NOW, patient=admitted(site, name), group=full, starts_on=TODAY)
    patient = admitted(site)
    answer = client.post(
        f"/patients/{patient.code}/schedule/next-seats/",
        {"group": [str(free.pk), str(full.pk)], "starts_on": TODAY.isoformat()},
        follow=True,
    )
    assert "is full on" in answer.content.decode()
    assert not Enrollment.objects.filter(patient=patient).exists()


# -- my own time, calendars --


def test_i_say_that_i_am_away_and_keep_my_own_calendar(client, counselor):
    client.post("/my-time/", {"first_on": "2026-03-19", "because": "Training"})
    away = StaffAbsence.objects.get(staff=counselor)
    assert "Training" in page(client, "/my-time/")
    client.post(f"/my-time/absences/{away.pk}/withdrawal/")
    client.post("/my-time/calendar/")
    feed = CalendarFeed.objects.get(staff=counselor, ended_at__isnull=True)
    assert feed.secret in page(client, "/my-time/")
    client.post("/my-time/calendar/words/", {"named": "no"})
    client.post("/my-time/calendar/end/")
    feed.refresh_from_db()
    assert (feed.named, feed.ended_at) == (False, NOW)


def test_anothers_absence_is_not_mine_to_take_back(client, site, director):
    other = make_staff(site, Role.FACILITATOR)
    away = actions.declare_absence(
        by=actor(director), at=NOW, staff=other, starts=NOW, ends=NOW + timedelta(days=1), because="Ill"
    )
    assert client.post(f"/my-time/absences/{away.pk}/withdrawal/").status_code == 403


# -- paper --


def test_the_week_on_one_sheet_names_no_patient(client, site, counselor, director):
    patient, group = admitted(site), make_group(site, counselor)
    actions.enroll(by=actor(director), at=NOW, patient=patient, group=group, starts_on=TODAY)
    actions.close_day(by=actor(director), at=NOW, site=site, on=date(2026, 3, 19), because="Snow")
    shown = page(client, "/week/print/")
    assert ("Relapse prevention" in shown, "Closed: Snow" in shown, patient.board_name in shown) == (
        True, True, False,
    )  # fmt: skip
    assert "Week of Monday 23 March" in page(client, "/week/print/?of=2026-03-25")
    assert client.get("/week/print/?of=garbage").status_code == 200


def test_one_patients_week_on_paper(client, site, counselor, director):
    patient, group = admitted(site), make_group(site, counselor)
    actions.enroll(by=actor(director), at=NOW, patient=patient, group=group, starts_on=TODAY)
    shown = page(client, f"/patients/{patient.code}/schedule/print/")
    assert shown.count("Relapse prevention") == 2
    stranger = make_patient(make_site("Elsewhere"))
    assert client.get(f"/patients/{stranger.code}/schedule/print/").status_code == 404


def test_what_the_week_is_planned_by_is_changed_on_the_groups_page(office, site, counselor):
    group = make_group(site, counselor)
    answer = office.post(
        f"/groups/{group.pk}/week/",
        {
            "least": 2,
            "good": 4,
            "leaders": 2,
            "each_week": 1,
            "needs": "Women, ",
            "features": "",
            "closed_series": "on",
        },
    )
    assert answer.status_code == 302
    changed = TherapyGroup.objects.get(pk=group.pk)
    assert (changed.good, changed.leaders, changed.needs, changed.closed_series) == (4, 2, ["women"], True)
    wrong = office.post(f"/groups/{group.pk}/week/", {"least": 2, "good": 9, "leaders": 1, "each_week": 1})
    assert (wrong.status_code, "not above the number of seats" in wrong.content.decode()) == (422, True)
