"""Each cost by hand, and whether the plan's own numbers agree."""

from __future__ import annotations

import pytest
from tests.weekplan.small_week import group, span, start
from tests.weekplan.test_check_rules import Small, drop

from weekplan import shapes
from weekplan.check import check

USUAL = {"session": 400, "trip": 240, "possible_time": 30}

COSTS = {
    "short": (lambda w: (w.kim.update(ordered=200)), {"short_per_minute": 20 * 40}),
    "dose": (lambda w: w.kim.update(doses={"skills": 100, "process": 95}), {"dose_short_per_minute": (10 + 5) * 20}),
    "owed": (
        lambda w: w.plan["sessions"].remove(w.three),
        {"owed_missing": 2000, "short_per_minute": 60 * 40, "trip": 180, "possible_time": 0},
    ),
    "countable days": (
        lambda w: w.ida.update(countable=120, days={"least": 2}),
        {"countable_day_missing": 1500},
    ),
    "days": (lambda w: w.jon.update(days={"least": 3}), {"day_missing": 2 * 600}),
    "thin day": (lambda w: w.ida.update(day={"least": 61}), {"thin_day": 120}),
    "offer missing": (lambda w: w.process.update(times={"least": 3, "most": 3}), {"offer_missing": 2 * 400}),
    "one session more": (
        lambda w: w.holds(group("four", "Process", 1, "10:30", None, "Ben")).update(people=["Kim"]),
        {"session": 600, "possible_time": 60},
    ),
    "thin groups": (lambda w: w.skills.update(good=4), {"thin_group_per_seat": 30}),
    "others fill a group": (
        lambda w: (w.stands(w.one, others=1), w.one.update(others=1), w.skills.update(good=4)),
        {},
    ),
    "overtime": (lambda w: w.ann.update(week_usual=100), {"overtime_per_minute": 80 * 4}),
    "idle": (lambda w: w.two.update(at="11:30"), {"idle_per_minute": 3 * (60 - 30)}),
    "idle, nearly free": (
        lambda w: (w.two.update(at="11:30"), w.case["weights"].update(idle_free=59, idle_per_minute=7)),
        {"idle_per_minute": 3 * 7},
    ),
    "no trip by video": (
        lambda w: [one.update(mode="video", room=None) for one in (w.one, w.two)],
        {"trip": 60},
    ),
    "possible": (lambda w: w.kim["windows"][0].update(preferred=False), {"possible_time": 3 * 30}),
    "preferred for the other mode": (
        lambda w: w.kim["windows"].extend([span(0, "09:00", "13:00", preferred=False)])
        or w.kim["windows"][0].update(modes=["video"]),
        {"possible_time": 3 * 30},
    ),
    "unaccustomed": (
        lambda w: w.kim.update(
            used_to=[{"offer": "Skills", **start(0, "09:00")}, {"offer": "Skills", **start(1, "09:00")}]
        ),
        {"unaccustomed": 20},
    ),
    "a seat taken away": (
        lambda w: (w.stands(w.two, people=["Ida", "Jon", "Kim"]), drop(w.two, "Kim")),
        {"moved": 80, "short_per_minute": 90 * 40},
    ),
    "the same seat under another id moves nobody": (
        lambda w: (w.stands(w.two), w.two.update(id="new")),
        {"changed_session": 40},
    ),
    "a session dropped": (
        lambda w: w.stands(w.two | {"id": "old", "at": "14:00"}),
        {"moved": 3 * 80, "changed_session": 40},
    ),
    "another room": (lambda w: w.stands(w.two, room="Oak"), {"changed_session": 40}),
    "another leader": (lambda w: w.stands(w.two, leaders=["Ben"]), {"changed_session": 40}),
    "an owed session moved": (lambda w: w.stands(w.three | {"id": "old", "at": "11:00"}), {"moved": 80}),
    "what is fixed is not moved": (
        lambda w: w.stands(w.two | {"id": "old", "at": "14:00"}, "locked"),
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", COSTS)
def test_a_wish_unmet_has_its_price(what):
    change, changed = COSTS[what]
    small = Small()
    change(small)
    report = check(small.case, small.plan)
    assert {name: points for name, points in report.costs.items() if points} == {
        name: points for name, points in (USUAL | changed).items() if points
    }
    assert report.cost == sum(report.costs.values())


def short(name, minutes, doses=None, owed=()):
    return {"patient": name, "minutes": minutes, "doses": doses or {}, "owed": list(owed), "because": "Why."}


def ida_alone_is_missing(w):
    """The owed session is not held, and the plan says all that follows from it."""
    w.plan["sessions"].remove(w.three)
    w.plan.update(
        cost=4980,
        costs={"owed_missing": 2000, "short_per_minute": 2400, "session": 400, "trip": 180},
        shortfalls=[short("Ida", 60, owed=["Ida alone"])],
    )
    w.plan["met"][0].update(minutes=180, short=60, owed_missing=["Ida alone"], days=1, countable_days=1)


def test_a_price_left_out_is_the_published_one():
    small = Small()
    del small.case["weights"]
    assert check(small.case, small.plan).costs["session"] == 2 * shapes.WEIGHTS["session"]


DISAGREEMENTS = {
    "nothing": (lambda w: None,),
    "nothing, with somebody short": (ida_alone_is_missing,),
    "case": (
        lambda w: w.plan.update(case="Elsewhere"),
        "The plan answers the case “Elsewhere”, not “Peachtree, first week of March”.",
    ),
    "cost": (lambda w: w.plan.update(cost=671), "The plan says that it costs 671; it costs 670."),
    "one cost": (lambda w: w.plan["costs"].update(trip=0), "The plan says 0 for trip; it is 240."),
    "a cost left out": (lambda w: w.plan["costs"].pop("trip"), "The plan says 0 for trip; it is 240."),
    "no wish": (lambda w: w.plan["costs"].update(luck=1), "The plan counts luck, which is no wish."),
    "bound": (
        lambda w: w.plan.update(bound=671),
        "The plan says that no week costs less than 671; it costs 670 itself.",
    ),
    "met": (
        lambda w: w.plan["met"][0].update(minutes=239, days=3),
        "The plan says 239 for minutes of Ida; it is 240.",
        "The plan says 3 for days of Ida; it is 2.",
    ),
    "somebody forgotten": (lambda w: w.plan["met"].pop(), "The plan does not tell what Kim gets."),
    "somebody told twice": (
        lambda w: w.plan["met"].append(w.plan["met"][0]),
        "The plan tells twice what Ida gets.",
    ),
    "a stranger": (
        lambda w: w.plan["met"].append(w.plan["met"][0] | {"patient": "Lou"}),
        "The plan tells what Lou gets, whom the case does not have.",
    ),
    "silent": (
        lambda w: (ida_alone_is_missing(w), w.plan.update(shortfalls=[])),
        "Ida is short, and the plan is silent about it.",
    ),
    "short by less": (
        lambda w: (ida_alone_is_missing(w), w.plan.update(shortfalls=[short("Ida", 45)])),
        "The plan says that Ida is short of minutes 45; it is 60.",
        "The plan says that Ida is short of owed []; it is ['Ida alone'].",
    ),
    "not short": (
        lambda w: w.plan.update(shortfalls=[short("Jon", 15)]),
        "The plan says that Jon is short; that is not so.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DISAGREEMENTS)
def test_a_number_that_is_not_so_is_told(what):
    change, *sentences = DISAGREEMENTS[what]
    small = Small()
    change(small)
    report = check(small.case, small.plan)
    assert (report.breaches, report.disagreements) == ((), tuple(sentences))
