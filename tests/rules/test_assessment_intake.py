"""The intake interview is complete only when every required section says something."""

from stepwell.clinic.assessment.rules import Dimension, blank_sections, intake_sections


def test_a_blank_interview_lacks_every_required_section() -> None:
    assert blank_sections({"family": "  \n"}) == tuple(s for s in intake_sections() if s.required)


def test_a_written_interview_lacks_nothing() -> None:
    assert blank_sections({s.key: "Said." for s in intake_sections() if s.required}) == ()


def test_every_dimension_finds_its_reasons_in_a_required_section() -> None:
    assert {d for s in intake_sections() if s.required for d in s.dimensions} == set(Dimension)


def test_section_keys_are_unique() -> None:
    keys = [s.key for s in intake_sections()]
    assert len(keys) == len(set(keys))
