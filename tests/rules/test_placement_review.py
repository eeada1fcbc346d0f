"""The weekly look: what is proposed, which outcome goes with which level, and other instruments beside it."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.placement.rules import (
    Level,
    Progress,
    Refused,
    Way,
    as_findings,
    compare,
    may_be_from,
    may_look_next,
    outside_instruments,
    outside_level,
    review_fits,
    review_outcome,
    review_outcomes,
    suggest,
)

IOP, OP, PHP = Level.INTENSIVE_OUTPATIENT, Level.OUTPATIENT, Level.PARTIAL_HOSPITALIZATION
READY = Progress(
    weeks_at_level=9, attendance_four_weeks=0.9, days_without_use=31, bam_use=0, bam_risk=4, phq9=6, goals_met=0.8
)  # fmt: skip


@pytest.mark.parametrize(
    ("progress", "level", "indicated", "expected"),
    [
        (READY, IOP, None, ("move-goals-met", Way.STEP_DOWN, OP)),
        (READY, OP, None, ("discharge-goals-met", Way.DISCHARGE, None)),
        (READY, IOP, PHP, ("move-worse", Way.STEP_UP, PHP)),
        (Progress(overdose=True), IOP, None, ("move-worse", Way.STEP_UP, PHP)),
        (Progress(cows=13), PHP, None, ("move-worse", Way.STEP_UP, Level.INPATIENT_MONITORED)),
        (Progress(missed_sessions_14_days_without_contact=3), IOP, OP, ("move-worse", Way.STEP_UP, PHP)),
        (Progress(housing_lost=True), IOP, Level.RESIDENTIAL_LOW, ("move-worse", Way.STEP_UP, Level.RESIDENTIAL_LOW)),
        (Progress(phq9_change=-4), IOP, IOP, ("continue-progress", Way.CONTINUE, IOP)),
        (Progress(goals_met=0.25), IOP, None, ("continue-progress", Way.CONTINUE, IOP)),
        (Progress(), IOP, None, ("continue-working", Way.CONTINUE, IOP)),
        (Progress(phq9_change=4), IOP, OP, ("continue-working", Way.CONTINUE, IOP)),
    ],
)  # fmt: skip
def test_what_is_proposed(progress, level, indicated, expected):
    found = suggest(progress, level, indicated)
    assert (found.outcome, found.way, found.level) == expected
    assert found.because


def test_a_proposal_to_go_on_says_what_is_met_and_what_is_not_known():
    told = suggest(Progress(weeks_at_level=9, phq9=15), IOP, None).because
    assert told == (
        "1 of 7 conditions of less care are met, and nothing asks for more.",
        "Not known: Attended 85 percent or more of the last four weeks; No use reported or tested for 30 days; "
        "BAM Use is 0; BAM Risk is 8 or less; 75 percent or more of the plan's goals are met.",
    )


some = st.builds(
    Progress,
    weeks_at_level=st.none() | st.integers(0, 60), attendance_four_weeks=st.none() | st.floats(0, 1),
    days_without_use=st.none() | st.integers(0, 90), bam_use=st.none() | st.integers(0, 12),
    bam_risk=st.none() | st.integers(0, 24), bam_risk_change=st.none() | st.integers(-24, 24),
    phq9=st.none() | st.integers(0, 27), phq9_change=st.none() | st.integers(-27, 27),
    goals_met=st.none() | st.floats(0, 1), cssrs=st.none() | st.sampled_from(["low", "moderate", "high"]),
    ciwa=st.none() | st.integers(0, 67), cows=st.none() | st.integers(0, 48),
    overdose=st.none() | st.booleans(), housing_lost=st.none() | st.booleans(),
)  # fmt: skip


@given(some, st.sampled_from([OP, IOP, PHP]), st.none() | st.sampled_from(list(Level)))
def test_a_proposal_always_fits_itself_and_can_be_kept(progress, level, indicated):
    found = suggest(progress, level, indicated)
    outcome = review_outcome(found.outcome)
    assert outcome.way is found.way
    review_fits(outcome, level, found.level, " ".join(found.because))
    json.dumps(as_findings(progress, found), allow_nan=False)


@given(some, st.sampled_from([OP, IOP]))
def test_an_unknown_fact_never_leads_to_less_care(progress, level):
    if None in vars(progress).values() and suggest(progress, level, None).way in (
        Way.STEP_DOWN,
        Way.DISCHARGE,
    ):
        asked = (
            "weeks_at_level",
            "attendance_four_weeks",
            "days_without_use",
            "bam_use",
            "bam_risk",
            "phq9",
            "goals_met",
        )
        assert all(getattr(progress, name) is not None for name in asked)


@pytest.mark.parametrize(
    ("outcome", "aim", "summary", "sentence"),
    [
        ("continue-progress", PHP, "x", "Going on means level 2.1"),
        ("continue-progress", None, "x", "Choose the level"),
        ("move-goals-met", PHP, "x", "is not less care"),
        ("move-goals-met", IOP, "x", "is not less care"),
        ("move-worse", OP, "x", "is not more care"),
        ("move-worse", PHP, " ", "A move needs its reason"),
        ("discharge-goals-met", OP, "x", "recommends no level"),
        ("discharge-goals-met", None, "", "A move needs its reason"),
    ],
)
def test_an_outcome_that_does_not_fit_its_level_is_refused(outcome, aim, summary, sentence):
    with pytest.raises(Refused, match=sentence):
        review_fits(review_outcome(outcome), IOP, aim, summary)


def test_every_outcome_has_its_way_and_an_unknown_one_is_refused():
    assert {one.way for one in review_outcomes()} == set(Way)
    with pytest.raises(Refused, match="Choose from the list"):
        review_outcome("bored")


@pytest.mark.parametrize("days", [0, -1, 61])
def test_the_next_review_lies_ahead_and_not_too_far(days):
    with pytest.raises(Refused, match="1 to 60 days ahead"):
        may_look_next(date.fromordinal(date(2026, 5, 1).toordinal() + days), date(2026, 5, 1))


def test_every_level_of_every_instrument_is_compared_with_one_of_ours():
    for one in outside_instruments():
        for level in one.levels:
            assert outside_level(one.code, level)[1] in Level


@pytest.mark.parametrize(
    ("code", "level", "sentence"),
    [
        ("continuum", "9", "CONTINUUM has no level 9"),
        ("locus", "2.1", "LOCUS has no level"),
        ("dice", "1", "no such"),
    ],
)
def test_a_level_that_an_instrument_does_not_have_is_refused(code, level, sentence):
    with pytest.raises(Refused, match=sentence):
        outside_level(code, level)


@pytest.mark.parametrize(
    ("theirs", "ours", "agrees", "sentence"),
    [
        (IOP, IOP, True, "The same as ours: level 2.1."),
        (PHP, IOP, False, "It asks for more care than ours: about level 2.5 against 2.1."),
        (OP, IOP, False, "It asks for less care than ours: about level 1 against 2.1."),
        (None, IOP, None, "There is nothing to compare it with yet."),
    ],
)
def test_their_level_beside_ours(theirs, ours, agrees, sentence):
    found = compare(theirs, ours)
    assert (found.agrees, found.sentence) == (agrees, sentence)


def test_a_result_is_not_from_tomorrow_or_before_birth():
    may_be_from(date(2026, 5, 1), date(2026, 5, 1), date(1980, 1, 1))
    for on in (date(2026, 5, 2), date(1979, 12, 31)):
        with pytest.raises(Refused, match="correct the date"):
            may_be_from(on, date(2026, 5, 1), date(1980, 1, 1))
