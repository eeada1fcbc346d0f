"""New use or old, and whether the chain of custody is whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.drug_tests.rules import (
    Chain,
    Hand,
    Result,
    Tested,
    Use,
    custody,
    normalized_ratio,
    per_creatinine,
    read_use,
)

TODAY = date(2026, 3, 18)
NOW = datetime(2026, 3, 18, 14, tzinfo=UTC)


def found(days_ago: int, amount: str | None = None, creatinine: str | None = None) -> Tested:
    return Tested(
        TODAY - timedelta(days=days_ago), Result.POSITIVE, Decimal(amount) if amount else None,
        Decimal(creatinine) if creatinine else None,
    )  # fmt: skip


def clean(days_ago: int, *, readable: bool = True) -> Tested:
    return Tested(TODAY - timedelta(days=days_ago), Result.NEGATIVE, readable=readable)


@pytest.mark.parametrize(
    ("code", "before", "use", "sentence"),
    [
        ("cocaine", [], Use.FIRST, "No earlier test of it. It can be seen for up to 4 days after use."),
        ("cocaine", [clean(3)], Use.NEW, "Negative on 15 March, positive now: used since then."),
        ("cocaine", [found(2)], Use.MAYBE_OLD, "Positive 2 days ago too, and it is seen for up to 4 days: it may be from before."),
        ("cocaine", [found(5)], Use.NEW, "The last positive was 5 days ago, and it is seen for up to 4 days: used since."),
        ("cocaine", [found(4)], Use.MAYBE_OLD, "Positive 4 days ago too, and it is seen for up to 4 days: it may be from before."),
        ("cocaine", [found(3), clean(1)], Use.NEW, "Negative on 17 March, positive now: used since then."),
        ("cocaine", [found(3), clean(1, readable=False)], Use.MAYBE_OLD, "Positive 3 days ago too, and it is seen for up to 4 days: it may be from before."),
        ("thc", [found(20)], Use.MAYBE_OLD, "Positive 20 days ago too, and it is seen for up to 35 days: it may be from before."),
        ("heroin", [], Use.FIRST, "No earlier test of it. It can be seen for up to 2 days after use."),
    ],
)  # fmt: skip
def test_a_positive_is_read_against_the_tests_before_it(code, before, use, sentence) -> None:
    read = read_use(code, found(0), before)
    assert (read.use, read.sentence) == (use, sentence)


@pytest.mark.parametrize(
    ("amount", "creatinine", "use"),
    [
        ("100", "100", Use.MAYBE_OLD),  # as much: ratio 1
        ("150", "100", Use.MAYBE_OLD),  # ratio 1.5 exactly is not above it
        ("151", "100", Use.NEW),
        ("100", "50", Use.NEW),  # the same amount in urine half as strong: ratio 2
        ("200", "200", Use.MAYBE_OLD),  # twice the amount in urine twice as strong: ratio 1
    ],
)
def test_thc_is_compared_by_creatinine(amount, creatinine, use) -> None:
    assert read_use("thc", found(0, amount, creatinine), [found(7, "100", "100")]).use is use


def test_the_unit_is_nanograms_for_each_milligram() -> None:
    assert per_creatinine(found(0, "60", "120")) == Decimal(50)
    assert per_creatinine(found(0, "60")) is None
    assert normalized_ratio(found(0, "60", "120"), found(7, "60", "240")) == 2


@given(
    st.lists(
        st.builds(Tested, st.dates(date(2026, 1, 1), date(2026, 6, 1)), st.sampled_from(list(Result))),
        max_size=6,
    ),
    st.sampled_from(["thc", "cocaine", "fentanyl", "alcohol"]),
)
def test_the_order_of_the_earlier_tests_changes_nothing(before, code) -> None:
    assert read_use(code, found(0), before) == read_use(code, found(0), before[::-1]) or len(
        {one.on for one in before}
    ) < len(before)


# custody -----------------------------------------------------------------------------------------------------


def hand(
    number: int, giver: str, taker: str, *, kind: str = "handed", seal: str = "A1", intact: bool = True
) -> Hand:
    return Hand(kind, giver, taker, NOW + timedelta(minutes=number), seal, intact)


WHOLE = [
    hand(0, "K7Q2RM", "Nia Okafor", kind="taken"),
    hand(1, "Nia Okafor", "Fridge 2", kind="stored"),
    hand(2, "fridge 2", "Courier"),
]


def test_a_chain_is_whole_when_each_hand_had_it_from_the_one_before_under_the_same_seal() -> None:
    assert custody(WHOLE) == Chain(True, (), "Courier")


@pytest.mark.parametrize(
    ("hands", "reason"),
    [
        ([], "Nobody wrote down who took the specimen."),
        (WHOLE[1:], "The chain does not begin with the collection."),
        ([WHOLE[0], WHOLE[2]], "fridge 2 gave it on, but Nia Okafor had it."),
        ([*WHOLE, hand(1, "Courier", "Laboratory")], "Laboratory took it before Courier did."),
        ([*WHOLE, hand(9, "Courier", "Laboratory", seal="B2")], "The seal was A1, then B2."),
        ([*WHOLE, hand(9, "Courier", "Laboratory", seal="")], "The seal was A1, then none."),
        (
            [*WHOLE, hand(9, "Courier", "Laboratory", intact=False)],
            "The seal was broken when Laboratory took it.",
        ),
    ],
)
def test_a_broken_chain_says_where(hands, reason) -> None:
    chain = custody(hands)
    assert (chain.whole, chain.reasons) == (False, (reason,))
