"""The hours ledger and the billable-day guard. All amounts are whole minutes."""

from .billable_day import BillableDay, DayState, billable_day
from .ledger import (
    Dose,
    HoursOrder,
    Opening,
    Session,
    Week,
    WeekState,
    hours_text,
    ledger,
    week_bounds,
    week_start_of,
)
from .limits import Band, Limits, band, load_limits
from .mends import mends, would_fit

__all__ = [
    "Band",
    "BillableDay",
    "DayState",
    "Dose",
    "HoursOrder",
    "Limits",
    "Opening",
    "Session",
    "Week",
    "WeekState",
    "band",
    "billable_day",
    "hours_text",
    "ledger",
    "load_limits",
    "mends",
    "week_bounds",
    "week_start_of",
    "would_fit",
]
