"""Business days and the deadlines of the good-faith estimate, as tables."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.clinic.coverage.rules import (
    DatedRate,
    Episode,
    ExpectedItem,
    Money,
    Occasion,
    Ordered,
    Region,
    business_days_after,
    business_days_before,
    business_days_between,
    determine,
    estimate_due,
    expected_items,
    expected_total,
    federal_holidays,
    guideline_on,
    is_business_day,
    load_good_faith,
    load_planning,
    load_schedule,
    missing_items,
    planned_visits,
    price,
)

RULES = load_good_faith()


def test_the_federal_holidays_of_2026_as_the_government_publishes_them():
    assert sorted(federal_holidays(2026)) == [
        date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 5, 25), date(2026, 6, 19),
        date(2026, 7, 3), date(2026, 9, 7), date(2026, 10, 12), date(2026, 11, 11), date(2026, 11, 26),
        date(2026, 12, 25),
    ]  # fmt: skip


def test_new_year_on_a_saturday_is_kept_on_the_friday_before():
    assert date(2021, 12, 31) in federal_holidays(2021)
    assert date(2022, 1, 1) not in federal_holidays(2022)


@pytest.mark.parametrize(
    ("day", "count", "after", "before"),
    [
        (date(2026, 11, 25), 1, date(2026, 11, 27), date(2026, 11, 24)),  # Thanksgiving on the 26th
        (date(2026, 11, 27), 3, date(2026, 12, 2), date(2026, 11, 23)),
        (date(2026, 11, 28), 1, date(2026, 11, 30), date(2026, 11, 27)),  # a Saturday
        (date(2026, 12, 24), 2, date(2026, 12, 29), date(2026, 12, 22)),
        (date(2026, 7, 6), 1, date(2026, 7, 7), date(2026, 7, 2)),  # 4 July on a Saturday, kept on Friday
    ],
)
def test_counting_business_days(day, count, after, before):
    assert (business_days_after(day, count), business_days_before(day, count)) == (after, before)


@settings(deadline=None)  # a busy machine is not a wrong sum
@given(st.dates(date(2022, 1, 1), date(2035, 12, 1)), st.integers(1, 30))
def test_so_many_business_days_after_lie_so_many_between(day, count):
    later = business_days_after(day, count)
    assert is_business_day(later)
    assert business_days_between(day, later) == count


@settings(deadline=None)
@given(st.dates(date(2022, 1, 1), date(2035, 12, 1)), st.integers(-40, 800))
def test_business_days_between_are_those_counted_one_by_one(day, ahead):
    days = (day + timedelta(days=n) for n in range(1, ahead + 1))
    assert business_days_between(day, day + timedelta(days=ahead)) == sum(map(is_business_day, days))


def test_the_last_day_of_the_calendar_is_counted_too():
    assert business_days_between(date(9999, 12, 23), date.max) == 5


WEDNESDAY = date(2026, 3, 18)


@pytest.mark.parametrize(
    ("occasion", "service_on", "due_on", "said"),
    [
        (Occasion.REQUESTED, None, date(2026, 3, 23), "Asked for on 18 Mar 2026: within 3 business days"),
        (Occasion.REQUESTED, WEDNESDAY, date(2026, 3, 23), "by 23 Mar 2026"),
        (Occasion.SCHEDULED, date(2026, 4, 1), date(2026, 3, 23), "Scheduled 10 business days ahead"),
        (Occasion.SCHEDULED, date(2026, 3, 31), date(2026, 3, 19), "Scheduled 9 business days ahead"),
        (Occasion.SCHEDULED, date(2026, 3, 23), date(2026, 3, 19), "within 1 business day"),
        (Occasion.SCHEDULED, date(2026, 3, 20), None, "no estimate is due unless the person asks"),
        (Occasion.SCHEDULED, WEDNESDAY, None, "fewer than 3"),
        (Occasion.CHANGED, date(2026, 3, 23), date(2026, 3, 20), "1 business day before the next visit"),
        (Occasion.CHANGED, WEDNESDAY, WEDNESDAY, "by 18 Mar 2026"),
    ],
)
def test_by_when_the_estimate_is_due(occasion, service_on, due_on, said):
    found = estimate_due(occasion, WEDNESDAY, service_on, RULES)
    assert found.due_on == due_on
    assert said in found.reason


@pytest.mark.parametrize(
    ("service_on", "sentence"),
    [(None, "Say on which day the first visit is"), (date(2026, 3, 1), "before the day of asking")],
)
def test_a_deadline_cannot_be_counted_without_a_sensible_day(service_on, sentence):
    with pytest.raises(ValueError, match=sentence):
        estimate_due(Occasion.SCHEDULED, WEDNESDAY, service_on, RULES)


def test_the_items_are_gathered_by_service_and_expected_charge():
    monday = date(2026, 3, 23)
    fee = determine(
        Money.of(40980), 3, guideline_on(WEDNESDAY, Region.CONTIGUOUS), load_schedule(), WEDNESDAY
    )
    orders = [Ordered(code="H0015", days_a_week=3), Ordered(code="H0001", days_a_week=1, weeks=1)]
    lines = price(
        Episode(
            visits=planned_visits(orders, monday, 2, load_planning()),
            charges=(
                DatedRate(code="H0015", amount=Money.of(250), starts_on=date(2026, 1, 1)),
                DatedRate(code="H0001", amount=Money.of(150), starts_on=date(2026, 1, 1)),
            ),
            sliding_fee=fee,
        )
    ).lines
    items = expected_items(lines, {"H0015": "Intensive outpatient day"})
    assert items == (
        ExpectedItem(code="H0001", label="H0001", number=1, usual=Money.of(150), expected=Money.of(60)),
        ExpectedItem(
            code="H0015",
            label="Intensive outpatient day",
            number=6,
            usual=Money.of(250),
            expected=Money.of(100),
        ),
    )
    assert expected_total(items) == Money.of(660)


def test_what_the_law_asks_for_and_the_document_lacks_is_named():
    assert missing_items({}, RULES) == tuple(RULES.items.values())
    full = dict.fromkeys(RULES.items, "told")
    assert missing_items(full, RULES) == ()
    lacking = {**full, "provider": {"name": "Peachtree", "tin": ""}, "diagnosis": ""}
    assert missing_items(lacking, RULES) == (RULES.items["diagnosis"], RULES.items["provider"])


def test_both_languages_say_the_same_things():
    english, spanish = (RULES.words[language] for language in ("en", "es"))
    assert english.keys() == spanish.keys()
    assert len(english["disclaimers"]) == len(spanish["disclaimers"]) == 5
    dollars = f"${RULES.substantially_above.amount:.0f}"
    for words in (english, spanish):
        said = " ".join(words["disclaimers"])
        assert dollars in said
        assert str(RULES.dispute_days) in said
