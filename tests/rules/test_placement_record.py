"""A decision kept as data comes back as the same decision."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import rate
from stepwell.clinic.placement.rules import Facts, Level, from_record, level_from, recommend, to_record
from stepwell.clinic.refusal import Refused

numbers = st.dictionaries(st.integers(1, 6), st.tuples(st.integers(0, 4), st.just("Because.")))
facts = st.builds(Facts, *[st.sampled_from([True, False, None])] * 5)


@given(rated=numbers, known=facts)
def test_every_decision_comes_back_whole_from_its_record(rated, known):
    decision = recommend(rate(rated), known)
    assert from_record(json.loads(json.dumps(to_record(decision)))) == decision


@pytest.mark.parametrize("record", [{}, {"level": "9"}, {"level": None, "rule": None, "reasons": [{}]}])
def test_a_record_that_is_none_is_refused(record):
    with pytest.raises(Refused, match="cannot be read; make a new one"):
        from_record(record)


def test_a_level_is_found_by_its_code_or_refused():
    assert level_from("2.1") is Level.INTENSIVE_OUTPATIENT
    with pytest.raises(Refused, match=r"There is no level 2\.2"):
        level_from("2.2")
