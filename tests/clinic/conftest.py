from __future__ import annotations

import pytest

from stepwell.accounts.actor import Actor
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Patient, Site, Staff
from tests.making import actor, make_patient, make_site, make_staff


@pytest.fixture
def site(db: None) -> Site:
    return make_site("Peachtree")


@pytest.fixture
def counselor(site: Site) -> Staff:
    return make_staff(site, Role.COUNSELOR, Role.FACILITATOR, name="Nia Okafor")


@pytest.fixture
def by(counselor: Staff) -> Actor:
    """The counselor, acting."""
    return actor(counselor)


@pytest.fixture
def patient(site: Site) -> Patient:
    return make_patient(site)
