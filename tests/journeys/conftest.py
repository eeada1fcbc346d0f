"""A real clinic in real processes with the demo clinic in it, and a real Chromium to walk through it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from stepwell.cli.demo import LOGINS, PASSWORD
from tests import chromium, postgres
from tests.operate.ground import Clinic, free_ports, surroundings

_DEMO = "demo_clinic"

expect.set_options(timeout=20_000)  # as long as a press waits: a test machine may have much to do


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with the demo clinic in it; the first of the parallel processes loads it."""
    environment = postgres.test_environment()
    if environment.database_url:
        pytest.skip("journeys copy databases on the tests' own server; DATABASE_URL names another")
    with (environment.home / "demo-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = environment.home / "demo-loaded"
        if not done.exists():
            postgres.copy_database(_DEMO)
            variables = surroundings(tmp_path_factory.mktemp("load"), free_ports())
            subprocess.run(
                [sys.executable, "-m", "stepwell", "load-demo"],
                check=True,
                env=variables | {"DATABASE_URL": _url(_DEMO), "STEPWELL_DEMO": "1"},
            )
            done.touch()
    return _DEMO


@pytest.fixture(scope="module")
def clinic(
    request: pytest.FixtureRequest, demo_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clinic]:
    """`stepwell demo` on a copy of the demo clinic: pages, live stream and job worker, for one file of tests.

    A file that wants more than one page process says so in `PAGE_PROCESSES`.
    """
    name = f"journey_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.urandom(3).hex()}"
    postgres.copy_database(name, demo_database)
    folder = tmp_path_factory.mktemp("clinic")
    folder.joinpath("home").mkdir()
    port = free_ports()
    running = Clinic(
        folder / "home",
        port,
        ("demo",),
        further={
            "DATABASE_URL": _url(name),
            "STEPWELL_DEMO": "1",
            "STEPWELL_LIVE_URL": f"http://127.0.0.1:{port + 1}/live",  # no proxy stands in between
            "STEPWELL_WORKERS": str(getattr(request.module, "PAGE_PROCESSES", 1)),
        },
    )
    running.start()
    yield running
    running.stop()
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.found(), args=list(chromium.FLAGS))
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser, clinic: Clinic) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser of its own for one person; closed after the test."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        options.setdefault("viewport", {"width": 1440, "height": 900})
        context = browser.new_context(base_url=f"http://127.0.0.1:{clinic.port}", **options)
        context.set_default_timeout(20_000)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def signed_in_page(window: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page on which that demo login has signed in by the form, as a person does."""

    def sign_in(who: str, **options: Any) -> Page:
        page = window(**options).new_page()
        email = next(login.email for login in LOGINS if login.email.startswith(f"{who}@"))
        page.goto("/accounts/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/" not in url)
        return page

    return sign_in


def _url(name: str) -> str:
    found = postgres.test_environment().connection_parameters
    return f"postgresql://{found['user']}@/{name}?host={found['host']}&port={found['port']}"
