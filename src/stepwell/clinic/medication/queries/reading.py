"""With which permission somebody reads medication: staff by their role, patients their own."""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission


def read_with(by: Actor) -> Permission:
    """Patients read their own medication; staff need the permission."""
    return Permission.MEDICATION_READ if by.is_staff else Permission.OWN_RECORD


def explain_with(by: Actor) -> Permission:
    """Whoever enters a result must learn which positives are expected, though not the orders themselves."""
    return Permission.DRUG_TEST_READ if by.is_staff else Permission.OWN_RECORD
