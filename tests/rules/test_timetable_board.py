"""What a draft week breaks, what a change would do, and the one change that mends it: tables of hand-made weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepwell.clinic.timetable.rules.board import Board, board_of
from stepwell.clinic.timetable.rules.breaking import Broken, breaches, shortfalls
from stepwell.clinic.timetable.rules.changes import Add, Drop, Move, Reseat
from stepwell.clinic.timetable.rules.mending import mend_of, notices, seats_for, verdict
from stepwell.clinic.timetable.rules.planned import Group, Leader, Person, Place, Planned, Window

MONDAY = date(2026, 3, 23)
OKAFOR, REYES = 1, 2
ROOM_1, ROOM_2 = 1, 2
ANA, KIM, LEE = 1, 2, 3
SKILLS, PROCESS = 1, 2


def at(day: int, hour: int, minute: int = 0) -> int:
    return day * 1440 + hour * 60 + minute


def session(id: int, start: int, **facts: Any) -> Planned:
    return Planned(
        **{
            "id": id,
            "title": "Skills",
            "treatment": "skills",
            "group": SKILLS,
            "start": start,
            "minutes": 90,
            "room": ROOM_1,
            "leader": OKAFOR,
            "capacity": 10,
            "people": frozenset({ANA}),
            **facts,
        }
    )


def week(*sessions: Planned, **facts: Any) -> Board:
    return board_of(
        **{
            "starts_on": MONDAY,
            "sessions": sessions,
            "groups": [
                Group(id=SKILLS, name="Skills", treatment="skills", capacity=10, least=0),
                Group(id=PROCESS, name="Process group", treatment="process", capacity=10, least=0),
            ],
            "leaders": [
                Leader(id=OKAFOR, name="Okafor"),
                Leader(id=REYES, name="Reyes", leads=frozenset({"skills", "process"})),
            ],
            "rooms": [
                Place(id=ROOM_1, name="Room 1", capacity=12),
                Place(id=ROOM_2, name="Room 2", capacity=2),
            ],
            "people": [
                Person(id=ANA, name="Ana R."),
                Person(id=KIM, name="Kim T."),
                Person(id=LEE, name="Lee W."),
            ],
            **facts,
        }
    )


def okafor(**facts: Any) -> dict[str, Any]:
    return {
        "leaders": [
            Leader(id=OKAFOR, name="Okafor", **facts),
            Leader(id=REYES, name="Reyes", leads=frozenset({"skills", "process"})),
        ]
    }


def ana(**facts: Any) -> dict[str, Any]:
    return {
        "people": [
            Person(id=ANA, name="Ana R.", **facts),
            Person(id=KIM, name="Kim T."),
            Person(id=LEE, name="Lee W."),
        ]
    }


def skills(**facts: Any) -> dict[str, Any]:
    return {
        "groups": [
            Group(
                **{"id": SKILLS, "name": "Skills", "treatment": "skills", "capacity": 10, "least": 0, **facts}
            ),
            Group(id=PROCESS, name="Process group", treatment="process", capacity=10, least=0),
        ]
    }


TUE = at(1, 10, 45)
PROCESS_TOO = {"title": "Process group", "treatment": "process", "group": PROCESS, "people": frozenset({KIM})}

TABLE: list[tuple[str, Board, list[tuple[str, str | None]]]] = [
    ("nothing is wrong", week(session(1, TUE)), []),
    (
        "a leader in two places",
        week(session(1, TUE), session(2, TUE, room=ROOM_2, **PROCESS_TOO)),
        [("Okafor leads two sessions on Tue 10:45 am.", "Let Reyes lead the second")],
    ),
    (
        "one that begins as the other ends is not in two places",
        week(session(1, TUE), session(2, TUE + 90, **PROCESS_TOO)),
        [],
    ),
    (
        "too little rest",
        week(session(1, TUE), session(2, TUE + 95, **PROCESS_TOO), **okafor(rest=15)),
        [
            (
                "Okafor has 5 minutes between two sessions on Tue 12:20 pm; 15 minutes are needed.",
                "Let Reyes lead the second",
            )
        ],
    ),
    (
        "the way from the house to the screen",
        week(
            session(1, TUE),
            session(2, TUE + 100, mode="video", room=None, **PROCESS_TOO),
            **okafor(travel=30),
        ),
        [
            (
                "Okafor has 10 minutes between two sessions on Tue 12:25 pm; 30 minutes are needed.",
                "Let Reyes lead the second",
            )
        ],
    ),
    (
        "a room with two sessions",
        week(session(1, TUE), session(2, TUE, leader=REYES, **PROCESS_TOO)),
        [("Room 1 holds two sessions on Tue 10:45 am.", "Move Process group to Room 2")],
    ),
    (
        "a leader who is away",
        week(session(1, TUE), **okafor(away=((at(1, 8), at(1, 12)),))),
        [("Okafor is away on Tue 10:45 am.", "Let Reyes lead Skills")],
    ),
    (
        "a leader at an intake",
        week(session(1, TUE), **okafor(busy=((at(1, 12), at(1, 13)),))),
        [("Okafor has an intake on Tue 10:45 am.", "Let Reyes lead Skills")],
    ),
    (
        "out of somebody's hours",
        week(session(1, TUE), **okafor(available=((at(1, 8), at(1, 12)),))),
        [("Okafor does not work at Tue 10:45 am to 12:15 pm.", "Let Reyes lead Skills")],
    ),
    (
        "a kind that somebody does not lead",
        week(session(1, TUE), **okafor(leads=frozenset({"process"}))),
        [("Okafor does not lead groups like Skills (Tue 10:45 am).", "Let Reyes lead Skills")],
    ),
    (
        "who co-leads a kind does not lead it alone",
        week(session(1, TUE), **okafor(leads=frozenset(), coleads=frozenset({"skills"}))),
        [("Okafor does not lead groups like Skills (Tue 10:45 am).", "Let Reyes lead Skills")],
    ),
    (
        "who co-leads a kind may be the second",
        week(
            session(1, TUE, leader=REYES, coleader=OKAFOR),
            **okafor(leads=frozenset(), coleads=frozenset({"skills"})),
        ),
        [],
    ),
    (
        "without a credential",
        week(session(1, TUE), **okafor(credential="No credential on file.")),
        [("Okafor leads Skills on Tue 10:45 am without the credential for it.", "Let Reyes lead Skills")],
    ),
    (
        "too much on a day",
        week(session(1, TUE), session(2, at(1, 14), **PROCESS_TOO), **okafor(day_most=120)),
        [("Okafor leads 3 h on Tue; 2 h are the most.", "Let Reyes lead Process group")],
    ),
    (
        "too much in a week",
        week(session(1, TUE), session(2, at(2, 14), **PROCESS_TOO), **okafor(week_most=120)),
        [("Okafor leads 3 h this week; 2 h are the most.", "Let Reyes lead Process group")],
    ),
    (
        "nobody leads",
        week(session(1, TUE, leader=None)),
        [("Nobody leads Skills on Tue 10:45 am.", "Let Reyes lead Skills")],
    ),
    (
        "a second leader is missing",
        week(session(1, TUE), **skills(leaders=2)),
        [("Skills on Tue 10:45 am needs a second leader.", "Let Reyes lead it as well")],
    ),
    (
        "no room",
        week(session(1, TUE, room=None)),
        [("Skills on Tue 10:45 am has no room.", "Move Skills to Room 2")],
    ),
    (
        "a room that is too small",
        week(session(1, TUE, room=ROOM_2, people=frozenset({ANA, KIM, LEE}))),
        [("Room 2 holds 2, 3 are seated in Skills on Tue 10:45 am.", "Move Skills to Room 1")],
    ),
    (
        "a room that cannot be used",
        week(
            session(1, TUE),
            rooms=[
                Place(id=ROOM_1, name="Room 1", capacity=12, out=((at(1, 0), at(2, 0)),)),
                Place(id=ROOM_2, name="Room 2", capacity=2),
            ],
        ),
        [("Room 1 cannot be used on Tue 10:45 am.", "Move Skills to Room 2")],
    ),
    (
        "a room that lacks something",
        week(session(1, TUE), **skills(features=frozenset({"mats"}), modes=frozenset({"on_site", "video"}))),
        [("Room 1 lacks what Skills on Tue 10:45 am needs: mats.", "Hold Skills by video")],
    ),
    (
        "held in a way that it is not",
        week(session(1, TUE, mode="video", room=None), **skills(modes=frozenset({"on_site"}))),
        [("Skills is not held by video.", "Move Skills to Room 2")],
    ),
    (
        "more people than seats",
        week(
            session(1, TUE, capacity=1, people=frozenset({ANA, KIM})),
            session(2, at(2, 9), people=frozenset()),
        ),
        [("Skills on Tue 10:45 am takes 1, 2 are seated.", "Seat Ana R. in Skills, Wed 9:00 am instead")],
    ),
    (
        "too few, and somebody is short",
        week(
            session(1, TUE, people=frozenset({KIM})),
            **(skills(least=2) | ana(ordered=90)),
        ),
        [
            ("Skills on Tue 10:45 am has 1 person; at least 2 are needed.", "Seat Ana R. in it"),
            ("Ana R. is 90 minutes short.", "Seat Ana R. in Skills, Tue 10:45 am"),
        ],
    ),
    (
        "too few, and nobody is short",
        week(session(1, TUE, people=frozenset()), **skills(least=2)),
        [("Skills on Tue 10:45 am has nobody; at least 2 are needed.", "Drop it")],
    ),
    (
        "somebody in two places",
        week(
            session(1, TUE),
            session(2, TUE + 30, room=ROOM_2, leader=REYES, people=frozenset({ANA})),
            session(3, at(3, 17, 30), people=frozenset()),
        ),
        [
            (
                "Ana R. sits in two sessions on Tue 11:15 am.",
                "Seat Ana R. in Skills, Thu 5:30 pm instead",
            )
        ],
    ),
    (
        "a time at which somebody cannot come",
        week(session(1, TUE), **ana(windows=(Window(start=at(1, 8), end=at(1, 12)),))),
        [("Ana R. cannot come to Skills on Tue 10:45 am.", "Take Ana R. out of Skills, Tue 10:45 am")],
    ),
    (
        "somebody can come, but not by video",
        week(
            session(1, TUE, mode="video", room=None),
            **ana(windows=(Window(start=at(1, 8), end=at(1, 18), video=False),)),
        ),
        [
            (
                "Ana R. cannot come to Skills on Tue 10:45 am by video.",
                "Take Ana R. out of Skills, Tue 10:45 am",
            )
        ],
    ),
    (
        "two who are kept apart",
        week(
            session(1, TUE, people=frozenset({ANA, KIM})),
            session(2, at(3, 17, 30), people=frozenset()),
            **ana(apart=frozenset({KIM})),
        ),
        [
            (
                "Ana R. and Kim T. are kept apart and sit in Skills on Tue 10:45 am.",
                "Seat Kim T. in Skills, Thu 5:30 pm instead",
            )
        ],
    ),
    (
        "somebody a group is not for",
        week(session(1, TUE), **skills(needs=frozenset({"women"}))),
        [
            (
                "Ana R. sits in Skills on Tue 10:45 am, which is for: women.",
                "Take Ana R. out of Skills, Tue 10:45 am",
            )
        ],
    ),
    (
        "somebody who does not belong to a closed series",
        week(session(1, TUE), **skills(members=frozenset({KIM}))),
        [
            (
                "Ana R. sits in Skills on Tue 10:45 am, a closed series that they do not belong to.",
                "Take Ana R. out of Skills, Tue 10:45 am",
            )
        ],
    ),
    (
        "too often in one group",
        week(session(1, TUE), session(2, at(2, 9)), **skills(each=1)),
        [
            (
                "Ana R. sits in Skills 2 times; 1 a week are the most.",
                "Take Ana R. out of Skills, Wed 9:00 am",
            )
        ],
    ),
    (
        "too much in a week for somebody",
        week(session(1, TUE), session(2, at(2, 9)), **ana(ordered=90, most=120)),
        [("Ana R. has 3 h; 2 h are the most this week.", "Take Ana R. out of Skills, Wed 9:00 am")],
    ),
    (
        "too many days",
        week(session(1, TUE), session(2, at(2, 9)), **ana(days_most=1)),
        [("Ana R. comes on 2 days; 1 are ordered at most.", "Take Ana R. out of Skills, Wed 9:00 am")],
    ),
    (
        "too much on one day",
        week(session(1, at(1, 9)), session(2, at(1, 14)), **ana(day_most=120)),
        [("Ana R. has 3 h on Tue; 2 h are the most.", "Take Ana R. out of Skills, Tue 2:00 pm")],
    ),
    (
        "a day on which the site is closed",
        week(session(1, TUE), closed=frozenset({1})),
        [
            (
                "The site is closed on Tue; Skills on Tue 10:45 am falls.",
                "Move Skills to Wed 10:45 am",
            )
        ],
    ),
    (
        "out of the site's hours",
        week(session(1, TUE), opens=((at(1, 11), at(1, 20)),)),
        [("The site is not open for Skills on Tue 10:45 am.", "Move Skills to 11:00 am")],
    ),
    (
        "short of hours",
        week(
            session(1, TUE, people=frozenset()),
            session(2, at(3, 17, 30), people=frozenset()),
            **ana(ordered=90, windows=(Window(start=at(3, 17), end=at(3, 20)),)),
        ),
        [("Ana R. is 90 minutes short.", "Seat Ana R. in Skills, Thu 5:30 pm")],
    ),
    (
        "short, and nothing fits",
        week(session(1, TUE, people=frozenset()), **ana(ordered=90, windows=())),
        [("Ana R. is 90 minutes short.", None)],
    ),
    (
        "short of a kind",
        week(
            session(1, TUE),
            session(2, at(3, 9), **{**PROCESS_TOO, "people": frozenset()}),
            **ana(ordered=90, doses=(("process", 60),)),
        ),
        [("Ana R. lacks 60 minutes of process.", "Seat Ana R. in Process group, Thu 9:00 am")],
    ),
    (
        "what has begun is not judged",
        week(session(1, TUE, fixed=True, leader=None, room=None), **skills(least=5)),
        [],
    ),
    (
        "what is not on file is not judged",
        week(session(1, TUE, leader=99, people=frozenset({98}))),
        [],
    ),
]


@pytest.mark.parametrize(("board", "told"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_is_wrong_is_told_with_its_mend(board: Board, told: list[tuple[str, str | None]]) -> None:
    assert [(one.sentence, one.mend and one.mend.words) for one in notices(board)] == told


@pytest.mark.parametrize("board", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_mend_takes_its_wrong_away_and_breaks_nothing(board: Board) -> None:
    before = {one.key for one in breaches(board)}
    for notice in notices(board):
        if notice.mend is None:
            continue
        after = board.after(notice.mend.change)
        then = {one.key: one for one in (*breaches(after), *shortfalls(after))}
        left = then.get(notice.breach.key)
        assert left is None or left.minutes < notice.breach.minutes
        assert {one.key for one in breaches(after)} <= before


def test_a_locked_session_is_not_part_of_any_mend() -> None:
    board = week(session(1, TUE), session(2, TUE, room=ROOM_2, locked=True, **PROCESS_TOO))
    mend = notices(board)[0].mend
    assert mend is not None
    assert mend.change == Move(session=1, start=TUE, mode="on_site", room=ROOM_1, leader=REYES, coleader=None)


def test_a_move_is_judged_before_it_is_made() -> None:
    board = week(
        session(1, TUE, people=frozenset({ANA, KIM})),
        session(2, at(3, 9), **{**PROCESS_TOO, "people": frozenset()}),
        **ana(ordered=90, windows=(Window(start=at(1, 8), end=at(1, 18)),)),
    )
    found = verdict(board, Move(session=1, start=at(3, 9), mode="on_site", room=ROOM_1, leader=OKAFOR))
    assert found.sentence == (
        "Okafor leads two sessions on Thu 9:00 am. Let Reyes lead the second. "
        "Room 1 holds two sessions on Thu 9:00 am. Move Process group to Room 2. "
        "Ana R. cannot come to Skills on Thu 9:00 am. Take Ana R. out of Skills, Thu 9:00 am. "
        "Ana R. would lose 90 minutes and be 90 minutes short."
    )


def test_a_move_that_suits_everybody_says_so() -> None:
    found = verdict(
        week(session(1, TUE)), Move(session=1, start=at(3, 9), mode="on_site", room=ROOM_1, leader=OKAFOR)
    )
    assert found.sentence == "Nothing breaks. Nobody falls short."


def test_a_move_to_where_somebody_can_come_is_a_gain() -> None:
    board = week(session(1, TUE), **ana(ordered=120, windows=(Window(start=at(3, 8), end=at(3, 12)),)))
    found = verdict(board, Move(session=1, start=at(3, 9), mode="on_site", room=ROOM_1, leader=OKAFOR))
    assert [turn.sentence for turn in found.gain] == ["Ana R. would gain 90 minutes and be 30 minutes short."]
    assert [one.kind for one in found.mended] == [Broken.PERSON_AWAY]


def test_dropping_a_session_says_who_loses() -> None:
    board = week(session(1, TUE, people=frozenset({ANA, KIM})), **ana(ordered=90))
    assert [turn.sentence for turn in verdict(board, Drop(session=1)).lose] == [
        "Ana R. would lose 90 minutes and be 90 minutes short.",
        "Kim T. would lose 90 minutes.",
    ]


def test_a_session_that_is_added_is_judged_like_any_other() -> None:
    board = week(session(1, TUE))
    added = Add(group=PROCESS, start=TUE, minutes=60, mode="on_site", room=ROOM_2, leader=OKAFOR)
    assert [one.sentence for one in verdict(board, added).breaks] == [
        "Okafor leads two sessions on Tue 10:45 am."
    ]


def test_who_sits_twice_at_once_gets_the_minutes_once() -> None:
    board = week(session(1, TUE), session(2, TUE, room=ROOM_2, leader=REYES), **ana(ordered=180))
    assert (board.minutes_of(ANA), board.short_of(ANA)) == (90, 90)


def test_seats_that_fit_come_with_what_lacks_first() -> None:
    board = week(
        session(1, TUE, people=frozenset()),
        session(2, at(2, 9), **{**PROCESS_TOO, "people": frozenset()}),
        session(3, at(3, 9), people=frozenset({KIM})),
        **ana(ordered=90, doses=(("process", 90),), apart=frozenset({KIM})),
    )
    assert [one.id for one in seats_for(board, ANA)] == [2, 1]


def test_a_mend_of_a_wrong_that_is_not_there_is_none_to_offer() -> None:
    board = week(session(1, TUE, fixed=True))
    assert mend_of(board, replace(breaches(week(session(1, TUE, leader=None)))[0])) is None


STARTS = st.integers(0, 6 * 96).map(lambda n: n * 15)


def test_many_are_told_in_one_sentence() -> None:
    away = (Window(start=at(1, 8), end=at(1, 18)),)
    people = [Person(id=n, name=f"P{n}.", ordered=90, windows=away) for n in range(1, 6)]
    board = week(session(1, TUE, people=frozenset(range(1, 6))), people=people)
    found = verdict(board, Move(session=1, start=at(3, 9), mode="on_site", room=ROOM_1, leader=OKAFOR))
    assert found.sentence == (
        "P1., P2., P3. and 2 more cannot come then. P1., P2., P3. and 2 more would lose 90 minutes."
    )
    assert found.made.endswith("P1., P2., P3. and 2 more lose 90 minutes.")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    places=st.lists(
        st.tuples(STARTS, st.sampled_from([1, 2]), st.sampled_from([1, 2])), min_size=1, max_size=8
    ),
    to=STARTS,
    seats=st.lists(st.tuples(st.integers(1, 8), st.sampled_from([ANA, KIM, LEE])), max_size=16),
)
def test_what_a_change_touches_is_all_that_it_breaks(
    places: list[tuple[int, int, int]], to: int, seats: list[tuple[int, int]]
) -> None:
    """The quick look at what is touched finds the same as judging the whole week twice, and undoing a move brings
    the same week back."""
    held = [
        session(
            number,
            start,
            room=room,
            leader=leader,
            people=frozenset(who for which, who in seats if which == number),
        )
        for number, (start, room, leader) in enumerate(places, start=1)
    ]
    board = week(*held, **ana(ordered=300, windows=(Window(start=0, end=4000),), apart=frozenset({KIM})))
    was = board.sessions[1]
    move = Move(session=1, start=to, mode="on_site", room=was.room, leader=was.leader)
    after = board.after(move)
    before = {one.key: one.minutes for one in breaches(board)}
    then = {one.key: one for one in breaches(after)}
    worse = {key for key, one in then.items() if one.minutes > before.get(key, -1)}
    found = verdict(board, move, mends=False)
    assert {one.breach.key for one in found.breaks} == worse
    assert {one.key for one in found.mended} == before.keys() - then.keys()
    back = Move(session=1, start=was.start, mode="on_site", room=was.room, leader=was.leader)
    assert after.after(back) == board


def test_a_seat_given_and_taken_leaves_the_week_as_it_was() -> None:
    board = week(session(1, TUE), session(2, at(3, 9), people=frozenset({KIM})))
    there = board.after(Reseat(person=ANA, leaves=1, joins=2))
    assert there.sessions[2].people == {ANA, KIM}
    assert there.after(Reseat(person=ANA, leaves=2, joins=1)).sessions == board.sessions
