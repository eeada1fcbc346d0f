"""How far the desk's lists look and what its forms open with, as dated data (data/looking.json)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Looking:
    """Spans before or after a day; `authorization_low_units` and `authorization_low_share` say when few are left.

    Of *Today*: `today_ahead` how soon a session begins whose people are shown, `today_people` how many of them at
    most besides the reader's own, `today_arrivals` how many the front desk's list shows at once.
    `seats_asked_minutes` is what a week is counted with while no order is written: nine hours, where intensive
    outpatient care begins. `opens_with`: what the forms that set up a program, a group or a session begin with.
    """

    review_soon: timedelta
    reviews_on_today: timedelta
    note_soon: timedelta
    credential_warning: timedelta
    authorization_ended_shown: timedelta
    authorization_low_units: int
    authorization_low_share: Decimal
    schedule_ahead: timedelta
    seats_offered: timedelta
    consents_ending: timedelta
    consent_length: timedelta
    check_ins_drawn: timedelta
    homework_due: timedelta
    random_tests_span: timedelta
    today_ahead: timedelta
    today_people: int
    today_arrivals: int
    holidays_ahead: timedelta
    seats_asked_minutes: int
    opens_with: Mapping[str, int]


@cache
def load_looking() -> Looking:
    """The numbers that ship with this version."""
    raw = json.loads(files("stepwell.desk").joinpath("data/looking.json").read_text("utf-8"))
    return Looking(
        review_soon=timedelta(days=raw["review_soon_days"]),
        reviews_on_today=timedelta(days=raw["reviews_on_today_days"]),
        note_soon=timedelta(hours=raw["note_soon_hours"]),
        credential_warning=timedelta(days=raw["credential_warning_days"]),
        authorization_ended_shown=timedelta(days=raw["authorization_ended_shown_days"]),
        authorization_low_units=raw["authorization_low_units"],
        authorization_low_share=Decimal(raw["authorization_low_share"]),
        schedule_ahead=timedelta(days=raw["schedule_ahead_days"]),
        seats_offered=timedelta(days=raw["seats_offered_days"]),
        consents_ending=timedelta(days=raw["consents_ending_days"]),
        consent_length=timedelta(days=raw["consent_length_days"]),
        check_ins_drawn=timedelta(days=raw["check_ins_drawn_days"]),
        homework_due=timedelta(days=raw["homework_due_days"]),
        random_tests_span=timedelta(days=raw["random_tests_span_days"]),
        today_ahead=timedelta(hours=raw["today_ahead_hours"]),
        today_people=raw["today_people"],
        today_arrivals=raw["today_arrivals"],
        holidays_ahead=timedelta(days=raw["holidays_ahead_days"]),
        seats_asked_minutes=raw["seats_asked_minutes"],
        opens_with=raw["opens_with"],
    )


def opening(name: str) -> Callable[[], int]:
    """The `initial` of a form's field: the number of that name in `opens_with`."""
    return lambda: load_looking().opens_with[name]
