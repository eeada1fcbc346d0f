"""The ledger of weeks and days, read in a fixed number of statements whatever the number of patients.

`statements` holds the statements that all of them share; `weeks` reads the ledger for the well and for lists; `days`
the days and minutes that authorizations and payers count; `making_up` what is known for choosing free seats; `saving` whose
week can still be saved, and the seats that are held; `lost` where the hours of a week went.
"""

from .days import Days, days_of
from .doses import delivered_by_kind
from .lost import HoursReport, ProgramWeek, hours_report
from .making_up import FreeSeat, least_from, with_day_rules
from .saving import Choice, HeldSeat, ToSave, hours_to_save, offer_for, open_offers, to_save
from .weeks import (
    Hours,
    Person,
    Place,
    absent_minutes,
    ask_hours,
    hours_of,
    orders_from,
    places_of,
    week_of,
    weeks_of,
    with_orders,
)

__all__ = [
    "Choice",
    "Days",
    "FreeSeat",
    "HeldSeat",
    "Hours",
    "HoursReport",
    "Person",
    "Place",
    "ProgramWeek",
    "ToSave",
    "absent_minutes",
    "ask_hours",
    "days_of",
    "delivered_by_kind",
    "hours_of",
    "hours_report",
    "hours_to_save",
    "least_from",
    "offer_for",
    "open_offers",
    "orders_from",
    "places_of",
    "to_save",
    "week_of",
    "weeks_of",
    "with_day_rules",
    "with_orders",
]
