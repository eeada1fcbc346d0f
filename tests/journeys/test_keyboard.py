"""No mouse: signing in, walking the week's board, and a group note from the first tap to the signature."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from stepwell.cli.demo import PASSWORD
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

_MOST = 400
"""Tabs until something counts as out of reach."""


def test_a_group_note_is_signed_by_keyboard_alone(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = window().new_page()
    page.goto("/accounts/login/")
    _go_to(page, 'input[type="email"], input[name="login"]')
    page.keyboard.type("facilitator@demo.example")
    _go_to(page, 'input[type="password"]')
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)

    page.goto("/week/")
    _go_to(page, 'main a[href^="/sessions/"]')
    assert _is_seen(page), "what has the focus on the board cannot be seen"
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/*/")

    page.goto("/notes/")
    _go_to(page, 'main a[href^="/sessions/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/*/")
    _go_to(page, 'button[formaction$="/all-here/"]')
    page.keyboard.press("Enter")
    expect(page.get_by_text("recorded").first).to_be_visible()
    _go_to(page, "#shared")
    page.keyboard.press("End")
    page.keyboard.type(" All of it was practiced.")
    _go_to(page, '.room-person input[type="radio"]')
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    _go_to(page, 'button[formaction$="/signature/"]')
    assert _is_seen(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Signatures")).to_be_visible()


def _go_to(page: Page, selector: str) -> None:
    """Presses Tab until an element of that kind has the focus, from where the page is now."""
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {_MOST} tabs on {page.url}")


def _is_seen(page: Page) -> bool:
    """Whether the element with the focus (or the block it fills) shows it and nothing lies over it (WCAG 2.4.7 and 2.4.11)."""
    seen: bool = page.evaluate(
        """() => {
          const each = document.activeElement, box = each.getBoundingClientRect();
          const marked = [each, each.parentElement].map((one) => getComputedStyle(one));
          const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
          return marked.some((style) => style.outlineStyle !== "none") && each.contains(top);
        }"""
    )
    return seen
