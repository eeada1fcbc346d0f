"""A week is opened, computed, compared, published and mended; two at once never both win."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.audit.models import Entry
from stepwell.clinic.people.models import Reservation, Site
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable import actions
from stepwell.clinic.timetable.actions import planning
from stepwell.clinic.timetable.models import (
    Closure,
    Occurrence,
    PlannedSession,
    Publication,
    RoomOut,
    Seat,
    Solve,
    SolveState,
    StaffAbsence,
    Week,
    WeekNotice,
    WeekVersion,
)
from stepwell.clinic.timetable.queries import case_of
from stepwell.clinic.timetable.queries import versions as queries
from stepwell.clinic.timetable.queries.broken import broken_sessions
from stepwell.clinic.timetable.queries.closed_days import people_by_closed_day
from tests.clinic.timetable.making import make_session
from tests.clinic.timetable.week_making import NEXT_MONDAY, Clinic
from tests.making import NOW, actor, make_site, make_staff
from weekplan.reading import case_from_json
from weekplan.writing import case_to_json

HOUR = timedelta(hours=1)


@pytest.fixture
def clinic(site: Site) -> Clinic:
    return Clinic(site)


def trail(action: str) -> list[Any]:
    return list(Entry.objects.filter(action=f"timetable.{action}").order_by("seq"))


def moved(version: WeekVersion, group: Any, by: timedelta) -> PlannedSession:
    """A draft's session put at another time, as the board does."""
    session = version.sessions.get(group=group)
    session.starts, session.ends = session.starts + by, session.ends + by
    session.local_date = session.local_date + timedelta(days=by.days)
    session.save()
    return session


# -- the case ---------------------------------------------------------------------------------


def test_the_case_has_the_orders_the_windows_the_groups_and_what_stands(clinic):
    found = case_of(clinic.by, clinic.opened().week, NOW)
    case = found.case
    ana = next(one for one in case.patients if one.id == f"p{clinic.patients[0].pk}")
    assert (ana.ordered, ana.days, [w.span.minutes for w in ana.windows]) == (180, (3, 5), [240] * 5)
    assert {(o.id, o.kind, o.times, o.least) for o in case.offers} == {
        (f"g{clinic.skills.pk}-90", "skills", (1, 2), 2),
        (f"g{clinic.process.pk}-90", "process", (1, 2), 2),
    }
    assert [(len(one.people), one.leaders, one.fixed.value) for one in case.standing] == [
        (4, (f"s{clinic.okafor.pk}",), "no"),
        (4, (f"s{clinic.haddad.pk}",), "no"),
    ]
    assert (found.guessed, found.unmet, found.outsiders) == ((), (), {})


def test_the_case_is_told_as_json_and_read_back_the_same(clinic):
    case = case_of(clinic.by, clinic.opened().week, NOW).case
    assert case_from_json(case_to_json(case)) == case


@pytest.mark.parametrize("patients", [2, 20])
def test_the_case_takes_as_many_statements_for_two_patients_as_for_twenty(site, patients):
    clinic = Clinic(site, patients=2)
    for number in range(2, patients):
        clinic.patients.append(clinic.patient(number))
    week = clinic.opened().week
    with CaptureQueriesContext(connection) as asked:
        found = case_of(clinic.by, week, NOW)
    assert len(found.case.patients) == patients
    assert len(asked) == 28


def test_a_patient_without_windows_is_planned_when_she_comes_now_and_it_is_said(clinic):
    clinic.patients[0].windows.all().delete()
    found = case_of(clinic.by, clinic.opened().week, NOW)
    ana = next(one for one in found.case.patients if one.id == f"p{clinic.patients[0].pk}")
    assert found.guessed == (clinic.patients[0].pk,)
    assert [(w.span.day, w.span.minutes) for w in ana.windows if w.preferred] == [(1, 90), (3, 90)]


