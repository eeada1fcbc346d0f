"""What a case means that leaves things out, and what is refused as nonsense, with its path and a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.weekplan.small_week import small_case, small_plan, span, standing, start

from weekplan.case import (
    Case,
    Facilitator,
    Fixed,
    Mode,
    Offer,
    Owed,
    Patient,
    Room,
    Span,
    Standing,
    Weights,
    Window,
)
from weekplan.loading import load
from weekplan.nonsense import Nonsense
from weekplan.reading import case_from_json
from weekplan.writing import plan_from_json

HOUR = 60
NINE, FIVE = 9 * HOUR, 17 * HOUR


def week_days(days, opens=NINE, shuts=FIVE):
    return tuple(Span(day * 1440 + opens, day * 1440 + shuts) for day in range(days))


def test_what_is_left_out_has_its_default():
    raw = small_case()
    raw["standing"] = [standing(small_plan()["sessions"][2], "locked")]
    del raw["standing"][0]["minutes"], raw["weights"]
    windows = (
        Window(Span(NINE, 13 * HOUR)),
        Window(Span(1440 + NINE, 1440 + 12 * HOUR), preferred=False),
    )
    ida = Patient(
        id="Ida",
        ordered=240,
        most=270,
        days=(0, 7),
        day_least=0,
        day_most=1440,
        countable=0,
        windows=windows,
        doses=(("skills", 90),),
        video_most=270,
        owed=(
            Owed(
                id="Ida alone",
                kind="individual",
                minutes=60,
                leaders=("Ben",),
                modes=frozenset({Mode.ON_SITE}),
                starts=tuple(day * 1440 + minute for day in (0, 1) for minute in range(NINE, FIVE - 59, 15)),
            ),
        ),
    )
    assert case_from_json(raw) == Case(
        name="Peachtree, first week of March",
        zone="America/New_York",
        starts_on="2026-03-02",
        grid=15,
        closed=frozenset(),
        now=0,
        rooms=(
            Room("Oak", 2, frozenset({"quiet"}), week_days(5)),
            Room("Elm", 8, frozenset(), week_days(5)),
        ),
        facilitators=(
            Facilitator(
                id="Ann",
                leads=frozenset({"skills", "process"}),
                coleads=frozenset(),
                credentials=frozenset({"LCSW"}),
                available=week_days(2),
                day_most=300,
                week_most=600,
                week_usual=600,
                rest=15,
                travel=30,
            ),
            Facilitator(
                id="Ben",
                leads=frozenset({"process"}),
                coleads=frozenset({"skills"}),
                credentials=frozenset(),
                available=week_days(2),
                day_most=480,
                week_most=2400,
                week_usual=300,
                rest=0,
                travel=0,
            ),
        ),
        offers=(
            Offer(
                id="Skills",
                kind="skills",
                minutes=90,
                least=2,
                good=3,
                most=4,
                modes=frozenset(Mode),
                times=(1, 2),
                each=1,
                starts=(NINE, 1440 + NINE, 2880 + NINE),
                leaders=1,
                credentials=frozenset({"LCSW"}),
            ),
            Offer(
                id="Process",
                kind="process",
                minutes=90,
                least=1,
                good=1,
                most=4,
                modes=frozenset({Mode.ON_SITE}),
                times=(0, 1),
                each=1,
                starts=tuple(
                    day * 1440 + minute for day in range(5) for minute in range(NINE, FIVE - 89, 15)
                ),
                leaders=1,
            ),
        ),
        patients=(
            ida,
            Patient("Jon", 180, 210, (0, 7), 0, 1440, 0, windows, (("skills", 90),), 210),
            Patient("Kim", 180, 210, (0, 7), 0, 1440, 0, windows, (("skills", 90),), 210),
        ),
        standing=(
            Standing(
                id="three",
                offer=None,
                owed="Ida alone",
                span=Span(1440 + NINE, 1440 + 10 * HOUR),
                mode=Mode.ON_SITE,
                room=None,
                leaders=("Ben",),
                people=("Ida",),
                fixed=Fixed.LOCKED,
            ),
        ),
        weights=Weights(),
    )


def test_apart_holds_both_ways():
    raw = small_case()
    raw["patients"][0]["apart"] = ["Kim"]
    assert [sorted(one.apart) for one in case_from_json(raw).patients] == [["Kim"], [], ["Ida"]]


def test_touching_hours_are_joined_and_those_of_two_days_are_not():
    raw = small_case()
    raw["rooms"][0]["hours"] = [
        span(1, "00:00", "09:00"),
        span(0, "20:00", "24:00"),
        span(0, "19:00", "20:00"),
    ]
    assert case_from_json(raw).rooms[0].hours == (Span(19 * HOUR, 1440), Span(1440, 1440 + NINE))


def test_without_starts_a_group_by_video_begins_where_somebody_who_may_lead_it_is_available():
    raw = small_case()
    del raw["offers"][0]["starts"]
    raw["offers"][0]["modes"] = ["video"]
    raw["facilitators"][0]["available"] = [span(5, "19:00", "21:00")]
    assert case_from_json(raw).offers[0].starts == tuple(5 * 1440 + 19 * HOUR + more for more in (0, 15, 30))


def test_without_starts_a_group_begins_only_in_rooms_that_fit_it():
    raw = small_case()
    raw["offers"][1]["features"] = ["quiet"]
    raw["rooms"][0]["hours"] = [span(3, "09:00", "10:30")]
    assert case_from_json(raw).offers[1].starts == (3 * 1440 + NINE,)


def test_an_owed_session_that_needs_a_room_begins_where_leader_and_room_are_free():
    raw = small_case()
    raw["patients"][0]["owed"][0]["room"] = ["quiet"]
    raw["rooms"][0]["hours"] = [span(1, "16:00", "18:00"), span(2, "09:00", "17:00")]
    assert case_from_json(raw).patients[0].owed[0].starts == (1440 + 16 * HOUR,)


def put(path, value):
    """Sets one value of a case; a path such as patients.0.windows.1.from."""

    def change(case):
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place = case
        for step in way:
            place = place[step]
        if isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value

    return change


def all_of(*changes):
    return lambda case: [change(case) for change in changes]


ROOM = {"id": "Oak", "capacity": 1, "hours": []}
STANDING = {
    "id": "s",
    "offer": "Skills",
    "day": 0,
    "at": "09:00",
    "mode": "on_site",
    "leaders": [],
    "people": [],
}

NONSENSE = [
    (put("format", "week"), 'format: must be "stepwell.week.case", not "week".'),
    (put("version", 2), "version: must be 1; this program knows no other."),
    (put("version", True), "version: must be a whole number, not true."),
    (put("more", 1), 'Has the unknown key "more".'),
    (lambda case: case.pop("zone"), 'Lacks the key "zone".'),
    (lambda case: case["rooms"][1].pop("capacity"), 'rooms[1]: lacks the key "capacity".'),
    (put("rooms.0.colour", "red"), 'rooms[0]: has the unknown key "colour".'),
    (put("name", ""), "name: must not be empty."),
    (put("name", 5), "name: must be a text, not 5."),
    (put("name", "a\0b"), 'name: holds a control character: "a\\u0000b".'),
    (put("name", "a\ud800b"), 'name: holds half of a surrogate pair: "a\\ud800b".'),
    (put("name", "x" * 201), "name: must have at most 200 characters, not 201."),
    (put("zone", "Mars/Base"), 'zone: must be a time zone such as "America/New_York", not "Mars/Base".'),
    (put("zone", "../../etc/passwd"), 'zone: must be a time zone such as "America/New_York", not "../../etc/passwd".'),
    (put("zone", "America"), 'zone: must be a time zone such as "America/New_York", not "America".'),
    (put("starts_on", "2026-02-30"), 'starts_on: must be a date such as "2026-03-02", not "2026-02-30".'),
    (put("starts_on", "20260302"), 'starts_on: must be a date such as "2026-03-02", not "20260302".'),
    (put("grid", 10), "grid: must be 5 or 15, not 10."),
    (put("closed", [7]), "closed[0]: must be 0 to 6, not 7."),
    (put("closed", [1, 1]), "closed[1]: stands twice in the list: 1."),
    (put("now", "09:00"), 'now: must be an object, not "09:00".'),
    (put("rooms", {}), "rooms: must be a list, not an object."),
    (put("rooms.2", ROOM), 'rooms[2].id: there is another "Oak" before it.'),
    (put("rooms.0.capacity", 0), "rooms[0].capacity: must be 1 to 10000, not 0."),
    (put("rooms.0.capacity", 2.5), "rooms[0].capacity: must be a whole number, not 2.5."),
    (put("rooms.0.capacity", float("nan")), "rooms[0].capacity: must be a whole number, not nan."),
    (put("rooms.0.capacity", 10**400), "rooms[0].capacity: must be 1 to 10000, not a number too large."),
    (put("rooms.0.features", ["a", "a"]), 'rooms[0].features[1]: stands twice in the list: "a".'),
    (put("rooms.0.features", [["a"]]), "rooms[0].features[0]: must be a text, not a list."),
    (put("rooms.0.hours", [span(0, "9:00", "17:00")]), 'rooms[0].hours[0].from: must be a time such as "09:00", "24:00" at most, not "9:00".'),
    (put("rooms.0.hours", [span(0, "09:00", "25:00")]), 'rooms[0].hours[0].to: must be a time such as "09:00", "24:00" at most, not "25:00".'),
    (put("rooms.0.hours", [span(0, "22:00", "02:00")]), "rooms[0].hours[0]: ends before it starts (22:00 to 02:00)."),
    (put("rooms.0.hours", [span(0, "09:00", "09:00")]), "rooms[0].hours[0]: ends when it starts (09:00 to 09:00)."),
    (put("rooms.0.hours", [span(0, "09:05", "17:00")]), "rooms[0].hours[0]: does not lie on the grid of 15 minutes (09:05 to 17:00)."),
    (put("rooms.0.hours", [span(7, "09:00", "17:00")]), "rooms[0].hours[0].day: must be 0 to 6, not 7."),
    (put("facilitators.1.id", "Ann"), 'facilitators[1].id: there is another "Ann" before it.'),
    (put("facilitators.0.rest", -5), "facilitators[0].rest: must be 0 to 1440, not -5."),
    (put("offers.0.least", 5), "offers[0].least: is above most (5 and 4)."),
    (put("offers.0.good", 1), "offers[0].good: must lie between least and most (2 and 4), not be 1."),
    (put("offers.0.good", 5), "offers[0].good: must lie between least and most (2 and 4), not be 5."),
    (put("offers.0.minutes", 50), "offers[0].minutes: must be a multiple of 15 minutes, not 50."),
    (put("offers.0.minutes", 1455), "offers[0].minutes: must be 1 to 1440, not 1455."),
    (put("offers.0.modes", []), 'offers[0].modes: must name "on_site", "video" or both.'),
    (put("offers.0.modes", ["phone"]), 'offers[0].modes[0]: must be "on_site" or "video", not "phone".'),
    (put("offers.0.modes", [{}]), "offers[0].modes[0]: must be a text, not an object."),
    (put("offers.0.times", {"least": 3, "most": 2}), "offers[0].times: least is above most (3 and 2)."),
    (put("offers.0.times", {"least": 3}), "offers[0].times: least is above most (3 and 1)."),
    (put("offers.0.leaders", 3), "offers[0].leaders: must be 1 to 2, not 3."),
    (put("offers.0.starts.0.at", "09:10"), "offers[0].starts[0].at: does not lie on the grid of 15 minutes (09:10)."),
    (put("offers.0.starts.0.at", "24:00"), "offers[0].starts[0].at: a session cannot start at 24:00; it would be the next day's 00:00."),
    (put("offers.0.starts.0.at", "23:00"), "offers[0].starts[0]: runs over midnight (90 minutes from 23:00)."),
    (put("offers.0.starts.1", start(0, "09:00")), "offers[0].starts[1]: stands twice in the list (day 0, 09:00)."),
    (put("offers.0.members", ["Lou"]), 'offers[0].members[0]: names the unknown patient "Lou".'),
    (put("offers.0.kind", "yoga"), 'offers[0]: nobody may lead it: no facilitator leads "yoga" with "LCSW".'),
    (put("offers.1.kind", "yoga"), 'offers[1]: nobody may lead it: no facilitator leads "yoga".'),
    (put("offers.0.credentials", ["MD"]), 'offers[0]: nobody may lead it: no facilitator leads "skills" with "MD".'),
    (
        all_of(put("offers.0.leaders", 2), put("facilitators.1.coleads", [])),
        'offers[0]: needs two to lead it, and only "Ann" leads or co-leads "skills".',
    ),
    (put("offers.1.features", ["pool"]), 'offers[1]: is only held on site, and there is no room with "pool".'),
    (put("rooms", []), "offers[1]: is only held on site, and there is no room at all."),
    (
        all_of(put("offers.1.features", ["quiet"]), put("offers.1.least", 3)),
        "offers[1]: is only held on site for at least 3 people, and the largest room that fits seats 2.",
    ),
    (put("patients.1.id", "Ida"), 'patients[1].id: there is another "Ida" before it.'),
    (put("patients.1.ordered", "180"), 'patients[1].ordered: must be a whole number, not "180".'),
    (put("patients.1.ordered", -1), "patients[1].ordered: must be 0 to 10080, not -1."),
    (put("patients.1.most", 170), "patients[1].ordered: is above most (180 and 170 minutes)."),
    (put("patients.1.days", {"least": 5, "most": 3}), "patients[1].days: least is above most (5 and 3)."),
    (put("patients.1.day", {"least": 500, "most": 300}), "patients[1].day: least is above most (500 and 300)."),
    (put("patients.1.windows", None), "patients[1].windows: must be a list, not null."),
    (put("patients.1.windows.0", span(0, "12:00", "09:00")), "patients[1].windows[0]: ends before it starts (12:00 to 09:00)."),
    (put("patients.1.windows.0.preferred", 1), "patients[1].windows[0].preferred: must be true or false, not 1."),
    (put("patients.1.doses", [1]), "patients[1].doses: must be an object, not a list."),
    (put("patients.1.doses", {"art room": -1}), 'patients[1].doses["art room"]: must be 0 to 10080, not -1.'),
    (put("patients.1.doses", {"yoga": 60}), 'patients[1].doses: orders 60 minutes of "yoga", which nobody offers.'),
    (put("patients.1.doses", {"individual": 60}), 'patients[1].doses: orders 60 minutes of "individual", which nobody offers.'),
    (put("patients.0.apart", ["Ida"]), 'patients[0].apart: keeps "Ida" apart from themselves.'),
    (put("patients.0.apart", ["Lou"]), 'patients[0].apart[0]: names the unknown patient "Lou".'),
    (put("patients.0.owed.0.leaders", []), "patients[0].owed[0].leaders: must name somebody who may hold the session."),
    (put("patients.0.owed.0.leaders", ["Zoe"]), 'patients[0].owed[0].leaders[0]: names the unknown facilitator "Zoe".'),
    (lambda case: case["patients"][1].update(owed=case["patients"][0]["owed"]), 'patients[1].owed[0]: "Ida" has an owed session "Ida alone" already.'),
    (put("patients.0.used_to", [{"offer": "Art", **start(0, "09:00")}]), 'patients[0].used_to[0].offer: names the unknown offer "Art".'),
    (put("patients.0.used_to", [{"offer": "Skills", **start(0, "09:00")}] * 2), "patients[0].used_to[1]: stands twice in the list (Skills, day 0, 09:00)."),
    (put("standing", [{**STANDING, "offer": None}]), 'standing[0]: must name an "offer" or an "owed" session, and not both.'),
    (put("standing", [{**STANDING, "owed": "Ida alone"}]), 'standing[0]: must name an "offer" or an "owed" session, and not both.'),
    (put("standing", [{**STANDING, "offer": "Art"}]), 'standing[0].offer: names the unknown offer "Art".'),
    (put("standing", [{**STANDING, "room": "Ash"}]), 'standing[0].room: names the unknown room "Ash".'),
    (put("standing", [{**STANDING, "leaders": ["Zoe"]}]), 'standing[0].leaders[0]: names the unknown facilitator "Zoe".'),
    (put("standing", [{**STANDING, "people": ["Lou"]}]), 'standing[0].people[0]: names the unknown patient "Lou".'),
    (put("standing", [{**STANDING, "offer": None, "owed": "Ida alone", "people": ["Jon"]}]), 'standing[0].people: must be "Ida" alone, to whom the session is owed.'),
    (put("standing", [{**STANDING, "at": "23:00"}]), "standing[0]: runs over midnight (90 minutes from 23:00)."),
    (put("standing", [{**STANDING, "fixed": "yes"}]), 'standing[0].fixed: must be "no" or "locked" or "delivered", not "yes".'),
    (put("standing", [STANDING, STANDING]), 'standing[1].id: there is another "s" before it.'),
    (put("weights", {"trip": -1}), "weights.trip: must be 0 to 1000000, not -1."),
    (put("weights", {"luck": 1}), 'weights: has the unknown key "luck".'),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), NONSENSE, ids=[sentence for _, sentence in NONSENSE])
def test_nonsense_is_refused_with_its_path_and_a_sentence(change, sentence):
    raw = small_case()
    change(raw)
    with pytest.raises(Nonsense) as refused:
        case_from_json(raw)
    assert str(refused.value) == sentence


def test_a_kind_that_only_a_standing_session_gives_may_be_ordered():
    raw = small_case()
    raw["offers"][0]["times"] = {"most": 0}
    raw["standing"] = [{**STANDING, "people": ["Ida", "Jon", "Kim"], "fixed": "delivered"}]
    assert case_from_json(raw).patients[1].doses == (("skills", 90),)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "There is nothing in it."),
        (b" \n", "There is nothing in it."),
        (b"\xff\xfe{}", "It is not UTF-8 text (byte 0)."),
        (b"{", "It is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)."),
        (b'{"a": NaN}', "It holds NaN, which is not a number of JSON."),
        (b"[-Infinity]", "It holds -Infinity, which is not a number of JSON."),
        (b'[{"a": 1, "a": 2}]', 'The key "a" stands twice in one object.'),
        (b"[" * 200_000 + b"]" * 200_000, "It is nested too deeply."),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "It is nested too deeply."),
        (b"1" * 10_000, "It holds a number of too many digits."),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(raw, sentence):
    with pytest.raises(Nonsense) as refused:
        load(raw)
    assert str(refused.value) == sentence


def test_a_byte_order_mark_is_no_fault():
    assert load(b'\xef\xbb\xbf{"a": [1]}') == {"a": [1]}


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_depth_does_no_harm():
    raw = small_case()
    raw["patients"][0]["tags"] = nested(100_000)
    with pytest.raises(Nonsense) as refused:
        case_from_json(raw)
    assert str(refused.value) == "patients[0].tags[0]: must be a text, not a list."


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """The paths of all values within a JSON value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def full_case():
    """The small case with every kind of part in it."""
    raw = small_case()
    one, two, three = small_plan()["sessions"]
    raw["standing"] = [standing(one, "delivered"), standing(two), standing(three, "locked")]
    raw |= {"weights": {"trip": 5}, "closed": [6], "now": start(0, "08:10"), "grid": 15}
    raw["patients"][0] |= {
        "used_to": [{"offer": "Skills", **start(0, "09:00")}],
        "apart": ["Kim"],
        "tags": ["x"],
    }
    raw["offers"][1] |= {"members": ["Ida"], "topic": "sleep", "needs": ["x"], "times": {"least": 1}}
    return raw


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_stands_anywhere_in_a_case_is_read_or_refused(data):
    raw = full_case()
    *way, last = data.draw(st.sampled_from(list(places(raw))))
    place = raw
    for step in way:
        place = place[step]
    place[last] = data.draw(anything)
    try:
        case_from_json(raw)
    except Nonsense as refused:
        str(refused).encode()  # what is printed can be printed


