"""Help with the price, the rules: proposing a fee, using an award, counting visits, where a plan stands."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.consent.rules import Category
from stepwell.clinic.coverage.assistance.rules import (
    Authorized,
    AwardUse,
    EmployerMayHear,
    Income,
    Owed,
    Reminder,
    chosen,
    eap_standings,
    employer_may_hear,
    left_by_others,
    load_assistance,
    plan_standing,
    propose,
    reminder_due,
    use_of_award,
    yearly_income,
)
from stepwell.clinic.coverage.rules import (
    ZERO,
    Money,
    Region,
    guideline_on,
    load_plan_rules,
    load_schedule,
)

TODAY = date(2026, 3, 18)
RULES = load_assistance()
GUIDELINE = guideline_on(TODAY, Region.CONTIGUOUS)


def usd(amount: str) -> Money:
    return Money.of(amount)


def proposal(incomes, household, *proofs):
    return propose(
        incomes, household, proofs, guideline=GUIDELINE, schedule=load_schedule(), rules=RULES, on=TODAY
    )


@pytest.mark.parametrize(
    ("period", "a_year"),
    [("year", "100"), ("month", "1200"), ("half_month", "2400"), ("two_weeks", "2600"), ("week", "5200")],
)
def test_an_income_is_counted_as_often_as_it_comes(period, a_year):
    assert yearly_income([Income(source="wages", amount=usd("100"), period=period)], RULES) == usd(a_year)


@pytest.mark.parametrize(
    ("income", "household", "pay_class"),
    [
        ("15960", 1, "A"), ("15961", 1, "B"), ("40980", 3, "C"), ("66000", 4, "E"), ("66001", 4, None), ("0", 2, "A"),
        ("10000000", 20, None),
    ],
)  # fmt: skip
def test_the_published_cases_propose_their_class(income, household, pay_class):
    found = proposal([Income(source="wages", amount=usd(income), period="year")], household, "tax_return")
    assert found.determination.class_key == pay_class


def test_documents_hold_a_year_and_the_own_word_thirty_days():
    own = proposal([], 1, "self_declaration")
    assert (own.provisional, own.valid_until) == (True, TODAY + timedelta(days=30))
    seen = proposal([], 1, "self_declaration", "benefit_letter")
    assert (seen.provisional, seen.valid_until) == (False, date(2027, 3, 18))


def test_a_chosen_class_brings_its_discount_and_an_unknown_one_is_refused():
    assert chosen("C", load_schedule()).discount == Decimal("0.6")
    assert chosen("", load_schedule()).discount == 0
    with pytest.raises(LookupError):
        chosen("Z", load_schedule())


def test_an_award_pays_only_what_the_others_leave():
    rest = left_by_others(usd("250"), insurance=usd("150"), eap=ZERO, fee_off=usd("40"))
    assert rest == usd("60")
    assert use_of_award(usd("100"), rest) == AwardUse(
        pays=usd("60"), reason="The award pays all that is left: $60.00."
    )
    assert use_of_award(usd("25"), rest).pays == usd("25")
    assert use_of_award(usd("25"), ZERO).pays == ZERO
    assert use_of_award(ZERO, rest).pays == ZERO


amounts = st.decimals(0, 100_000, places=2).map(Money)


@given(amounts, amounts, amounts, amounts, amounts)
def test_an_award_never_pays_more_than_is_left_of_it_or_of_the_charge(charge, insurance, eap, fee_off, left):
    rest = left_by_others(charge, insurance=insurance, eap=eap, fee_off=fee_off)
    pays = use_of_award(left, rest).pays
    assert ZERO <= pays <= min(left, rest)
    assert rest <= charge


@pytest.mark.parametrize(
    ("days", "today", "sentence"),
    [
        ([], 18, "0 of 2 visits are used, 2 left."),
        ([1, 1], 18, "1 of 2 visits are used, 1 left."),
        ([1, 2], 18, "All 2 visits are used."),
        ([1, 2, 3], 18, "All 2 visits are used; 1 more came after them and are not paid by the program."),
        ([19, 20], 18, "0 of 2 visits are used, 2 left."),
        ([1, 25], 26, "The authorization has ended; 1 of 2 visits were used."),
    ],
)
def test_attended_days_within_the_authorization_are_used_visits(days, today, sentence):
    one = Authorized(visits=2, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 24))
    [found] = eap_standings([one], [date(2026, 3, day) for day in days], today=date(2026, 3, today))
    assert found.sentence == sentence
    assert found.used + found.left == 2


def march(visits: int, first: int, last: int | None = None) -> Authorized:
    return Authorized(
        visits=visits, starts_on=date(2026, 3, first), ends_on=None if last is None else date(2026, 3, last)
    )


@pytest.mark.parametrize(
    ("authorized", "days", "used", "over"),
    [
        # More visits were authorized while the first ones were used: no day counts twice, none is over.
        ([march(3, 10), march(2, 1)], [2, 4, 11, 12], (2, 2), (0, 0)),
        # The older one ends before it is used up: its days after that are the newer one's.
        ([march(5, 1, 5), march(5, 1)], [2, 4, 6, 8], (2, 2), (0, 0)),
        ([march(1, 1), march(1, 1)], [2, 4, 6], (1, 1), (0, 1)),
        ([march(2, 10)], [1, 2], (0,), (0,)),
    ],
)
def test_a_day_attended_counts_for_one_authorization_only(authorized, days, used, over):
    found = eap_standings(authorized, [date(2026, 3, day) for day in days], today=date(2026, 3, 20))
    assert (tuple(one.used for one in found), tuple(one.over for one in found)) == (used, over)


@given(
    st.lists(
        st.builds(march, st.integers(1, 5), st.integers(1, 20), st.none() | st.integers(20, 31)), max_size=4
    ),
    st.sets(st.integers(1, 31)),
)
def test_no_day_is_counted_twice_or_lost(authorized, days):
    attended = {date(2026, 3, day) for day in days}
    found = eap_standings(authorized, attended, today=date(2026, 3, 31))
    within = {day for day in attended if any(one.holds_on(day) for one in authorized)}
    assert sum(one.used + one.over for one in found) == len(within)
    assert all(0 <= one.used <= one.authorized for one in found)


def test_without_a_live_consent_the_employer_hears_nothing_even_after_a_formal_referral():
    for formal in (True, False):
        found = employer_may_hear(formal=formal, permitted=[Category.DIAGNOSIS], reasons=("No.",))
        assert (found.categories, found.reasons) == ((), ("No.",))


def test_with_consent_the_employer_hears_attendance_and_nothing_else():
    found = employer_may_hear(formal=False, permitted=list(Category), reasons=("Yes.",))
    assert found == EmployerMayHear(
        categories=(Category.ATTENDANCE,),
        sentence="With the consent on file the employer may be told whether the person comes, and nothing else.",
        rule="42 CFR 2.31 and 2.33",
        reasons=("Yes.",),
    )


def owed(*paid: str, first: date = date(2026, 1, 1)) -> list[Owed]:
    return [
        Owed(
            number=n + 1,
            due_on=date(first.year, first.month + n, first.day),
            amount=usd("100"),
            paid=usd(amount),
        )
        for n, amount in enumerate(paid)
    ]


@pytest.mark.parametrize(
    ("paid", "reviewed", "missed", "review"),
    [
        (["100", "100", "100", "0"], 0, (), False),
        (["100", "100", "50", "0"], 0, (3,), False),
        (["100", "0", "0", "0"], 0, (2, 3), True),
        (["100", "0", "0", "0"], 2, (2, 3), False),
        (["0", "0", "0", "0"], 2, (1, 2, 3), True),
    ],
)
def test_two_missed_ask_a_person_and_each_one_more_asks_again(paid, reviewed, missed, review):
    found = plan_standing(owed(*paid), today=TODAY, rules=load_plan_rules(), missed_at_review=reviewed)
    assert (found.missed, found.review_due) == (missed, review)


def test_a_plan_that_is_paid_is_finished():
    found = plan_standing(owed("100", "100"), today=TODAY, rules=load_plan_rules())
    assert (found.finished, found.owed, found.paid, found.next) == (True, ZERO, usd("200"), None)


@pytest.mark.parametrize(
    ("days_from_due", "told", "kind"),
    [
        (-6, (), None), (-5, (), Reminder.SOON), (0, (), Reminder.SOON), (0, (Reminder.SOON,), None), (1, (), None),
        (3, (), None), (4, (), Reminder.LATE), (4, (Reminder.SOON,), Reminder.LATE), (40, (Reminder.LATE,), None),
    ],
)  # fmt: skip
def test_one_reminder_before_the_day_and_one_after_it(days_from_due, told, kind):
    one = Owed(number=1, due_on=TODAY, amount=usd("100"), paid=ZERO)
    day = TODAY + timedelta(days=days_from_due)
    assert reminder_due(one, today=day, told=frozenset(told), rules=RULES) is kind
    paid = Owed(number=1, due_on=TODAY, amount=usd("100"), paid=usd("100"))
    assert reminder_due(paid, today=day, told=frozenset(told), rules=RULES) is None
