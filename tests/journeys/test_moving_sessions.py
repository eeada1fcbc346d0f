"""A draft week changed by hand in a browser: by keys alone, by drag, by a form on a phone; undone; readable by everybody."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, expect

from tests.journeys.looking import PHONE, barriers, complaints_of, too_wide
from tests.journeys.walking import fill, press, sign_in
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TALL: ViewportSize = {"width": 1440, "height": 1300}
"""The whole board in one window: a drag does not scroll."""
TABLET: ViewportSize = {"width": 1180, "height": 820}


def test_a_session_is_moved_by_keys_alone_and_put_back(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = _draft(sign_in(window, "director@demo.example", viewport=TALL))
    with complaints_of(page) as faults:
        card, day, start = _free_card(page)
        number = card.get_attribute("data-session")
        card.focus()
        page.keyboard.press("Enter")
        _said(page, "is lifted. Move it with the arrow keys")
        page.keyboard.press("ArrowDown")
        _said(page, " " + _minute(start + 15))
        assert _place(clinic, number) == (day, start), "the check has written something"
        page.keyboard.press("Escape")
        _said(page, "It is back where it was.")
        assert page.evaluate("document.activeElement.id") == f"s-{number}"

        page.keyboard.press("Enter")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        _said(page, " " + _minute(start + 30))
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=re.compile("^Undo moving"))).to_be_visible()
        assert _place(clinic, number) == (day, start + 30)
        assert page.evaluate("document.activeElement.id") == f"s-{number}", "the card has lost the focus"

        page.keyboard.press("Control+z")
        _said(page, "Undone: ")
        assert _place(clinic, number) == (day, start)
        page.keyboard.press("Control+Shift+z")
        _said(page, "Made again: ")
        assert _place(clinic, number) == (day, start + 30)
        page.keyboard.press("Control+z")
        _said(page, "Undone: ")
        assert barriers(page) == []
    assert faults == []


def test_a_session_is_dragged_checked_dropped_and_undone(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = _draft(sign_in(window, "director@demo.example", viewport=TALL))
    with complaints_of(page) as faults:
        card, day, start = _free_card(page)
        number = card.get_attribute("data-session")
        block = card.locator("xpath=..").bounding_box()
        hour = page.locator(".board-day .board-grid").first.bounding_box()
        assert block
        assert hour
        per_hour = hour["height"] / _hours(page)
        x, y = block["x"] + 30, block["y"] + 12
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y + 20, steps=3)
        page.mouse.move(x, y + per_hour, steps=5)
        _said(page, " " + _minute(start + 60))
        page.mouse.up()
        expect(page.get_by_role("button", name=re.compile("^Undo moving"))).to_be_visible()
        assert _place(clinic, number) == (day, start + 60)
        assert "/versions/" in page.url, "a drag has followed the card's link"
        page.get_by_role("button", name=re.compile("^Undo moving")).click()
        _said(page, "Undone: ")
        assert _place(clinic, number) == (day, start)
    assert faults == []


def test_a_finger_that_rests_lifts_a_session_and_one_that_glides_scrolls(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = _draft(sign_in(window, "director@demo.example", viewport=TABLET, has_touch=True))
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    with complaints_of(page) as faults:
        card, day, start = _free_card(page)
        number = card.get_attribute("data-session")
        card.scroll_into_view_if_needed()
        block = card.locator("xpath=..").bounding_box()
        grid = page.locator(".board-day .board-grid").first.bounding_box()
        assert block
        assert grid
        per_hour = grid["height"] / _hours(page)
        x, y = block["x"] + 30, block["y"] + 12
        touch("touchStart", x, y)
        for n in range(1, 9):
            touch("touchMove", x, y - 15 * n)
        touch("touchEnd")
        expect(page.locator(".lifted")).to_have_count(0)
        assert _place(clinic, number) == (day, start), "a finger that scrolls has moved a session"
        assert "/versions/" in page.url, "a finger that scrolls has followed a link"

        card.scroll_into_view_if_needed()
        block = card.locator("xpath=..").bounding_box()
        assert block
        x, y = block["x"] + 30, block["y"] + 12
        touch("touchStart", x, y)
        expect(page.locator(".lifted")).to_have_count(1)
        _said(page, "is lifted")
        scrolled = page.evaluate("scrollY")
        for part in (0.25, 0.5, 0.75, 1.0):
            touch("touchMove", x, y - part * per_hour)
        _said(page, " " + _minute(start - 60))
        assert _place(clinic, number) == (day, start), "the check has written something"
        assert page.evaluate("scrollY") == scrolled, (
            "the page scrolls away under a finger that holds a session"
        )
        touch("touchEnd")
        expect(page.get_by_role("button", name=re.compile("^Undo moving"))).to_be_visible()
        assert _place(clinic, number) == (day, start - 60)
        assert "/versions/" in page.url, "a finger that puts down has followed the card's link"
        page.get_by_role("button", name=re.compile("^Undo moving")).tap()
        _said(page, "Undone: ")
        assert _place(clinic, number) == (day, start)
        assert barriers(page) == []
    assert faults == []


def test_a_mend_is_one_click_and_a_lock_keeps_a_session(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = _draft(sign_in(window, "director@demo.example", viewport=TALL))
    with complaints_of(page) as faults:
        mend = page.locator(".plan-notices button").first
        words = mend.inner_text()
        mend.click()
        expect(page.get_by_role("button", name=re.compile("^Undo "))).to_be_visible()
        expect(page.locator(".plan-notices").get_by_role("button", name=words, exact=True)).to_have_count(0)
        page.keyboard.press("Control+z")
        _said(page, "Undone: ")

        card, _, _ = _free_card(page)
        number = card.get_attribute("data-session")
        page.locator(f"#lock-{number}").focus()
        page.keyboard.press("Enter")
        _said(page, " is locked.")
        expect(page.locator(f"#s-{number}[data-free]")).to_have_count(0)
        page.locator(f"#lock-{number}").focus()
        page.keyboard.press("Enter")
        _said(page, " is unlocked.")
    assert faults == []


def test_on_a_phone_a_session_is_moved_by_a_form_in_two_steps(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = _draft(sign_in(window, "director@demo.example", viewport=PHONE))
    with complaints_of(page) as faults:
        assert too_wide(page) == []
        assert barriers(page) == []
        card = page.locator(".board-day.opens a[data-free]").first
        number = card.get_attribute("data-session")
        day, start = _place(clinic, number)
        card.click()
        expect(page.get_by_role("heading", name="Move this session")).to_be_visible()
        assert too_wide(page) == []
        assert barriers(page) == []
        later = start + 15
        fill(page, From=f"{later // 60:02}:{later % 60:02}")
        press(page, "See what it would do")
        expect(page.get_by_role("heading", name="This move would do this")).to_be_visible()
        assert _place(clinic, number) == (day, start)
        page.get_by_role("button", name=re.compile("^Move it")).click()
        page.wait_for_url("**/versions/**")
        assert _place(clinic, number) == (day, later)
        page.get_by_role("button", name=re.compile("^Undo moving")).click()
        _said(page, "Undone: ")
        assert _place(clinic, number) == (day, start)
    assert faults == []


def test_every_way_to_look_at_a_draft_is_readable(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = _draft(sign_in(window, "director@demo.example", viewport=TALL))
    home = page.url
    with complaints_of(page) as faults:
        for by in ("day", "room", "leader", "patient"):
            page.goto(f"{home}?by={by}")
            expect(page.locator(".plan-board")).to_be_visible()
            assert too_wide(page) == [], by
            assert barriers(page) == [], by
    assert faults == []


def _draft(page: Page) -> Page:
    """The page of a draft of the week after this one, as the calendar stands."""
    page.goto("/planning/")
    page.get_by_role("button", name=re.compile("^Plan the week of")).nth(1).click()
    page.wait_for_url(lambda url: not url.endswith("/planning/"))
    if "/versions/" not in page.url:
        page.locator('main a[href*="/planning/versions/"]').first.click()
        page.wait_for_url("**/versions/**")
    expect(page.locator(".plan-board")).to_be_visible()
    return page


def _free_card(page: Page) -> tuple[Locator, int, int]:
    """A card that stands alone in its lane, with its day of the week and its minute of the day."""
    card = page.locator(".board-place.w-12 a[data-free]").first
    start = int(card.get_attribute("data-start") or 0)
    return card, start // 1440, start % 1440


def _place(clinic: Clinic, number: str | None) -> tuple[int, int]:
    """Day of the week and minute of the day at which the draft has the session now."""
    ((day, minute),) = clinic.query(
        "SELECT s.local_date - w.starts_on, extract(hour FROM s.starts AT TIME ZONE site.zone) * 60"
        " + extract(minute FROM s.starts AT TIME ZONE site.zone)"
        " FROM clinic_plannedsession s JOIN clinic_weekversion v ON v.id = s.version_id"
        " JOIN clinic_week w ON w.id = v.week_id JOIN clinic_site site ON site.id = w.site_id WHERE s.id = %s",
        int(number or 0),
    )
    return int(str(day)), int(float(str(minute)))


def _said(page: Page, words: str) -> None:
    """The live line says so."""
    expect(page.locator(".board-say")).to_contain_text(words)


def _minute(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"{hour % 12 or 12}:{rest:02} {'am' if hour < 12 else 'pm'}"


def _hours(page: Page) -> float:
    first, last = (page.locator("#board-parts").get_attribute(f"data-{name}") for name in ("first", "last"))
    return (int(last or 0) - int(first or 0)) / 60
