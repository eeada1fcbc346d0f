"""The ledger read from the tables: what was ordered, delivered, booked, and what is in trouble."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.chart.queries import week_of as chart_week_of
from stepwell.clinic.hours import queries
from stepwell.clinic.hours.rules import WeekState
from stepwell.clinic.people.models import Patient, Reservation
from stepwell.clinic.placement.models import Episode
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.timetable.making import MONDAY, admitted, make_group, make_session
from tests.making import NOW, TODAY, actor, make_login, make_patient, make_site, make_staff


def numbers(week):
    return (week.ordered, week.delivered, week.booked, week.at_risk, week.short)


def attended(seat: Seat, minutes: int) -> Attendance:
    return Attendance.objects.create(
        seat=seat,
        occurrence=seat.occurrence,
        patient=seat.patient,
        outcome="present",
        arrived_at=seat.occurrence.starts,
        left_at=seat.occurrence.starts + timedelta(minutes=minutes),
        minutes=minutes,
        recorded_at=NOW,
    )


@pytest.fixture
def enrolled(site, by):
    """Ana, 9 h ordered, in a group on Wednesday and Friday evening, and alone this morning for an hour."""
    patient = admitted(site)
    timetable.enroll(by=by, at=NOW, patient=patient, group=make_group(site), starts_on=TODAY)
    return patient


def test_a_week_holds_what_was_delivered_and_what_is_booked(site, by, counselor, enrolled):
    session = make_session(site, counselor, [enrolled], starts=NOW - timedelta(hours=2))
    attended(Seat.objects.get(occurrence=session), 50)
    week = queries.weeks_of(by=by, at=NOW, patient_ids=[enrolled.pk])[enrolled.pk]
    assert (week.starts_on, *numbers(week)) == (MONDAY, 540, 50, 180, 0, 310)


def test_somebody_still_in_the_room_is_booked_not_delivered(site, by, counselor, enrolled):
    session = make_session(site, counselor, [enrolled], starts=NOW - timedelta(minutes=30))
    seat = Seat.objects.get(occurrence=session)
    row = attended(seat, 60)
    Attendance.objects.filter(pk=row.pk).update(left_at=None)
    assert numbers(queries.weeks_of(by=by, at=NOW, patient_ids=[enrolled.pk])[enrolled.pk]) == (
        540,
        0,
        240,
        0,
        300,
    )


def test_a_session_without_a_facilitator_or_a_room_is_at_risk(site, by, enrolled):
    Occurrence.objects.filter(local_date=TODAY).update(facilitator=None)
    Occurrence.objects.filter(local_date=date(2026, 3, 20)).update(room=None)
    week = queries.weeks_of(by=by, at=NOW, patient_ids=[enrolled.pk])[enrolled.pk]
    assert numbers(week) == (540, 0, 0, 180, 360)
    assert week.troubles == ("Wednesday 6:00 pm: no facilitator.", "Friday 6:00 pm: no room.")


def test_a_released_seat_counts_nowhere(site, by, enrolled):
    seat = Seat.objects.get(occurrence__local_date=TODAY)
    timetable.release_seat(by=by, at=NOW, seat=seat, because="Works")
    assert numbers(queries.weeks_of(by=by, at=NOW, patient_ids=[enrolled.pk])[enrolled.pk]) == (
        540,
        0,
        90,
        0,
        450,
    )


def test_a_later_order_takes_over_from_its_day_and_ends_with_the_episode(site, by, enrolled):
    episode = Episode.objects.get(patient=enrolled)
    TreatmentOrder.objects.create(
        episode=episode, minutes_per_week=180, days_least=1, days_most=3, starts_on=date(2026, 3, 23), at=NOW,
        by=episode.admitted_by, doses={"skills": 90},
    )  # fmt: skip
    next_week = queries.weeks_of(by=by, at=NOW, patient_ids=[enrolled.pk], week_start=date(2026, 3, 23))[
        enrolled.pk
    ]
    assert numbers(next_week) == (180, 0, 180, 0, 0)
    assert [(d.kind, d.ordered, d.booked) for d in next_week.doses] == [("skills", 90, 180)]
    Episode.objects.update(closed_at=NOW)
    assert (
        queries.weeks_of(by=by, at=NOW, patient_ids=[enrolled.pk], week_start=date(2026, 3, 23))[
            enrolled.pk
        ].ordered
        == 0
    )


SUNDAY_END = datetime(2026, 3, 23, 4, tzinfo=UTC)
"""The end of the site's week: midnight in New York."""


