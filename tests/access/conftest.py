"""One world, made once for each process in a database of its own; every test works in a copy that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connections, transaction

from tests import postgres
from tests.access.world import World, make_world
from tests.making import NOW


@pytest.fixture(scope="session")
def world_database(django_db_setup: None, django_db_blocker) -> Iterator[tuple[str, World]]:
    """The name of a database with the world in it, committed, and where in it everything is."""
    connection = connections["default"]
    usual = connection.settings_dict["NAME"]
    own = f"{usual}_world"
    connection.close()
    postgres.copy_database(own, source=usual)
    connection.settings_dict["NAME"] = own
    try:
        with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
            made = make_world()
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            # The planner knows the rows, and compiles nothing for them: both only cost time here.
            cursor.execute("ANALYZE")
            cursor.execute(f'ALTER DATABASE "{own}" SET jit = off')
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = usual
    yield own, made
    postgres.drop_database(own)


@pytest.fixture(scope="module")
def connected(world_database: tuple[str, World], django_db_blocker) -> Iterator[World]:
    """The connection leads to the world for a whole module: it is opened, and its statements are planned, once."""
    connection = connections["default"]
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"], made = world_database
    try:
        yield made
    finally:
        with django_db_blocker.unblock():
            connections.close_all()
        connection.settings_dict["NAME"] = usual


@pytest.fixture
def world(connected: World, django_db_blocker, settings) -> Iterator[World]:
    """The world, the clock at `NOW`, nobody asked for a second factor; what the test writes is taken back."""
    settings.STEPWELL_DEMO = True
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        yield connected
        transaction.set_rollback(True)