def test_what_is_ordered_and_nobody_offers_is_said_and_stops_nothing(clinic):
    order = clinic.patients[0].episodes.get().orders.get()
    order.doses = {"holistic": 60, "individual": 50}
    order.save()
    found = case_of(clinic.by, clinic.opened().week, NOW)
    ana = next(one for one in found.case.patients if one.id == f"p{clinic.patients[0].pk}")
    assert [sentence.split(" is ordered, ")[1] for sentence in found.unmet] == [
        "and no group of this site gives it this week."
    ]
    assert [(one.kind, one.minutes, one.leaders) for one in ana.owed] == [
        ("individual", 60, (f"s{clinic.okafor.pk}", f"s{clinic.haddad.pk}"))
    ]


def test_an_absence_takes_availability_away_and_a_closed_day_is_closed(clinic):
    week = clinic.opened().week
    tuesday = Occurrence.objects.get(group=clinic.skills, local_date=NEXT_MONDAY + timedelta(days=1))
    StaffAbsence.objects.create(
        staff=clinic.okafor, starts=tuesday.starts - HOUR, ends=tuesday.ends + HOUR, because="ill", at=NOW
    )
    actions.close_day(by=clinic.by, at=NOW, site=clinic.site, on=NEXT_MONDAY, because="Snow")
    case = case_of(clinic.by, week, NOW).case
    okafor = next(one for one in case.facilitators if one.id == f"s{clinic.okafor.pk}")
    assert [span.minutes for span in okafor.available if span.day == 1] == [480, 30]
    assert case.closed == {0}


# -- drafts -----------------------------------------------------------------------------------


def test_the_first_version_is_the_calendar_and_opening_again_makes_no_second(clinic):
    version = clinic.opened()
    assert (version.number, version.origin, version.sessions.count()) == (1, "calendar", 2)
    assert sum(one.seats.count() for one in version.sessions.all()) == 8
    assert clinic.opened().pk == version.pk
    assert [entry.subject for entry in trail("open_week")] == [f"WeekVersion {version.pk}"]


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (NEXT_MONDAY + timedelta(days=1), "first day"),
        (NEXT_MONDAY - timedelta(weeks=2), "is over"),
        (NEXT_MONDAY + timedelta(weeks=40), "26 weeks"),
    ],
)
def test_only_weeks_to_come_are_opened_from_their_first_day(clinic, day, says):
    with pytest.raises(Refused, match=says):
        planning.open_week(by=clinic.by, at=NOW, site=clinic.site, starts_on=day)


def test_only_the_director_plans(clinic):
    counselor = actor(make_staff(clinic.site, Role.COUNSELOR))
    with pytest.raises(Denied):
        planning.open_week(by=counselor, at=NOW, site=clinic.site, starts_on=NEXT_MONDAY)
    version = clinic.opened()
    for action, given in (
        (planning.copy_version, {"version": version}),
        (planning.rename_version, {"version": version, "note": "x"}),
        (planning.drop_version, {"version": version}),
        (planning.publish_week, {"version": version}),
        (planning.bring_up_to_date, {"version": version}),
        (planning.ask_solve, {"week": version.week}),
        (planning.mend_week, {"week": version.week}),
    ):
        with pytest.raises(Denied):
            action(by=counselor, at=NOW, **given)


def test_a_copy_is_changed_without_the_first(clinic):
    first = clinic.opened()
    copy = planning.copy_version(by=clinic.by, at=NOW, version=first, note="Later")
    moved(copy, clinic.skills, HOUR)
    assert (copy.number, copy.origin, copy.base_id, copy.note) == (2, "copy", first.pk, "Later")
    assert queries.changes_by(first, queries.planned_of(first)).sessions == ()
    assert len(queries.changes_by(copy, queries.planned_of(copy)).sessions) == 1


def test_a_draft_put_aside_is_closed(clinic):
    version = planning.drop_version(by=clinic.by, at=NOW, version=clinic.opened())
    with pytest.raises(Refused, match="put aside"):
        planning.rename_version(by=clinic.by, at=NOW, version=version, note="x")
    with pytest.raises(Refused, match="put aside"):
        planning.publish_week(by=clinic.by, at=NOW, version=version)
    assert list(queries.versions_of(clinic.by, version.week)) == []


