"""What waits for somebody, for the counts in the rail: key -> rows that wait for `by`.

Each entry comes from its step's `queries.waiting(by)`, an unordered queryset.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.inquiry.queries import handoffs_waiting
from stepwell.clinic.people import queries as people

WAITING: dict[str, Callable[[Actor], Any]] = {
    "patients": people.waiting,
    "handoffs": handoffs_waiting,
}
