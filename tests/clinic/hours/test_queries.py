"""The ledger read from the tables: what was ordered, delivered, booked, and what is in trouble."""

from datetime import date, timedelta

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.hours import queries
from stepwell.clinic.hours.rules import WeekState
from stepwell.clinic.people.models import Patient
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


def test_openings_say_until_when_a_week_can_be_saved(site, by):
    patient = admitted(site, minutes=90)
    make_group(site)
    openings = queries.openings_of(by, NOW, NOW + timedelta(days=4))
    hours = queries.hours_of(by=by, at=NOW, patient_ids=[patient.pk], openings=openings)[patient.pk]
    assert (hours.week.state, hours.week.last_moment) == (WeekState.AT_RISK, openings[-1].starts)
    none = queries.hours_of(by=by, at=NOW, patient_ids=[patient.pk], openings=())[patient.pk]
    assert none.week.state is WeekState.SHORT


def test_the_billable_day_says_who_is_short_today(site, by, enrolled):
    today = queries.hours_of(by=by, at=NOW, site_id=site.pk)[enrolled.pk].today
    assert (today.on, today.booked, today.short) == (TODAY, 90, 90)


def test_one_patient_costs_one_statement_when_the_orders_came_along(
    site, by, enrolled, django_assert_num_queries
):
    patient = queries.with_orders(Patient.objects.select_related("site")).get(pk=enrolled.pk)
    with django_assert_num_queries(1):
        week = queries.week_of(by=by, at=NOW, patient=patient)
    assert week == queries.weeks_of(by=by, at=NOW, patient_ids=[enrolled.pk])[enrolled.pk]


def test_a_list_of_one_and_of_thirty_cost_two_statements(site, by, enrolled, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert len(queries.weeks_of(by=by, at=NOW, site_id=site.pk)) == 1
    group = make_group(site, name="Education", capacity=40, room=None, mode="video", meets=((3, NOW.time()),))
    for n in range(29):
        timetable.enroll(by=by, at=NOW, patient=admitted(site, f"P{n}"), group=group, starts_on=TODAY)
    with django_assert_num_queries(2):
        assert len(queries.weeks_of(by=by, at=NOW, site_id=site.pk)) == 30


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
