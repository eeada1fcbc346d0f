"""Doses: what may be recorded, when the next is due; side effects and who must hear."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from stepwell.clinic.medication.rules import (
    Dose,
    DoseDue,
    DoseOutcome,
    DueState,
    Order,
    Severity,
    SideEffectAdvice,
    may_record_dose,
    next_dose_due,
    side_effect,
    side_effects,
)
from stepwell.clinic.refusal import Refused

DAY = date(2026, 3, 2)
DAILY = Order("buprenorphine", Decimal(16), "mg", "sublingual", "daily", DAY)
THRICE = replace(DAILY, drug="acamprosate", frequency="three_a_day")
MONTHLY = replace(DAILY, drug="naltrexone-xr", dose=Decimal(380), frequency="every_4_weeks")
NEEDED = replace(DAILY, frequency="as_needed")
ONCE = replace(DAILY, frequency="first_day")


def at(days: int) -> date:
    return DAY + timedelta(days=days)


def given(days: int = 0, amount: str = "16") -> Dose:
    return Dose(at(days), DoseOutcome.GIVEN, Decimal(amount))


def held(days: int = 0) -> Dose:
    return Dose(at(days), DoseOutcome.HELD, note="Drowsy.")


def test_the_ordered_dose_is_recorded_without_a_word() -> None:
    assert may_record_dose(DAILY, given()) == ()


def test_another_amount_warns() -> None:
    assert may_record_dose(DAILY, given(amount="8")) == ("8 mg is not the ordered 16 mg.",)


@pytest.mark.parametrize(
    ("order", "dose", "recorded", "sentence"),
    [
        (DAILY, given(-1), [], "not in force on 1 Mar 2026"),
        (replace(DAILY, stopped_on=DAY), given(), [], "not in force on 2 Mar 2026"),
        (DAILY, Dose(DAY, DoseOutcome.GIVEN), [], "Write how much was given"),
        (DAILY, given(amount="0"), [], "Write how much was given"),
        (DAILY, Dose(DAY, DoseOutcome.REFUSED), [], "Write why the dose was refused"),
        (DAILY, Dose(DAY, DoseOutcome.HELD, note=" "), [], "Write why the dose was held"),
        (DAILY, given(), [given()], "has been given already"),
        (THRICE, given(), [given()] * 3, "has been given already"),
    ],
)
def test_a_dose_that_cannot_be_recorded(
    order: Order, dose: Dose, recorded: list[Dose], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        may_record_dose(order, dose, recorded)


def test_a_refused_dose_may_be_given_later_the_same_day() -> None:
    assert may_record_dose(DAILY, given(), [Dose(DAY, DoseOutcome.REFUSED, note="Not now.")]) == ()


def test_a_dose_when_needed_has_no_count() -> None:
    assert may_record_dose(NEEDED, given(), [given()] * 5) == ()


@pytest.mark.parametrize(
    ("order", "recorded", "today", "expected"),
    [
        (DAILY, [], -1, DoseDue(DueState.LATER, DAY, 1)),
        (DAILY, [], 0, DoseDue(DueState.DUE, DAY, 1)),
        (DAILY, [given()], 0, DoseDue(DueState.DONE, DAY, 0)),
        (DAILY, [held()], 0, DoseDue(DueState.DONE, DAY, 0)),
        (DAILY, [given()], 1, DoseDue(DueState.DUE, at(1), 1)),
        (DAILY, [], 5, DoseDue(DueState.DUE, at(5), 1)),
        (THRICE, [given()], 0, DoseDue(DueState.DUE, DAY, 2)),
        (MONTHLY, [], 0, DoseDue(DueState.DUE, DAY, 1)),
        (MONTHLY, [], 3, DoseDue(DueState.OVERDUE, DAY, 1)),
        (MONTHLY, [given()], 0, DoseDue(DueState.DONE, at(28), 0)),
        (MONTHLY, [given()], 27, DoseDue(DueState.LATER, at(28), 1)),
        (MONTHLY, [given()], 28, DoseDue(DueState.DUE, at(28), 1)),
        (MONTHLY, [given()], 30, DoseDue(DueState.OVERDUE, at(28), 1)),
        (MONTHLY, [given(), held(28)], 29, DoseDue(DueState.OVERDUE, at(28), 1)),
        (ONCE, [given()], 4, DoseDue(DueState.DONE, None, 0)),
        (ONCE, [], 0, DoseDue(DueState.DUE, DAY, 1)),
        (NEEDED, [], 2, DoseDue(DueState.WHEN_NEEDED, None, 0)),
        (NEEDED, [], -1, DoseDue(DueState.NOT_IN_FORCE, None, 0)),
        (replace(DAILY, ends_on=at(1)), [], 2, DoseDue(DueState.NOT_IN_FORCE, None, 0)),
        (replace(DAILY, stopped_on=at(1)), [], 1, DoseDue(DueState.NOT_IN_FORCE, None, 0)),
        (DAILY, [given(3)], 0, DoseDue(DueState.DUE, DAY, 1)),
    ],
)
def test_when_the_next_dose_is_due(order: Order, recorded: list[Dose], today: int, expected: DoseDue) -> None:
    assert next_dose_due(order, recorded, at(today)) == expected


def test_a_severe_side_effect_is_told_today() -> None:
    assert side_effect("rash", Severity.SEVERE).urgent
    assert not side_effect("rash", Severity.MODERATE).urgent
    assert side_effect("rash", Severity.MILD) == SideEffectAdvice(
        False, "Note it and ask again at the next visit."
    )


def test_suicidal_thoughts_are_never_mild() -> None:
    assert side_effect(" Suicidal thoughts", Severity.MILD).urgent
    assert "suicidal thoughts" in side_effects()


def test_a_side_effect_has_a_name() -> None:
    with pytest.raises(Refused, match="Name the side effect"):
        side_effect(" ", Severity.MILD)
