"""Who can when: hours, absences, closed days, windows, tags, people kept apart, private calendars."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from stepwell.accounts.actor import stepwell_itself, the_public
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.assessment.models import Alert
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable import actions, queries
from stepwell.clinic.timetable.models import (
    CalendarFeed,
    Closure,
    KeptApart,
    Occurrence,
    PatientTag,
    PatientWindow,
    Seat,
    StaffAvailability,
    StaffLoad,
    StaffTreatment,
)
from stepwell.clinic.timetable.rules.windows import Window
from tests.clinic.timetable.making import MONDAY, admitted, first_session, make_group
from tests.making import NOW, TODAY, actor, make_login, make_patient, make_room, make_site, make_staff

WED, FRI = date(2026, 3, 18), date(2026, 3, 20)


@pytest.fixture
def director(site):
    return actor(make_staff(site, Role.DIRECTOR))


def window(day: int, starts: int, ends: int, **more: bool) -> Window:
    return Window(weekday=day, starts_at=time(starts), ends_at=time(ends), **more)


def last_entry():
    return Entry.objects.order_by("-seq").values_list("action", "patient_id")[0]


def hours(staff):
    rows = StaffAvailability.objects.filter(staff=staff).order_by("first_on", "weekday")
    return [(r.weekday, r.starts_at.hour, r.ends_at.hour, r.first_on, r.last_on) for r in rows]


# -- staff --


def test_new_hours_end_the_old_ones_the_day_before(director, counselor):
    actions.set_staff_availability(
        by=director, at=NOW, staff=counselor, windows=[window(0, 9, 17)], first_on=MONDAY
    )
    actions.set_staff_availability(
        by=director, at=NOW, staff=counselor, windows=[window(1, 9, 12), window(1, 12, 15)], first_on=FRI
    )
    assert hours(counselor) == [(0, 9, 17, MONDAY, FRI - timedelta(days=1)), (1, 9, 15, FRI, None)]
    assert last_entry() == ("timetable.set_staff_availability", None)


def test_hours_said_again_from_the_same_day_replace_those_that_never_held(director, counselor):
    for day in (0, 4):
        actions.set_staff_availability(
            by=director, at=NOW, staff=counselor, windows=[window(day, 9, 17)], first_on=FRI
        )
    assert hours(counselor) == [(4, 9, 17, FRI, None)]


@pytest.mark.parametrize(
    ("windows", "first_on", "sentence"),
    [
        ([window(0, 17, 9)], MONDAY, "ends before it begins"),
        ([window(0, 9, 12), window(0, 11, 13)], MONDAY, "overlap"),
        ([window(0, 9, 12)], MONDAY - timedelta(days=1), "Choose a day from Mon 16 Mar on"),
    ],
)
def test_hours_that_make_no_sense_are_refused(director, counselor, windows, first_on, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.set_staff_availability(
            by=director, at=NOW, staff=counselor, windows=windows, first_on=first_on
        )


LOAD = {"day_most": 360, "week_most": 1500, "week_usual": 1200, "rest": 10, "travel": 15}


def test_limits_hold_from_a_day_on(director, counselor):
    actions.set_staff_load(by=director, at=NOW, staff=counselor, first_on=MONDAY, **LOAD)
    actions.set_staff_load(by=director, at=NOW, staff=counselor, first_on=FRI, **{**LOAD, "rest": 20})
    rows = StaffLoad.objects.filter(staff=counselor).order_by("first_on").values_list("first_on", "rest")
    assert list(rows) == [(MONDAY, 10), (FRI, 20)]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"week_usual": 1501}, "above the most"),
        ({"day_most": 1441}, "24 hours"),
        ({"rest": 241}, "at most four hours"),
    ],
)
def test_limits_that_make_no_sense_are_refused(director, counselor, changed, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.set_staff_load(by=director, at=NOW, staff=counselor, first_on=MONDAY, **{**LOAD, **changed})


def test_who_leads_a_kind_does_not_only_co_lead_it(director, counselor):
    actions.set_staff_treatments(
        by=director, at=NOW, staff=counselor, leads=["skills"], coleads=["skills", "process"]
    )
    rows = StaffTreatment.objects.filter(staff=counselor).order_by("kind").values_list("kind", "leads")
    assert list(rows) == [("process", False), ("skills", True)]
    with pytest.raises(Refused, match="from the list"):
        actions.set_staff_treatments(by=director, at=NOW, staff=counselor, leads=["magic"])


def test_only_the_director_sets_hours(counselor):
    by = actor(counselor)
    with pytest.raises(Denied):
        actions.set_staff_availability(by=by, at=NOW, staff=counselor, windows=[], first_on=MONDAY)
    with pytest.raises(Denied):
        actions.set_staff_load(by=by, at=NOW, staff=counselor, first_on=MONDAY, **LOAD)
    with pytest.raises(Denied):
        actions.set_staff_treatments(by=by, at=NOW, staff=counselor, leads=[])


# -- away, out of use, closed --


def test_everybody_says_their_own_absence_and_only_the_director_anothers(site, counselor, director):
    span = {"starts": NOW, "ends": NOW + timedelta(days=1), "because": "Ill"}
    other = make_staff(site, Role.FACILITATOR)
    away = actions.declare_absence(by=actor(counselor), at=NOW, staff=counselor, **span)
    actions.declare_absence(by=director, at=NOW, staff=other, **span)
    with pytest.raises(Denied, match="Only the person"):
        actions.declare_absence(by=actor(counselor), at=NOW, staff=other, **span)
    actions.withdraw_absence(by=actor(counselor), at=NOW, absence=away)
    assert last_entry() == ("timetable.withdraw_absence", None)
    with pytest.raises(Refused, match="already"):
        actions.withdraw_absence(by=actor(counselor), at=NOW, absence=away)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ends": NOW - timedelta(hours=3)}, "end is before"),
        ({"starts": NOW - timedelta(days=2), "ends": NOW - timedelta(days=1)}, "is over"),
        ({"because": " "}, "Say why"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(director, counselor, changed, sentence):
    span = {"starts": NOW - timedelta(hours=1), "ends": NOW + timedelta(days=1), "because": "Ill", **changed}
    with pytest.raises(Refused, match=sentence):
        actions.declare_absence(by=director, at=NOW, staff=counselor, **span)


def test_an_absence_and_a_room_out_of_use_cancel_nothing_and_name_what_they_touch(site, director, counselor):
    group = make_group(site, counselor)
    span = {"starts": NOW, "ends": NOW + timedelta(days=3)}
    actions.declare_absence(by=director, at=NOW, staff=counselor, because="Ill", **span)
    out = actions.take_room_out(by=director, at=NOW, room=group.room, because="Water", **span)
    assert not Occurrence.objects.filter(cancelled_at__isnull=False).exists()
    assert queries.sessions_hit(director, NOW, staff=counselor, **span).count() == 2
    assert queries.sessions_hit(director, NOW, room=group.room, **span).count() == 2
    actions.put_room_back(by=director, at=NOW, out=out)
    with pytest.raises(Refused, match="already"):
        actions.put_room_back(by=director, at=NOW, out=out)


def test_a_closed_day_cancels_its_sessions_with_the_reason(site, director, counselor):
    group, patient = make_group(site, counselor), admitted(site)
    actions.enroll(by=director, at=NOW, patient=patient, group=group, starts_on=TODAY)
    _, cancelled = actions.close_day(by=director, at=NOW, site=site, on=FRI, because="Snow", cancel=True)
    assert cancelled == 1
    gone = Occurrence.objects.get(group=group, local_date=FRI)
    assert (gone.cancelled_at, gone.cancelled_because) == (NOW, f"{actions.CLOSED}Snow")
    assert Seat.objects.get(occurrence=gone).released_at == NOW
    assert Occurrence.objects.filter(group=group, cancelled_at__isnull=True).count() == 5
    assert Entry.objects.filter(action="timetable.cancel_occurrence", patient_id=patient.pk).count() == 1


def test_a_closed_day_may_leave_its_sessions_to_the_repair(site, director, counselor):
    group = make_group(site, counselor)
    row, cancelled = actions.close_day(by=director, at=NOW, site=site, on=FRI, because="Snow")
    assert (cancelled, Occurrence.objects.filter(group=group, cancelled_at__isnull=False).count()) == (0, 0)
    with pytest.raises(Refused, match="closed already"):
        actions.close_day(by=director, at=NOW, site=site, on=FRI, because="Ice")
    actions.open_day(by=director, at=NOW, closure=row)
    with pytest.raises(Refused, match="already"):
        actions.open_day(by=director, at=NOW, closure=row)


def test_days_that_are_over_are_neither_closed_nor_opened(site, director):
    with pytest.raises(Refused, match="That day is over"):
        actions.close_day(by=director, at=NOW, site=site, on=TODAY - timedelta(days=1), because="Snow")
    with pytest.raises(Refused, match="Say why"):
        actions.close_day(by=director, at=NOW, site=site, on=TODAY, because=" ")


def test_a_federal_holiday_closes_the_site_by_itself_unless_somebody_opened_it(site, director, counselor):
    at = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
    thanksgiving = date(2026, 11, 26)
    group = make_group(site, counselor, meets=((3, time(9)),), made_at=at, starts_on=date(2026, 11, 16))
    row = Closure.objects.get(site=site, on=thanksgiving)
    assert (row.because, row.by, row.withdrawn_at) == ("Thanksgiving Day", None, None)
    actions.open_day(by=director, at=at, closure=row)
    actions.extend_horizon(by=stepwell_itself(), at=at, site=site)
    assert Occurrence.objects.filter(group=group, local_date=thanksgiving).count() == 1


def test_a_holiday_answered_is_not_asked_again(site, director):
    today = date(2026, 11, 16)
    asked = queries.holidays_to_decide(director, site, today, days=30)
    assert [h.name for h in asked] == ["Thanksgiving Day"]
    actions.keep_open(by=director, at=NOW, site=site, on=asked[0].on, because=asked[0].name)
    assert queries.holidays_to_decide(director, site, today, days=30) == ()
    with pytest.raises(Refused, match="said already"):
        actions.keep_open(by=director, at=NOW, site=site, on=asked[0].on, because="again")


# -- patients --


def test_a_patient_says_when_she_can_come_and_staff_hear_what_no_longer_fits(site, director, counselor):
    patient = admitted(site)
    make_login(patient)
    actions.enroll(by=director, at=NOW, patient=patient, group=make_group(site, counselor), starts_on=TODAY)
    own = actor(patient)
    rows = actions.set_patient_windows(
        by=own, at=NOW, patient=patient, windows=[window(2, 17, 21)], first_on=TODAY
    )
    assert [(r.weekday, r.by) for r in rows] == [(2, None)]
    assert len(queries.misfits(director, NOW, patient, until=NOW + timedelta(weeks=3))) == 3
    alert = Alert.objects.get(patient=patient)
    assert (alert.kind, alert.severity) == ("windows_changed", "soon")
    assert alert.sentence.startswith("Changed when to come: 3 of the sessions booked no longer fit.")


def test_staff_say_it_for_her_and_no_alert_comes_of_it(site, director, counselor):
    patient = admitted(site)
    actions.enroll(by=director, at=NOW, patient=patient, group=make_group(site, counselor), starts_on=TODAY)
    for day in (2, 4):
        actions.set_patient_windows(
            by=director, at=NOW, patient=patient, windows=[window(day, 17, 21)], first_on=TODAY
        )
    assert list(PatientWindow.objects.values_list("weekday", "first_on", "last_on")) == [(4, TODAY, None)]
    assert not Alert.objects.exists()
    assert last_entry() == ("timetable.set_patient_windows", patient.pk)


def test_nobody_elses_times_are_hers_to_say(site):
    mine, other = make_patient(site), make_patient(site, "Ben", "Thornton")
    make_login(mine)
    with pytest.raises(Denied):
        actions.set_patient_windows(by=actor(mine), at=NOW, patient=other, windows=[], first_on=TODAY)
    with pytest.raises(Refused, match="overlap"):
        actions.set_patient_windows(
            by=actor(mine),
            at=NOW,
            patient=mine,
            first_on=TODAY,
            windows=[window(0, 9, 12), window(0, 10, 11)],
        )


def test_tags_begin_and_end_as_a_set(site, director):
    patient = make_patient(site)
    actions.set_patient_tags(by=director, at=NOW, patient=patient, tags=["Women", " spanish "])
    actions.set_patient_tags(by=director, at=NOW, patient=patient, tags=["spanish", "trauma"])
    rows = PatientTag.objects.order_by("tag").values_list("tag", "ended_at")
    assert list(rows) == [("spanish", None), ("trauma", None), ("women", NOW)]
    assert queries.tags_of(director, patient) == ["spanish", "trauma"]
    with pytest.raises(Refused, match="40 signs"):
        actions.set_patient_tags(by=director, at=NOW, patient=patient, tags=["x" * 41])


def test_two_are_kept_apart_once_and_each_trail_says_so(site, director):
    first, second = make_patient(site), make_patient(site, "Ben", "Thornton")
    kept = actions.keep_apart(by=director, at=NOW, patient=second, other=first, because="Both asked")
    assert (kept.first_id, kept.second_id) == (first.pk, second.pk)
    with pytest.raises(Refused, match="already"):
        actions.keep_apart(by=director, at=NOW, patient=first, other=second, because="again")
    with pytest.raises(Refused, match="two different"):
        actions.keep_apart(by=director, at=NOW, patient=first, other=first, because="no")
    with pytest.raises(Refused, match="Say why"):
        actions.keep_apart(by=director, at=NOW, patient=first, other=second, because=" ")
    trails = Entry.objects.filter(action="timetable.keep_apart").values_list("patient_id", flat=True)
    assert sorted(trails) == [first.pk, second.pk]
    actions.end_keeping_apart(by=director, at=NOW, kept=kept)
    with pytest.raises(Refused, match="ended already"):
        actions.end_keeping_apart(by=director, at=NOW, kept=kept)
    assert KeptApart.objects.filter(ended_at__isnull=True).count() == 0


def test_a_peer_does_not_decide_who_is_kept_apart(site):
    first, second = make_patient(site), make_patient(site, "Ben", "Thornton")
    with pytest.raises(Denied):
        actions.keep_apart(
            by=actor(make_staff(site, Role.PEER)), at=NOW, patient=first, other=second, because="x"
        )


# -- the next seats --


def test_the_next_seats_come_from_what_is_free(site, director, counselor, django_assert_num_queries):
    program = actions.set_up_program(
        by=director, at=NOW, site=site, name="IOP", level="2.1", minutes_least=540, minutes_most=1140
    )
    track = actions.set_up_track(by=director, at=NOW, program=program, name="Evening", kind="evening")
    group = make_group(site, counselor, tracks=[track])
    with django_assert_num_queries(4):
        (option,) = queries.seats_that_fit(director, NOW, minutes=180, level="2.1")
    assert (option.track.name, [g.id for g in option.groups], option.minutes, option.missing) == (
        "Evening", [group.pk], 180, 0,
    )  # fmt: skip
    for name in ("Ben", "Cal", "Dee", "Eve"):
        actions.enroll(by=director, at=NOW, patient=admitted(site, name), group=group, starts_on=TODAY)
    assert queries.seats_that_fit(director, NOW, minutes=180, level="2.1") == ()


# -- calendars --


def test_a_new_address_ends_the_one_before(site):
    patient = make_patient(site)
    make_login(patient)
    own = actor(patient)
    first = actions.make_feed(by=own, at=NOW, patient=patient)
    second = actions.make_feed(by=own, at=NOW, patient=patient)
    assert first.secret != second.secret
    with pytest.raises(CalendarFeed.DoesNotExist):
        queries.feed_at(first.pk, first.secret)
    assert queries.feed_at(second.pk, second.secret) == second
    for number, secret in ((second.pk, first.secret), (second.pk, ""), (first.pk + 99, second.secret)):
        with pytest.raises(CalendarFeed.DoesNotExist):
            queries.feed_at(number, secret)


def test_only_she_makes_her_address_and_staff_may_stop_it(site, director):
    patient = make_patient(site)
    make_login(patient)
    with pytest.raises(Denied, match="Only the patient"):
        actions.make_feed(by=director, at=NOW, patient=patient)
    feed = actions.make_feed(by=actor(patient), at=NOW, patient=patient)
    actions.end_feed(by=director, at=NOW, patient=patient)
    with pytest.raises(CalendarFeed.DoesNotExist):
        queries.feed_at(feed.pk, feed.secret)
    with pytest.raises(Refused, match="no calendar address"):
        actions.end_feed(by=director, at=NOW, patient=patient)
    with pytest.raises(Refused, match="no calendar address"):
        actions.name_in_feed(by=actor(patient), at=NOW, patient=patient, named=True)


def test_staff_make_only_their_own_address(counselor, director):
    with pytest.raises(Denied, match="whose calendar"):
        actions.make_feed(by=director, at=NOW, staff=counselor)
    with pytest.raises(Refused, match="whose calendar"):
        actions.make_feed(by=director, at=NOW)
    feed = actions.make_feed(by=actor(counselor), at=NOW, staff=counselor, named=True)
    assert queries.own_feed(actor(counselor)) == feed


def test_a_reading_is_noted_once_a_day(site):
    patient = make_patient(site)
    make_login(patient)
    feed = actions.make_feed(by=actor(patient), at=NOW, patient=patient)
    for hours_later in (1, 2, 30):
        feed.refresh_from_db()
        actions.note_reading(by=the_public(), at=NOW + timedelta(hours=hours_later), feed=feed)
    assert Entry.objects.filter(action="timetable.read_feed", patient_id=patient.pk).count() == 2


def test_the_feed_holds_her_sessions_and_those_that_were_cancelled(site, director, counselor):
    patient, group = admitted(site), make_group(site, counselor)
    make_login(patient)
    actions.enroll(by=director, at=NOW, patient=patient, group=group, starts_on=TODAY)
    feed = actions.make_feed(by=actor(patient), at=NOW, patient=patient)
    actions.cancel_occurrence(by=director, at=NOW, occurrence=first_session(group), because="Ill")
    later = Seat.objects.get(occurrence__local_date=FRI)
    actions.release_seat(by=director, at=NOW, seat=later, because="Cannot come")
    told = queries.sessions_in_feed(feed, NOW, NOW + timedelta(weeks=9))
    assert [(o.local_date, o.cancelled_at) for o in told][:2] == [(WED, NOW), (date(2026, 3, 25), None)]
    own = actions.make_feed(by=actor(counselor), at=NOW, staff=counselor)
    assert queries.sessions_in_feed(own, NOW, NOW + timedelta(weeks=9)).count() == 6


def test_another_sites_rows_are_not_found(site, director):
    other = make_site("Elsewhere")
    stranger = actor(make_staff(other, Role.DIRECTOR))
    room = make_room(other)
    span = {"starts": NOW, "ends": NOW + timedelta(days=1), "because": "Water"}
    out = actions.take_room_out(by=stranger, at=NOW, room=room, **span)
    with pytest.raises(type(out).DoesNotExist):
        queries.room_out_for(director, out.pk)
    with pytest.raises(Denied):
        actions.put_room_back(by=director, at=NOW, out=out)
