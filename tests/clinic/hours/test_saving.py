"""Whose week can be saved and by which seats: windows, seats, kind, curriculum, payer day, and who sits there."""

from datetime import date, time, timedelta

import pytest

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.chart.queries import week_of as chart_week_of
from stepwell.clinic.coverage.models import Payer, Policy
from stepwell.clinic.hours import actions, queries
from stepwell.clinic.hours.rules import Suits, WeekState
from stepwell.clinic.people.models import Patient
from stepwell.clinic.plan.models import TreatmentOrder
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.models import (
    KeptApart,
    Occurrence,
    PatientTag,
    PatientWindow,
    Seat,
    TherapyGroup,
)
from tests.clinic.timetable.making import MONDAY, admitted, first_session, make_group, make_session
from tests.making import NOW, TODAY, actor, make_site, make_staff

# NOW is a Wednesday, 10 am in New York.


@pytest.fixture
def ana(site):
    return admitted(site, minutes=180)


def saving(by, patient, **more):
    (found,) = queries.to_save(by=by, at=NOW, patient_ids=[patient.pk], **more)
    return found


def seats(found):
    return [choice.seat.title for choice in found.choices]


def window(patient, weekday, starts, ends, **facts):
    return PatientWindow.objects.create(
        patient=patient,
        weekday=weekday,
        starts_at=time(starts),
        ends_at=time(ends),
        first_on=MONDAY,
        at=NOW,
        **facts,
    )


def test_only_seats_at_which_she_can_come_count_preferred_ones_first(site, by, ana):
    make_group(site, name="Morning", meets=((3, time(9)),))
    make_group(site, name="Evening", meets=((4, time(18)),))
    make_group(site, name="Night", meets=((4, time(21)),))
    assert seats(saving(by, ana)) == ["Morning", "Evening", "Night"]
    window(ana, 3, 8, 12, preferred=False)
    window(ana, 4, 17, 20)
    found = saving(by, ana)
    assert [(c.seat.title, c.make_up.suits) for c in found.choices] == [
        ("Evening", Suits.PREFERRED),
        ("Morning", Suits.POSSIBLE),
    ]
    assert (found.hours.week.possible, found.hours.week.state) == (180, WeekState.AT_RISK)
    assert found.until == first_session(TherapyGroup.objects.get(name="Morning")).starts


def _asks_for_a_tag(ana, seat):
    TherapyGroup.objects.filter(name="Evening").update(needs=["women"])


def _sits_with_whom_she_is_kept_apart_from(ana, seat):
    other = Patient.objects.get(given_name="Ben")
    KeptApart.objects.create(
        first=min(ana, other, key=lambda one: one.pk),
        second=max(ana, other, key=lambda one: one.pk),
        because="history",
        at=NOW,
    )


def _goes_often_enough(ana, seat):
    TherapyGroup.objects.filter(name="Evening").update(each_week=1)


def _cannot_come_then(ana, seat):
    window(ana, 4, 8, 12)


@pytest.mark.parametrize(
    "why",
    [
        lambda ana, seat: None,
        _asks_for_a_tag,
        _sits_with_whom_she_is_kept_apart_from,
        _goes_often_enough,
        _cannot_come_then,
    ],
)
def test_the_notices_of_today_and_the_week_count_the_seats_that_hours_to_save_offers(site, by, ana, why):
    group = make_group(site, name="Evening", meets=((3, time(18)), (4, time(18))))
    thursday, friday = Occurrence.objects.filter(group=group, local_date__lt=MONDAY + timedelta(days=7))
    timetable.book_seat(by=by, at=NOW, patient=ana, occurrence=thursday)
    timetable.book_seat(by=by, at=NOW, patient=admitted(site, "Ben", "Other", minutes=90), occurrence=friday)
    why(ana, friday)
    told = queries.hours_of(by=by, at=NOW, patient_ids=[ana.pk])[ana.pk]
    found = saving(by, ana)
    assert (told.week, told.openings) == (found.hours.week, found.hours.openings)
    assert len(found.choices) == (1 if why.__name__ == "<lambda>" else 0)


