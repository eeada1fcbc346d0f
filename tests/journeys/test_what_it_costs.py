"""What will it cost, without JavaScript and with insurance; and the good-faith estimate, from the question to paper."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.looking import DESK, PHONE, barriers, complaints_of, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_somebody_with_a_card_sees_the_price_by_weeks_without_javascript(window):
    page: Page = window(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto("/cost/")
    page.get_by_label("Intensive outpatient, Peachtree").check()
    page.get_by_label("Yes, I have insurance").check()
    page.get_by_label("Which insurance?").select_option(label="Blue Lake Health")
    for question in ("Does it cover an intensive outpatient program?", "Are we in its network?"):
        page.get_by_role("group", name=question).get_by_label("Yes", exact=True).check()
    page.get_by_label("How much of your deductible is left?").fill("$500")
    page.get_by_label("How much is left until your out-of-pocket maximum?").fill("3,000")
    page.get_by_label("Coinsurance in percent").fill("20")
    page.get_by_text("More that your insurance may have told you").click()
    page.get_by_label("When does its next year begin?").fill("2099-01-01")
    page.get_by_role("button", name="Show the price").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You pay in all: $")
    expect(page.get_by_role("table", name="Week by week")).to_be_visible()
    expect(page.get_by_text("$500.00 goes to your deductible.")).to_be_visible()
    page.get_by_role("button", name="Change my answers").click()
    expect(page.get_by_label("How much of your deductible is left?")).to_have_value("$500")
    _kept(page, "cost_phone")


@pytest.mark.parametrize("prefix", ["", "/es"])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_both_pages_of_the_price_fit_and_have_no_barriers(window, prefix, size):
    page: Page = window(viewport=size).new_page()
    with complaints_of(page) as faults:
        page.goto(f"{prefix}/cost/")
        faults += too_wide(page) + barriers(page)
        page.locator('[name="program"]').first.check()
        page.locator('[name="paying"][value="insured"]').check()
        page.locator('[name="household"]').fill("3")
        page.locator('[name="income"]').fill("40,980")
        page.locator('[name="eap_visits"]').fill("3")
        _kept(page, f"cost_form{prefix.strip('/')}{size['width']}")
        page.locator(".costs button.primary").click()
        expect(page.locator("h1")).to_contain_text("still open" if not prefix else "todavía está abierto")
        faults += too_wide(page) + barriers(page)
        _kept(page, f"cost_open{prefix.strip('/')}{size['width']}")
        page.locator('button[name="again"]').click()
        page.locator('[name="paying"][value="self"]').check()
        expect(page.locator('[name="copay"]')).to_be_hidden()
        page.locator(".costs button.primary").click()
        expect(page.locator("h1")).to_contain_text("$")
        faults += too_wide(page) + barriers(page)
        _kept(page, f"cost_price{prefix.strip('/')}{size['width']}")
    assert not faults, "\n".join(faults)


def test_a_question_about_the_price_becomes_a_sheet_of_paper(clinic, signed_in_page):
    page = signed_in_page("desk")
    code = clinic.query(
        "SELECT p.code FROM clinic_patient p JOIN clinic_policy o ON o.patient_id = p.id"
        " WHERE NOT EXISTS (SELECT 1 FROM clinic_estimateasked a WHERE a.patient_id = p.id) ORDER BY p.id LIMIT 1"
    )[0][0]
    with complaints_of(page) as faults:
        page.goto(f"/patients/{code}/coverage/")
        page.get_by_role("link", name="Asked what it costs").click()
        page.get_by_role("button", name="Write it down").click()
        expect(page.get_by_text("The estimate is due.")).to_be_visible()
        faults += too_wide(page) + barriers(page)
        page.get_by_role("button", name="Make and keep the estimate").click()
        expect(page.get_by_text("Expected charges in all")).to_be_visible()
        faults += too_wide(page) + barriers(page)
        _kept(page, "sheet")
        page.emulate_media(media="print")
        expect(page.get_by_text("This estimate is not a contract.")).to_be_visible()
        expect(page.get_by_role("link", name="The plan changed")).to_be_hidden()
        _kept(page, "sheet_print")
        page.emulate_media(media="screen")
        page.goto("/good-faith/")
        faults += too_wide(page) + barriers(page)
        _kept(page, "due")
    assert not faults, "\n".join(faults)


def _kept(page: Page, name: str) -> None:
    """A picture for whoever wants to look: STEPWELL_PICTURES names a folder."""
    folder = os.environ.get("STEPWELL_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
