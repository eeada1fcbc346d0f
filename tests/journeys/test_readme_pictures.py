"""The pictures of the README and of the docs: taken anew with STEPWELL_PICTURES=1, else only looked for.

The demo lives in the week of today, and pictures shall show a full day of work: on a weekend they are refused. Take
them on a weekday afternoon, or let the clock say so: `faketime -f '@2026-11-18 19:00:00' pytest …`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

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


def test_the_likeness_beside_a_part_has_its_picture(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page, _ = _room_in_progress(clinic, window)
    person = page.locator(".room-person:has(textarea[id$=-text])").first
    expect(person.locator(".room-alike")).to_contain_text("much alike")
    expect(person.locator(".room-lacks")).to_contain_text("Add one sentence that is only about")
    _picture(page, "likeness.png", person)


def test_the_signature_and_the_note_in_a_chart_have_their_pictures(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page, session = _room_in_progress(clinic, window)
    for number, person in enumerate(page.locator(".room-person:has(textarea[id$=-text])").all()):
        person.locator("textarea[id$=-text]").fill(OWN[number % len(OWN)])
        for question in ("participation", "response"):
            if person.locator(f"input[name$=-{question}]:checked").count() == 0:
                person.locator(f"input[name$=-{question}]").first.check()
    page.get_by_role("button", name="No risk seen in the others").click()
    expect(page.locator("#standing")).to_contain_text("Nothing is missing")
    bar = page.locator(".room-sign")
    bar.scroll_into_view_if_needed()
    _picture(page, "sign.png", bar)
    page.get_by_role("button", name="Sign the note").click()
    expect(page.get_by_role("heading", name="Signatures")).to_be_visible()
    page.locator(f'main a[href$="/notes/{_note_of(clinic, session)}/"]').first.click()
    expect(page.locator(".note-signed")).to_be_visible()
    _picture(page, "chart-note.png")


OWN = (
    "Named the walk past the corner shop as the place where it begins, and drew a way around it.",
    "Practiced the call home aloud and will make it on Thursday evening.",
    "The urge on Sunday lasted as long as the washing up; counting breaths carried through it.",
    "Payday is the hard day; the card stays with a friend until the rent is paid.",
    "Nights are short since the new shift, and the plan for the first hour at home was changed.",
    "Said that meetings help more than expected and asked for one nearer to work.",
    "Brought the homework, told what was hard about it and chose the next small step.",
    "Wants to be home for the children's dinner twice this week, sober and on time.",
    "Worried about the hearing; wrote three sentences to say to the attorney.",
    "Left the party after an hour, as planned, and was proud of the ride home.",
    "Found the grounding exercise silly at first and used it in the elevator all the same.",
    "Asked the group for nothing today, listened and wrote one page.",
)


def _room_in_progress(clinic: Clinic, window: Callable[..., BrowserContext]) -> tuple[Page, int]:
    """An open session of the facilitator: everybody is here, and the first two parts are copies of one another."""
    page = sign_in(window, "facilitator@demo.example", viewport=DESK, color_scheme="light")
    page.goto("/notes/")
    page.locator('main a[href^="/sessions/"]').first.click()
    expect(page.locator("sw-keep[ready]")).to_have_count(1)
    session = int(page.url.rstrip("/").rsplit("/", 1)[-1])
    here = page.get_by_role("button", name="All here")
    here.click()
    expect(page.locator("#recorded")).to_contain_text(re.compile(r"(\d+) of \1 recorded"))
    parts = page.locator(".room-person textarea[id$=-text]")
    for number in (0, 1):
        parts.nth(number).fill("Drew the curve of the last urge and named what helped.")
    expect(page.locator("#saved")).to_contain_text("saved", ignore_case=True)
    return page, session


def _note_of(clinic: Clinic, session: int) -> int:
    return int(clinic.query("SELECT id FROM clinic_note WHERE occurrence_id = %s", session)[0][0])


def _picture(page: Page, name: str, of: Locator | None = None) -> None:
    """Of the window, or of one part of the page."""
    path = PICTURES / name
    if os.environ.get("STEPWELL_PICTURES") == "1":
        assert datetime.now(UTC).weekday() < 5, (
            "take the pictures on a weekday; today the demo is nearly empty"
        )
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.evaluate("document.fonts.ready")
        (of or page).screenshot(path=path, animations="disabled")
    assert path.is_file(), f"{path} is missing; take it with STEPWELL_PICTURES=1"
    assert path.stat().st_size < MOST
