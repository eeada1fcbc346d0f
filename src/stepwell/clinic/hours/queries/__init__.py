"""The ledger of weeks and days, read in a fixed number of statements whatever the number of patients.

`weeks` reads the ledger for the well and for lists.
"""

from .weeks import (
    Days,
    Hours,
    Person,
    Place,
    absent_minutes,
    days_of,
    hours_of,
    openings_for,
    orders_from,
    places_of,
    week_of,
    weeks_of,
    with_orders,
)

__all__ = [
    "Days",
    "Hours",
    "Person",
    "Place",
    "absent_minutes",
    "days_of",
    "hours_of",
    "openings_for",
    "orders_from",
    "places_of",
    "week_of",
    "weeks_of",
    "with_orders",
]
