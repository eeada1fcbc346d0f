"""Reads about inquiries, starting from who asks: `handoffs` for what hospitals sent."""

from stepwell.clinic.inquiry.queries.handoffs import (
    Alike,
    accepted_items,
    alike,
    handoff_for,
    handoffs_for,
    handoffs_waiting,
    items_of,
    known_handoff,
)

__all__ = [
    "Alike",
    "accepted_items",
    "alike",
    "handoff_for",
    "handoffs_for",
    "handoffs_waiting",
    "items_of",
    "known_handoff",
]
