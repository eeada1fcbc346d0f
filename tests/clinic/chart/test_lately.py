"""The last weeks of one person: what is on file, what is unknown, what the role may not see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.accounts.roles import Role
from stepwell.clinic.chart.queries.lately import Lately, lately_of
from stepwell.clinic.drug_tests import actions as drug_tests
from stepwell.clinic.sessions import actions as sessions
from tests.clinic.drug_tests.making import make_result, make_test
from tests.clinic.recovery.making import make_check_in
from tests.clinic.sessions.making import group_of
from tests.making import NOW, actor, make_site, make_staff


def days_ago(days: int):
    return NOW - timedelta(days=days)


def test_nothing_on_file_is_unknown_and_not_zero(by, patient):
    assert lately_of(by, patient, at=NOW) == Lately()


def test_use_and_craving_come_from_check_ins(by, patient):
    for n, (ago, craving, used) in enumerate([(12, 2, True), (9, 3, False), (3, 6, False), (1, 5, False)]):
        make_check_in(patient, f"k{n}", at=days_ago(ago), craving=craving, used=used)
    found = lately_of(by, patient, at=NOW)
    assert (found.days_without_use, found.craving_rising) == (12, True)


def test_a_month_without_use_is_a_month_only_when_somebody_asked(by, patient):
    make_check_in(patient, at=days_ago(2), craving=1)
    assert lately_of(by, patient, at=NOW).days_without_use is None
    make_check_in(patient, "k2", at=days_ago(1), used=False)
    assert lately_of(by, patient, at=NOW).days_without_use == 30


def test_a_positive_and_a_refused_test_count_an_expected_one_does_not(by, patient):
    make_result(patient, by, fentanyl="positive")
    make_result(patient, by, buprenorphine="positive", prescribed=("buprenorphine",))
    drug_tests.collect(by=by, at=NOW, order=make_test(patient, by), refused=True)
    assert lately_of(by, patient, at=NOW).positive_or_refused == 2


def test_attendance_is_the_share_of_sessions_attended(site, by, counselor):
    session, (here, away) = group_of(site, counselor)
    sessions.all_here(by=by, at=NOW, occurrence=session)
    assert lately_of(by, here, at=NOW).attendance == 1.0
    assert lately_of(by, away, at=NOW).missed_without_contact == 0


def test_whoever_may_not_see_a_part_does_not_get_it(site, by, patient):
    make_result(patient, by, fentanyl="positive")
    make_check_in(patient, used=True)
    utilization = actor(make_staff(site, Role.UTILIZATION))
    assert lately_of(utilization, patient, at=NOW) == Lately()
    stranger = actor(make_staff(make_site(), Role.COUNSELOR))
    assert lately_of(stranger, patient, at=NOW) == Lately()


@pytest.mark.parametrize("many", [1, 30])
def test_three_reads_whatever_the_length(by, patient, many, django_assert_num_queries):
    for n in range(many):
        make_check_in(patient, f"k{n}", at=days_ago(1) + timedelta(minutes=n), craving=1)
        make_result(patient, by)
    with django_assert_num_queries(3):
        lately_of(by, patient, at=NOW)
