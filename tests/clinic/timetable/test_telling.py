"""What the optimiser says, in the clinic's words."""

from __future__ import annotations

from datetime import date

import pytest

from stepwell.clinic.timetable.rules.telling import in_words

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            "1200 minutes are ordered and 1010 found: the other groups are held when p7 cannot come.",
            "20 h are ordered and 16 h 50 min found: the other groups are held when Ana R. cannot come.",
        ),
        ("p7 lacks 90 minutes of skills.", "Ana R. lacks 1 h 30 min of skills training."),
        ("180 minutes are ordered and 0 found", "3 h are ordered and 0 minutes found"),
        ("a day holds at most 45 minutes", "A day holds at most 45 minutes"),
        (
            "p7 would have to come on day 6 at 11:15-12:45.",
            "Ana R. would have to come on Sat 28 Nov, 11:15 am – 12:45 pm.",
        ),
    ],
)
def test_numbers_become_names_minutes_hours_and_days_dates(told: str, said: str) -> None:
    assert in_words(told, {"p7": "Ana R."}, {"skills": "Skills training"}, MONDAY) == said
