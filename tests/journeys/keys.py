"""A person without a mouse: Tab to a thing, see that it has the focus, press it, type, choose with the arrows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from stepwell.cli.demo import PASSWORD
from tests.journeys.looking import barriers, too_wide

_MOST = 400
"""Tabs until something counts as out of reach."""
_NO_MOUSE = """
for (const type of ["pointerdown", "mousedown", "touchstart"])
  addEventListener(type, () => console.error("a pointer was used"), true);
"""
"""A press of Enter makes a click too, but never one of these: whoever listens for complaints hears of a mouse."""


def sign_in_by_keys(window: Callable[..., BrowserContext], email: str, **options: Any) -> Page:
    """A browser of their own in which every pointer is a complaint; signed in by typing."""
    page = window(**options).new_page()
    page.add_init_script(_NO_MOUSE)
    page.goto("/accounts/login/")
    go_to(page, 'input[name="login"]')
    page.keyboard.type(email)
    go_to(page, 'input[type="password"]')
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    return page


def go_to(page: Page, selector: str, words: str = "") -> None:
    """Presses Tab until an element of that kind, with these words, has the focus, from where the page is now."""
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        if page.evaluate(
            """([wanted, words]) => {
              const each = document.activeElement, said = each.getAttribute("aria-label") ?? each.textContent;
              return each.matches(wanted) && said.replace(/\\s+/g, " ").includes(words);
            }""",
            [selector, words],
        ):
            return
    raise AssertionError(f"{selector} {words!r} is not reached by {_MOST} tabs on {page.url}")


def press(page: Page, words: str, selector: str = "a[href], button") -> None:
    """Goes to the link or button with these words, which can be seen there, and presses Enter."""
    go_to(page, selector, words)
    assert is_seen(page), f"{words!r} on {page.url} has the focus and cannot be seen"
    page.keyboard.press("Enter")


def choose(page: Page, selector: str, label: str) -> None:
    """Goes to a list of choices and takes the one of that label with the arrow keys."""
    go_to(page, selector)
    wanted, now = page.evaluate(
        """(label) => {
          const each = document.activeElement;
          return [[...each.options].findIndex((one) => one.label === label), each.selectedIndex];
        }""",
        label,
    )
    assert wanted >= 0, f"{selector} does not offer {label!r}"
    for _ in range(abs(wanted - now)):
        page.keyboard.press("ArrowDown" if wanted > now else "ArrowUp")
    assert page.evaluate("document.activeElement.selectedOptions[0].label") == label


def write(page: Page, selector: str, what: str | date | time) -> None:
    """Goes to a field and types; a day and a time as an American keyboard does."""
    go_to(page, selector)
    if isinstance(what, time):
        what = what.strftime("%I%M%p")
    elif isinstance(what, date):
        what = what.strftime("%m%d%Y")
    else:
        page.keyboard.press("Control+a")
    page.keyboard.type(what)


def is_seen(page: Page) -> bool:
    """Whether the element with the focus (or the block it fills) shows it and nothing lies over it (WCAG 2.4.7 and 2.4.11)."""
    seen: bool = page.evaluate(
        """() => {
          const each = document.activeElement, box = each.getBoundingClientRect();
          const marked = [each, each.parentElement].map((one) => getComputedStyle(one));
          const line = [...each.getClientRects()].find((one) => one.width && one.height) ?? box;
          const top = document.elementFromPoint(line.left + line.width / 2, line.top + line.height / 2);
          return marked.some((style) => style.outlineStyle !== "none") && each.contains(top);
        }"""
    )
    return seen


def arrived(page: Page, heading: str | re.Pattern[str]) -> None:
    """The page of that heading is there, as wide as the window and readable by everybody."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    faults = too_wide(page) + barriers(page)
    assert not faults, faults  # this file's asserts say no more by themselves