@pytest.mark.parametrize(
    ("meets", "state", "hours_before_the_end", "said"),
    [
        # Wednesday is running since an hour; Friday 6 pm is the last group of the week.
        (((2, time(18)), (4, time(18))), WeekState.AT_RISK, 54, "can be saved until Friday 6:00 pm."),
        (((4, time(18)), (6, time(23, 30))), WeekState.AT_RISK, 0.5, "can be saved until Sunday 11:30 pm."),
        # On Monday there is a seat again, in the week after: it saves nothing of this one.
        (((0, time(9)),), WeekState.SHORT, None, "cannot be made up this week any more."),
    ],
)
def test_only_free_seats_of_the_week_say_until_when_it_can_be_saved(
    site, by, meets, state, hours_before_the_end, said
):
    patient = admitted(site, minutes=90)
    make_group(site, meets=meets)
    moment = None if hours_before_the_end is None else SUNDAY_END - timedelta(hours=hours_before_the_end)
    week = queries.hours_of(by=by, at=NOW, patient_ids=[patient.pk])[patient.pk].week
    assert (week.state, week.last_moment) == (state, moment)
    assert week.sentence.endswith(said)
    assert queries.hours_of(by=by, at=NOW, site_id=site.pk)[patient.pk].week == week


def test_who_has_not_looked_for_free_seats_tells_no_moment(site, by):
    patient = admitted(site, minutes=90)
    make_group(site, meets=((0, time(9)),))
    week = queries.weeks_of(by=by, at=NOW, patient_ids=[patient.pk])[patient.pk]
    assert (week.state, week.last_moment) == (WeekState.AT_RISK, None)
    assert week.sentence == "1 h 30 min of 1 h 30 min not safe."
    assert queries.week_of(by=by, at=NOW, patient=patient) == week
    assert chart_week_of(by, with_orders_and_site(patient), at=NOW).ledger == week


def _full(site, by, patient, group):
    for n in range(group.capacity):
        timetable.enroll(by=by, at=NOW, patient=admitted(site, f"F{n}"), group=group, starts_on=TODAY)


def _elsewhere(site, by, patient, group):
    Occurrence.objects.update(site=make_site())


def _alone_at_that_time(site, by, patient, group):
    starts = Occurrence.objects.get(local_date=date(2026, 3, 20)).starts
    make_session(site, make_staff(site, Role.COUNSELOR), [patient], starts=starts)


def _at_an_intake(site, by, patient, group):
    starts = Occurrence.objects.get(local_date=date(2026, 3, 20)).starts
    Reservation.objects.create(
        patient=patient, subject="intake", subject_id=1, made_at=NOW,
        during=DateTimeTZRange(starts - timedelta(minutes=30), starts + timedelta(minutes=30)),
    )  # fmt: skip


def _cancelled(site, by, patient, group):
    Occurrence.objects.update(cancelled_at=NOW, cancelled_because="Snow")


@pytest.mark.parametrize("why", [_full, _elsewhere, _alone_at_that_time, _at_an_intake, _cancelled])
def test_a_seat_the_patient_cannot_take_saves_no_week(site, by, why):
    patient = admitted(site)
    group = make_group(site, capacity=2, least=1, meets=((4, time(18)),))
    TreatmentOrder.objects.update(minutes_per_week=120)
    enough = TreatmentOrder.objects.filter(episode__patient=patient)
    enough.update(minutes_per_week=90)
    before = queries.hours_of(by=by, at=NOW, patient_ids=[patient.pk])[patient.pk].week
    assert before.state is WeekState.AT_RISK
    why(site, by, patient, group)
    after = queries.hours_of(by=by, at=NOW, patient_ids=[patient.pk])[patient.pk].week
    assert (after.state, after.last_moment) == (WeekState.SHORT, None)


def with_orders_and_site(patient):
    return queries.with_orders(Patient.objects.select_related("site")).get(pk=patient.pk)


