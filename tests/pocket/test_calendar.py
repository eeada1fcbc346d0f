"""When she can come, and her private calendar."""

import re
from datetime import timedelta

from icalendar import Calendar

from stepwell.accounts.roles import Role
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.models import CalendarFeed, PatientWindow, Seat
from stepwell.pocket.ics import calendar_text
from tests.clinic.timetable.making import first_session, make_group
from tests.making import NOW, TODAY, actor, make_staff


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def feed_path(feed):
    return f"/calendar/{feed.pk}/{feed.secret}.ics"


def events(client, feed):
    answer = client.get(feed_path(feed))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    calendar = Calendar.from_ical(answer.content)
    assert [str(z["tzid"]) for z in calendar.walk("VTIMEZONE")] == ["America/New_York"]
    return answer.content.decode(), calendar.walk("VEVENT")


def test_she_says_when_she_can_come(phone, patient):
    answer = phone.post("/my/times/", {"t2-0-from": "17:00", "t2-0-to": "21:00", "do": "save"}, follow=True)
    assert "Your team knows when you can come." in answer.content.decode()
    row = PatientWindow.objects.get(patient=patient)
    assert (row.weekday, row.first_on, row.by) == (2, TODAY, None)
    assert 'value="17:00"' in page(phone, "/my/times/")


def test_she_is_told_that_something_no_longer_fits(phone, patient, site, counselor):
    director = actor(make_staff(site, Role.DIRECTOR))
    actions.enroll(by=director, at=NOW, patient=patient, group=make_group(site, counselor), starts_on=TODAY)
    answer = phone.post("/my/times/", {"t2-0-from": "17:00", "t2-0-to": "21:00", "do": "save"}, follow=True)
    assert "3 appointments do not fit any more" in answer.content.decode()


def test_garbage_comes_back_with_a_sentence(phone):
    answer = phone.post("/my/times/", {"t2-0-from": "21:00", "t2-0-to": "17:00", "do": "save"})
    assert (answer.status_code, "ends before it begins" in answer.content.decode()) == (422, True)


def test_the_calendar_says_only_appointment_until_she_wants_more(phone, client, patient, site, counselor):
    director = actor(make_staff(site, Role.DIRECTOR))
    group = make_group(site, counselor)
    actions.enroll(by=director, at=NOW, patient=patient, group=group, starts_on=TODAY)
    actions.cancel_occurrence(by=director, at=NOW, occurrence=first_session(group), because="Ill")
    phone.post("/my/calendar/address/")
    feed = CalendarFeed.objects.get(patient=patient)
    assert feed.secret in page(phone, "/my/calendar/")
    text, told = events(client, feed)
    assert {str(e["summary"]) for e in told} == {"Appointment", "Cancelled: Appointment"}
    assert [str(e["status"]) for e in told][:2] == ["CANCELLED", "CONFIRMED"]
    for word in ("Relapse", site.name, patient.given_name, patient.family_name, "Stepwell"):
        assert word not in text
    phone.post("/my/calendar/words/", {"named": "yes"})
    text, told = events(client, feed)
    assert "Relapse prevention" in text
    assert site.name in text


def test_six_stays_six_when_the_clocks_change(phone, client, patient, site, counselor):
    director = actor(make_staff(site, Role.DIRECTOR))
    autumn = NOW.replace(month=10, day=21)
    group = make_group(site, counselor, made_at=autumn, starts_on=autumn.date())
    actions.enroll(by=director, at=autumn, patient=patient, group=group, starts_on=autumn.date())
    feed = actions.make_feed(by=actor(patient), at=NOW, patient=patient)
    sessions = queries.sessions_in_feed(feed, autumn, autumn + timedelta(weeks=9))
    text = calendar_text(sessions, zone=site.zone, named=False, at=autumn)
    starts = [e["dtstart"].dt for e in Calendar.from_ical(text).walk("VEVENT")]
    assert {(s.hour, s.minute) for s in starts} == {(18, 0)}
    assert len({s.utcoffset() for s in starts}) == 2


def test_a_new_address_ends_the_old_one_and_an_ended_one_is_nowhere(phone, client, patient):
    phone.post("/my/calendar/address/")
    first = CalendarFeed.objects.get(patient=patient, ended_at__isnull=True)
    phone.post("/my/calendar/address/")
    second = CalendarFeed.objects.get(patient=patient, ended_at__isnull=True)
    assert client.get(feed_path(first)).status_code == 404
    assert client.get(feed_path(second)).status_code == 200
    assert client.get(f"/calendar/{second.pk}/{first.secret}.ics").status_code == 404
    assert client.post(feed_path(second)).status_code == 405
    phone.post("/my/calendar/end/")
    assert client.get(feed_path(second)).status_code == 404
    again = phone.post("/my/calendar/end/", follow=True)
    assert "no calendar address in use" in again.content.decode()


def test_what_no_longer_fits_stands_above_her_week_until_she_gives_it_back(phone, patient, site, counselor):
    director = actor(make_staff(site, Role.DIRECTOR))
    actions.enroll(by=director, at=NOW, patient=patient, group=make_group(site, counselor), starts_on=TODAY)
    assert "Does not fit your times" not in page(phone, "/my/week/")
    phone.post("/my/times/", {"t2-0-from": "20:00", "t2-0-to": "21:00", "do": "save"})
    shown = page(phone, "/my/week/")
    assert "Does not fit your times" in shown
    seat = Seat.objects.filter(patient=patient).order_by("occurrence__starts")[0]
    assert f'/my/sessions/{seat.pk}/absence/?why=times"' in shown
    asked = page(phone, f"/my/sessions/{seat.pk}/absence/?why=times")
    assert re.search(r'<input[^>]*value="My times have changed"[^>]*checked', asked)
    phone.post(f"/my/sessions/{seat.pk}/absence/", {"reason": "My times have changed"})
    assert f"/my/sessions/{seat.pk}/absence/?why=times" not in page(phone, "/my/week/")
