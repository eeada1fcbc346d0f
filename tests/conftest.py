"""What every test stands on: the database, and the browser where there is one."""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests import chromium, postgres

# Before the first query, and in every parallel process: the first one starts the server.
settings.DATABASES["default"].update(postgres.database_settings())
# Every client of a test has middlewares of its own: they look for a static file when it is asked for, and do not list
# all of them each time.
settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker) -> Iterator[None]:
    """This process's own database: a copy of the migrated one."""
    if os.environ.get("DATABASE_URL"):
        request.getfixturevalue("django_test_environment")
        from django.test.utils import setup_databases, teardown_databases

        request.getfixturevalue("django_db_modify_db_settings")
        with django_db_blocker.unblock():
            made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        yield
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)
        return
    from django.db import connection

    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    postgres.copy_database(name)
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    yield
    connection.close()


@pytest.fixture
def committed_database(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """A database of this test's own, in which commits are real: for other processes, threads, races and
    crashes. Instead of `django_db(transaction=True)`, whose emptying of tables the audit trail refuses."""
    from django.db import connections

    connection = connections["default"]
    usual = connection.settings_dict["NAME"]
    own = f"{usual}_own"
    connection.close()
    postgres.copy_database(own, source=usual)
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
    try:
        with django_db_blocker.unblock():
            yield
    finally:
        connections.close_all()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = usual
        postgres.drop_database(own)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's program; tests that use it are marked `browser`."""
    path = chromium.found()
    assert path, f"{chromium.MISSING}: {chromium.HOW}"
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a Chromium, browser tests are skipped, unless STEPWELL_REQUIRE_BROWSER=1."""
    if chromium.found() or os.environ.get("STEPWELL_REQUIRE_BROWSER") == "1":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=chromium.MISSING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One closing line for what did not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    without = sum(chromium.MISSING in str(report.longrepr) for report in skipped)
    if without:
        terminalreporter.write_line(
            f"{without} browser tests did not run: {chromium.MISSING}; {chromium.HOW}."
        )
