"""Days, times, hours and money as Stepwell says them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from stepwell.clinic import saying
from stepwell.ui import filters

NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"
EVENING = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)  # Wed 25 Nov, 6 pm in New York


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (filters.day(EVENING, NEW_YORK), "Wed 25 Nov"),
        (filters.day(EVENING + timedelta(hours=6), NEW_YORK), "Thu 26 Nov"),
        (filters.day(EVENING + timedelta(hours=6), LOS_ANGELES), "Wed 25 Nov"),
        (filters.day(date(2026, 11, 2)), "Mon 2 Nov"),
        (filters.day_long(EVENING, NEW_YORK), "Wednesday 25 November"),
        (filters.date_full(date(1984, 3, 9)), "9 Mar 1984"),
        (filters.clock(EVENING, NEW_YORK), "6:00 pm"),
        (filters.clock(EVENING + timedelta(hours=6, minutes=5), NEW_YORK), "12:05 am"),
        (filters.clock(EVENING - timedelta(hours=6), NEW_YORK), "12:00 pm"),
        (filters.moment(EVENING, NEW_YORK), "Wed 25 Nov, 6:00 pm"),
        (filters.span(EVENING, EVENING + timedelta(minutes=90), NEW_YORK), "6:00 – 7:30 pm"),
        (
            filters.span(EVENING - timedelta(hours=7), EVENING - timedelta(hours=5), NEW_YORK),
            "11:00 am – 1:00 pm",
        ),
        (filters.span(EVENING, EVENING + timedelta(days=1), NEW_YORK), "6:00 pm – 6:00 pm"),
    ],
)
def test_times_are_said_in_the_zone_of_the_site(said, expected):
    assert said == expected


def test_the_sentences_of_rules_say_days_and_times_as_the_pages_do():
    moments = [EVENING + timedelta(days=11 * n, hours=n, minutes=7 * n) for n in range(60)]
    zone = ZoneInfo(NEW_YORK)
    for at in moments:
        on = at.astimezone(zone).date()
        assert (
            saying.day_words(on),
            saying.date_words(on),
            saying.clock(at, zone),
            saying.day_and_clock(at, zone),
        ) == (
            filters.day(on),
            filters.date_full(on),
            filters.clock(at, NEW_YORK),
            filters.moment(at, NEW_YORK),
        )


@pytest.mark.parametrize(
    ("minutes", "decimal", "words"),
    [
        (0, "0", "0"),
        (30, "0.5", "½"),
        (75, "1.25", "1¼"),
        (270, "4.5", "4½"),
        (405, "6.75", "6¾"),
        (540, "9", "9"),
        (600, "10", "10"),
        (50, "0.83", "0.83"),
        (6000, "100", "100"),
    ],
)
def test_hours_from_minutes(minutes, decimal, words):
    assert (filters.hours(minutes), filters.hours_words(minutes)) == (decimal, words)


@pytest.mark.parametrize(
    ("minutes", "said"), [(270, "4½"), (313, "5 h 13 min"), (50, "50 min"), (0, "0"), (540, "9")]
)
def test_hours_as_they_are_said(minutes, said):
    assert filters.hours_said(minutes) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Decimal("1234.5"), "$1,234.50"),
        (0, "$0.00"),
        (Decimal("-12"), "−$12.00"),
        (Decimal("0.005"), "$0.01"),
        ("7.1", "$7.10"),
    ],
)
def test_money_has_two_places_and_a_true_minus(amount, said):
    assert filters.money(amount) == said


@pytest.mark.parametrize(
    ("passed", "age", "ago"),
    [
        (timedelta(seconds=20), "0 min", "just now"),
        (timedelta(minutes=40), "40 min", "40 min ago"),
        (timedelta(hours=5), "5 h", "5 h ago"),
        (timedelta(days=1), "1 day", "1 day ago"),
        (timedelta(days=3), "3 days", "3 days ago"),
        (timedelta(days=15), "2 weeks", "2 weeks ago"),
        (timedelta(days=100), "3 months", "3 months ago"),
        (timedelta(days=800), "2 years", "2 years ago"),
        (timedelta(minutes=-40), "40 min", "in 40 min"),
    ],
)
def test_how_long_ago(passed, age, ago):
    assert (filters.age(EVENING - passed, EVENING), filters.ago(EVENING - passed, EVENING)) == (age, ago)


def test_a_length_of_time_is_said_as_it_is():
    assert filters.age(timedelta(days=3)) == "3 days"


@pytest.mark.parametrize(("count", "said"), [(1, "1 person"), (0, "0 people"), (1200, "1,200 people")])
def test_counts_take_the_right_word(count, said):
    assert filters.plural(count, "person", "people") == said


@pytest.mark.parametrize(
    "name", ["day", "day_long", "date_full", "clock", "moment", "hours", "hours_words", "money", "age", "ago"]
)
def test_what_is_not_known_is_a_dash(name):
    assert filters.FILTERS[name](None) == "—"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="naive"):
        filters.clock(datetime(2026, 11, 25, 18, 0))  # noqa: DTZ001 - the mistake under test
