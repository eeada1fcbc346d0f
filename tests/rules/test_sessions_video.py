"""The door of a session by video, names, and what presence proposes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.sessions.video.rules import (
    Door,
    Proposal,
    RoomKind,
    Said,
    ShownAs,
    door,
    kind_for,
    lacking,
    load_video,
    propose,
    shown_name,
)

RULE = load_video()
STARTS = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=60)
BORN = date(1990, 5, 4)


def at(minutes: float) -> datetime:
    return STARTS + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("expected", "group", "gateway", "kind", "most"),
    [
        (2, False, False, RoomKind.MESH, 4),
        (4, False, True, RoomKind.MESH, 4),
        (5, False, True, RoomKind.JANUS, 24),
        (3, True, True, RoomKind.JANUS, 24),
        (12, True, False, RoomKind.MESH, 4),
    ],
)
def test_a_group_goes_through_the_gateway_where_there_is_one(expected, group, gateway, kind, most):
    chosen = kind_for(expected, group=group, gateway=gateway, rule=RULE)
    assert (chosen.kind, chosen.most) == (kind, most)
    assert chosen.reason


@pytest.mark.parametrize(
    ("minutes", "host", "opened"),
    [(-31, True, False), (-30, True, True), (-16, False, False), (-15, False, True), (89, False, True),
     (90, False, False), (90, True, False)],
)  # fmt: skip
def test_the_door_opens_for_who_leads_first_and_closes_half_an_hour_after_the_end(minutes, host, opened):
    found = door(starts=STARTS, ends=ENDS, at=at(minutes), host=host, rule=RULE)
    assert found.open is opened
    assert bool(found.sentence) is not opened


def test_the_open_door_says_nothing():
    assert door(starts=STARTS, ends=ENDS, at=STARTS, host=False, rule=RULE) == Door(True, "", at(-15))


@given(called=st.text(min_size=1, max_size=40), family=st.text(min_size=2, max_size=40))
def test_no_shown_name_holds_the_family_name(called, family):
    for shown_as in ShownAs:
        shown = shown_name(called, f"Zq{family}", shown_as)
        assert shown.strip()
        assert f"Zq{family}" not in shown.replace(called, "")


@pytest.mark.parametrize(("shown_as", "shown"), [(ShownAs.FIRST, "Ana"), (ShownAs.BOARD, "Ana R.")])
def test_a_person_is_shown_as_wished(shown_as, shown):
    assert shown_name("Ana Maria", "Reyes", shown_as) == shown


WHOLE = {"birth_date": BORN, "place": "12 Oak Street, Decatur", "listening": "alone", "phone": "404-555-0101"}


def test_whole_answers_lack_nothing():
    assert lacking(Said(**WHOLE), birth_date=BORN) == {}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"birth_date": None}, "birth_date"),
        ({"birth_date": date(1990, 4, 5)}, "birth_date"),
        ({"place": " "}, "place"),
        ({"listening": ""}, "listening"),
        ({"listening": "cat"}, "listening"),
        ({"listening": "others", "listeners": " "}, "listeners"),
        ({"phone": "555"}, "phone"),
    ],
)
def test_each_question_at_the_door_must_be_answered(changed, field):
    found = lacking(Said(**{**WHOLE, **changed}), birth_date=BORN)
    assert set(found) == {field}
    assert found[field].endswith(".")


@pytest.mark.parametrize(
    ("stays", "now", "proposed"),
    [
        ([], 60, None),
        ([(at(-10), at(-2))], 60, None),
        ([(at(-10), at(61))], 90, Proposal(at(0), None)),
        ([(at(5), None)], 30, Proposal(at(5), None)),
        ([(at(5), at(58))], 90, Proposal(at(5), None)),
        ([(at(5), at(40))], 90, Proposal(at(5), at(40))),
        ([(at(0), at(10)), (at(11), at(60))], 90, Proposal(at(0), None)),
        ([(at(0), at(10)), (at(20), at(60))], 90, Proposal(at(0), None, ((at(10), at(20)),))),
    ],
)
def test_presence_proposes_when_somebody_came_left_and_was_outside(stays, now, proposed):
    assert propose(stays, starts=STARTS, ends=ENDS, at=at(now), rule=RULE) == proposed


@given(
    st.lists(st.tuples(st.integers(-30, 90), st.integers(0, 40)), max_size=6),
)
def test_a_proposal_lies_within_the_session_and_in_order(spans):
    stays = [(at(first), at(first + length)) for first, length in spans]
    found = propose(stays, starts=STARTS, ends=ENDS, at=at(120), rule=RULE)
    if found is None:
        return
    moments = [
        found.arrived,
        *(m for pair in found.away for m in pair),
        *([found.left] if found.left else []),
    ]
    assert moments == sorted(moments)
    assert moments[0] >= STARTS
    assert moments[-1] <= ENDS