# -- computing --------------------------------------------------------------------------------


def test_a_computed_week_is_a_version_with_its_cost_and_gives_what_is_ordered(clinic):
    version = clinic.computed()
    assert (version.number, version.origin, version.short_minutes) == (2, "solved", 0)
    assert version.bound <= version.cost
    assert version.by_id == clinic.director.pk
    minutes = {
        patient.pk: sum(90 for one in version.sessions.all() if one.seats.filter(patient=patient).exists())
        for patient in clinic.patients
    }
    assert set(minutes.values()) == {180}
    assert Solve.objects.get().state == SolveState.DONE
    assert [len(trail(verb)) for verb in ("ask_solve", "claim_solve", "finish_solve")] == [1, 1, 1]


def test_one_week_is_computed_once_at_a_time(clinic):
    week = clinic.opened().week
    planning.ask_solve(by=clinic.by, at=NOW, week=week)
    with pytest.raises(Refused, match="computed already"):
        planning.ask_solve(by=clinic.by, at=NOW, week=week)


def test_a_week_without_orders_is_not_computed(site):
    clinic = Clinic(site, patients=0)
    with pytest.raises(Refused, match="Nobody is ordered hours"):
        planning.ask_solve(by=clinic.by, at=NOW, week=clinic.opened().week)


def test_asking_queues_a_job_in_the_same_transaction(clinic):
    week = clinic.opened().week
    with transaction.atomic():
        solve = planning.ask_solve(by=clinic.by, at=NOW, week=week)
        assert jobs() == [solve.pk]
        transaction.set_rollback(True)
    assert jobs() == []


def jobs() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->>'solve_id')::int FROM procrastinate_jobs WHERE task_name LIKE '%%solve_week'"
        )
        return [row[0] for row in cursor.fetchall()]


def test_a_solve_is_claimed_by_one_worker_until_it_goes_silent(clinic):
    week = clinic.opened().week
    solve = planning.ask_solve(by=clinic.by, at=NOW, week=week)
    by = stepwell_itself()
    first = planning.claim_solve(by=by, at=NOW, solve_id=solve.pk)
    assert planning.claim_solve(by=by, at=NOW + timedelta(seconds=10), solve_id=solve.pk) is None
    second = planning.claim_solve(by=by, at=NOW + timedelta(seconds=30), solve_id=solve.pk)
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.heard(NOW + timedelta(seconds=31)).name == "LOST"
    assert second.heard(NOW + timedelta(seconds=31), cost=7, bound=5, short=90).name == "GO_ON"
    solve.refresh_from_db()
    assert (solve.cost, solve.bound, solve.short_minutes) == (7, 5, 90)


def test_the_worker_that_was_given_up_writes_no_second_version(clinic):
    from weekplan.solving import solve as compute

    week = clinic.opened().week
    solve = planning.ask_solve(by=clinic.by, at=NOW, week=week, seconds=2)
    by = stepwell_itself()
    first = planning.claim_solve(by=by, at=NOW, solve_id=solve.pk)
    later = NOW + timedelta(minutes=1)
    second = planning.claim_solve(by=by, at=later, solve_id=solve.pk)
    plan = compute(second.case, seconds=2)
    assert planning.finish_solve(by=by, at=later, claim=second, plan=plan) is not None
    assert planning.finish_solve(by=by, at=later, claim=first, plan=plan) is None
    assert WeekVersion.objects.filter(week=week, origin="solved").count() == 1


def test_silent_work_waits_for_another_worker_and_fails_after_three(clinic):
    week = clinic.opened().week
    solve = planning.ask_solve(by=clinic.by, at=NOW, week=week)
    by, at = stepwell_itself(), NOW
    for _ in range(3):
        planning.claim_solve(by=by, at=at, solve_id=solve.pk)
        assert planning.give_back_solves(by=by, at=at + timedelta(seconds=5)) == 0
        at += timedelta(minutes=1)
        assert planning.give_back_solves(by=by, at=at) == 1
    solve.refresh_from_db()
    assert (solve.state, solve.attempts) == ("failed", 3)
    assert "three times" in solve.message


