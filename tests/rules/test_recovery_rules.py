"""Check-ins alert, streaks reset gently, and nothing is complete while blank."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.recovery.rules import (
    Alert,
    AlertKind,
    CheckIn,
    Completeness,
    HomeworkState,
    RecoveryPlanKind,
    Sobriety,
    alerts,
    completeness,
    crisis_lines,
    form,
    homework_state,
    may_complete,
    may_hand_in,
    may_save,
    sobriety,
    speaks_of_suicide,
)
from stepwell.clinic.refusal import Refused

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = date(2026, 3, 2)
RPP, SAFETY = RecoveryPlanKind.RELAPSE_PREVENTION, RecoveryPlanKind.SAFETY


def craving(strength: int | None, hours_ago: float = 0) -> CheckIn:
    return CheckIn(NOON - timedelta(hours=hours_ago), mood=5, craving=strength)


def kinds(check_in: CheckIn, *earlier: CheckIn) -> list[str]:
    return [alert.kind.value for alert in alerts(check_in, earlier)]


@pytest.mark.parametrize(
    ("now", "earlier", "expected"),
    [
        (craving(7), [], []),
        (craving(7), [craving(7, 24)], ["craving_twice"]),
        (craving(10), [craving(7, 1)], ["craving_twice"]),
        (craving(7), [craving(7, 24.01)], []),
        (craving(7), [craving(6, 2)], []),
        (craving(6), [craving(9, 2), craving(9, 1)], []),
        (craving(None), [craving(9, 2), craving(9, 1)], []),
    ],
)
def test_a_craving_of_seven_twice_within_a_day_alerts(
    now: CheckIn, earlier: list[CheckIn], expected: list[str]
) -> None:
    assert kinds(now, *earlier) == expected


def test_reported_use_alerts_without_blame() -> None:
    (alert,) = alerts(CheckIn(NOON, used=True))
    assert alert == Alert(
        AlertKind.USED,
        "Reported use: call today, without blame, and ask whether they are safe and have naloxone.",
        NOON,
        urgent=False,
        crisis_card=True,
    )
    assert kinds(CheckIn(NOON, used=False)) == []


def test_the_gravest_alert_comes_first() -> None:
    check_in = CheckIn(NOON, craving=9, used=True, note="i can’t go on")
    found = alerts(check_in, [craving(8, 3)])
    assert [a.kind for a in found] == [AlertKind.WANTS_TO_DIE, AlertKind.USED, AlertKind.CRAVING_TWICE]
    assert [a.urgent for a in found] == [True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "I want to die",
        "sometimes I WANT   TO\nDIE.",
        "I don't want to live",
        "I don’t want to be here anymore…",
        "thinking about suicide again",
        "Quiero morirme.",
        "voy a hacerme daño",
        "voy a hacerme dano",
        "better off dead!!",
    ],
)
def test_words_of_suicide_are_heard(text: str) -> None:
    assert speaks_of_suicide(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I want to diet",
        "killed it at work today",
        "my phone died",
        "deadline tomorrow",
        "went to end my lease",
    ],
)
def test_other_words_are_left_alone(text: str) -> None:
    assert not speaks_of_suicide(text)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"craving": 11}, "Craving cannot be 11"),
        ({"mood": -1}, "Mood cannot be -1"),
        ({"sleep_hours": Decimal("24.5")}, "24.5 hours of sleep do not fit in a day"),
        ({}, "Nothing is filled in yet"),
        ({"note": "  "}, "Nothing is filled in yet"),
    ],
)
def test_a_check_in_that_cannot_be(fields: dict[str, int], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        CheckIn(NOON, **fields)  # type: ignore[arg-type]  # wrong values are the point


def test_help_is_on_the_card() -> None:
    assert [line.tel for line in crisis_lines()] == ["988", "911", "+18006624357", "741741", "+18002221222"]


# sobriety ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("started", "uses", "expected"),
    [
        (0, [], Sobriety(0, 0, None)),
        (-30, [], Sobriety(30, 30, None)),
        (-30, [-10], Sobriety(9, 29, DAY - timedelta(days=10))),
        (-30, [-10, -10, -1], Sobriety(0, 28, DAY - timedelta(days=1))),
        (-30, [0], Sobriety(0, 30, DAY)),
        (-30, [-31, 1], Sobriety(30, 30, None)),
        (-30, [-30], Sobriety(29, 29, DAY - timedelta(days=30))),
    ],
)
def test_a_use_ends_the_streak_and_keeps_the_days_won(
    started: int, uses: list[int], expected: Sobriety
) -> None:
    days = [DAY + timedelta(days=n) for n in uses]
    assert sobriety(DAY + timedelta(days=started), days, DAY) == expected


def test_sobriety_cannot_start_tomorrow() -> None:
    with pytest.raises(Refused, match="lies in the future"):
        sobriety(DAY + timedelta(days=1), [], DAY)


@given(st.integers(0, 400), st.sets(st.integers(0, 400), max_size=30))
def test_the_streak_is_never_longer_than_the_total(length: int, uses: set[int]) -> None:
    started = DAY - timedelta(days=length)
    result = sobriety(started, [started + timedelta(days=n) for n in uses], DAY)
    assert 0 <= result.streak <= result.total <= length


# homework ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "answered", "reviewed", "state"),
    [
        (1, False, False, HomeworkState.OPEN),
        (0, False, False, HomeworkState.DUE_TODAY),
        (-1, False, False, HomeworkState.OVERDUE),
        (-1, True, False, HomeworkState.HANDED_IN),
        (-1, True, True, HomeworkState.REVIEWED),
        (-1, False, True, HomeworkState.REVIEWED),
    ],
)
def test_where_homework_stands(due: int, answered: bool, reviewed: bool, state: HomeworkState) -> None:
    due_on = DAY + timedelta(days=due)
    assert homework_state(due_on=due_on, answered=answered, reviewed=reviewed, today=DAY) is state


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_blank_homework_is_not_handed_in(text: str) -> None:
    with pytest.raises(Refused, match="nothing to hand in yet"):
        may_hand_in(text)


def test_homework_is_handed_in_once() -> None:
    may_hand_in("I called my sister.")
    with pytest.raises(Refused, match="handed in already"):
        may_hand_in("Again.", answered=True)


# plans ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", RecoveryPlanKind)
def test_a_plan_with_every_required_section_is_complete(kind: RecoveryPlanKind) -> None:
    written = {s.key: "Words." for s in form(kind).sections if s.required}
    assert completeness(kind, written) == Completeness(True, ())
    may_complete(kind, written)


@given(st.data())
def test_a_plan_with_any_required_section_blank_is_not_complete(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(RecoveryPlanKind))
    required = [s for s in form(kind).sections if s.required]
    blank = data.draw(st.sampled_from(required))
    written = {s.key: "Words." for s in required} | {blank.key: data.draw(st.sampled_from(["", " ", "\n"]))}
    assert completeness(kind, written) == Completeness(False, (blank.title,))
    with pytest.raises(Refused, match="still blank: "):
        may_complete(kind, written)


def test_a_half_done_plan_may_be_saved_and_an_empty_one_not() -> None:
    assert not may_save(SAFETY, {"people": "Ana"}).complete
    with pytest.raises(Refused, match=r"^Safety plan is still empty"):
        may_save(SAFETY, {"people": " "})


def test_a_section_of_another_form_is_refused() -> None:
    with pytest.raises(Refused, match="Safety plan has no section if-i-use"):
        completeness(SAFETY, {"if-i-use": "Call."})


def test_the_safety_plan_points_to_the_official_form_and_has_its_parts() -> None:
    safety = form(SAFETY)
    assert safety.official_form == "https://suicidesafetyplan.com"
    assert len(safety.sections) == 7
    assert form(RPP).official_form is None
