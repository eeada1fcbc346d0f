"""The recommended level: the default table, rule by rule, and what must hold for any table."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.assessment.rules import Dimension, Ratings, rate
from stepwell.clinic.placement.rules import (
    Change,
    Changed,
    Confidence,
    Decision,
    Direction,
    Facts,
    Fired,
    Gate,
    GateState,
    Grade,
    HoursBand,
    Level,
    Measured,
    Reason,
    default_table,
    gates,
    hours_band,
    level_name,
    levels_of,
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
        fired=(
            Fired(
                "several-days-a-week",
                Level.INTENSIVE_OUTPATIENT,
                True,
                "Relapse, mood or readiness needs support several days a week, "
                "and the person can live at home safely.",
                (Reason("Risk of relapse or continued use is rated 3: Reason 5.", Dimension.RELAPSE, 3),),
            ),
            Fired(
                "weekly",
                Level.OUTPATIENT,
                False,
                "This alone would mean level 1 at least.",
                (
                    Reason("Emotions, behavior and thinking is rated 1: Reason 3.", Dimension.MIND, 1),
                    Reason("Readiness to change is rated 1: Reason 4.", Dimension.READINESS, 1),
                    Reason("Risk of relapse or continued use is rated 3: Reason 5.", Dimension.RELAPSE, 3),
                    Reason("Living situation and support is rated 1: Reason 6.", Dimension.SURROUNDINGS, 1),
                ),
            ),
        ),
        gates=(
            Gate(
                "cssrs_high_without_safety_plan",
                GateState.UNKNOWN,
                frozenset(map(Level, ("0.5", "1.0", "1", "1.5", "1.7", "2.1", "2.5", "2.7"))),
                "Nobody has recorded yet whether suicide risk is high without a safety plan; "
                "screen for it before admission.",
            ),
        ),
        missing=(),
        confidence=Confidence(
            Grade.SETTLED,
            10,
            11,
            "10 of 11 ratings and safety facts are known: whatever is missing, the level stays 2.1, "
            "but admission waits for the safety facts.",
        ),
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
    changed = Changed(dimension.value, dimension.label, now, then, abs(then - now))
    return Change((changed,), Level(level), direction, sentence)


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
        assert level_of(*applied(values, change)) == change.level.value
        assert (change.level > decision.level) == (change.direction is Direction.UP)
        assert all(one.now == values[int(one.what) - 1] for one in change.changed)


def applied(values: tuple[int, ...], change: Change) -> list[int]:
    """The ratings after the change."""
    return [
        next((int(one.then) for one in change.changed if one.what == n), value)
        for n, value in enumerate(values, start=1)
    ]


def brute(values: tuple[int, ...], up: bool) -> set[tuple[tuple[int, int], ...]]:
    """Every smallest set of changed ratings with its nearest values, found by trying all ratings there are."""
    now = Level(level_of(*values) or "")
    found: dict[frozenset[int], dict[int, set[tuple[tuple[int, int], ...]]]] = {}
    for other in EVERY:
        changed = {n: b for n, (a, b) in enumerate(zip(values, other, strict=True), start=1) if a != b}
        if not changed or any((b > values[n - 1]) is not up for n, b in changed.items()):
            continue
        level = LEVELS[other]
        if (level > now) if up else (level < now):
            far = sum(abs(b - values[n - 1]) for n, b in changed.items())
            found.setdefault(frozenset(changed), {}).setdefault(far, set()).add(
                tuple(sorted(changed.items()))
            )
    least = min(map(len, found), default=0)
    return {
        way
        for ways, by_distance in found.items()
        if len(ways) == least
        for way in by_distance[min(by_distance)]
    }


EVERY = list(product(range(5), repeat=6))
LEVELS = {values: default_table().decided(dict(enumerate(values, start=1))).level for values in EVERY}


@settings(max_examples=25, deadline=None)
@given(full)
def test_the_announced_changes_are_all_the_smallest_ones_there_are(values: tuple[int, ...]) -> None:
    decision = recommend(rated(*values), SAFE)
    for direction in Direction:
        told = {
            tuple(sorted((int(one.what), int(one.then)) for one in change.changed))
            for change in decision.what_would_change_it
            if change.direction is direction
        }
        assert told == brute(values, direction is Direction.UP)


def test_two_ratings_that_hold_the_level_together_are_told_together() -> None:
    decision = recommend(rated(0, 0, 0, 2, 2, 0), SAFE)
    down = [c for c in decision.what_would_change_it if c.direction is Direction.DOWN]
    assert [c.sentence for c in down] == [
        "Readiness to change at 1 instead of 2 and risk of relapse or continued use at 1 instead of 2 "
        "together would mean level 1, outpatient."
    ]
    assert [c.distance for c in down] == [2]


@given(partial)
def test_what_is_changed_is_known_and_the_level_after_it_is_too(values: tuple[int | None, ...]) -> None:
    decision = recommend(rated(*values), SAFE)
    for change in decision.what_would_change_it:
        after = list(values)
        for one in change.changed:
            assert values[int(one.what) - 1] == one.now
            after[int(one.what) - 1] = int(one.then)
        assert level_of(*after) == change.level.value


@pytest.mark.parametrize(
    ("values", "facts", "grade", "answered"),
    [
        ((0, 0, 0, 0, 0, 0), SAFE, "full", 11),
        ((0, 0, 0, 0, 0, 0), Facts(), "settled", 6),
        ((4, None, None, None, None, None), SAFE, "settled", 6),
        ((0, 0, 0, 0, 0, None), SAFE, "open", 10),
        ((None,) * 6, Facts(), "open", 0),
    ],
)
def test_confidence_is_what_is_known_and_whether_the_rest_could_matter(
    values: tuple[int | None, ...], facts: Facts, grade: str, answered: int
) -> None:
    sure = recommend(rated(*values), facts).confidence
    assert (sure.grade.value, sure.answered, sure.asked) == (grade, answered, 11)


@pytest.mark.parametrize(
    ("instrument", "points", "closed"),
    [
        ("cows", 12, False),
        ("cows", 13, True),
        ("ciwa-ar", 9, False),
        ("ciwa-ar", 10, True),
        ("phq-9", 27, False),
    ],
)
def test_a_high_withdrawal_score_closes_the_gate_whatever_was_answered(
    instrument: str, points: int, closed: bool
) -> None:
    stand = gates(SAFE, [Measured(instrument, points, "May 3")])
    assert [gate.code for gate in stand] == (["severe_withdrawal_risk"] if closed else [])
    if closed:
        assert stand[0].sentence.split(")")[0].endswith(f"was {points} on May 3 ({points} or more")


def test_a_low_withdrawal_score_answers_nothing() -> None:
    assert [g.state for g in gates(Facts(None, False, False, False, False), [Measured("cows", 2)])] == [
        GateState.UNKNOWN
    ]


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
        (
            table(FIRST | {"level": "2.2"}, LAST),
            r"rules\[0\]\.level: There is no such level in the third edition",
        ),
        (
            table(FIRST | {"level": "1.5"}, LAST),
            r"rules\[0\]\.level: There is no such level in the third edition",
        ),
        (
            table(FIRST | {"when": {"any_of": [5, 7], "at_least": 1}}, LAST),
            r"rules\[0\]\.when\.any_of\[1\]: There",
        ),
        (
            table(FIRST | {"when": {"any_of": [5, 5], "at_least": 1}}, LAST),
            r"any_of\[1\]: Dimension 5 stands twice",
        ),
        (
            table(FIRST | {"when": {"any_of": [5], "at_least": 0}}, LAST),
            r"when\.at_least: This must be a rating above",
        ),
        (
            table(FIRST | {"when": {"any_of": [5], "at_least": True}}, LAST),
            r"when\.at_least: This must be a rating",
        ),
        (table(FIRST | {"when": {"any_of": [5], "at_most": 1}}, LAST), r"rules\[0\]\.when: A condition is"),
        (
            table(FIRST | {"when": {"all": [{"any": []}]}}, LAST),
            r"rules\[0\]\.when\.all\[0\]\.any: This must be a list",
        ),
        (table(FIRST | {"when": {"fact": "no-car"}}, LAST), r"when\.fact: This fact is not named"),
        (
            table(FIRST, FIRST | {"id": "x"}, LAST | {"id": "first"}),
            r"rules\[2\]\.id: Rule first stands twice",
        ),
        (table(FIRST | {"when": {}}, LAST), r"rules\[1\]: Rule first above always holds"),
        (table(FIRST | {"admit": 1}, LAST), r"rules\[0\]\.admit: This must be true or false"),
        (table(FIRST | {"because": " "}, LAST), r"rules\[0\]\.because: This must be text"),
        (table(FIRST | {"prio": 1}, LAST), r"rules\[0\]\.prio: There is no such entry in a rule"),
        (table(LAST) | {"edition": "fifth"}, "edition: There is no such edition"),
        (table(LAST) | {"format": "other"}, "format: This must be"),
        (table(LAST) | {"facts": {"No Car": "x"}}, "facts.No Car: This is no code"),
        ([], "The rule table must be an object"),
        ({"rules": []}, "name: This entry is missing"),
    ],
)
def test_a_broken_table_is_refused_with_the_place(document: dict[str, object], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read_table(document)


def test_levels_are_ordered() -> None:
    codes = ["0.5", "1", "2.1", "2.5", "3.1", "3.5", "3.7", "4"]
    assert [level.value for level in sorted(levels_of(), reverse=True)] == codes[::-1]
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