@settings(max_examples=100, deadline=None)
@given(anything)
def test_whatever_is_given_as_a_case_or_a_plan_is_refused(value):
    with pytest.raises(Nonsense):
        case_from_json(value)
    with pytest.raises(Nonsense):
        plan_from_json(value)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_stands_anywhere_in_a_plan_is_read_or_refused(data):
    raw = small_plan()
    *way, last = data.draw(st.sampled_from(list(places(raw))))
    place = raw
    for step in way:
        place = place[step]
    place[last] = data.draw(anything)
    try:
        json.dumps(plan_from_json(raw).cost)
    except Nonsense as refused:
        str(refused).encode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            put("format", "stepwell.week.case"),
            'format: must be "stepwell.week.plan", not "stepwell.week.case".',
        ),
        (put("status", "best"), 'status: must be "optimal" or "feasible" or "infeasible", not "best".'),
        (put("seconds", float("nan")), "seconds: must be a number of zero or more, not nan."),
        (put("cost", True), "cost: must be a whole number, not true."),
        (put("bound", 1.5), "bound: must be a whole number, not 1.5."),
        (
            put("sessions.0.owed", "x"),
            'sessions[0]: must name an "offer" or an "owed" session, and not both.',
        ),
        (put("sessions.0.at", "23:00"), "sessions[0]: runs over midnight (90 minutes from 23:00)."),
        (put("met.0.days", 8), "met[0].days: must be 0 to 7, not 8."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_plan_of_nonsense_is_refused(change, sentence):
    raw = small_plan()
    change(raw)
    with pytest.raises(Nonsense) as refused:
        plan_from_json(raw)
    assert str(refused.value) == sentence
