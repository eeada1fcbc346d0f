from __future__ import annotations

import pytest
from django.core.cache import cache

from stepwell.accounts.roles import Role
from tests.clinic.conftest import patient, site
from tests.making import make_staff

__all__ = ["patient", "site"]

PASSWORD = "a long enough secret"


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Argon2 is slow on purpose; that it is used has its own test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nobody_tried_before(db):
    """Lockouts are counted in the shared cache."""
    cache.clear()


@pytest.fixture
def counselor(site):
    staff = make_staff(site, Role.COUNSELOR, name="Nia Okafor")
    staff.user.set_password(PASSWORD)
    staff.user.save()
    return staff


@pytest.fixture
def demo(settings):
    """As under `stepwell demo`: no second factor is asked for."""
    settings.STEPWELL_DEMO = True
