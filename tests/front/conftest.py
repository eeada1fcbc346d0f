from __future__ import annotations

import pytest
import time_machine
from django.core.cache import cache

from stepwell.clinic.people.models import Site
from tests.clinic.inquiry.making import open_on_weekdays
from tests.making import NOW, make_site


@pytest.fixture(autouse=True)
def the_clock_stands_at_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site(db: None) -> Site:
    """The only place of the program, open on weekdays; nobody has asked for anything yet."""
    cache.clear()
    site = make_site("Peachtree", phone="404-555-0111", address="12 Peachtree St")
    open_on_weekdays(site)
    return site
