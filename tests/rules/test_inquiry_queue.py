"""The queue of people who asked for help: how long they wait, what is dangerous, when they are free."""

from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.inquiry.rules import (
    Danger,
    Fit,
    FreeTime,
    FreeWeek,
    InquiryEvent,
    InquiryEventKind,
    InquiryStanding,
    InquiryState,
    OpenHours,
    Tone,
    Waiting,
    danger_unanswered,
    free_week,
    load_answer_rule,
    load_red_flags,
    load_screen_out_reasons,
    objection_to,
    red_flags,
    screen_out_gaps,
    state_of,
    waiting,
)

ATLANTA = ZoneInfo("America/New_York")
RULE = load_answer_rule()
OFFICE = tuple(OpenHours(weekday=day, opens=time(8), closes=time(17)) for day in range(5))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=ATLANTA)


def test_an_inquiry_of_this_morning_is_due_this_afternoon():
    assert waiting(at(4, 9), at(4, 9, 30), ATLANTA, RULE, open_hours=OFFICE) == Waiting(
        minutes=30,
        due_at=at(4, 13),
        overdue=False,
        tone=Tone.GOOD,
        sentence="Waiting for 30 min; answer by Monday 1:00 pm.",
    )


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (at(4, 15), at(5, 10)),
        (at(4, 20), at(5, 12)),
        (at(8, 16), at(11, 11)),
        (at(9, 12), at(11, 12)),
        (at(4, 13), at(4, 17)),
    ],
)
def test_only_open_minutes_count(received, due):
    assert waiting(received, received, ATLANTA, RULE, open_hours=OFFICE).due_at == due


def test_an_urgent_inquiry_does_not_wait_for_the_office_to_open():
    now = waiting(at(9, 23), at(9, 23, 40), ATLANTA, RULE, urgent=True, open_hours=OFFICE)
    assert (now.due_at, now.overdue, now.tone) == (at(9, 23, 30), True, Tone.ALERT)
    assert now.sentence == "Waiting for 40 min; an answer was due Saturday 11:30 pm."


@pytest.mark.parametrize(
    ("hours", "tone", "said"),
    [(1, Tone.GOOD, "1 h"), (3, Tone.WATCH, "3 h"), (4, Tone.ALERT, "4 h"), (72, Tone.ALERT, "3 days")],
)
def test_the_tone_rises_with_age(hours, tone, said):
    now = waiting(at(4, 9), at(4, 9) + timedelta(hours=hours), ATLANTA, RULE)
    assert (now.tone, now.sentence.split(";")[0]) == (tone, f"Waiting for {said}")


@given(st.integers(0, 14 * 24 * 60), st.integers(0, 14 * 24 * 60))
def test_who_came_first_is_due_first(first, second):
    first, second = sorted((first, second))
    due = [
        waiting(at(1, 0) + timedelta(minutes=m), at(1, 0), ATLANTA, RULE, open_hours=OFFICE).due_at
        for m in (first, second)
    ]
    assert due[0] <= due[1]


def test_free_parts_of_a_day_that_touch_are_one_stretch():
    assert free_week(["mon-afternoon", "mon-morning", "sat-morning"]) == FreeWeek(
        (FreeTime(0, time(8), time(17)), FreeTime(5, time(8), time(12)))
    )


def test_a_time_nobody_can_tick_is_refused():
    with pytest.raises(ValueError, match="“mon-noon” is not a time of the week that can be ticked"):
        free_week(["mon-noon"])


def test_how_a_group_fits_somebodys_week():
    evenings = free_week(["mon-evening", "thu-evening"])
    group = [FreeTime(day, time(18), time(21)) for day in (0, 3)]
    assert evenings.fit(group) == Fit(
        share=Fraction(1), misfits=(), sentence="Every meeting fits the free times."
    )
    with_friday = [*group, FreeTime(4, time(18), time(21))]
    assert evenings.fit(with_friday) == Fit(
        share=Fraction(2, 3), misfits=(with_friday[2],), sentence="1 of 3 meetings does not fit."
    )
    assert free_week([]).fit(group).sentence == "Free times are not known; ask."


@pytest.mark.parametrize(
    ("ticked", "danger", "sentence"),
    [
        ([], Danger.NONE, "No danger was ticked; ask about safety on the call all the same."),
        (["injecting"], Danger.TODAY, "Call today."),
        (["injecting", "suicide_plan"], Danger.NOW, "Danger now: act before anything else."),
        (["something_new"], Danger.TODAY, "Call today."),
    ],
)
def test_the_soonest_danger_decides(ticked, danger, sentence):
    found = red_flags(ticked)
    assert (found.danger, found.sentence) == (danger, sentence)


