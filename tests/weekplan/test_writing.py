"""What is written is read back as it was."""

import json

from hypothesis import HealthCheck, given, settings
from tests.weekplan.random_cases import cases, plans

from weekplan.loading import load
from weekplan.reading import case_from_json
from weekplan.writing import case_to_json, plan_from_json, plan_to_json


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(cases())
def test_a_case_comes_back_from_its_text_as_it_was(case):
    assert case_from_json(load(json.dumps(case_to_json(case)))) == case


@settings(max_examples=80, deadline=None)
@given(plans)
def test_a_plan_comes_back_from_its_text_as_it_was(plan):
    assert plan_from_json(load(json.dumps(plan_to_json(plan)).encode())) == plan
