"""Loading the demo clinic where it may not be loaded, or when it breaks off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from tests.making import NOW, make_site

from stepwell.accounts.models import User
from stepwell.audit.models import Entry
from stepwell.cli import demo
from stepwell.cli.demo.one_piece import in_one_piece, unless_refused
from stepwell.clinic.drug_tests.models import RewardEntry
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Refused
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


def test_on_a_monday_after_midnight_there_is_a_whole_clinic(committed_database: None):
    """Results of the week are still out at that hour: once the whole loading broke off over a reward that was
    refused, and once nobody was handed anything."""
    assert demo.load(at=datetime(2026, 11, 23, 6, 40, tzinfo=UTC))
    assert RewardEntry.objects.filter(kind="earned").count() > 3
    assert RewardEntry.objects.filter(kind="handed").exists()
    connection.close()


def test_what_is_refused_and_foreseen_takes_back_only_itself(committed_database: None):
    with transaction.atomic(), in_one_piece():
        make_site("Before")
        with unless_refused():
            make_site("Within")
            raise Refused("Not today.")
        make_site("After")
    assert set(Site.objects.values_list("name", flat=True)) == {"Before", "After"}


def test_what_is_refused_and_not_foreseen_takes_back_everything(committed_database: None):
    def loading() -> None:
        with transaction.atomic(), in_one_piece():
            make_site("Before")
            raise Refused("Not today.")

    with pytest.raises(Refused):
        loading()
    assert not Site.objects.exists()