def test_what_is_dangerous_now_is_said_first():
    found = red_flags(["suicide_thoughts", "overdose_now"])
    assert found.say[0] == "Call 911 now. Give naloxone if you have it."
    assert [flag.key for flag in found.flags] == ["overdose_now", "suicide_thoughts"]


@given(st.lists(st.sampled_from([*load_red_flags(), "unknown"])), st.sampled_from([*load_red_flags()]))
def test_ticking_more_never_lessens_the_danger(ticked, more):
    assert red_flags([*ticked, more]).danger >= red_flags(ticked).danger


def test_nobody_is_sent_away_with_nothing():
    assert screen_out_gaps("", " ", "") == (
        "Choose why this program is not the right one.",
        "Name where the person is referred to; nobody is sent away with nothing.",
    )
    assert screen_out_gaps("too_young", "Harbor Youth", "") == (
        "Name whom you spoke with there, so that the person is expected.",
    )
    assert screen_out_gaps("too_young", "Harbor Youth", "R. Diaz") == ()
    assert all(reason.refer_to for reason in load_screen_out_reasons().values())


def event(kind: str, minute: int) -> InquiryEvent:
    return InquiryEvent(kind=InquiryEventKind(kind), at=at(4, 9, minute))


@pytest.mark.parametrize(
    ("kinds", "state", "since", "attempts", "sentence"),
    [
        ([], "new", 0, 0, "Nobody has called back yet."),
        (["attempted", "attempted"], "trying", 1, 2, "Tried 2 times, not reached yet."),
        (["attempted", "answered"], "answered", 2, 1, "Answered; an intake is to be booked."),
        (["answered", "attempted"], "answered", 1, 1, "Answered; an intake is to be booked."),
        (["answered", "booked"], "booked", 2, 0, "An intake is booked."),
        (["screened_out", "reopened"], "new", 2, 0, "Nobody has called back yet."),
        (["attempted", "closed"], "closed", 2, 1, "Closed."),
    ],
)
def test_the_state_is_read_from_the_rows(kinds, state, since, attempts, sentence):
    events = [event(kind, n + 1) for n, kind in enumerate(kinds)]
    found = state_of(at(4, 9), reversed(events))
    assert (found.state, found.since, found.attempts) == (InquiryState(state), at(4, 9, since), attempts)
    assert found.sentence == sentence


def test_the_first_answer_is_kept_for_the_time_to_answer():
    events = [event("answered", 5), event("closed", 6), event("reopened", 7), event("answered", 8)]
    assert state_of(at(4, 9), events) == InquiryStanding(
        state=InquiryState.ANSWERED,
        since=at(4, 9, 8),
        attempts=0,
        open=True,
        first_answered_at=at(4, 9, 5),
        sentence="Answered; an intake is to be booked.",
    )


@pytest.mark.parametrize(
    ("state", "kind", "objection"),
    [
        ("new", "answered", None),
        ("new", "booked", None),
        ("new", "reopened", "This inquiry is still open."),
        ("booked", "booked", "An intake is already booked; move or cancel that one."),
        ("booked", "closed", "An intake is booked; cancel it before you close the inquiry."),
        ("booked", "attempted", None),
        (
            "booked",
            "answered",
            "An intake was booked in the meantime, so this person is answered. Nothing was saved.",
        ),
        ("closed", "answered", "This inquiry is closed; open it again first."),
        ("screened_out", "booked", "This inquiry is closed; open it again first."),
        ("closed", "reopened", None),
    ],
)
def test_what_may_happen_next(state, kind, objection):
    assert objection_to(InquiryState(state), InquiryEventKind(kind)) == objection


@pytest.mark.parametrize(
    ("kinds", "unanswered"),
    [
        ([], False),
        (["danger"], True),
        (["danger", "attempted", "booked"], True),
        (["danger", "safety"], False),
        (["danger", "safety", "danger"], True),
        (["safety"], False),
    ],
)
def test_danger_told_in_the_papers_waits_until_somebody_says_what_was_done(kinds, unanswered):
    events = [event(kind, n + 1) for n, kind in enumerate(kinds)]
    assert danger_unanswered(reversed(events)) is unanswered


def test_due_times_are_instants():
    assert waiting(at(4, 9), at(4, 9), ATLANTA, RULE, open_hours=OFFICE).due_at.astimezone(UTC) == datetime(
        2026, 5, 4, 17, tzinfo=UTC
    )
