"""A stranger with a phone finds out whether, where, when and for how much, and asks; in English and in Spanish."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from stepwell.front.content import load
from tests.journeys.looking import PHONE, barriers, complaints_of, too_wide
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NEAR = "30303"
"""A ZIP code of the demo clinic's city."""


@pytest.mark.parametrize(("prefix", "language"), [("", "en"), ("/es", "es")])
def test_a_stranger_finds_out_whether_where_when_and_for_how_much(clinic, window, prefix, language):
    said = {name: load(name, language) for name in ("frame", "home", "fit", "find", "cost", "ask")}
    nav = {item["page"]: item["label"] for item in said["frame"]["nav"]}
    page: Page = window(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    with complaints_of(page) as faults:
        page.goto(f"{prefix}/")
        heading(page, said["home"]["title"])
        faults += looked_at(page)

        # Whether: most days, trouble, safe at home, days taken.
        page.get_by_role("link", name=nav["fit"]).first.click()
        heading(page, said["fit"]["title"])
        for key, answer in (("use", "most"), ("harm", "much"), ("home", "safe"), ("work", "daytime")):
            question = said["fit"]["questions"][key]
            group = page.get_by_role("group", name=question["ask"])
            group.get_by_label(question["answers"][answer], exact=True).check()
        page.get_by_role("button", name=said["fit"]["show"]).click()
        heading(page, said["fit"]["care"]["iop"])
        expect(page.get_by_text(said["fit"]["reasons"]["work_daytime"])).to_be_visible()
        faults += looked_at(page)

        # Where and when: the nearest one with an evening that has a free seat.
        page.get_by_role("main").get_by_role("link", name=nav["find"]).click()
        page.get_by_label(said["find"]["zip"]).fill(NEAR)
        page.get_by_role("button", name=said["find"]["show"]).click()
        first = page.locator(".find-card").first
        expect(first).to_contain_text(re.compile(blanks_filled(said["find"]["next_start"])))
        faults += looked_at(page)
        first.get_by_role("heading").get_by_role("link").click()
        expect(page.get_by_role("heading", name=said["find"]["where_title"])).to_be_visible()
        faults += looked_at(page)

        came_from = page.url

        # For how much: without insurance, two people on a small income.
        page.get_by_role("main").get_by_role("link", name=said["find"]["cost"]).click()
        heading(page, said["cost"]["title"])
        program = re.search(r"/find/(\d+)/", came_from) or pytest.fail(came_from)
        expect(page.locator(f'[name="program"][value="{program[1]}"]')).to_be_checked()
        paying = said["cost"]["fields"]["paying"]
        page.get_by_role("group", name=paying["label"]).get_by_label(paying["choices"]["self"]).check()
        page.get_by_label(said["cost"]["fields"]["household"]["label"]).fill("2")
        page.get_by_label(said["cost"]["fields"]["income"]["label"]).fill("30,000")
        page.get_by_role("button", name=said["cost"]["show"]).click()
        heading(page, said["cost"]["result"]["you_pay"])
        expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"\$[\d,]+\.\d\d"))
        faults += looked_at(page)

        # And asks, in a minute.
        page.get_by_role("main").get_by_role("link", name=nav["ask"]).click()
        fields = said["ask"]["fields"]
        page.get_by_label(fields["name"]["label"]).fill("Lucía Ñ.")
        page.get_by_label(fields["phone"]["label"]).fill("404-555-0142")
        page.get_by_label(fields["ways"]["choices"]["may_text"], exact=True).check()
        page.get_by_role("group", name=fields["site"]["label"]).get_by_role("radio").first.check()
        faults += looked_at(page)
        page.get_by_role("button", name=said["ask"]["send"]).click()
        heading(page, said["ask"]["sent"]["title"])
        faults += looked_at(page)
    assert not faults, "\n".join(faults)
    assert asked(clinic) == ("Lucía Ñ.", language, [])


def heading(page: Page, words: str) -> None:
    """This page is the one whose title says so, in its language."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def looked_at(page: Page) -> list[str]:
    return [f"{page.url}: {each}" for each in (*too_wide(page), *barriers(page))]


def blanks_filled(words: str) -> str:
    """'Next start: {day}' as a pattern."""
    return re.escape(words).replace(r"\{day\}", ".+")


def asked(clinic: Clinic) -> Any:
    """The newest inquiry: whose, in which language, and what of the questions came along."""
    return clinic.query(
        "SELECT name, language, told_from_screen FROM clinic_inquiry ORDER BY received_at DESC LIMIT 1"
    )[0]
