"""Calls after discharge and what the discharge summary must hold."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.aftercare.rules import (
    Attempt,
    AttemptOutcome,
    FollowUpDue,
    FollowUpStanding,
    FollowUpState,
    MissingSection,
    NextAppointment,
    follow_up_standing,
    follow_ups_due,
    load_follow_up_rule,
    load_summary_sections,
    missing_sections,
    next_appointment,
)

RULE = load_follow_up_rule()
DUE = date(2026, 5, 4)


def missed(*days: int) -> list[Attempt]:
    return [Attempt(on=DUE + timedelta(days=d), outcome=AttemptOutcome.NOT_REACHED) for d in days]


def test_the_calls_of_a_year():
    assert follow_ups_due(date(2026, 1, 31), RULE) == (
        FollowUpDue(day=30, due_on=date(2026, 3, 2)),
        FollowUpDue(day=60, due_on=date(2026, 4, 1)),
        FollowUpDue(day=90, due_on=date(2026, 5, 1)),
        FollowUpDue(day=180, due_on=date(2026, 7, 30)),
        FollowUpDue(day=365, due_on=date(2027, 1, 31)),
    )


@pytest.mark.parametrize(
    ("attempts", "day", "expected"),
    [
        ([], -1, (FollowUpState.UPCOMING, 0, False, 3, "Call on Mon 4 May.")),
        ([], 0, (FollowUpState.DUE, 0, False, 3, "Call on Mon 4 May.")),
        ([], 2, (FollowUpState.DUE, 0, True, 3, "The call was due on Mon 4 May.")),
        (
            missed(0),
            1,
            (FollowUpState.TRYING, 3, False, 2, "Tried once, not reached; try again on Thu 7 May."),
        ),
        (
            missed(0),
            4,
            (FollowUpState.TRYING, 3, True, 2, "Tried once, not reached; try again on Thu 7 May."),
        ),
        (
            missed(0, 0, 0),
            1,
            (FollowUpState.TRYING, 3, False, 2, "Tried once, not reached; try again on Thu 7 May."),
        ),
        (
            missed(0, 3),
            4,
            (FollowUpState.TRYING, 6, False, 1, "Tried on 2 days, not reached; try again on Sun 10 May."),
        ),
        (
            missed(0, 1, 2),
            3,
            (FollowUpState.TRYING, 6, False, 1, "Tried on 3 days, not reached; try again on Sun 10 May."),
        ),
        (
            missed(0, 3, 6),
            6,
            (
                FollowUpState.UNREACHABLE,
                None,
                False,
                0,
                "Not reached in 3 attempts; no more calls this time.",
            ),
        ),
    ],
)
def test_three_attempts_over_seven_days(attempts, day, expected):
    state, next_try, overdue, left, sentence = expected
    assert follow_up_standing(DUE, attempts, DUE + timedelta(days=day), RULE) == FollowUpStanding(
        state=state,
        next_try_on=None if next_try is None else DUE + timedelta(days=next_try),
        overdue=overdue,
        attempts_left=left,
        sentence=sentence,
    )


@pytest.mark.parametrize("outcome", ["reached", "refused", "deceased"])
def test_an_answer_settles_the_call(outcome):
    attempts = [*missed(0), Attempt(on=DUE + timedelta(days=3), outcome=AttemptOutcome(outcome))]
    now = follow_up_standing(DUE, attempts, DUE + timedelta(days=9), RULE)
    assert (now.state, now.next_try_on) == (FollowUpState(outcome), None)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6))
def test_whoever_keeps_to_the_proposed_days_comes_to_an_end(days):
    attempts = missed(*days)
    for _ in range(4):
        now = follow_up_standing(DUE, attempts, DUE, RULE)
        if now.next_try_on is None:
            break
        assert now.next_try_on > max(a.on for a in attempts)
        attempts.append(Attempt(on=now.next_try_on, outcome=AttemptOutcome.NOT_REACHED))
    assert follow_up_standing(DUE, attempts, DUE, RULE).state is FollowUpState.UNREACHABLE


FULL = {section.key: "Said." for section in load_summary_sections()}


def test_a_full_summary_lacks_nothing():
    assert missing_sections(FULL, "completed") == ()


def test_a_blank_section_is_named_with_what_it_asks():
    assert missing_sections(FULL | {"naloxone": " "}, "completed") == (
        MissingSection(key="naloxone", mend="Fill in “Naloxone”: given, offered and declined, or why not."),
    )


def test_optional_sections_may_stay_empty_and_some_ends_ask_for_less():
    assert missing_sections(FULL | {"supports": ""}, "completed") == ()
    assert [m.key for m in missing_sections({}, "deceased")] == ["reason", "course", "progress", "diagnoses"]


@pytest.mark.parametrize(
    ("appointment", "expected"),
    [
        (
            None,
            NextAppointment(within=False, days=None, sentence="No next appointment; book one by Mon 11 May."),
        ),
        (
            date(2026, 5, 4),
            NextAppointment(within=True, days=0, sentence="The next appointment is on the day of discharge."),
        ),
        (
            date(2026, 5, 11),
            NextAppointment(within=True, days=7, sentence="The next appointment is 7 days after discharge."),
        ),
        (
            date(2026, 5, 12),
            NextAppointment(
                within=False,
                days=8,
                sentence="The next appointment is 8 days after discharge; find one within 7 days.",
            ),
        ),
        (
            date(2026, 5, 3),
            NextAppointment(
                within=False,
                days=-1,
                sentence="The next appointment lies before the discharge; check the date.",
            ),
        ),
    ],
)
def test_the_next_appointment_is_near_or_it_is_said(appointment, expected):
    assert next_appointment(DUE, appointment, RULE.next_appointment_within_days) == expected