def test_a_window_that_is_over_or_of_another_mode_is_none(site, by, ana):
    make_group(site, name="Video", mode="video", meets=((4, time(18)),))
    make_group(site, name="Here", meets=((4, time(18)),))
    window(ana, 4, 17, 20, on_site=False)
    old = window(ana, 3, 8, 12)
    assert seats(saving(by, ana)) == ["Video"]
    PatientWindow.objects.exclude(pk=old.pk).delete()
    PatientWindow.objects.filter(pk=old.pk).update(last_on=TODAY - timedelta(days=1))
    # None is known any more: nobody can say that a time does not suit.
    assert sorted(seats(saving(by, ana))) == ["Here", "Video"]


def test_without_windows_the_times_she_comes_at_go_first_and_others_ask(site, by, counselor, ana):
    make_session(site, counselor, [ana], starts=NOW + timedelta(hours=8))
    make_group(site, name="Morning", meets=((3, time(9)),))
    make_group(site, name="Evening", meets=((4, time(18)),))
    found = saving(by, ana)
    assert [(c.seat.title, c.make_up.suits) for c in found.choices] == [
        ("Evening", Suits.USUAL),
        ("Morning", Suits.UNKNOWN),
    ]
    assert found.choices[1].make_up.reasons == ("gives 1 h 30 min of 2 h", "not a usual time, ask first")


def test_the_kind_that_lacks_most_goes_first(site, by, ana):
    TreatmentOrder.objects.filter(episode__patient=ana).update(doses={"skills": 60, "education": 90})
    make_group(site, name="Skills", kind="skills", meets=((3, time(18)),))
    make_group(site, name="Yoga", kind="holistic", meets=((3, time(20)),))
    make_group(site, name="Education", kind="education", meets=((4, time(18)),))
    found = saving(by, ana)
    assert seats(found) == ["Education", "Skills", "Yoga"]
    assert found.choices[0].make_up.reasons[1] == "education 1 h 30 min short"
    doses = {dose.kind: (dose.short, dose.possible, dose.last_moment) for dose in found.hours.week.doses}
    assert doses["education"] == (90, 90, found.choices[0].seat.starts)


def test_a_topic_that_she_has_not_had_goes_before_one_that_she_has(site, by, ana):
    had = make_group(site, name="Had", meets=((3, time(18)),), topics=["Triggers"])
    make_group(site, name="New", meets=((3, time(18)),), topics=["Cravings"])
    assert seats(saving(by, ana)) == ["Had", "New"]
    earlier = Occurrence.objects.create(
        site=site,
        group=had,
        local_date=MONDAY,
        kind="group",
        treatment="skills",
        title="Had",
        topic="Triggers",
        starts=NOW - timedelta(days=2),
        ends=NOW - timedelta(days=2) + timedelta(minutes=90),
        mode="on_site",
        capacity=4,
    )
    seat = Seat.objects.create(patient=ana, occurrence=earlier, number=1, capacity=4, at=NOW)
    attended(seat, 60)
    found = saving(by, ana)
    assert seats(found) == ["New", "Had"]
    assert found.choices[0].make_up.reasons == ("gives 1 h 30 min of 2 h", "new topic: Cravings", "not a usual time, ask first")  # fmt: skip


def attended(seat, minutes, outcome="present"):
    came = (
        {}
        if outcome != "present"
        else {"arrived_at": seat.occurrence.starts, "left_at": seat.occurrence.ends}
    )
    return Attendance.objects.create(
        seat=seat,
        occurrence=seat.occurrence,
        patient=seat.patient,
        outcome=outcome,
        minutes=minutes,
        recorded_at=NOW,
        reason="" if outcome == "present" else "Ill",
        **came,
    )


def payer_for(patient, rule="H0015-per-diem"):
    payer = Payer.objects.create(name=f"Payer {patient.pk}", kind="commercial")
    payer.rules.create(rule=rule, starts_on=date(2024, 1, 1))
    return Policy.objects.create(
        patient=patient, payer=payer, member_id="M1", starts_on=date(2025, 1, 1), recorded_at=NOW
    )


