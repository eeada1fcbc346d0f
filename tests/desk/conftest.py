from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from stepwell.clinic.people.models import Staff
from tests.clinic.conftest import by, counselor, patient, site
from tests.making import NOW

__all__ = ["by", "counselor", "patient", "site"]


@pytest.fixture(autouse=True)
def the_clock_stands_at_now():
    """Surfaces look at the clock: in these tests it shows `NOW`."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def no_second_factor_asked(settings) -> None:
    """As in the demo; the second factor has its own tests."""
    settings.STEPWELL_DEMO = True


@pytest.fixture
def signed_in() -> Callable[[Staff], Client]:
    """A browser in which this staff member is logged in."""

    def client_of(staff: Staff) -> Client:
        client = Client()
        client.force_login(staff.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return client_of
