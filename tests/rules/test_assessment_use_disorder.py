"""A use disorder by counting: how severe, which code, and why."""

import pytest

from stepwell.clinic.assessment.rules import Counted, count_criteria, remission_of, severity_of, use_criteria
from stepwell.clinic.refusal import Refused

KEYS = [c.key for c in use_criteria()]


@pytest.mark.parametrize(
    ("met", "severity"),
    [
        (0, ""),
        (1, ""),
        (2, "mild"),
        (3, "mild"),
        (4, "moderate"),
        (5, "moderate"),
        (6, "severe"),
        (11, "severe"),
    ],
)
def test_the_number_of_criteria_makes_the_severity(met: int, severity: str) -> None:
    assert severity_of(met) == severity


@pytest.mark.parametrize("met", [-1, 12, True])
def test_a_number_that_cannot_be_is_refused(met: int) -> None:
    with pytest.raises(Refused, match="cannot be"):
        severity_of(met)


@pytest.mark.parametrize(
    ("months", "said"), [(None, ""), (0, ""), (2, ""), (3, "early"), (11, "early"), (12, "sustained"), (400, "sustained")]
)  # fmt: skip
def test_remission_begins_at_three_months_and_is_sustained_from_twelve(months: int | None, said: str) -> None:
    assert remission_of(months) == said


@pytest.mark.parametrize(
    ("substance", "count", "months", "code", "text"),
    [
        ("alcohol", 2, None, "F10.10", "Alcohol use disorder, mild"),
        ("alcohol", 4, None, "F10.20", "Alcohol use disorder, moderate"),
        ("alcohol", 6, 4, "F10.21", "Alcohol use disorder, severe, in early remission"),
        ("opioid", 3, 12, "F11.11", "Opioid use disorder, mild, in sustained remission"),
        ("tobacco", 2, None, "Z72.0", "Tobacco use disorder, mild"),
        ("tobacco", 9, None, "F17.200", "Tobacco use disorder, severe"),
        ("tobacco", 2, 12, "", "Tobacco use disorder, mild, in sustained remission"),
    ],
)
def test_the_count_suggests_the_code(
    substance: str, count: int, months: int | None, code: str, text: str
) -> None:
    found = count_criteria(substance, KEYS[:count], months_without=months)
    assert (found.code, found.text, found.met) == (code, text, count)


def test_tolerance_and_withdrawal_do_not_count_when_taken_as_prescribed() -> None:
    assert count_criteria("opioid", ["more", "craving", "tolerance", "withdrawal"], prescribed=True) == Counted(
        substance="opioid", criteria=("more", "craving"), met=2, severity="mild", remission="", code="F11.10",
        text="Opioid use disorder, mild",
        reasons=(
            "2 of 11 criteria in twelve months: mild.",
            "“Needs more for the same effect” does not count when taken as prescribed.",
            "“Withdrawal, or uses to avoid it” does not count when taken as prescribed.",
        ),
    )  # fmt: skip


def test_a_prescription_changes_nothing_where_none_is_written() -> None:
    assert count_criteria("cocaine", ["tolerance", "withdrawal"], prescribed=True).met == 2


def test_withdrawal_is_no_criterion_for_hallucinogens() -> None:
    assert count_criteria("hallucinogen", KEYS).met == 10


def test_a_controlled_environment_is_said_with_remission_only() -> None:
    inside = count_criteria("alcohol", KEYS, months_without=5, controlled_environment=True)
    assert inside.text == "Alcohol use disorder, severe, in early remission, in a controlled environment"
    assert "controlled" not in count_criteria("alcohol", KEYS, controlled_environment=True).text


@pytest.mark.parametrize(
    ("substance", "met", "sentence"),
    [("tea", KEYS, "Choose the substance"), ("alcohol", ["fun"], "no criterion fun"), ("alcohol", ["more"], "1 of 11")],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused(substance: str, met: list[str], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        count_criteria(substance, met)
