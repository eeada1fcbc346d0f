"""A stranger with a phone and without JavaScript finds where and when, in English and in Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.looking import DESK, PHONE, barriers, complaints_of, too_wide
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WORDS = {
    "en": ("/", "Find a program", "Your ZIP code", "Show programs", "Next start"),
    "es": ("/es/", "Buscar programa", "Su código postal (ZIP)", "Ver programas", "Próximo inicio"),
}


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser, clinic: Clinic) -> Iterator[Page]:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{clinic.port}", viewport=PHONE, java_script_enabled=request.param
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["en", "es"])
def test_from_the_front_door_to_the_place_next_to_it(page: Page, language: str) -> None:
    home, find, zip_code, show, next_start = WORDS[language]
    with complaints_of(page) as heard:
        page.goto(home)
        page.get_by_role("navigation").get_by_role("link", name=find).click()
        page.get_by_label(zip_code).fill("31405")
        page.get_by_role("button", name=show).click()
        expect(page.get_by_role("heading", level=3).first).to_contain_text("Savannah")
        assert "31405" not in page.url
        page.get_by_role("link", name=re.compile("^1: Savannah, ")).click()
        assert page.url.endswith("#place-1")
        page.get_by_role("heading", level=3).first.get_by_role("link").click()
        expect(page.get_by_text(next_start).first).to_be_visible()
        expect(page.get_by_role("link", name="912-555-0170").first).to_be_visible()
    assert heard == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_list_with_its_map_fits_and_axe_finds_nothing(
    browser: Browser, clinic: Clinic, language: str, size: dict[str, int]
) -> None:
    context = browser.new_context(base_url=f"http://127.0.0.1:{clinic.port}", viewport=size)
    page = context.new_page()
    home, _, zip_code, show, _ = WORDS[language]
    page.goto(f"{home}find/")
    page.get_by_label(zip_code).fill("30317")
    page.get_by_role("button", name=show).click()
    expect(page.locator(".find-map a")).to_have_count(3)
    assert (too_wide(page), barriers(page)) == ([], [])
    page.get_by_label(zip_code).fill("00000")
    page.get_by_role("button", name=show).click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert (too_wide(page), barriers(page)) == ([], [])
    context.close()
