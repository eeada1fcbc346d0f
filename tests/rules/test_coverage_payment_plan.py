"""Payment plans: worked schedules, what is refused and why, and properties."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.coverage.rules import (
    ZERO,
    Affordable,
    Instalment,
    Money,
    PlanPoint,
    affordable,
    load_plan_rules,
    payment_plan,
    plans_side_by_side,
    total,
)

RULES = load_plan_rules()
FIRST = date(2026, 1, 31)


def plan(balance, monthly, **more):
    return payment_plan(Money.of(balance), Money.of(monthly), first_due=FIRST, rules=RULES, **more)


def test_a_schedule_of_equal_instalments_whose_last_takes_the_rest():
    decided = plan("1000", "350", down=Money.of(100), down_due=date(2026, 1, 5))
    assert decided.plan.instalments == (
        Instalment(number=0, due_on=date(2026, 1, 5), amount=Money.of(100)),
        Instalment(number=1, due_on=date(2026, 1, 31), amount=Money.of(300)),
        Instalment(number=2, due_on=date(2026, 2, 28), amount=Money.of(300)),
        Instalment(number=3, due_on=date(2026, 3, 31), amount=Money.of(300)),
    )
    assert (decided.points, decided.plan.truth_in_lending) == ((PlanPoint.EQUAL,), False)


def test_an_odd_cent_makes_the_last_instalment_less_never_more():
    decided = plan("100", "34")
    assert [one.amount for one in decided.plan.instalments] == [
        Money.of("33.34"),
        Money.of("33.34"),
        Money.of("33.32"),
    ]
    assert decided.points == (PlanPoint.EQUAL, PlanPoint.LAST_IS_LESS)


@pytest.mark.parametrize(
    ("balance", "monthly", "months", "needed", "points"),
    [
        ("3600", "150", 24, "150", (PlanPoint.EQUAL, PlanPoint.TRUTH_IN_LENDING)),
        ("3600", "149.99", None, "150", (PlanPoint.TOO_LONG,)),
        ("3600", "10", None, "150", (PlanPoint.TOO_LITTLE,)),
        ("300", "24.99", None, "25", (PlanPoint.TOO_LITTLE,)),
        ("20", "10", None, "20", (PlanPoint.TOO_LITTLE,)),
        ("20", "20", 1, "20", (PlanPoint.AT_ONCE,)),
        ("400", "100", 4, "25", (PlanPoint.EQUAL,)),
        ("500", "100", 5, "25", (PlanPoint.EQUAL, PlanPoint.TRUTH_IN_LENDING)),
        ("500", "9000", 1, "25", (PlanPoint.AT_ONCE,)),
        ("0", "0", 0, "0", (PlanPoint.NOTHING_OWED,)),
    ],
)
def test_what_is_possible_and_what_would_be(balance, monthly, months, needed, points):
    decided = plan(balance, monthly)
    assert (decided.plan.months if decided.plan else None) == months
    assert (decided.needed, decided.points) == (Money.of(needed), points)


def test_everything_paid_down_leaves_no_instalment():
    decided = plan("80", "0", down=Money.of(80))
    assert decided.plan.instalments == (Instalment(number=0, due_on=FIRST, amount=Money.of(80)),)


@pytest.mark.parametrize("wrong", [{"balance": "-1", "monthly": "25"}, {"balance": "10", "monthly": "-5"}])
def test_amounts_below_zero_make_no_plan(wrong):
    with pytest.raises(ValueError, match="amounts above zero"):
        plan(**wrong)


@pytest.mark.parametrize(
    ("income", "essentials", "found"),
    [
        ("3000", "2000", Affordable(monthly=Money.of(150), points=(PlanPoint.CAPPED_BY_INCOME,))),
        ("3000", "2900", Affordable(monthly=Money.of(100), points=())),
        ("3000", "3500", Affordable(monthly=ZERO, points=(PlanPoint.NOTHING_LEFT,))),
        ("0", "0", Affordable(monthly=ZERO, points=(PlanPoint.NOTHING_LEFT,))),
        ("1234.56", "0", Affordable(monthly=Money.of("61.72"), points=(PlanPoint.CAPPED_BY_INCOME,))),
    ],
)
def test_what_one_can_afford_is_what_is_left_and_at_most_a_twentieth_of_the_income(income, essentials, found):
    assert affordable(Money.of(income), Money.of(essentials), RULES) == found


def test_plans_stand_side_by_side_and_say_whether_they_can_be_afforded():
    offered = plans_side_by_side(Money.of(3600), first_due=FIRST, rules=RULES, afford=Money.of(300))
    assert [(one.months, str(one.monthly), within) for one, within in offered] == [
        (1, "$3,600.00", False),
        (3, "$1,200.00", False),
        (6, "$600.00", False),
        (12, "$300.00", True),
        (24, "$150.00", True),
    ]
    assert [one.months for one, _ in plans_side_by_side(Money.of(60), first_due=FIRST, rules=RULES)] == [1, 3]
    assert plans_side_by_side(ZERO, first_due=FIRST, rules=RULES) == ()


CENTS = st.integers(1, 2_000_000).map(Money.from_cents)


@settings(deadline=None)  # a busy machine is not a wrong sum
@given(CENTS, CENTS, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_plan_sums_to_its_balance_and_no_instalment_is_above_what_was_asked(balance, monthly, first):
    decided = payment_plan(balance, monthly, first_due=first, rules=RULES)
    if decided.plan is None:
        assert monthly < decided.needed
        enough = payment_plan(balance, decided.needed, first_due=first, rules=RULES)
        assert enough.plan is not None
        return
    amounts = [one.amount for one in decided.plan.instalments]
    assert total(amounts) == balance
    assert ZERO < amounts[-1] <= amounts[0] <= monthly
    assert len(amounts) <= RULES.most_months
    days = [one.due_on for one in decided.plan.instalments]
    assert days == sorted(set(days))