def test_a_seat_that_makes_a_day_count_for_the_payer_goes_first(site, by, ana):
    make_group(site, name="Alone", meets=((3, time(18)),))
    make_group(site, name="Long", meets=((4, time(18)),), minutes=180)
    TreatmentOrder.objects.filter(episode__patient=ana).update(minutes_per_week=1000)
    assert saving(by, ana).days is None
    payer_for(ana)
    found = saving(by, ana)
    assert seats(found) == ["Long", "Alone"]
    assert found.choices[0].make_up.reasons[1] == "makes Friday count for the payer"
    assert (found.days.least, found.days.wanted, found.days.short, found.days.possible) == (180, 3, 3, 1)
    assert found.days.sentence == "3 of 3 days of 3 h not booked; they cannot all be made up."


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("ended", {"ends_on": date(2026, 1, 1)}),
        ("not begun", {"starts_on": date(2027, 1, 1)}),
    ],
)
def test_a_policy_not_in_force_counts_no_days(site, by, ana, what, change):
    Policy.objects.filter(pk=payer_for(ana).pk).update(**change)
    assert saving(by, ana).days is None, what


def test_a_payer_that_pays_by_the_session_counts_no_days(site, by, ana):
    payer_for(ana, rule="H0004-15-minutes")
    assert saving(by, ana).days is None


def test_groups_that_are_not_for_her_are_not_there(site, by, ana):
    women = make_group(site, name="Women", meets=((3, time(18)),))
    TherapyGroup.objects.filter(pk=women.pk).update(needs=["women"])
    closed = make_group(site, name="Closed", meets=((3, time(18)),))
    TherapyGroup.objects.filter(pk=closed.pk).update(closed_series=True)
    once = make_group(site, name="Once", meets=((3, time(8)), (4, time(18))))
    TherapyGroup.objects.filter(pk=once.pk).update(each_week=1)
    assert seats(saving(by, ana)) == ["Once", "Once"]
    PatientTag.objects.create(patient=ana, tag="women", at=NOW)
    timetable.book_seat(by=by, at=NOW, patient=ana, occurrence=first_session(once))
    assert seats(saving(by, ana)) == ["Women"]


def test_nobody_sits_with_whom_she_is_kept_apart_and_nobody_is_told(site, by, ana):
    group = make_group(site, name="With Ben", meets=((3, time(18)),))
    other = make_group(site, name="Offered to Ben", meets=((4, time(18)),))
    ben = admitted(site, "Ben", "Other")
    first, second = sorted((ana, ben), key=lambda p: p.pk)
    timetable.book_seat(by=by, at=NOW, patient=ben, occurrence=first_session(group))
    actions.offer_make_up(by=by, at=NOW, patient=ben, occurrence=first_session(other))
    assert seats(saving(by, ana)) == ["With Ben", "Offered to Ben"]
    apart = KeptApart.objects.create(first=first, second=second, because="A reason", at=NOW)
    found = saving(by, ana)
    assert seats(found) == []
    assert "Ben" not in repr(found)
    KeptApart.objects.filter(pk=apart.pk).update(ended_at=NOW)
    assert len(seats(saving(by, ana))) == 2


def test_a_seat_that_is_held_for_somebody_is_not_free_and_is_hers_to_count_on(site, by, ana):
    group = make_group(site, meets=((4, time(18)),), capacity=3)
    for n in range(2):
        timetable.book_seat(
            by=by, at=NOW, patient=admitted(site, f"T{n}", "By"), occurrence=first_session(group)
        )
    ben = admitted(site, "Ben", "Other", minutes=90)
    TreatmentOrder.objects.filter(episode__patient=ana).update(minutes_per_week=90)
    offer = actions.offer_make_up(by=by, at=NOW, patient=ben, occurrence=first_session(group))
    found = saving(by, ana)
    assert (seats(found), found.until) == ([], None)
    (asked,) = queries.to_save(by=by, at=NOW, patient_ids=[ben.pk])
    assert (seats(asked), asked.until) == ([], first_session(group).starts)
    assert [(held.pk, held.held_until) for held in asked.offers] == [(offer.pk, offer.held_until)]
    assert queries.open_offers(by, ben, NOW) == asked.offers
    assert queries.hours_of(by=by, at=NOW, patient_ids=[ana.pk])[ana.pk].openings == ()
    (later,) = queries.to_save(by=by, at=offer.held_until, patient_ids=[ana.pk])
    assert seats(later) == ["Relapse prevention"]


