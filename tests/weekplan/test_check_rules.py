"""Each hard rule: a small week in which it is broken, and the one sentence about it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from tests.weekplan.random_cases import cases
from tests.weekplan.small_week import group, small_case, small_plan, span, standing, start

from weekplan.check import Report, check
from weekplan.writing import case_to_json

ONE = "skills “one” (Monday 09:00 to 10:30)"
TWO = "process “two” (Monday 10:45 to 12:15)"
THREE = "individual “three” (Tuesday 09:00 to 10:00)"


def test_the_small_week_is_fine():
    report = check(small_case(), small_plan())
    costs = dict.fromkeys(report.costs, 0) | {"session": 400, "trip": 240, "possible_time": 30}
    assert report == Report(breaches=(), cost=670, costs=costs, disagreements=())
    assert report.agrees
    assert report.fine


class Small:
    """The small week, open to change."""

    def __init__(self):
        self.case, self.plan = small_case(), small_plan()
        self.oak, self.elm = self.case["rooms"]
        self.ann, self.ben = self.case["facilitators"]
        self.skills, self.process = self.case["offers"]
        self.ida, self.jon, self.kim = self.case["patients"]
        self.one, self.two, self.three = self.plan["sessions"]

    def stands(self, session, fixed="no", **changed):
        """The session stands in the case; the plan goes on with it."""
        self.case.setdefault("standing", []).append(standing(session, fixed, **changed))
        session["fixed"] = fixed

    def holds(self, session):
        self.plan["sessions"].append(session)
        return session


def drop(session, name):
    session["people"].remove(name)


BREACHES = {
    "patient twice at once": (
        lambda w: w.three.update(day=0, at="10:00"),
        f"Ida sits in {ONE} and in individual “three” (Monday 10:00 to 11:00) at the same time.",
        "Ida sits in individual “three” (Monday 10:00 to 11:00) and in process “two” (Monday 10:45 to 12:15)"
        " at the same time.",
    ),
    "two seats": (
        lambda w: (drop(w.two, "Jon"), w.two["people"].append("Kim")),
        f"Kim has two seats in {TWO}.",
    ),
    "facilitator twice at once": (
        lambda w: (w.two.update(at="10:00", people=["Kim"], room="Oak"), drop(w.one, "Kim")),
        f"Ann leads {ONE} and process “two” (Monday 10:00 to 11:30) at the same time.",
    ),
    "no rest": (
        lambda w: w.two.update(at="10:30"),
        f"Ann needs 15 minutes between {ONE} and process “two” (Monday 10:30 to 12:00).",
    ),
    "no time to travel": (
        lambda w: w.one.update(mode="video", room=None),
        f"Ann needs 30 minutes between {ONE} and {TWO}.",
    ),
    "room twice at once": (
        lambda w: (w.two.update(at="10:00", leaders=["Ben"], people=["Kim"]), drop(w.one, "Kim")),
        f"Elm is used by {ONE} and process “two” (Monday 10:00 to 11:30) at the same time.",
    ),
    "outside of her windows": (
        lambda w: w.kim["windows"].__setitem__(0, span(0, "09:00", "12:00")),
        f"Kim cannot come to {TWO}, on site.",
    ),
    "window of another mode": (
        lambda w: w.kim["windows"][0].update(modes=["video"]),
        f"Kim cannot come to {ONE}, on site.",
        f"Kim cannot come to {TWO}, on site.",
    ),
    "across two windows": (
        lambda w: w.kim.update(windows=[span(0, "09:00", "11:00"), span(0, "11:00", "13:00")]),
        f"Kim cannot come to {TWO}, on site.",
    ),
    "another kind": (lambda w: w.two.update(kind="yoga"), "yoga “two” (Monday 10:45 to 12:15) is of the kind process."),
    "another length": (
        lambda w: w.two.update(minutes=60),
        "process “two” (Monday 10:45 to 11:45) has 60 minutes and should have 90.",
    ),
    "a mode not offered": (
        lambda w: (w.two.update(mode="video", room=None), w.ann.update(travel=0)),
        f"{TWO} is not offered by video.",
    ),
    "a start not offered": (
        lambda w: w.skills.update(starts=[start(1, "09:00")]),
        f"{ONE} may not begin then.",
    ),
    "off the grid": (
        lambda w: w.two.update(at="10:50"),
        "process “two” (Monday 10:50 to 12:20) may not begin then.",
    ),
    "owed session's start": (
        lambda w: w.ida["owed"][0].update(starts=[start(0, "09:00")]),
        f"{THREE} may not begin then.",
    ),
    "too few": (
        lambda w: w.skills.update(least=4, good=4),
        f"{ONE} has 3 people and needs 4.",
    ),
    "too many": (
        lambda w: w.skills.update(good=2, most=2),
        f"{ONE} has 3 people and takes 2.",
    ),
    "more than the room seats": (lambda w: w.two.update(room="Oak"), f"{TWO} has 3 people, and Oak seats 2."),
    "more than the room seats, with others": (
        lambda w: (w.stands(w.two, others=6), w.two.update(others=6), w.process.update(most=9)),
        f"{TWO} has 9 people, and Elm seats 8.",
    ),
    "held too often": (
        lambda w: w.skills.update(times={"least": 0, "most": 0}),
        "Skills is held 1 times; 0 is the most.",
    ),
    "one patient too often": (
        lambda w: (w.skills.update(least=1, good=1), w.holds(group("four", "Skills", 1, "10:30", "Elm", "Ann")).update(people=["Kim"]), w.skills["starts"].append(start(1, "10:30")), w.kim.update(most=400)),
        "Kim sits in Skills 2 times; 1 is the most.",
    ),
    "for others": (
        lambda w: (w.process.update(needs=["women"]), w.ida.update(tags=["women"]), w.kim.update(tags=["women"])),
        f"Jon may not sit in {TWO}, which is for women.",
    ),
    "another track": (
        lambda w: (w.process.update(tracks=["evening"]), w.kim.update(track="morning"), w.ida.update(track="evening")),
        f"Kim is on the morning track, for which {TWO} is not.",
    ),
    "closed series": (
        lambda w: w.process.update(members=["Ida", "Jon"]),
        f"Kim does not belong to the closed series of {TWO}.",
    ),
    "topic again": (
        lambda w: (w.process.update(topic="sleep"), w.jon.update(had=["sleep"])),
        f"Jon has had the topic sleep of {TWO}.",
    ),
    "owed to somebody else": (
        lambda w: (w.three.update(people=["Jon"]), w.jon.update(most=240)),
        f"{THREE} is owed to Ida and to nobody else.",
    ),
    "owed session twice": (
        lambda w: (w.holds(w.three | {"id": "four", "at": "10:00"}), w.ida.update(most=400)),
        f"individual “four” (Tuesday 10:00 to 11:00) is held twice for Ida: also as {THREE}.",
    ),
    "may not lead": (lambda w: w.one.update(leaders=["Ben"]), f"Ben may not lead {ONE}."),
    "lacks the credential": (lambda w: w.ann.update(credentials=[]), f"Ann may not lead {ONE}."),
    "may not co-lead": (
        lambda w: (w.process.update(leaders=2), w.ben.update(leads=["yoga"]), w.two["leaders"].append("Ben")),
        f"Ben may not co-lead {TWO}.",
    ),
    "two needed": (lambda w: w.process.update(leaders=2), f"{TWO} needs 2 to lead it and has 1."),
    "may not hold what is owed": (lambda w: w.three.update(leaders=["Ann"]), f"Ann may not lead {THREE}."),
    "not available": (
        lambda w: w.ann.update(available=[span(0, "09:00", "10:30"), span(0, "10:45", "12:00")]),
        f"Ann is not available for {TWO}.",
    ),
    "leader's day": (lambda w: w.ann.update(day_most=179), "Ann leads 180 minutes on Monday; 179 is the most."),
    "leader's week": (lambda w: w.ann.update(week_most=179), "Ann leads 180 minutes in the week; 179 is the most."),
    "no room": (lambda w: w.one.update(room=None), f"{ONE} has no room."),
    "room by video": (
        lambda w: (w.one.update(mode="video"), w.ann.update(travel=0)),
        f"{ONE} needs no room and has Elm.",
    ),
    "room where none is needed": (lambda w: w.three.update(room="Oak"), f"{THREE} needs no room and has Oak."),
    "owed session needs a room": (lambda w: w.ida["owed"][0].update(room=["quiet"]), f"{THREE} has no room."),
    "room lacks a feature": (
        lambda w: (w.skills.update(features=["quiet"]), w.oak.update(capacity=8)),
        f"Elm lacks what {ONE} needs: quiet.",
    ),
    "room shut": (
        lambda w: (w.elm.update(hours=[span(0, "10:30", "17:00")])),
        f"Elm is not open for {ONE}.",
    ),
    "kept apart, told by one of them": (
        lambda w: (w.jon.update(apart=["Kim"]), drop(w.two, "Jon")),
        f"Jon and Kim are kept apart and both sit in {ONE}.",
    ),
    "minutes of the week": (
        lambda w: (w.kim.update(ordered=100, most=179)),
        "Kim gets 180 minutes in the week; 179 is the most.",
    ),
    "days": (lambda w: w.ida.update(days={"most": 1}), "Ida comes on 2 days; 1 is the most."),
    "minutes of a day": (lambda w: w.kim.update(day={"most": 170}), "Kim gets 180 minutes on Monday; 170 is the most."),
    "minutes by video": (
        lambda w: (w.one.update(mode="video", room=None), w.ann.update(travel=0), w.kim.update(video_most=60)),
        "Kim gets 90 minutes by video; 60 is the most.",
    ),
    "closed day": (lambda w: w.case.update(closed=[1]), f"{THREE} is on a day on which the site is closed."),
    "new before now": (
        lambda w: w.case.update(now=start(0, "10:00")),
        f"{ONE} is new and begins before now (Monday 10:00).",
    ),
    "same id twice": (lambda w: w.two.update(id="one"), "Two sessions have the id “one”."),
    "new and locked": (
        lambda w: w.two.update(fixed="locked"),
        f"{TWO} is new, and neither locked nor delivered nor with others in it.",
    ),
    "the id of another session": (
        lambda w: w.stands(w.two, at="14:00"),
        f"{TWO} has the id of process “two” (Monday 14:00 to 15:30), which is another session.",
    ),
    "seats of others forgotten": (
        lambda w: w.stands(w.two, others=1),
        f"{TWO} is no with 1 others, and the plan says otherwise.",
    ),
    "locked and missing": (
        lambda w: (w.stands(w.two, "locked"), w.plan["sessions"].remove(w.two)),
        f"{TWO} is locked and missing from the plan.",
    ),
    "locked with another room": (
        lambda w: (w.stands(w.two, "locked", room="Oak")),
        f"{TWO} is locked, and its length, room or leaders were changed.",
    ),
    "locked seat lost": (
        lambda w: (w.stands(w.two, "locked", people=["Ida", "Jon", "Kim"]), drop(w.two, "Jon")),
        f"{TWO} is locked, and Jon lost the seat.",
    ),
    "somebody joins the past": (
        lambda w: w.stands(w.two, "delivered", people=["Ida", "Jon"]),
        f"{TWO} is delivered, and Kim did not sit in it.",
    ),
    "unknown room": (
        lambda w: w.two.update(room="Ash"),
        "Session “two” names the room “Ash”, which the case does not have.",
    ),
    "unknown patient": (
        lambda w: w.two["people"].append("Lou"),
        "Session “two” names the patient “Lou”, which the case does not have.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BREACHES)
def test_a_broken_rule_is_told_in_one_sentence(what):
    change, *sentences = BREACHES[what]
    small = Small()
    change(small)
    assert check(small.case, small.plan).breaches == tuple(sentences)


ALLOWED = {
    "others join a locked session": lambda w: w.stands(w.two, "locked", people=["Ida"]),
    "a locked group may be thin": lambda w: (w.stands(w.one, "locked"), w.skills.update(least=4, good=4)),
    "the past is not judged": lambda w: (
        w.stands(w.one, "delivered"),
        w.case.update(closed=[0], now=start(6, "24:00")),
        w.stands(w.two, "delivered"),
        w.stands(w.three, "delivered"),
        w.ann.update(available=[], rest=60, leads=["skills", "process"]),
        w.kim.update(windows=[], apart=["Jon"]),
        w.elm.update(capacity=1),
        w.skills.update(features=["quiet"], least=4, good=4, starts=[]),
    ),
    "a limit passed by what is locked": lambda w: (
        w.stands(w.one, "locked"),
        w.stands(w.two, "locked"),
        w.ann.update(day_most=0, week_most=0),
        w.skills.update(times={"least": 0, "most": 0}, each=0),
        w.kim.update(ordered=10, most=10, day={"most": 10}, days={"most": 0}),
    ),
    "a standing session before now goes on": lambda w: (
        w.stands(w.one),
        w.case.update(now=start(0, "09:30")),
    ),
    "touching hours count as one": lambda w: (
        w.ann.update(available=[span(0, "11:00", "17:00"), span(0, "09:00", "11:00")]),
        w.elm.update(hours=[span(0, "09:00", "11:30"), span(0, "11:00", "12:15")]),
    ),
    "starts left out": lambda w: w.skills.pop("starts"),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_what_is_allowed_breaks_nothing(what):
    small = Small()
    ALLOWED[what](small)
    assert check(small.case, small.plan).breaches == ()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(cases())
def test_an_empty_week_breaks_only_what_is_fixed(case):
    """Any case can be checked against a plan that holds nothing."""
    plan = small_plan() | {"sessions": [], "met": []}
    told = check(case_to_json(case), plan).breaches
    fixed = [one for one in case.standing if one.fixed != "no"]
    assert len(told) == len(fixed)
    assert all("missing from the plan" in sentence for sentence in told)
