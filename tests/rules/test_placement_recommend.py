"""The recommended level: the default table, rule by rule, and what must hold for any table."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import Dimension, Ratings, rate
from stepwell.clinic.placement.rules import (
    Change,
    Decision,
    Direction,
    Facts,
    Gate,
    GateState,
    HoursBand,
    Level,
    Reason,
    default_table,
    hours_band,
    level_name,
    offered_levels,
    read_table,
    recommend,
)
from stepwell.clinic.refusal import Refused

SAFE = Facts(False, False, False, False, False)


def rated(*values: int | None) -> Ratings:
    return rate({n: (v, f"Reason {n}.") for n, v in enumerate(values, start=1) if v is not None})


def level_of(*values: int | None) -> str | None:
    level = recommend(rated(*values), SAFE).level
    return None if level is None else level.value


@pytest.mark.parametrize(
    ("values", "level", "rule"),
    [
        ((4, 0, 0, 0, 0, 0), "4", "emergency"),
        ((0, 4, 0, 0, 0, 0), "4", "emergency"),
        ((0, 0, 4, 4, 4, 4), "4", "emergency"),
        ((3, 0, 0, 0, 0, 0), "3.7", "medical-first"),
        ((0, 0, 3, 0, 3, 4), "3.7", "medical-first"),
        ((0, 0, 0, 0, 0, 4), "3.5", "unsafe-home"),
        ((0, 0, 0, 0, 4, 3), "3.5", "unsafe-home"),
        ((0, 0, 0, 0, 3, 3), "3.1", "supportive-home-needed"),
        ((0, 0, 0, 0, 4, 2), "2.1", "several-days-a-week"),
        ((0, 0, 0, 3, 3, 2), "2.5", "daily-structure"),
        ((0, 0, 0, 3, 2, 0), "2.1", "several-days-a-week"),
        ((0, 0, 2, 0, 0, 0), "2.1", "several-days-a-week"),
        ((0, 0, 0, 2, 0, 0), "2.1", "several-days-a-week"),
        ((0, 0, 0, 0, 2, 0), "2.1", "several-days-a-week"),
        ((1, 1, 1, 1, 1, 1), "1", "weekly"),
        ((2, 2, 1, 1, 1, 3), "1", "weekly"),
        ((0, 0, 0, 0, 0, 1), "1", "weekly"),
        ((0, 0, 0, 0, 0, 0), "0.5", "no-concern"),
    ],
)
def test_the_default_table(values: tuple[int, ...], level: str, rule: str) -> None:
    decision = recommend(rated(*values), SAFE)
    assert (decision.level, decision.rule) == (Level(level), rule)


def test_a_decision_tells_all_there_is_to_tell() -> None:
    decision = recommend(rated(0, 0, 1, 1, 3, 1), Facts(False, False, False, None, False))
    assert decision == Decision(
        level=Level.INTENSIVE_OUTPATIENT,
        rule="several-days-a-week",
        reasons=(
            Reason(
                "Relapse, mood or readiness needs support several days a week, "
                "and the person can live at home safely.",
                None,
                None,
            ),
            Reason("Risk of relapse or continued use is rated 3: Reason 5.", Dimension.RELAPSE, 3),
        ),
        gates=(
            Gate(
                "cssrs_high_without_safety_plan",
                GateState.UNKNOWN,
                frozenset(map(Level, ("0.5", "1", "2.1", "2.5"))),
                "Nobody has recorded yet whether suicide risk is high without a safety plan; "
                "screen for it before admission.",
            ),
        ),
        missing=(),
        what_would_change_it=(
            _change(Dimension.MIND, 1, 3, "3.7", "medically monitored inpatient", Direction.UP),
            _change(Dimension.READINESS, 1, 3, "2.5", "partial hospitalization", Direction.UP),
            _change(Dimension.SURROUNDINGS, 1, 3, "3.1", "low-intensity residential", Direction.UP),
            _change(Dimension.WITHDRAWAL, 0, 3, "3.7", "medically monitored inpatient", Direction.UP),
            _change(Dimension.BODY, 0, 3, "3.7", "medically monitored inpatient", Direction.UP),
            _change(Dimension.RELAPSE, 3, 1, "1", "outpatient", Direction.DOWN),
        ),
        advisory=default_table().advisory,
        at_least=Level("2.1"),
        at_most=Level("2.1"),
        alongside=None,
        admit=True,
        table="Stepwell default 2026-01",
    )


def _change(dimension: Dimension, now: int, then: int, level: str, name: str, direction: Direction) -> Change:
    sentence = f"{dimension.label} at {then} instead of {now} would mean level {level}, {name}."
    return Change(dimension, now, then, Level(level), direction, sentence)


def test_the_table_says_that_it_is_not_the_asam_criteria() -> None:
    assert "not from the ASAM Criteria" in recommend(rated(0, 0, 0, 0, 0, 0), SAFE).advisory


def test_a_supportive_home_comes_with_intensive_outpatient_treatment() -> None:
    assert recommend(rated(0, 0, 0, 0, 3, 3), SAFE).alongside is Level.INTENSIVE_OUTPATIENT


def test_an_unrated_dimension_that_matters_leaves_the_level_open() -> None:
    decision = recommend(rated(0, 0, 1, 1, 2, None), SAFE)
    assert (decision.level, decision.rule, decision.what_would_change_it) == (None, None, ())
    assert decision.missing == ("Living situation and support",)
    assert (decision.at_least, decision.at_most) == (Level("2.1"), Level("3.5"))
    assert decision.reasons == (
        Reason(
            "The level is open between 2.1 and 3.5 until these are rated: Living situation and support.",
            None,
            None,
        ),
    )


def test_an_emergency_needs_no_further_ratings() -> None:
    decision = recommend(rated(4, None, None, None, None, None), SAFE)
    assert (decision.level, decision.rule, decision.admit) == (Level("4"), "emergency", False)
    assert len(decision.missing) == 5


def test_nothing_rated_is_undecided_not_level_half() -> None:
    decision = recommend(rated(), SAFE)
    assert (decision.level, len(decision.missing)) == (None, 6)


def test_unanswered_gates_come_after_closed_ones() -> None:
    facts = Facts(None, False, None, True, False)
    assert [(g.code, g.state.value) for g in recommend(rated(0, 0, 0, 0, 0, 0), facts).gates] == [
        ("cssrs_high_without_safety_plan", "closed"),
        ("severe_withdrawal_risk", "unknown"),
        ("psychosis_or_mania_preventing_groups", "unknown"),
    ]


# what holds for every combination ------------------------------------------------------------------------

full = st.tuples(*[st.integers(0, 4)] * 6)
partial = st.tuples(*[st.none() | st.integers(0, 4)] * 6)


@given(full, st.integers(0, 5))
def test_raising_any_rating_never_lowers_the_level(values: tuple[int, ...], which: int) -> None:
    before = recommend(rated(*values), SAFE).level
    raised = [min(4, v + 1) if i == which else v for i, v in enumerate(values)]
    after = recommend(rated(*raised), SAFE).level
    assert before is not None
    assert after is not None
    assert after >= before


@given(partial)
def test_a_decision_names_the_rule_that_fired_or_what_is_missing(values: tuple[int | None, ...]) -> None:
    decision = recommend(rated(*values), SAFE)
    assert (decision.level is None) == (decision.rule is None)
    assert decision.rule is not None or decision.missing
    assert decision.reasons


@given(partial, full)
def test_filling_the_gaps_never_leaves_the_range_that_was_announced(
    values: tuple[int | None, ...], rest: tuple[int, ...]
) -> None:
    early = recommend(rated(*values), SAFE)
    late = recommend(rated(*[b if a is None else a for a, b in zip(values, rest, strict=True)]), SAFE)
    assert late.level is not None
    assert early.at_least <= late.level <= early.at_most
    assert early.level in (None, late.level)


@given(full)
def test_every_announced_change_is_true_and_nothing_nearer_is(values: tuple[int, ...]) -> None:
    decision = recommend(rated(*values), SAFE)
    assert decision.level is not None
    for change in decision.what_would_change_it:
        index = change.dimension - 1
        step = 1 if change.then > change.now else -1
        for then in range(change.now + step, change.then, step):
            assert level_of(*values[:index], then, *values[index + 1 :]) == decision.level.value
        assert level_of(*values[:index], change.then, *values[index + 1 :]) == change.level.value
        assert (change.level > decision.level) == (change.direction is Direction.UP)


# tables of a site, levels --------------------------------------------------------------------------------

LAST = {"id": "rest", "level": "1", "admit": True, "because": "Rest.", "when": {}}
FIRST = {
    "id": "first",
    "level": "2.1",
    "admit": True,
    "because": "Any.",
    "when": {"any_of": [5], "at_least": 1},
}


def table(*rules: Mapping[str, object]) -> dict[str, object]:
    return {"name": "Site", "version": "1", "advisory": "Ours.", "rules": list(rules)}


def test_a_site_may_bring_its_own_table() -> None:
    decision = recommend(rated(0, 0, 0, 0, 1, 0), SAFE, read_table(table(FIRST, LAST)))
    assert (decision.level, decision.rule, decision.advisory) == (Level("2.1"), "first", "Ours.")


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (table(LAST, FIRST), "leaves some ratings without a level"),
        (table(), "leaves some ratings without a level"),
        (
            table(LAST | {"when": {"any_of": [5], "at_least": 1}}, FIRST | {"when": {}}),
            "Rule first .* stands below",
        ),
        (table(FIRST | {"level": "2.2"}, LAST), "cannot be read"),
        (table(FIRST | {"when": {"any_of": [7], "at_least": 1}}, LAST), "cannot be read"),
        (table(FIRST | {"when": {"any_of": [5], "at_most": 1}}, LAST), "cannot be read"),
        ({"rules": []}, "cannot be read"),
    ],
)
def test_a_broken_table_is_refused_with_the_place(document: dict[str, object], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read_table(document)


def test_levels_are_ordered() -> None:
    codes = ["0.5", "1", "2.1", "2.5", "3.1", "3.5", "3.7", "4"]
    assert [level.value for level in sorted(Level, reverse=True)] == codes[::-1]
    assert Level("2.1") < Level("2.5") <= Level("2.5")


@pytest.mark.parametrize(
    ("level", "adolescent", "fits", "fits_not"),
    [
        ("1", False, ["0", "8.75"], ["9"]),
        ("2.1", False, ["9", "19", "19.75"], ["8.75", "20"]),
        ("2.1", True, ["6", "19"], ["5.75", "20"]),
        ("2.5", False, ["20", "40"], ["19.75"]),
    ],
)
def test_each_level_has_its_hours(level: str, adolescent: bool, fits: list[str], fits_not: list[str]) -> None:
    band = hours_band(Level(level), adolescent=adolescent, on=date(2026, 1, 1))
    assert [h for h in fits + fits_not if band.holds(Decimal(h))] == fits


def test_hours_read_as_words() -> None:
    assert str(hours_band(Level("2.1"))) == "9 or more and under 20 hours a week"
    assert str(hours_band(Level("1"))) == "under 9 hours a week"
    assert str(hours_band(Level("2.5"))) == "20 hours a week or more"
    assert str(HoursBand(None, None)) == "no set hours"


def test_an_outpatient_program_offers_three_levels() -> None:
    assert [(level.value, level_name(level)) for level in sorted(offered_levels())] == [
        ("1", "Outpatient"),
        ("2.1", "Intensive outpatient"),
        ("2.5", "Partial hospitalization"),
    ]
