"""The demo clinic as a database: loaded once for all parallel processes, then copied."""

from __future__ import annotations

import dataclasses
import fcntl
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests import postgres
from tests.making import NOW

LOADED = "demo_loaded"


def copy_loaded_demo(name: str, migrated: str) -> float:
    """Makes the database `name` with the demo clinic around `tests.making.NOW`, and connects to it.

    The first process to ask loads it, into a copy of the database `migrated`; returns the seconds of work that
    this took then. Whoever calls puts the usual database back and drops this one.
    """
    connection.close()
    home = Path(postgres.test_environment().home)
    note = home / f"{LOADED}.seconds"
    with (home / f"{LOADED}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            note.write_text(str(_load(migrated)))
        postgres.copy_database(name, source=LOADED)
    connect_to(name)
    return float(note.read_text())


def connect_to(name: Any) -> None:
    """Django's queries go there from now on."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _load(migrated: str) -> float:
    from stepwell.cli import demo

    # The untouched one where there is one: in `migrated` earlier tests have used up numbers of rows, from which
    # the random days of drug tests are drawn.
    postgres.copy_database(LOADED, source=migrated if os.environ.get("DATABASE_URL") else "stepwell")
    connect_to(LOADED)
    began, worked = time.monotonic(), time.process_time()
    usual = settings.ENVIRONMENT
    settings.ENVIRONMENT = dataclasses.replace(
        usual, demo=True
    )  # as in `load-demo`: one payer answers by itself
    try:
        assert demo.load(at=NOW) is True
    finally:
        settings.ENVIRONMENT = usual
    took = time.process_time() - worked
    os.write(
        2,
        f"\nThe demo clinic took {time.monotonic() - began:.0f} s, {took:.0f} s of them work of Python.\n".encode(),
    )
    connection.close()
    return took
