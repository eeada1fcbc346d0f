"""Thousands of actions in one transaction: as quick as can be, and the few among them that may be refused."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import connection, transaction

from stepwell.accounts.live_topics import unheard
from stepwell.audit import trail
from stepwell.clinic.ahead import all_planned_once
from stepwell.clinic.refusal import Refused

_STATEMENTS = 500
"""Different statements of all the actions together, with room to spare."""


@contextmanager
def in_one_piece() -> Iterator[None]:
    """Every action within is part of the one transaction, without a savepoint of its own: a refusal ends it all,
    unless it is foreseen by `unless_refused`.

    Thousands of savepoints, a plan for each statement, the news of each action to pages that nobody has open, a
    statement for each entry of the trail and the collector's walks over what is kept anyway would double the time.
    """
    gc.disable()
    try:
        with _savepoints(False), all_planned_once(_STATEMENTS), unheard(), trail.kept_together():
            yield
    finally:
        gc.enable()


@contextmanager
def unless_refused() -> Iterator[None]:
    """One action that is refused on some days, as a test whose result is not in yet earns nothing: a savepoint of its
    own lets the refusal take back nothing else."""
    with _savepoints(True), suppress(Refused), transaction.atomic():
        yield


@contextmanager
def _savepoints(used: bool) -> Iterator[None]:
    before = connection.features.uses_savepoints
    connection.features.uses_savepoints = used
    try:
        yield
    finally:
        connection.features.uses_savepoints = before
