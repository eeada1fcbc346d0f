"""What waits for somebody, for the counts in the rail: key -> rows that wait for `by` on a day.

Each entry comes from its step's `queries.waiting(by)`, an unordered queryset, or from several that add up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.clinic.aftercare import queries as aftercare
from stepwell.clinic.authorization import queries as authorization
from stepwell.clinic.coverage.eligibility import queries as eligibility
from stepwell.clinic.drug_tests import queries as drug_tests
from stepwell.clinic.inquiry import queries as inquiry
from stepwell.clinic.medication import queries as medication
from stepwell.clinic.people import queries as people
from stepwell.clinic.plan import queries as plan
from stepwell.clinic.sessions import queries as sessions
from stepwell.clinic.timetable.queries import broken

WAITING: dict[str, Callable[[Actor, date], Any]] = {
    "planning": broken.waiting,
    "patients": lambda by, _: people.waiting(by),
    "inquiries": lambda by, today: (
        inquiry.waiting(by),
        inquiry.follow_ups_waiting(by, today),
        inquiry.packets_waiting(by),
        inquiry.intakes_missed(by, today),
    ),
    "handoffs": lambda by, _: inquiry.handoffs_waiting(by),
    "notes": lambda by, _: (sessions.waiting(by), plan.waiting(by)),
    "medication": lambda by, today: (
        medication.side_effects_due(by, today),
        medication.readings_due(by, today),
    ),
    "drug_tests": lambda by, _: drug_tests.waiting(by),
    "eligibility": lambda by, _: eligibility.waiting(by),
    "authorizations": authorization.waiting,
    "follow_ups": aftercare.waiting,
}
