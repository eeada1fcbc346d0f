"""Whether the numbers that a plan tells are those that were recomputed."""

from __future__ import annotations

from collections.abc import Iterator

from weekplan.check.week import Json, Week
from weekplan.check.wishes import (
    countable_days_of,
    days_missing_of,
    doses_short_of,
    minutes_by_day,
    minutes_of,
    owed_missing_of,
    short_of,
)


def met_by_all(week: Week) -> dict[str, Json]:
    """What each patient gets, as a plan's `met` tells it."""
    return {
        name: {
            "patient": name,
            "ordered": patient["ordered"],
            "minutes": minutes_of(week, name),
            "short": short_of(week, name),
            "doses_short": doses_short_of(week, name),
            "owed_missing": owed_missing_of(week, name),
            "days": len(minutes_by_day(week, name)),
            "countable_days": countable_days_of(week, name),
            "days_missing": days_missing_of(week, name),
        }
        for name, patient in week.patients.items()
    }


def disagreements(
    week: Week, plan: Json, cost: int, costs: dict[str, int], met: dict[str, Json]
) -> Iterator[str]:
    """One sentence for each number of the plan that is not so."""
    if plan["case"] != week.name:
        yield f"The plan answers the case “{plan['case']}”, not “{week.name}”."
    if plan["cost"] != cost:
        yield f"The plan says that it costs {plan['cost']}; it costs {cost}."
    for name in sorted(plan["costs"].keys() | costs.keys()):
        if name not in costs:
            yield f"The plan counts {name}, which is no wish."
        elif plan["costs"].get(name, 0) != costs[name]:
            yield f"The plan says {plan['costs'].get(name, 0)} for {name}; it is {costs[name]}."
    if plan["bound"] is not None and plan["bound"] > cost:
        yield f"The plan says that no week costs less than {plan['bound']}; it costs {cost} itself."
    yield from _met_disagreements(plan, met)
    yield from _shortfall_disagreements(plan, met)


def _met_disagreements(plan: Json, met: dict[str, Json]) -> Iterator[str]:
    told = [one["patient"] for one in plan["met"]]
    for name in sorted(set(told) - met.keys()):
        yield f"The plan tells what {name} gets, whom the case does not have."
    for name in sorted(met.keys() - set(told)):
        yield f"The plan does not tell what {name} gets."
    for name in sorted({name for name in told if told.count(name) > 1}):
        yield f"The plan tells twice what {name} gets."
    for one in plan["met"]:
        for key, value in met.get(one["patient"], {}).items():
            if _in_any_order(one[key]) != _in_any_order(value):
                yield f"The plan says {one[key]} for {key} of {one['patient']}; it is {value}."


def _shortfall_disagreements(plan: Json, met: dict[str, Json]) -> Iterator[str]:
    short = {
        name: {"minutes": one["short"], "doses": one["doses_short"], "owed": one["owed_missing"]}
        for name, one in met.items()
        if one["short"] or one["doses_short"] or one["owed_missing"]
    }
    told = [one["patient"] for one in plan["shortfalls"]]
    for name in sorted(short.keys() - set(told)):
        yield f"{name} is short, and the plan is silent about it."
    for name in sorted({name for name in told if told.count(name) > 1}):
        yield f"The plan tells twice that {name} is short."
    for one in plan["shortfalls"]:
        if one["patient"] not in short:
            yield f"The plan says that {one['patient']} is short; that is not so."
            continue
        for key, value in short[one["patient"]].items():
            if _in_any_order(one[key]) != _in_any_order(value):
                yield f"The plan says that {one['patient']} is short of {key} {one[key]}; it is {value}."


def _in_any_order(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value
