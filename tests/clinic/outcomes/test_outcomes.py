"""What the page of outcomes counts, from rows that the earlier steps wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.assessment.models import Screening
from stepwell.clinic.outcomes import policies, queries
from stepwell.clinic.outcomes.rules import load_suppression_rule
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement.models import Placement
from stepwell.clinic.refusal import Denied
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.aftercare.making import discharge, discharged
from tests.clinic.timetable.making import MONDAY, admit, admitted
from tests.making import NOW, TODAY, actor, make_patient, make_site, make_staff

LAST_WEEK = MONDAY - timedelta(days=7)


@pytest.fixture
def director(site):
    return actor(make_staff(site, Role.DIRECTOR))


def came(patient, day: date, minutes: int = 540, outcome: str = "present"):
    """One session of that day; its minutes are what counts."""
    starts = NOW - timedelta(days=(TODAY - day).days)
    session = Occurrence.objects.create(
        site=patient.site, local_date=day, kind="individual", treatment="individual", title="Session",
        starts=starts, ends=starts + timedelta(minutes=max(minutes, 60)), mode="video", capacity=1,
    )  # fmt: skip
    there = outcome == "present"
    Attendance.objects.create(
        seat=Seat.objects.create(occurrence=session, patient=patient, number=1, capacity=1, at=NOW),
        occurrence=session,
        patient=patient,
        outcome=outcome,
        arrived_at=starts if there else None,
        minutes=minutes if there else 0,
        reason="" if there else "Ill",
        recorded_at=NOW,
    )


def score(patient, total, days_ago, instrument="phq-9", **facts):
    Screening.objects.create(
        patient=patient, instrument=instrument, version="1", answers={}, complete=True, total=total,
        taken_at=NOW - timedelta(days=days_ago), recorded_at=NOW, **facts,
    )  # fmt: skip


def test_the_census_counts_open_episodes_by_level(site, director):
    for name in ("Ana", "Ben"):
        admitted(site, name)
    up = admitted(site, "Cai").episodes.get()
    first = up.placements.get()
    Placement.objects.create(
        episode=up, number=2, kind="step_up", level="2.5", because="More.", starts_at=NOW, at=NOW, by=first.by
    )
    discharged(site)
    assert queries.outcomes(director, at=NOW).census == {"2.1": 2, "2.5": 1}


def test_hours_count_whole_weeks_in_care_only(site, director):
    whole = make_patient(site)
    admit(whole, on=LAST_WEEK - timedelta(days=3))
    admit(make_patient(site, "Ben"), on=LAST_WEEK + timedelta(days=2))  # came in the middle of the week
    whole.episodes.get().orders.update(starts_on=LAST_WEEK)
    came(whole, LAST_WEEK, 300)
    came(whole, LAST_WEEK + timedelta(days=6), 240)
    week = queries.outcomes(director, at=NOW).hours[-1]
    assert (week.starts_on, week.ordered, week.delivered, week.patients, week.met) == (
        LAST_WEEK,
        540,
        540,
        1,
        1,
    )


def test_attendance_is_counted_by_week_and_the_running_week_left_out(site, director):
    ana = admitted(site)
    came(ana, LAST_WEEK)
    came(ana, LAST_WEEK + timedelta(days=1), outcome="excused")
    came(ana, MONDAY)
    weeks = queries.outcomes(director, at=NOW).attendance
    assert len(weeks) == 12
    assert (weeks[-1].present, weeks[-1].excused, weeks[-1].unexcused) == (1, 1, 0)


def test_retention_has_an_interval_and_small_numbers_are_held_back(site, director):
    for number in range(11):
        admit(make_patient(site, f"Ana{number}"), on=TODAY - timedelta(days=40))
    found = queries.outcomes(director, at=NOW).retention
    assert (found[0].day, found[0].raw.count, found[0].raw.total, found[0].raw.share) == (30, 11, 11, 1.0)
    assert found[0].raw.low == pytest.approx(0.741, abs=0.001)
    assert (found[1].not_yet, found[1].raw.share) == (11, None)
    discharged(site, days_ago=20)  # one who was there 60 days
    assert queries.outcomes(director, at=NOW).retention[1].raw.count == 1
    without_charts = replace(director, roles={})
    assert queries.suppression_for(without_charts) == load_suppression_rule()
    assert queries.suppression_for(director).smallest_shown == 0


def test_a_transfer_to_more_care_is_told_apart(site, director):
    episode = admit(make_patient(site), on=TODAY - timedelta(days=40))
    Placement.objects.create(
        episode=episode, number=2, kind="transfer", level="3.7", because="More.", receiving="Lake",
        starts_at=NOW - timedelta(days=25), at=NOW - timedelta(days=25), by=episode.admitted_by,
    )  # fmt: skip
    discharge(episode, days_ago=24, reason="transferred")
    assert queries.outcomes(director, at=NOW).endings == {"transferred_higher": 1}


def test_scores_are_first_and_last_of_the_same_episode(site, director):
    for number in range(11):
        patient = make_patient(site, f"Ana{number}")
        admit(patient, on=TODAY - timedelta(days=40))
        score(patient, 4, 200)  # long before: another time of life
        score(patient, 16, 38)
        score(patient, 12, 20)
        score(patient, 9, 2)
        score(patient, 27, 1, entered_in_error_at=NOW, entered_in_error_because="Wrong person")
        score(patient, None, 38, instrument="bam", subscales={"risk": 14})
    changes = {i.key: change for i, change in queries.outcomes(director, at=NOW).changes}
    phq, bam = changes["phq-9"], changes["bam"]
    assert (phq.pairs, phq.mean_first, phq.mean_last, phq.mean_change) == (11, 16, 9, -7)
    assert (phq.improved.count, bam.pairs, bam.incomplete) == (11, 0, 11)


def test_the_names_behind_a_figure(site, director):
    ana = admitted(site)
    gone = discharged(site, "Ben", days_ago=50).patient
    assert queries.names(director, "level-2-1", at=NOW) == [ana]
    assert queries.names(director, "ended-completed", at=NOW) == [gone]
    assert queries.names(director, "stayed-60", at=NOW) == [gone]
    assert queries.names(director, "left-90", at=NOW) == [gone]


@pytest.mark.parametrize("nonsense", ["level", "level-9", "left-31", "ended-well", "secrets", ""])
def test_a_figure_that_is_not_there_has_no_names(director, nonsense):
    with pytest.raises(Patient.DoesNotExist):
        queries.names(director, nonsense, at=NOW)


def test_another_site_is_not_counted(site):
    admitted(site)
    stranger = actor(make_staff(make_site(), Role.DIRECTOR))
    assert queries.outcomes(stranger, at=NOW).census == {}
    assert queries.names(stranger, "level-2-1", at=NOW) == []


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.BILLER, Role.NURSE])
def test_names_are_for_those_who_may_see_outcomes(site, role):
    with pytest.raises(Denied):
        policies.may_see_names(actor(make_staff(site, role)))


@pytest.mark.parametrize("people", [1, 30])
def test_the_page_takes_five_queries_whatever_the_size(site, director, django_assert_num_queries, people):
    for number in range(people):
        patient = admitted(site, f"Ana{number}")
        came(patient, LAST_WEEK, 60)
        score(patient, Decimal(9), 2)
    with django_assert_num_queries(5):
        assert queries.outcomes(director, at=NOW).census == {"2.1": people}