def test_the_list_begins_with_whom_time_runs_out_for(site, by):
    make_group(site, name="Tomorrow", meets=((3, time(18)),))
    make_group(site, name="Saturday", meets=((5, time(9)),))
    late = admitted(site, "Late", "Comer", minutes=90)
    window(late, 5, 8, 12)
    soon = admitted(site, "Soon", "Comer", minutes=90)
    window(soon, 3, 17, 20)
    lost = admitted(site, "Lost", "Hours", minutes=90)
    window(lost, 0, 8, 9)
    admitted(site, "No", "Order", minutes=0)
    found = queries.hours_to_save(by=by, at=NOW, site_id=site.pk)
    assert [(one.hours.patient.pk, one.until is None) for one in found] == [
        (soon.pk, False),
        (late.pk, False),
        (lost.pk, True),
    ]


def test_a_strangers_week_is_not_there(site, ana):
    far = actor(make_staff(make_site("Elsewhere"), Role.DIRECTOR))
    assert queries.hours_to_save(by=far, at=NOW, patient_ids=[ana.pk]) == ()


@pytest.mark.parametrize("others", [0, 29])
def test_as_many_statements_for_one_as_for_thirty(site, by, ana, others, django_assert_num_queries):
    make_group(site, meets=((3, time(18)), (4, time(18))), topics=["Triggers"])
    for n in range(others):
        other = admitted(site, f"P{n}", "Many")
        window(other, 4, 8, 20)
    queries.hours_to_save(by=by, at=NOW, site_id=site.pk)
    with django_assert_num_queries(11):
        queries.hours_to_save(by=by, at=NOW, site_id=site.pk)


# own attendance ------------------------------------------------------------------------------------------------


def missed(site, counselor, patient, days_ago, outcome="unexcused"):
    session = make_session(
        site,
        counselor,
        [patient],
        starts=NOW - timedelta(days=days_ago),
        ends=NOW - timedelta(days=days_ago) + timedelta(hours=3),
    )
    attended(Seat.objects.get(occurrence=session, patient=patient), 0, outcome)


def test_who_missed_much_lately_has_a_share_of_what_is_booked_at_risk_everywhere(site, by, counselor, ana):
    TreatmentOrder.objects.filter(episode__patient=ana).update(
        minutes_per_week=540, starts_on=MONDAY - timedelta(weeks=8)
    )
    make_session(site, counselor, [ana], starts=NOW + timedelta(hours=3), ends=NOW + timedelta(hours=12))
    calm = queries.weeks_of(by=by, at=NOW, patient_ids=[ana.pk])[ana.pk]
    assert (calm.booked, calm.at_risk, calm.state) == (540, 0, WeekState.ON_COURSE)
    for days_ago, outcome in ((3, "unexcused"), (10, "excused"), (17, "unexcused"), (40, "unexcused")):
        missed(site, counselor, ana, days_ago, outcome)
    week = queries.weeks_of(by=by, at=NOW, patient_ids=[ana.pk])[ana.pk]
    # 9 h of 36 h missed in four weeks, the oldest absence is too long ago: (540 + 54) / (2160 + 540) = 22 %.
    assert (week.booked, week.at_risk, week.unsure, week.state) == (421, 119, 119, WeekState.AT_RISK)
    patient = queries.with_orders(Patient.objects.select_related("site")).get(pk=ana.pk)
    assert queries.weeks_of(by=by, at=NOW, site_id=site.pk)[ana.pk] == week
    assert queries.week_of(by=by, at=NOW, patient=patient) == week
    assert chart_week_of(by, patient, at=NOW).ledger == week
    assert queries.hours_of(by=by, at=NOW, site_id=site.pk)[ana.pk].week.at_risk == 119
    assert queries.weeks_of(by=stepwell_itself(), at=NOW, patient_ids=[ana.pk])[ana.pk] == week
