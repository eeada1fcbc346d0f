"""The pictures of the README: taken anew with STEPWELL_PICTURES=1, else only looked for.

The demo lives in the week of today, and pictures shall show a full day of work: on a weekend they are refused. Take
them on a weekday afternoon, or let the clock say so: `faketime -f '@2026-11-18 19:00:00' pytest …`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import postgres
from tests.journeys.looking import DESK, PHONE
from tests.journeys.walking import sign_in
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PICTURES = postgres.CHECKOUT / "docs" / "pictures"
MOST = 300_000
"""Bytes of one picture."""


def test_the_week_has_its_picture(clinic: Clinic, window: Callable[..., BrowserContext]) -> None:
    page = sign_in(window, "director@demo.example", viewport=DESK, color_scheme="light")
    page.goto("/week/")
    expect(page.locator(".well").first).to_be_visible()
    _picture(page, "week.png")


def test_the_pocket_has_its_picture(clinic: Clinic, window: Callable[..., BrowserContext]) -> None:
    page = sign_in(
        window, "patient@demo.example", viewport=PHONE, color_scheme="light", device_scale_factor=2
    )
    page.goto("/my/")
    expect(page.get_by_role("heading", name="Hello, Ana")).to_be_visible()
    _picture(page, "pocket.png")


def test_the_session_room_has_its_picture(clinic: Clinic, window: Callable[..., BrowserContext]) -> None:
    page = sign_in(window, "facilitator@demo.example", viewport=DESK, color_scheme="light")
    page.goto("/notes/")
    page.locator('main a[href^="/sessions/"]').first.click()
    expect(page.locator(".room-person").first).to_be_visible()
    _picture(page, "session.png")


def _picture(page: Page, name: str) -> None:
    path = PICTURES / name
    if os.environ.get("STEPWELL_PICTURES") == "1":
        assert datetime.now(UTC).weekday() < 5, (
            "take the pictures on a weekday; today the demo is nearly empty"
        )
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=path, animations="disabled")
    assert path.is_file(), f"{path} is missing; take it with STEPWELL_PICTURES=1"
    assert path.stat().st_size < MOST