def test_stop_and_keep_is_heard_by_the_worker(clinic):
    week = clinic.opened().week
    solve = planning.ask_solve(by=clinic.by, at=NOW, week=week)
    claim = planning.claim_solve(by=stepwell_itself(), at=NOW, solve_id=solve.pk)
    planning.stop_solve(by=clinic.by, at=NOW, solve=solve)
    assert claim.heard(NOW).name == "STOP"


def test_what_nobody_has_begun_is_taken_back(clinic):
    solve = planning.ask_solve(by=clinic.by, at=NOW, week=clinic.opened().week)
    planning.stop_solve(by=clinic.by, at=NOW, solve=solve)
    assert planning.claim_solve(by=stepwell_itself(), at=NOW, solve_id=solve.pk) is None
    with pytest.raises(Refused, match="ended already"):
        planning.stop_solve(by=clinic.by, at=NOW, solve=solve)


def test_what_is_locked_in_a_draft_stays_as_it_is_there(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    session = moved(draft, clinic.skills, HOUR)
    session.locked = True
    session.save()
    case = case_of(clinic.by, draft.week, NOW, version=draft).case
    locked = [one for one in case.standing if one.fixed.value == "locked"]
    assert [(one.id, one.span.start % 1440) for one in locked] == [(f"c{session.occurrence_id}", 19 * 60)]


# -- publishing -------------------------------------------------------------------------------


def test_a_moved_session_keeps_its_row_and_its_series_does_not_make_it_again(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    before = Occurrence.objects.get(group=clinic.skills, local_date=NEXT_MONDAY + timedelta(days=1))
    moved(draft, clinic.skills, timedelta(days=1))
    publication = planning.publish_week(by=clinic.by, at=NOW, version=draft)
    after = Occurrence.objects.get(pk=before.pk)
    assert (publication.number, after.local_date) == (1, NEXT_MONDAY + timedelta(days=2))
    assert (after.instead_of, after.cancelled_at) == (NEXT_MONDAY + timedelta(days=1), None)
    assert after.seats.filter(released_at=None).count() == 4
    held = Reservation.objects.filter(subject_id=after.pk, subject="occurrence", released_at=None)
    assert {row.during.lower for row in held} == {after.starts}
    assert held.count() == 6
    actions.extend_horizon(by=clinic.by, at=NOW, site=clinic.site, weeks=3)
    assert (
        Occurrence.objects.filter(group=clinic.skills, local_date=NEXT_MONDAY + timedelta(days=1)).count()
        == 0
    )


def test_publishing_tells_exactly_those_affected_and_writes_an_entry_for_each(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    ana, ben = clinic.patients[:2]
    session = draft.sessions.get(group=clinic.skills)
    session.seats.filter(patient=ana).delete()
    planning.publish_week(by=clinic.by, at=NOW, version=draft)
    assert [(n.patient_id, n.staff_id) for n in WeekNotice.objects.all()] == [(ana.pk, None)]
    assert [entry.patient_id for entry in trail("publish_week")] == [None, ana.pk]
    assert not Seat.objects.filter(patient=ana, occurrence=session.occurrence, released_at=None).exists()
    assert Seat.objects.filter(patient=ben, occurrence=session.occurrence, released_at=None).exists()


def test_two_sessions_change_rooms_and_times_with_each_other(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    skills, process = draft.sessions.get(group=clinic.skills), draft.sessions.get(group=clinic.process)
    for name in ("starts", "ends", "local_date", "room"):
        one, other = getattr(skills, name), getattr(process, name)
        setattr(skills, name, other)
        setattr(process, name, one)
    skills.save()
    process.save()
    planning.publish_week(by=clinic.by, at=NOW, version=draft)
    assert queries.changes_by(draft, queries.planned_of(draft)).sessions == ()


def test_a_dropped_session_is_cancelled_with_its_reason_and_nobody_is_held_by_it(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    gone = draft.sessions.get(group=clinic.process)
    occurrence = gone.occurrence
    gone.delete()
    planning.publish_week(by=clinic.by, at=NOW, version=draft, because="Too few people.")
    occurrence.refresh_from_db()
    assert (occurrence.cancelled_at, occurrence.cancelled_because) == (NOW, "Too few people.")
    assert not Reservation.objects.filter(subject_id=occurrence.pk, released_at=None).exists()
    assert set(WeekNotice.objects.values_list("patient_id", "staff_id")) == {
        *((one.pk, None) for one in clinic.patients),
        (None, clinic.haddad.pk),
    }


def test_a_new_session_is_added_with_seats_rooms_and_its_topic(clinic):
    clinic.skills.topics = ["Triggers", "Cravings"]
    clinic.skills.save()
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    old = draft.sessions.get(group=clinic.skills)
    new = PlannedSession.objects.get(pk=old.pk)
    new.pk, new.key, new.occurrence_id = None, "hand-1", None
    new.starts, new.ends = old.starts + timedelta(days=1), old.ends + timedelta(days=1)
    new.local_date = old.local_date + timedelta(days=1)
    new.save()
    new.seats.create(patient=clinic.patients[0])
    planning.publish_week(by=clinic.by, at=NOW, version=draft)
    made = Occurrence.objects.get(group=clinic.skills, local_date=NEXT_MONDAY + timedelta(days=2))
    assert (made.meeting_id, made.topic, made.seats.count()) == (None, "Cravings", 1)
    new.refresh_from_db()
    assert new.occurrence_id == made.pk


def test_the_second_of_two_planners_gets_the_sentence_and_brings_the_draft_up_to_date(clinic):
    first = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    second = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    moved(first, clinic.skills, HOUR)
    moved(second, clinic.process, HOUR)
    planning.publish_week(by=clinic.by, at=NOW, version=first)
    with pytest.raises(Refused, match=r"Ruth Abara published draft 2 meanwhile\. The calendar has changed"):
        planning.publish_week(by=clinic.by, at=NOW, version=second)
    fresh = planning.bring_up_to_date(by=clinic.by, at=NOW, version=second)
    planning.publish_week(by=clinic.by, at=NOW, version=fresh)
    times = {
        o.group_id: o.starts.hour
        for o in Occurrence.objects.filter(
            local_date__gte=NEXT_MONDAY, local_date__lt=NEXT_MONDAY + timedelta(days=7)
        )
    }
    assert times == {clinic.skills.pk: 23, clinic.process.pk: 23}
    assert Publication.objects.filter(week=first.week).count() == 2


def test_a_draft_that_still_holds_needs_no_bringing_up_to_date(clinic):
    with pytest.raises(Refused, match="has not changed"):
        planning.bring_up_to_date(by=clinic.by, at=NOW, version=clinic.opened())


def test_a_seat_taken_back_meanwhile_wins_over_the_draft(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    moved(draft, clinic.skills, HOUR)
    seat = Seat.objects.get(
        patient=clinic.patients[0],
        occurrence__group=clinic.skills,
        occurrence__local_date__gte=NEXT_MONDAY,
        occurrence__local_date__lt=NEXT_MONDAY + timedelta(days=7),
    )
    actions.release_seat(by=clinic.by, at=NOW, seat=seat, because="Work")
    fresh = planning.bring_up_to_date(by=clinic.by, at=NOW, version=draft)
    session = fresh.sessions.get(group=clinic.skills)
    assert session.starts == seat.occurrence.starts + HOUR
    assert set(session.seats.values_list("patient_id", flat=True)) == {p.pk for p in clinic.patients[1:]}


def test_a_session_with_more_people_than_seats_is_not_published(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    session = draft.sessions.get(group=clinic.skills)
    session.seats.all().delete()
    Occurrence.objects.filter(pk=session.occurrence_id).update(capacity=4)
    PlannedSession.objects.filter(pk=session.pk).update(capacity=4)
    for number in range(4, 9):
        session.seats.create(patient=clinic.patient(number))
    with pytest.raises(Refused, match="has 4 seats and 5 people"):
        planning.publish_week(by=clinic.by, at=NOW, version=draft)
    assert Publication.objects.count() == 0


def test_what_has_begun_is_never_changed(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    session = moved(draft, clinic.skills, HOUR)
    with pytest.raises(Refused, match="has begun"):
        planning.publish_week(by=clinic.by, at=session.starts - HOUR / 2, version=draft)


def test_a_person_in_two_places_is_refused_and_nothing_is_published(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    moved(draft, clinic.skills, timedelta(days=2))
    with pytest.raises(Refused, match="already has"):
        planning.publish_week(by=clinic.by, at=NOW, version=draft)
    assert Publication.objects.count() == 0
    assert queries.changes_since(draft).sessions == ()


def test_six_in_the_evening_stays_six_in_the_week_in_which_the_clocks_change(clinic):
    from stepwell.clinic.timetable.actions.planning.made import _instant

    zone = __import__("zoneinfo").ZoneInfo("America/New_York")
    first = date(2026, 3, 2)  # its Sunday, 8 March, has 23 hours
    for day in range(7):
        local = _instant(first, day * 1440 + 18 * 60, zone).astimezone(zone)
        assert (local.hour, local.minute, local.date()) == (18, 0, first + timedelta(days=day))


def test_a_notice_is_put_away_by_whom_it_is_for(clinic):
    draft = planning.copy_version(by=clinic.by, at=NOW, version=clinic.opened())
    draft.sessions.get(group=clinic.process).delete()
    planning.publish_week(by=clinic.by, at=NOW, version=draft)
    haddad = actor(clinic.haddad)
    notice = queries.notices_for(haddad).get()
    assert [row[0] for row in notice.changes] == ["dropped"]
    with pytest.raises(Denied):
        planning.see_notice(by=actor(clinic.okafor), at=NOW, notice=notice)
    planning.see_notice(by=haddad, at=NOW, notice=notice)
    assert list(queries.notices_for(haddad)) == []


# -- mending ----------------------------------------------------------------------------------


def test_somebody_calls_in_sick_and_another_leads_instead(clinic):
    clinic.opened()
    tuesday = Occurrence.objects.get(group=clinic.skills, local_date=NEXT_MONDAY + timedelta(days=1))
    morning = tuesday.starts - timedelta(hours=10)
    actions.declare_absence(
        by=clinic.by, at=morning, staff=clinic.okafor, starts=morning, ends=tuesday.ends, because="Ill"
    )
    assert [one.why for one in broken_sessions(clinic.by, morning)] == ["Okafor is away"]
    version = planning.mend_week(by=clinic.by, at=morning, week=Week.objects.get())
    changes = queries.changes_by(version, queries.planned_of(version))
    assert (version.origin, version.note) == ("repair", "Okafor is away")
    assert [c.after.leaders for c in changes.sessions] == [(clinic.haddad.pk,)]
    planning.publish_week(by=clinic.by, at=morning, version=version)
    tuesday.refresh_from_db()
    assert tuesday.facilitator_id == clinic.haddad.pk
    assert set(WeekNotice.objects.exclude(staff=None).values_list("staff_id", flat=True)) == {
        clinic.okafor.pk,
        clinic.haddad.pk,
    }
    assert broken_sessions(clinic.by, morning) == []


def test_a_session_for_one_alone_that_nobody_ordered_is_led_by_another_of_those_who_may(clinic):
    ana = clinic.patients[0]
    group = Occurrence.objects.get(group=clinic.skills, local_date=NEXT_MONDAY + timedelta(days=1))
    alone = make_session(clinic.site, clinic.okafor, [ana], starts=group.starts - 24 * HOUR)
    clinic.opened()
    morning = alone.starts - timedelta(hours=9)
    actions.declare_absence(
        by=clinic.by,
        at=morning,
        staff=clinic.okafor,
        starts=morning,
        ends=alone.ends + 3 * HOUR,
        because="Ill",
    )
    version = planning.mend_week(by=clinic.by, at=morning, week=Week.objects.get())
    mended = version.sessions.get(occurrence=alone)
    assert (mended.facilitator_id, mended.starts, mended.ends) == (
        clinic.haddad.pk,
        alone.starts,
        alone.ends,
    )
    planning.publish_week(by=clinic.by, at=morning, version=version)
    assert broken_sessions(clinic.by, morning) == []


def test_a_room_out_of_use_moves_the_group_next_door(clinic):
    clinic.opened()
    tuesday = Occurrence.objects.get(group=clinic.skills, local_date=NEXT_MONDAY + timedelta(days=1))
    RoomOut.objects.create(
        room=clinic.room, starts=tuesday.starts - HOUR, ends=tuesday.ends, because="Water", at=NOW
    )
    version = planning.mend_week(by=clinic.by, at=NOW, week=Week.objects.get())
    assert version.sessions.get(group=clinic.skills).room_id == clinic.other_room.pk


def of_ana(version: WeekVersion, ana: Any) -> list[Any]:
    return list(
        version.sessions.filter(seats__patient=ana).order_by("starts").values_list("group", flat=True)
    )


@pytest.mark.parametrize("made", ["cancelled with the day", "never made"])
def test_who_loses_a_seat_by_a_closed_day_is_given_another_where_there_is_one(clinic, made):
    friday = clinic.group("Skills on Friday", "skills", clinic.okafor, (4, time(18)))
    tuesday = NEXT_MONDAY + timedelta(days=1)
    if made == "never made":
        Closure.objects.create(site=clinic.site, on=tuesday, because="Snow", at=NOW)
        sessions = Occurrence.objects.filter(local_date=tuesday)
        Seat.objects.filter(occurrence__in=sessions).delete()
        Reservation.objects.filter(subject="occurrence", subject_id__in=sessions.values("pk")).delete()
        sessions.delete()
    else:
        clinic.opened()
        _, cancelled = actions.close_day(
            by=clinic.by, at=NOW, site=clinic.site, on=tuesday, because="Snow", cancel=True
        )
        assert cancelled == 1
        assert people_by_closed_day(clinic.by, NOW) == {tuesday: 4}
    week = clinic.opened().week
    assert broken_sessions(clinic.by, NOW) == []
    version = planning.mend_week(by=clinic.by, at=NOW, week=week)
    assert version.note == "Tuesday is closed"
    assert [of_ana(version, one) for one in clinic.patients] == [[clinic.process.pk, friday.pk]] * 4
    planning.publish_week(by=clinic.by, at=NOW, version=version)
    assert WeekNotice.objects.exclude(patient=None).count() == 4
    with pytest.raises(Refused, match="4 people lost a seat by a closed day, and no other seat"):
        planning.mend_week(by=clinic.by, at=NOW, week=week)


def test_a_closed_day_after_which_nothing_is_free_says_so(clinic):
    week = clinic.opened().week
    tuesday = NEXT_MONDAY + timedelta(days=1)
    actions.close_day(by=clinic.by, at=NOW, site=clinic.site, on=tuesday, because="Snow", cancel=True)
    with pytest.raises(Refused, match="4 people lost a seat by a closed day, and no other seat of this week"):
        planning.mend_week(by=clinic.by, at=NOW, week=week)


def test_a_week_in_which_nothing_is_broken_is_not_mended(clinic):
    with pytest.raises(Refused, match="nothing to mend"):
        planning.mend_week(by=clinic.by, at=NOW, week=clinic.opened().week)


def test_a_stranger_sees_no_week_of_this_site(clinic):
    version = clinic.opened()
    stranger = actor(make_staff(make_site(), Role.DIRECTOR))
    assert list(queries.weeks_for(stranger)) == []
    assert list(queries.versions_of(stranger, version.week)) == []
    with pytest.raises(WeekVersion.DoesNotExist):
        queries.version_by_id(stranger, version.pk)