def test_a_week_that_is_over_asks_for_no_free_seats(site, by, django_assert_num_queries):
    patient = admitted(site, minutes=90)
    make_group(site)
    after = {"at": NOW + timedelta(days=7), "week_start": MONDAY}
    with django_assert_num_queries(2):
        hours = queries.hours_of(by=by, patient_ids=[patient.pk], **after)
    assert (hours[patient.pk].week.state, hours[patient.pk].openings) == (WeekState.SHORT, ())


def test_the_billable_day_says_who_is_short_today(site, by, enrolled):
    today = queries.hours_of(by=by, at=NOW, site_id=site.pk)[enrolled.pk].today
    assert (today.on, today.booked, today.short) == (TODAY, 90, 90)


def test_one_patient_costs_one_statement_when_the_orders_came_along(
    site, by, enrolled, django_assert_num_queries
):
    patient = with_orders_and_site(enrolled)
    with django_assert_num_queries(1):
        week = queries.week_of(by=by, at=NOW, patient=patient)
    assert week == queries.weeks_of(by=by, at=NOW, patient_ids=[enrolled.pk])[enrolled.pk]


def test_a_list_of_one_and_of_thirty_cost_the_same_statements(site, by, enrolled, django_assert_num_queries):
    with django_assert_num_queries(8):
        assert len(queries.hours_of(by=by, at=NOW, site_id=site.pk)) == 1
    group = make_group(site, name="Education", capacity=40, room=None, mode="video", meets=((3, NOW.time()),))
    for n in range(29):
        timetable.enroll(by=by, at=NOW, patient=admitted(site, f"P{n}"), group=group, starts_on=TODAY)
    with django_assert_num_queries(8):
        assert len(queries.hours_of(by=by, at=NOW, site_id=site.pk)) == 30
    TreatmentOrder.objects.update(minutes_per_week=60)  # nobody lacks anything
    Occurrence.objects.update(facilitator=by.staff_id, mode="video")
    for read in (queries.hours_of, queries.weeks_of):
        with django_assert_num_queries(3):
            everybody = read(by=by, at=NOW, site_id=site.pk)
        with django_assert_num_queries(2):
            assert read(by=by, at=NOW, patient_ids=list(everybody)) == everybody
        assert len(everybody) == 30


def test_days_used_and_booked_are_what_an_authorization_counts(site, by, counselor, enrolled):
    session = make_session(site, counselor, [enrolled], starts=NOW - timedelta(hours=2))
    row = attended(Seat.objects.get(occurrence=session), 60)
    asked = {"by": by, "at": NOW, "patient_ids": [enrolled.pk], "first": MONDAY, "last": date(2026, 3, 29)}
    days = queries.days_of(**asked)[enrolled.pk]
    assert days.attended == {TODAY: 60}
    assert days.booked == dict.fromkeys((TODAY, date(2026, 3, 20), date(2026, 3, 25), date(2026, 3, 27)), 90)
    assert (days.used_days(), days.used_days(180), days.booked_days(), days.booked_days(150)) == (1, 0, 3, 1)
    assert (days.used_minutes, days.booked_minutes) == (60, 360)
    assert queries.days_of(**asked, signed_only=True)[enrolled.pk].attended == {}
    Attendance.objects.filter(pk=row.pk).update(locked_at=NOW)
    assert queries.days_of(**asked, signed_only=True)[enrolled.pk].attended == {TODAY: 60}


def test_a_patient_sees_the_own_week_and_a_stranger_none(site, by, enrolled):
    from stepwell.clinic.people.queries import actor_of

    own = actor_of(make_login(enrolled), at=NOW)
    other = actor_of(make_login(make_patient(site, "Ben")), at=NOW)
    stranger = actor(make_staff(make_site(), Role.COUNSELOR))
    asked = {"at": NOW, "patient_ids": [enrolled.pk]}
    assert set(queries.weeks_of(by=own, **asked)) == {enrolled.pk}
    assert queries.weeks_of(by=other, **asked) == {}
    assert queries.weeks_of(by=stranger, **asked) == {}
    assert queries.weeks_of(by=actor(make_staff(site, Role.COMPLIANCE)), **asked) == {}
    assert set(queries.weeks_of(by=stepwell_itself(), **asked)) == {enrolled.pk}
    with pytest.raises(Patient.DoesNotExist):
        queries.week_of(by=stranger, at=NOW, patient=enrolled)
