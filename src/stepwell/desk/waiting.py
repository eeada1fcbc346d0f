"""What waits for somebody, for the counts in the rail: key -> rows that wait for `by`.

Each entry comes from its step's `queries.waiting(by)`, an unordered queryset.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from stepwell.accounts.actor import Actor
from stepwell.clinic.aftercare import queries as aftercare
from stepwell.clinic.authorization import queries as authorization
from stepwell.clinic.drug_tests import queries as drug_tests
from stepwell.clinic.inquiry import queries as inquiry
from stepwell.clinic.people import queries as people
from stepwell.clinic.sessions import queries as sessions

WAITING: dict[str, Callable[[Actor], Any]] = {
    "patients": people.waiting,
    "inquiries": inquiry.waiting,
    "handoffs": inquiry.handoffs_waiting,
    "notes": sessions.waiting,
    "drug_tests": drug_tests.waiting,
    "authorizations": lambda by: authorization.waiting(by, timezone.localdate()),
    "follow_ups": lambda by: aftercare.waiting(by, timezone.localdate()),
}
