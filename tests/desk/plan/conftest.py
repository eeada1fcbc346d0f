"""A patient in treatment and the clinician before the Plan tab."""

from __future__ import annotations

import pytest

from tests.clinic.placement.making import make_episode


@pytest.fixture
def page(patient):
    return f"/patients/{patient.code}/plan/"


@pytest.fixture
def episode(request, by, patient):
    """Begun on the `EARLIER` of the file of tests."""
    return make_episode(by, patient, request.module.EARLIER)


@pytest.fixture
def client(signed_in, counselor):
    return signed_in(counselor)
