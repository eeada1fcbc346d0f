"""The published schema and the code say the same, and what is written fits the schema."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from tests.weekplan.random_cases import cases, plans
from tests.weekplan.small_week import small_case, small_plan

from weekplan import shapes
from weekplan.parts import SPAN, START, Default
from weekplan.reading import case_from_json
from weekplan.writing import case_to_json, plan_from_json, plan_to_json


def schema(name):
    return json.loads((resources.files("weekplan") / "schema" / f"{name}.json").read_text("utf-8"))


CASE, PLAN = schema("case-1"), schema("plan-1")

OBJECTS = {
    "case": (CASE, shapes.CASE),
    "span": (CASE["$defs"]["span"], SPAN),
    "start": (CASE["$defs"]["start"], START),
    "moment": (CASE["$defs"]["moment"], START),
    "room": (CASE["$defs"]["room"], shapes.ROOM),
    "facilitator": (CASE["$defs"]["facilitator"], shapes.FACILITATOR),
    "offer": (CASE["$defs"]["offer"], shapes.OFFER),
    "times": (CASE["$defs"]["offer"]["properties"]["times"], shapes.TIMES),
    "patient": (CASE["$defs"]["patient"], shapes.PATIENT),
    "days": (CASE["$defs"]["patient"]["properties"]["days"], shapes.DAYS),
    "day": (CASE["$defs"]["patient"]["properties"]["day"], shapes.DAY_MINUTES),
    "window": (CASE["$defs"]["window"], shapes.WINDOW),
    "owed": (CASE["$defs"]["owed"], shapes.OWED),
    "habit": (CASE["$defs"]["habit"], shapes.USED_TO),
    "standing": (CASE["$defs"]["standing"], shapes.STANDING),
    "weights": (CASE["$defs"]["weights"], shapes.WEIGHTS),
    "plan": (PLAN, shapes.PLAN),
    "session": (PLAN["$defs"]["session"], shapes.SESSION),
    "met": (PLAN["$defs"]["met"], shapes.MET),
    "shortfall": (PLAN["$defs"]["shortfall"], shapes.SHORTFALL),
    "mend": (PLAN["$defs"]["mend"], shapes.MEND),
}


@pytest.mark.parametrize("what", OBJECTS)
def test_keys_and_defaults_are_those_of_the_code(what):
    published, shape = OBJECTS[what]
    required = set(published.get("required", []))
    assert {
        key: Default.REQUIRED if key in required else about.get("default", Default.COMPUTED)
        for key, about in published["properties"].items()
    } == dict(shape)
    assert published["additionalProperties"] is False


def test_every_object_of_the_schemas_is_compared():
    compared = [published for published, _ in OBJECTS.values()]
    objects = [CASE, PLAN, *CASE["$defs"].values(), *PLAN["$defs"].values()]
    assert [one for one in objects if one.get("type") == "object" and one not in compared] == []


def test_every_value_says_what_it_means():
    silent = []

    def walk(path, about):
        for key, value in about.get("properties", {}).items():
            if not value.get("description"):
                silent.append(f"{path}.{key}")
            walk(f"{path}.{key}", value)

    for whole in (CASE, PLAN):
        assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        walk(whole["title"], whole)
        for name, about in whole["$defs"].items():
            assert about["description"], name
            walk(name, about)
    assert silent == []


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(cases())
def test_a_written_case_fits_its_schema(case):
    assert list(faults(case_to_json(case), CASE, CASE)) == []


@settings(max_examples=25, deadline=None)
@given(plans)
def test_a_written_plan_fits_its_schema(plan):
    assert list(faults(plan_to_json(plan), PLAN, PLAN)) == []


def test_a_case_written_by_hand_fits_its_schema_and_is_read():
    assert list(faults(small_case(), CASE, CASE)) == []
    assert list(faults(small_plan(), PLAN, PLAN)) == []
    assert case_from_json(small_case()).name == plan_from_json(small_plan()).case


def test_the_validation_in_this_file_finds_faults():
    wrong = small_case() | {"grid": 10, "closed": [1, 1], "more": 1, "now": {"day": 7, "at": "9:00"}}
    assert sorted(faults(wrong, CASE, CASE)) == [
        "closed: twice",
        "grid: not one of [5, 15]",
        "more: unknown",
        "now.at: pattern",
        "now.day: too large",
    ]


TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "null": lambda v: v is None,
}


def faults(value, about, whole, path=""):
    """The few words of JSON Schema that our schemas use, and a failure for any other."""
    known = {
        "$schema", "$id", "$ref", "$defs", "title", "description", "default", "type", "const", "enum", "pattern",
        "minLength", "maxLength", "minimum", "maximum", "items", "minItems", "uniqueItems", "properties",
        "required", "additionalProperties", "propertyNames",
    }  # fmt: skip
    assert set(about) <= known, path
    if "$ref" in about:
        yield from faults(value, whole["$defs"][about["$ref"].removeprefix("#/$defs/")], whole, path)
    kinds = about.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(TYPES[kind](value) for kind in kinds):
        yield f"{path}: not {kinds}"
        return
    if "const" in about and value != about["const"]:
        yield f"{path}: not {about['const']}"
    if "enum" in about and value not in about["enum"]:
        yield f"{path}: not one of {about['enum']}"
    if isinstance(value, str):
        if "pattern" in about and not re.search(about["pattern"], value):
            yield f"{path}: pattern"
        if not about.get("minLength", 0) <= len(value) <= about.get("maxLength", len(value)):
            yield f"{path}: length"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value < about.get("minimum", value):
            yield f"{path}: too small"
        if value > about.get("maximum", value):
            yield f"{path}: too large"
    elif isinstance(value, list):
        yield from list_faults(value, about, whole, path)
    elif isinstance(value, dict):
        yield from object_faults(value, about, whole, path)


def list_faults(value, about, whole, path):
    if len(value) < about.get("minItems", 0):
        yield f"{path}: too few"
    if about.get("uniqueItems") and len({json.dumps(one, sort_keys=True) for one in value}) < len(value):
        yield f"{path}: twice"
    for place, one in enumerate(value):
        yield from faults(one, about.get("items", {}), whole, f"{path}[{place}]")


def object_faults(value, about, whole, path):
    yield from (f"{path}: lacks {key}" for key in about.get("required", []) if key not in value)
    others = about.get("additionalProperties", True)
    for key, one in value.items():
        below = f"{path}.{key}" if path else key
        if key in about.get("properties", {}):
            yield from faults(one, about["properties"][key], whole, below)
        elif others is False:
            yield f"{below}: unknown"
        elif others is not True:
            yield from faults(one, others, whole, below)
        yield from faults(key, about.get("propertyNames", {}), whole, below)
