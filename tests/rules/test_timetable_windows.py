"""Times of the week, holidays to propose, and the next seats that fit: as tables."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.timetable.rules.closing import holidays_between, proposed, state_of
from stepwell.clinic.timetable.rules.next_seats import (
    Meets,
    OpenGroup,
    TrackOfGroups,
    Wanted,
    meets_words,
    next_seats,
)
from stepwell.clinic.timetable.rules.windows import Fit, Window, fit, joined, problems, spans_on, tidy


def window(day: int, starts: int, ends: int, **more: bool) -> Window:
    return Window(weekday=day, starts_at=time(starts), ends_at=time(ends), **more)


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ([window(0, 9, 12)], ()),
        ([window(0, 9, 12), window(0, 12, 14)], ()),
        (
            [window(0, 12, 9)],
            ("Monday: 12:00 pm to 9:00 am ends before it begins. Change one of the times.",),
        ),
        (
            [window(1, 9, 12), window(1, 11, 13)],
            ("Tuesday: 9:00 am to 12:00 pm and 11:00 am to 1:00 pm overlap. Join them or make one shorter.",),
        ),
        (
            [window(2, 9, 12, on_site=False, video=False)],
            ("Wednesday, 9:00 am to 12:00 pm: choose on site, by video, or both.",),
        ),
        ([window(7, 9, 12)], ("Choose a day of the week for each time.",)),
    ],
)
def test_what_keeps_times_from_being_saved(windows, said):
    assert problems(windows) == said


def test_rows_alike_that_touch_become_one_and_a_wish_keeps_them_apart():
    rows = [window(0, 12, 14), window(0, 9, 12), window(0, 14, 15, preferred=False), window(0, 9, 12)]
    assert tidy(rows) == (window(0, 9, 14), window(0, 14, 15, preferred=False))


WEEK = (window(0, 9, 12), window(0, 12, 17, preferred=False), window(1, 18, 21, on_site=False))


@pytest.mark.parametrize(
    ("day", "starts", "ends", "mode", "how"),
    [
        (0, 9, 12, "on_site", Fit.PREFERRED),
        (0, 11, 13, "on_site", Fit.POSSIBLE),
        (0, 13, 17, "video", Fit.POSSIBLE),
        (0, 8, 10, "on_site", Fit.NO),
        (0, 16, 18, "on_site", Fit.NO),
        (1, 18, 19, "video", Fit.PREFERRED),
        (1, 18, 19, "on_site", Fit.NO),
        (1, 18, 19, "both", Fit.PREFERRED),
        (2, 9, 10, "on_site", Fit.NO),
        (0, 10, 10, "on_site", Fit.NO),
    ],
)
def test_how_a_session_suits(day, starts, ends, mode, how):
    assert fit(WEEK, day, time(starts), time(ends), mode) is how


def test_a_session_may_lie_across_the_seam_of_two_windows():
    assert joined(WEEK) == (
        window(0, 9, 12),
        window(0, 9, 17, preferred=False),
        window(0, 12, 17, preferred=False),
        window(1, 18, 21, on_site=False),
    )


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("1200 Sample Street, Atlanta, GA", "GA"),
        ("1 Main St\nBoston, MA 02108-1234 ", "MA"),
        ("Somewhere, XX 12345", ""),
        ("", ""),
        ("Atlanta, Georgia", ""),
    ],
)
def test_the_state_at_the_end_of_an_address(address, state):
    assert state_of(address) == state


def test_holidays_of_a_state_stand_beside_the_federal_ones():
    november = holidays_between(date(2026, 11, 20), date(2026, 11, 30), "GA")
    assert [(h.on.day, h.name, h.federal) for h in november] == [
        (26, "Thanksgiving Day", True),
        (27, "State Holiday", False),
    ]
    assert [h.on.day for h in holidays_between(date(2026, 11, 20), date(2026, 11, 30))] == [26]


def test_what_was_decided_is_not_proposed_again():
    asked = proposed(date(2026, 11, 20), date(2026, 12, 31), decided={date(2026, 11, 26)})
    assert [h.name for h in asked] == ["Christmas Day"]


DAY, EVENING = TrackOfGroups(id=1, name="Day"), TrackOfGroups(id=2, name="Evening")
ANY = TrackOfGroups(id=None, name="Groups of several tracks")
TODAY = date(2026, 3, 18)


def group(number: int, weekday: int, starts: int, track: int = 1, **more) -> OpenGroup:
    facts = {
        "free": 3,
        "first_on": date(2026, 3, 23),
        "kind": "skills",
        "minutes": 180,
        "mode": "on_site",
        **more,
    }
    minutes, mode = facts.pop("minutes"), facts.pop("mode")
    ends = time(starts + minutes // 60, minutes % 60)
    meets = (Meets(weekday=weekday, starts_at=time(starts), ends_at=ends, minutes=minutes, mode=mode),)
    return OpenGroup(id=number, name=f"Group {number}", tracks=frozenset({track}), meets=meets, **facts)


MORNINGS = [group(1, 0, 9), group(2, 2, 9), group(3, 4, 9)]
EVENINGS = [group(4, 0, 18, track=2), group(5, 2, 18, track=2)]


def found(groups, wanted, tracks=(DAY, EVENING, ANY)):
    return [
        (o.track.name, tuple(g.id for g in o.groups), o.minutes, o.missing)
        for o in next_seats(groups, tracks, wanted, TODAY)
    ]


def test_each_track_with_the_hours_it_gives_and_what_is_missing():
    assert found(MORNINGS + EVENINGS, Wanted(minutes=540)) == [
        ("Day", (1, 2, 3), 540, 0),
        ("Evening", (4, 5), 360, 180),
    ]


def test_groups_of_several_tracks_are_offered_when_no_track_gives_as_much():
    wanted = Wanted(minutes=540)
    assert found(MORNINGS[:1] + EVENINGS, wanted) == [
        ("Groups of several tracks", (1, 4, 5), 540, 0),
        ("Evening", (4, 5), 360, 180),
        ("Day", (1,), 180, 360),
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"free": 0}, "Group 3 (Fri 9:00 am) is full."),
        ({"closed_series": True}, "Group 3 is a closed series: nobody joins later."),
        ({"needs": frozenset({"trauma"})}, "Group 3 is for people with: trauma."),
        ({"weekday": 5}, "Group 3 (Sat 9:00 am) is at a time she cannot come."),
    ],
)
def test_a_group_that_is_not_for_her_is_left_out_with_the_reason(changed, why):
    changed = dict(changed)
    third = group(3, changed.pop("weekday", 4), 9, **changed)
    wanted = Wanted(minutes=540, windows=tuple(window(day, 8, 13) for day in range(5)))
    (option,) = next_seats([*MORNINGS[:2], third], [DAY], wanted, TODAY)
    assert (option.minutes, option.missing, option.left_out) == (360, 180, (why,))
    assert option.sentence == "6 h a week; 3 h would be missing."


def test_who_has_the_tag_and_can_come_gets_all_of_it():
    third = group(3, 4, 9, needs=frozenset({"trauma"}))
    wanted = Wanted(minutes=540, tags=frozenset({"trauma"}))
    (option,) = next_seats([*MORNINGS[:2], third], [DAY], wanted, TODAY)
    assert (option.minutes, option.sentence, option.starts_on) == (
        540,
        "9 h a week; nothing is missing.",
        date(2026, 3, 23),
    )


def test_two_groups_at_one_time_are_never_both_offered():
    same = [group(1, 0, 9), group(2, 0, 9), group(3, 0, 11)]
    assert found(same, Wanted(minutes=540), [DAY]) == [("Day", (1,), 180, 360)]


def test_no_more_days_than_ordered():
    (option,) = next_seats(MORNINGS, [DAY], Wanted(minutes=540, days_most=2), TODAY)
    assert (option.days, option.minutes) == (2, 360)


def test_preferred_times_come_before_possible_ones():
    two = [group(1, 0, 9), group(2, 2, 9)]
    windows = (window(0, 8, 13, preferred=False), window(2, 8, 13))
    (option,) = next_seats(two, [DAY], Wanted(minutes=180, windows=windows), TODAY)
    assert [g.id for g in option.groups] == [2]


def test_a_group_to_which_she_belongs_is_not_offered_again():
    assert found(MORNINGS, Wanted(minutes=360, held=frozenset({1})), [DAY]) == [("Day", (2, 3), 360, 0)]


def test_nothing_open_is_no_option():
    assert next_seats([], [DAY, ANY], Wanted(minutes=540), TODAY) == ()


def test_the_times_of_a_group_are_said_together():
    assert meets_words(group(1, 0, 9)) == "Mon 9:00 am"


def test_a_site_with_sixty_groups_is_answered_from_a_bounded_search():
    many = [
        group(day * 10 + hour, day, hour, minutes=60, kind="process" if hour % 2 else "skills")
        for day in range(6)
        for hour in range(8, 18)
    ]
    (option,) = next_seats(many, [DAY], Wanted(minutes=1140, days_most=5), TODAY)
    assert (option.minutes, option.missing, option.days <= 5) == (1140, 0, True)


@given(
    st.lists(
        st.builds(
            Window,
            weekday=st.integers(0, 1),
            starts_at=st.integers(0, 11).map(time),
            ends_at=st.integers(12, 23).map(time) | st.integers(1, 12).map(time),
            preferred=st.booleans(),
            on_site=st.booleans(),
            video=st.booleans(),
        ).filter(lambda w: w.starts_at < w.ends_at),
        max_size=5,
    ),
    st.integers(0, 22),
    st.integers(1, 3),
    st.sampled_from(["on_site", "video", "both"]),
)
def test_the_spans_of_a_day_hold_exactly_what_fits(windows, starts, hours, mode):
    begins, ends = time(starts), time(min(23, starts + hours))
    held = any(a <= begins and ends <= b for a, b in spans_on(windows, 0, mode))
    assert held == (fit(windows, 0, begins, ends, mode) is not Fit.NO)
