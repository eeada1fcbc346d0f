"""Money, the poverty guideline and the sliding fee."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.coverage.rules import (
    ZERO,
    Determination,
    Money,
    Region,
    charge_after,
    determine,
    guideline_on,
    load_guidelines,
    load_schedule,
)

FEBRUARY = date(2026, 2, 1)
IN_2026 = guideline_on(FEBRUARY, Region.CONTIGUOUS)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.005", "$0.01"),
        ("2.675", "$2.68"),
        ("-1.005", "-$1.01"),
        ("$1,234.5", "$1,234.50"),
        ("-0.00", "$0.00"),
    ],
)
def test_money_rounds_half_up_to_the_cent(text, shown):
    assert str(Money.of(text)) == shown


def test_money_refuses_floats_and_half_cents():
    with pytest.raises(TypeError, match="A float is not an amount of money"):
        Money.of(1.5)
    with pytest.raises(TypeError, match="never by a float"):
        Money.of(2) * 0.5
    with pytest.raises(ValueError, match=r"0\.005 is not a whole number of cents"):
        Money(Decimal("0.005"))


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_money_adds_like_whole_cents(a, b):
    left, right = Money(Decimal(a).scaleb(-2)), Money(Decimal(b).scaleb(-2))
    assert ((left + right).cents, (left - right).cents, left.min(right).cents) == (a + b, a - b, min(a, b))


@pytest.mark.parametrize(
    ("on", "region", "household", "amount"),
    [
        (date(2024, 6, 1), Region.CONTIGUOUS, 8, 52720),
        (date(2025, 6, 1), Region.CONTIGUOUS, 1, 15650),
        (date(2025, 6, 1), Region.CONTIGUOUS, 8, 54150),
        (date(2026, 1, 12), Region.CONTIGUOUS, 1, 15650),
        (date(2026, 1, 13), Region.CONTIGUOUS, 1, 15960),
        (FEBRUARY, Region.CONTIGUOUS, 8, 55720),
        (FEBRUARY, Region.CONTIGUOUS, 12, 78440),
        (FEBRUARY, Region.ALASKA, 2, 27050),
        (FEBRUARY, Region.HAWAII, 3, 31420),
    ],
)
def test_the_guideline_of_the_day_for_any_household(on, region, household, amount):
    assert guideline_on(on, region).for_household(household) == Money.of(amount)


def test_every_guideline_names_its_source():
    assert all(" FR " in table.source for table in load_guidelines())


def test_a_year_without_a_table_is_said():
    with pytest.raises(LookupError, match="load that year's table"):
        guideline_on(date(2019, 1, 1), Region.CONTIGUOUS)


@pytest.mark.parametrize(
    ("household", "income", "class_key"),
    [
        (1, "15960", "A"),
        (1, "15960.01", "B"),
        (1, "15961", "B"),
        (3, "40980", "C"),
        (4, "66000", "E"),
        (4, "66001", None),
        (2, "0", "A"),
    ],
)
def test_the_class_is_chosen_on_the_unrounded_percentage(household, income, class_key):
    decided = determine(Money.of(income), household, IN_2026, load_schedule(), FEBRUARY)
    assert decided.class_key == class_key


def test_a_determination_keeps_everything_it_was_decided_on():
    assert determine(Money.of(40980), 3, IN_2026, load_schedule(), date(2026, 2, 28)) == Determination(
        annual_income=Money.of(40980),
        household=3,
        region=Region.CONTIGUOUS,
        guideline_edition="2026",
        guideline_amount=Money.of(27320),
        schedule_key="default-2026",
        percent_of_poverty=Decimal("150"),
        class_key="C",
        discount_percent=Decimal(60),
        nominal_charge=None,
        decided_on=date(2026, 2, 28),
        valid_until=date(2027, 2, 28),
        reasons=(
            "$40,980.00 a year is 150.0 % of the 2026 poverty guideline of $27,320.00 for 3 people.",
            "That is class C: 60 % off.",
        ),
    )


@pytest.mark.parametrize(
    ("income", "owed"), [("0", "5.00"), ("18000", "50.00"), ("22000", "100.00"), ("90000", "250.00")]
)
def test_what_is_owed_of_a_day(income, owed):
    decided = determine(Money.of(income), 1, IN_2026, load_schedule(), FEBRUARY)
    assert charge_after(decided, Money.of(250)) == Money.of(owed)


def test_the_nominal_charge_is_never_above_the_charge():
    decided = determine(ZERO, 1, IN_2026, load_schedule(), FEBRUARY)
    assert charge_after(decided, Money.of(3)) == Money.of(3)


@given(st.integers(0, 200_000), st.integers(0, 200_000), st.integers(1, 12))
def test_who_earns_more_never_pays_less(low, high, household):
    low, high = sorted((low, high))
    owed = [
        charge_after(determine(Money.of(i), household, IN_2026, load_schedule(), FEBRUARY), Money.of(250))
        for i in (low, high)
    ]
    assert owed[0] <= owed[1]
