"""What people do on a page, in their own words: sign in, choose, fill in, press."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from stepwell.cli.demo import PASSWORD
from tests.journeys.looking import loaded
from tests.operate.ground import Clinic

ZONE = ZoneInfo("America/New_York")
"""Of the demo clinic's site."""


def sign_in(window: Callable[..., BrowserContext], email: str, **options: Any) -> Page:
    """A browser of their own, signed in by the form."""
    page = window(**options).new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    return page


def choose(within: Page | Locator, question: str, answer: str) -> None:
    """Ticks an answer of a question with several."""
    group = within.get_by_role("group", name=re.compile(rf"^\W*{re.escape(question)}", re.IGNORECASE)).last
    group.get_by_label(answer, exact=True).first.check()


def fill(within: Page | Locator, **answers: str) -> None:
    """Fills fields by their labels: `_` is a blank."""
    for label, answer in answers.items():
        words = re.escape(label.replace("_", " ")).replace(r"\ ", " ")
        within.get_by_label(re.compile(rf"^{words}", re.IGNORECASE)).first.fill(answer)


class Clicks:
    """Clicks and counts; typing into a field is no click, as Tab leads to the next."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, what: Locator) -> None:
        what.click()
        loaded(what.page)
        self.count += 1


def press(within: Page | Locator, name: str) -> None:
    """Presses the button or follows the link of that name."""
    button = within.get_by_role("button", name=name, exact=True)
    link = within.get_by_role("link", name=name, exact=True)
    wanted = button.or_(link).first
    wanted.click()
    loaded(wanted.page)


def answer_dialog(page: Page, yes: str) -> None:
    """Says yes to the question asked in a dialog."""
    page.get_by_role("dialog").get_by_role("button", name=yes).click()


def told(page: Page, words: str) -> None:
    """The page says so."""
    expect(page.get_by_text(words).first).to_be_visible()


def local(at: datetime) -> datetime:
    """The instant on the clock of the site."""
    return at.astimezone(ZONE)


def code_of(clinic: Clinic, given: str, family: str) -> str:
    """The code in the address of that person's chart."""
    return str(
        clinic.query(
            "SELECT code FROM clinic_patient WHERE given_name = %s AND family_name = %s", given, family
        )[0][0]
    )


def not_around_midnight() -> None:
    """A session held for this test lies within one day of the clinic; around midnight there is no room for it."""
    now = local(datetime.now(UTC))
    if now.hour < 4 or (now.hour == 23 and now.minute >= 20):  # the longest one began three hours ago
        pytest.skip("it is around midnight at the demo clinic: a session held now would cross the day")
