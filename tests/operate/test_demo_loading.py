"""Loading the demo clinic where it may not be loaded, or when it breaks off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from tests.making import NOW, make_site

from stepwell.accounts.models import User
from stepwell.audit.models import Entry
from stepwell.cli import demo
from stepwell.clinic.people.models import Site
from stepwell.project.unready import Unready


def test_another_clinic_is_left_alone(committed_database: None):
    make_site("Somebody's clinic")
    with pytest.raises(Unready, match="holds another clinic"):
        demo.load(at=NOW)
    assert not demo.is_loaded()
    connection.close()


def test_what_breaks_off_leaves_nothing(committed_database: None, monkeypatch: pytest.MonkeyPatch):
    def power_cut(*_: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("stepwell.cli.demo.money.follow_rules", power_cut)
    with pytest.raises(RuntimeError, match="power cut"):
        demo.load(at=NOW)
    assert (Site.objects.count(), User.objects.count(), Entry.objects.count(), demo.is_loaded()) == (
        0,
        0,
        0,
        False,
    )
    connection.close()


def test_it_loads_on_a_monday_after_midnight_when_two_results_are_still_out(committed_database: None):
    """At that hour a reward is refused; once the whole loading broke off over it."""
    assert demo.load(at=datetime(2026, 11, 23, 5, 27, tzinfo=UTC))
    assert demo.is_loaded()
    connection.close()
