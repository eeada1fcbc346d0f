from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from stepwell.clinic.people.models import FamilyMember, Patient, Site
from tests.clinic.conftest import by, counselor, site
from tests.clinic.timetable.making import admitted
from tests.desk.conftest import no_second_factor_asked, the_clock_stands_at_now
from tests.making import make_family_member, make_login

__all__ = ["by", "counselor", "no_second_factor_asked", "site", "the_clock_stands_at_now"]


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def patient(site: Site) -> Patient:
    """Ana, in treatment, with a login."""
    found = admitted(site)
    make_login(found)
    return found


@pytest.fixture
def phone(patient: Patient) -> Client:
    """Ana's phone."""
    return client_of(patient.user)


@pytest.fixture
def mother(patient: Patient) -> FamilyMember:
    return make_family_member(patient)


@pytest.fixture
def mothers_phone(mother: FamilyMember) -> Client:
    return client_of(mother.user)


@pytest.fixture
def phone_of() -> Callable[[Any], Client]:
    return client_of
