"""What a test earns: rising, reset, restored, and never above the cap of the year."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.drug_tests.rules import rewards
from stepwell.clinic.drug_tests.rules.rewards import Event, Height
from stepwell.clinic.refusal import Refused

VOUCHER, BOWL = rewards.schedule("voucher"), rewards.schedule("fishbowl")
N, P, M, E = Event.NEGATIVE, Event.POSITIVE, Event.MISSED, Event.EXCUSED
SEED = bytes(range(32))


def earned(events, *, cap: str = "750", before: str = "0", schedule=VOUCHER) -> list[Decimal]:
    height, in_year, found = Height(), Decimal(before), []
    for number, event in enumerate(events):
        one = rewards.earn(
            schedule, height, event, in_year=in_year, cap=Decimal(cap), seed=SEED, label=str(number)
        )
        height, in_year = one.height, in_year + one.amount
        found.append(one.amount)
    return found


@pytest.mark.parametrize(
    ("events", "amounts"),
    [
        ([N] * 6, ["10", "11.5", "13", "14.5", "16", "17.5"]),
        ([N] * 6 + [P, N], ["10", "11.5", "13", "14.5", "16", "17.5", "0", "10"]),
        ([N, N, M, N], ["10", "11.5", "0", "10"]),
        ([N, N, E, N], ["10", "11.5", "0", "13"]),
        ([N, N, N, N, P, N, N, N, N], ["10", "11.5", "13", "14.5", "0", "10", "11.5", "14.5", "16"]),
        ([N, N, N, N, P, P, N, N, N], ["10", "11.5", "13", "14.5", "0", "0", "10", "11.5", "14.5"]),
        ([N] * 22, [*[str(Decimal("8.5") + n * Decimal("1.5")) for n in range(1, 22)], "40"]),
    ],
)
def test_vouchers_rise_start_again_and_come_back(events, amounts) -> None:
    assert earned(events) == [Decimal(one) for one in amounts]


def test_six_negatives_are_82_50() -> None:
    assert sum(earned([N] * 6)) == Decimal("82.50")


def test_the_cap_of_the_year_is_met_to_the_cent_and_never_passed() -> None:
    assert earned([N, N, N], before="735") == [Decimal(10), Decimal(5), Decimal(0)]
    one = rewards.earn(VOUCHER, Height(), N, in_year=Decimal("745"), cap=Decimal("750"))
    assert one.sentence == "1 in a row. The cap of the year, $750.00, leaves $5.00."


@given(st.lists(st.sampled_from(list(Event)), max_size=60), st.sampled_from([VOUCHER, BOWL]))
def test_no_row_of_tests_earns_more_than_the_cap(events, schedule) -> None:
    amounts = earned(events, schedule=schedule)
    assert sum(amounts) <= 750
    assert all(amount == 0 for amount, event in zip(amounts, events, strict=True) if event is not N)


@pytest.mark.parametrize(("year", "cap"), [(2024, "75"), (2025, "750"), (2026, "750"), (1990, "75")])
def test_the_cap_is_that_of_its_year(year, cap) -> None:
    assert rewards.cap_of(year) == Decimal(cap)


def test_the_bowl_has_500_slips_and_is_drawn_as_it_is_filled() -> None:
    assert sum(one.count for one in BOWL.slips) == 500
    drawn = Counter(one.label for one in rewards.draw_slips(BOWL, 5000, SEED, "fair"))
    expected = {one.label: one.count * 10 for one in BOWL.slips}
    chi = sum((drawn[label] - count) ** 2 / count for label, count in expected.items())
    assert chi < 16.3  # exceeded by a fair bowl once in a thousand, 3 degrees of freedom


def test_the_same_seed_draws_the_same_slips_and_another_test_other_ones() -> None:
    one = rewards.draw_slips(BOWL, 10, SEED, "test 1")
    assert one == rewards.draw_slips(BOWL, 10, SEED, "test 1")
    assert one != rewards.draw_slips(BOWL, 10, SEED, "test 2")


@pytest.mark.parametrize(
    ("results", "event"),
    [
        ({"cocaine": "negative", "amphetamine": "negative"}, N),
        ({"cocaine": "negative", "amphetamine": "positive"}, P),
        ({"cocaine": "negative", "amphetamine": "pending"}, None),
        ({"cocaine": "invalid", "amphetamine": "negative"}, None),
        ({"thc": "positive"}, None),
    ],
)
def test_only_the_classes_agreed_on_count_and_what_cannot_be_read_is_neither(results, event) -> None:
    assert rewards.event_of(results, rewards.target("stimulants")) == event


def test_unknown_words_are_refused() -> None:
    with pytest.raises(Refused, match="schedule"):
        rewards.schedule("lottery")
    with pytest.raises(Refused, match="what the rewards are for"):
        rewards.target("opioids")
