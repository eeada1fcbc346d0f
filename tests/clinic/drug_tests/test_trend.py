"""The trend by class: new use or old, read from what was confirmed where it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stepwell.clinic.drug_tests import actions, queries, rules
from tests.clinic.drug_tests.making import make_test
from tests.making import NOW, TODAY


def entered(by, patient, days, word, *, order=None, method="presumptive", **more):
    at = NOW + timedelta(days=days)
    if order is None:
        order = make_test(patient, by, panel="standard", due_on=TODAY + timedelta(days=days), at=at)
        actions.collect(by=by, at=at, order=order, specimen=f"S-{days}")
    actions.record_result(by=by, at=at, order=order, results={"thc": word}, method=method, **more)
    return order


def uses(by, patient):
    later = TODAY + timedelta(days=60)
    grid = queries.grid(queries.tests_of(by, patient, today=later), today=later)
    return [cell.use.use if cell.use else cell.state for cell in grid.cells["thc"]]


@pytest.mark.parametrize(
    ("confirmed", "later"), [("negative", rules.Use.NEW), ("positive", rules.Use.MAYBE_OLD)]
)
def test_a_screen_that_was_not_confirmed_makes_no_later_positive_old(by, patient, confirmed, later):
    order = entered(by, patient, 0, "positive")
    entered(by, patient, 0, confirmed, order=order, method="definitive")
    entered(by, patient, 10, "positive")
    assert uses(by, patient)[-1] == later


@pytest.mark.parametrize(("days", "use"), [(35, rules.Use.MAYBE_OLD), (36, rules.Use.NEW)])
def test_chronic_cannabis_is_seen_for_thirty_five_days(by, patient, days, use):
    entered(by, patient, 0, "positive")
    entered(by, patient, days, "positive")
    assert uses(by, patient) == [rules.Use.FIRST, use]


def test_a_day_that_passed_without_specimen_or_excuse_is_missed_and_one_of_today_is_not_yet(by, patient):
    make_test(patient, by, due_on=TODAY)
    excused = make_test(patient, by, due_on=TODAY, panel="standard")
    actions.excuse_test(by=by, at=NOW, order=excused, because="In hospital.")

    def words(today):
        return [c.word for c in queries.grid(queries.tests_of(by, patient, today=today), today=today).columns]

    assert words(TODAY) == ["excused"]
    assert sorted(words(TODAY + timedelta(days=1))) == ["excused", "missed"]
