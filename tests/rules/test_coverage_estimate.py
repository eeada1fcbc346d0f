"""The price of an episode, worked by hand and held by properties."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.coverage.rules import (
    ZERO,
    Benefits,
    EstimateLine,
    Money,
    Network,
    Region,
    WeekPrice,
    by_week,
    determine,
    estimate,
    guideline_on,
    load_schedule,
    total,
)

MONDAY = date(2026, 1, 5)
THREE_A_WEEK = tuple(MONDAY + timedelta(days=7 * week + day) for week in range(12) for day in (0, 2, 4))
PLAN = Benefits(
    covered=True,
    network=Network.IN,
    deductible_remaining=Money.of(1000),
    out_of_pocket_remaining=Money.of(4000),
    coinsurance=Decimal("0.20"),
    authorization_required=True,
    verified_on=date(2026, 1, 2),
)
DAY = Money.of(250)

CASES = {
    "A deductible and coinsurance": (PLAN, "2600.00"),
    "B the cap is reached": (
        replace(
            PLAN,
            deductible_remaining=Money.of(1500),
            coinsurance=Decimal("0.30"),
            out_of_pocket_remaining=Money.of(3000),
        ),
        "3000.00",
    ),
    "C nearly through the year": (
        replace(
            PLAN,
            deductible_remaining=ZERO,
            coinsurance=Decimal("0.10"),
            out_of_pocket_remaining=Money.of(500),
        ),
        "500.00",
    ),
    "D a copay for each day": (
        replace(
            PLAN,
            deductible_remaining=ZERO,
            coinsurance=None,
            copay=Money.of(40),
            out_of_pocket_remaining=Money.of(1200),
        ),
        "1200.00",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_worked_cases(case):
    benefits, owed = CASES[case]
    priced = estimate(THREE_A_WEEK, DAY, benefits)
    assert (priced.patient_pays, priced.payer_pays) == (Money.of(owed), Money.of(9000) - Money.of(owed))
    assert priced.unknown == ()


def test_the_copay_stops_on_the_day_the_maximum_is_reached():
    lines = estimate(THREE_A_WEEK, DAY, CASES["D a copay for each day"][0]).lines
    assert [line.patient_pays for line in lines] == [Money.of(40)] * 30 + [ZERO] * 6


def test_out_of_network_shows_the_share_and_the_possible_balance_apart():
    benefits = replace(
        PLAN,
        network=Network.OUT,
        deductible_remaining=ZERO,
        out_of_pocket_remaining=Money.of(9000),
        coinsurance=Decimal("0.40"),
        balance_billed=True,
    )
    priced = estimate(THREE_A_WEEK[:1], Money.of(180), benefits, charge=DAY)
    assert priced.lines == (
        EstimateLine(
            on=MONDAY,
            charge=DAY,
            allowed=Money.of(180),
            deductible=ZERO,
            share=Money.of(72),
            patient_pays=Money.of(72),
            payer_pays=Money.of(108),
            discount=ZERO,
            written_off=ZERO,
            possible_balance=Money.of(70),
            capped=False,
            covered=True,
        ),
    )
    assert priced.possible_balance == Money.of(70)


def test_self_pay_on_the_sliding_fee():
    sixty_off = determine(
        Money.of(40980),
        3,
        guideline_on(MONDAY + timedelta(days=30), Region.CONTIGUOUS),
        load_schedule(),
        MONDAY,
    )
    priced = estimate(THREE_A_WEEK, None, None, charge=DAY, sliding_fee=sixty_off)
    assert (priced.patient_pays, priced.discount) == (Money.of(3600), Money.of(5400))
    assert priced.reasons[-1] == "36 days at $100.00 is $3,600.00."


def test_the_episode_by_week():
    priced = estimate(THREE_A_WEEK[:6], DAY, PLAN)
    assert by_week(priced.lines) == (
        WeekPrice(starts_on=MONDAY, units=3, patient_pays=Money.of(750), payer_pays=ZERO),
        WeekPrice(
            starts_on=MONDAY + timedelta(days=7),
            units=3,
            patient_pays=Money.of(350),
            payer_pays=Money.of(400),
        ),
    )
    assert by_week(priced.lines, week_starts=6)[0].starts_on == MONDAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("change", "unknown", "at_most"),
    [
        ({"deductible_remaining": None}, "How much of the deductible is left.", "4000"),
        ({"out_of_pocket_remaining": None}, "How much of the out-of-pocket maximum is left.", "9000"),
        ({"coinsurance": None}, "The copay or coinsurance.", "4000"),
        ({"covered": None}, "Whether the plan covers this service.", "10800"),
        ({"network": None}, "Whether the program is in the plan's network.", "4000"),
        (
            {"copay": Money.of(40)},
            "Whether the copay or the coinsurance applies; both are on file.",
            "4000",
        ),
    ],
)
def test_what_the_plan_has_not_said_is_listed_and_never_guessed(change, unknown, at_most):
    priced = estimate(THREE_A_WEEK, DAY, replace(PLAN, **change), charge=Money.of(300))
    assert (priced.patient_pays, priced.unknown, priced.at_most) == (None, (unknown,), Money.of(at_most))


def test_without_an_allowed_amount_the_price_is_open():
    priced = estimate(THREE_A_WEEK, None, PLAN)
    assert (priced.patient_pays, priced.at_most) == (None, None)
    assert priced.unknown == ("What the plan allows for one day.",)


def test_days_past_the_plans_limit_are_the_patients_own():
    priced = estimate(
        THREE_A_WEEK[:3], DAY, replace(PLAN, units_left=2, deductible_remaining=ZERO), charge=Money.of(300)
    )
    assert [line.patient_pays for line in priced.lines] == [Money.of(50), Money.of(50), Money.of(300)]
    assert priced.reasons[-1] == "1 day at $300.00 is not covered by the plan, from Fri 9 Jan on."


def test_a_copay_that_skips_the_deductible_leaves_it_alone():
    benefits = replace(PLAN, coinsurance=None, copay=Money.of(30), copay_skips_deductible=True)
    assert estimate(THREE_A_WEEK, DAY, benefits).patient_pays == Money.of(1080)


MONEY = st.integers(0, 500_000).map(lambda cents: Money.of(Decimal(cents) / 100))
BENEFITS = st.builds(
    Benefits,
    covered=st.just(True),
    network=st.sampled_from(Network),
    deductible_remaining=MONEY,
    out_of_pocket_remaining=MONEY,
    copay=st.none() | MONEY,
    coinsurance=st.none() | st.decimals(0, 1, places=3),
    copay_skips_deductible=st.booleans(),
    balance_billed=st.booleans(),
).filter(lambda benefits: (benefits.copay is None) != (benefits.coinsurance is None))
DAYS = st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40)


@settings(deadline=None)  # a busy machine is not a wrong sum
@given(DAYS, MONEY, MONEY, BENEFITS)
def test_never_negative_never_above_the_maximum_and_the_parts_make_the_whole(days, allowed, charge, benefits):
    priced = estimate(days, allowed, benefits, charge=charge)
    assert priced.patient_pays is not None
    assert ZERO <= priced.patient_pays <= benefits.out_of_pocket_remaining
    for line in priced.lines:
        parts = (
            line.patient_pays,
            line.payer_pays,
            line.discount,
            line.written_off,
            line.possible_balance,
        )
        assert min(parts) >= ZERO
        assert total(parts) == line.charge
        assert line.deductible + line.share == line.patient_pays
    assert total(line.patient_pays for line in priced.lines) == priced.patient_pays
    assert total(week.patient_pays for week in by_week(priced.lines)) == priced.patient_pays


@settings(deadline=None)  # a busy machine is not a wrong sum
@given(DAYS, MONEY, BENEFITS, st.sampled_from(["deductible_remaining", "out_of_pocket_remaining"]))
def test_the_upper_bound_holds_whatever_the_unknown_turns_out_to_be(days, allowed, benefits, field):
    bound = estimate(days, allowed, replace(benefits, **{field: None})).at_most
    owed = estimate(days, allowed, benefits).patient_pays
    assert bound is not None
    assert owed is not None
    assert owed <= bound
