"""The hours ledger, the days that count, own attendance, make-ups and where hours went. Amounts are whole minutes."""

from .billable_day import BillableDay, DayState, billable_day
from .chances import last_moment, minutes_of
from .days import CountableDays, DayMinutes, countable_days
from .doses import KindDose, doses_sentence, doses_since
from .ledger import (
    Dose,
    Opening,
    Session,
    Week,
    WeekState,
    hours_text,
    ledger,
    moment_text,
    week_bounds,
    week_start_of,
)
from .limits import Band, Limits, band, load_limits
from .lost import Causes, WeekAccount, account, together
from .make_ups import (
    DatedWindow,
    MakeUp,
    OfferRule,
    Suits,
    can_come,
    held_until,
    kind_words,
    load_offers,
    make_ups,
    suits,
)
from .mends import mends, would_fit
from .orders import HoursOrder, days_in_week, ordered_before, ordered_between, ordered_in_week
from .risk import RiskRule, likely_missed, load_risk, share_missed

__all__ = [
    "Band",
    "BillableDay",
    "Causes",
    "CountableDays",
    "DatedWindow",
    "DayMinutes",
    "DayState",
    "Dose",
    "HoursOrder",
    "KindDose",
    "Limits",
    "MakeUp",
    "OfferRule",
    "Opening",
    "RiskRule",
    "Session",
    "Suits",
    "Week",
    "WeekAccount",
    "WeekState",
    "account",
    "band",
    "billable_day",
    "can_come",
    "countable_days",
    "days_in_week",
    "doses_sentence",
    "doses_since",
    "held_until",
    "hours_text",
    "kind_words",
    "last_moment",
    "ledger",
    "likely_missed",
    "load_limits",
    "load_offers",
    "load_risk",
    "make_ups",
    "mends",
    "minutes_of",
    "moment_text",
    "ordered_before",
    "ordered_between",
    "ordered_in_week",
    "share_missed",
    "suits",
    "together",
    "week_bounds",
    "week_start_of",
    "would_fit",
]
