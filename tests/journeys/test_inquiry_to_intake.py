"""A coordinator turns an inquiry into a booked intake with the papers sent; the person signs them on her phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.looking import PHONE, barriers, complaints_of, too_wide
from tests.journeys.walking import Clicks, sign_in
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BUDGET = 8
"""From the queue to a booked intake with the papers sent; typing into a field is no click."""


def test_an_inquiry_becomes_an_intake_with_papers_sent_in_eight_clicks_and_she_signs_on_her_phone(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    desk = sign_in(window, "desk@demo.example")
    desk.goto("/inquiries/")
    click = Clicks()

    click(desk.get_by_role("link", name="Dana Ortega").first)
    click(desk.get_by_role("button", name="Book the intake"))
    expect(desk.get_by_text("The intake is booked:").first).to_be_visible()
    desk.get_by_label("Born on").fill("1990-05-04")
    click(desk.get_by_role("button", name="Make the papers"))
    address = desk.locator("#message").inner_text().rsplit(" ", 1)[1]
    expect(desk.get_by_role("img", name="The address of the papers")).to_be_visible()
    assert barriers(desk) == []
    # The person told of calls and texts; the words go out from the clinic's phone.
    click(desk.get_by_role("button", name="I sent it by text"))
    expect(desk.get_by_text("the papers were sent").first).to_be_visible()
    assert click.count <= BUDGET, f"{click.count} clicks"
    kept = clinic.query(
        "SELECT k.starts IS NOT NULL, p.sent_how FROM clinic_inquiry i"
        " JOIN clinic_intakeappointment k ON k.inquiry_id = i.id AND k.cancelled_at IS NULL"
        " JOIN clinic_packet p ON p.inquiry_id = i.id WHERE i.name = 'Dana Ortega'"
    )
    assert kept == [(True, "text")]

    phone = window(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    with complaints_of(phone) as faults:
        _she_answers_and_signs(phone, address)
    assert faults == []
    desk.goto("/inquiries/")
    click(desk.get_by_role("link", name="Look at the papers").last)
    expect(desk.locator(".own-signature svg polyline").first).to_be_visible()
    assert barriers(desk) == []


def _she_answers_and_signs(phone: Page, address: str) -> None:
    """On 390 px, with a finger; an answer is kept before any button is pressed."""
    phone.goto(address)
    assert phone.title() == "Papers for your appointment"
    _looks_right(phone)
    phone.get_by_label("Date of birth").fill("1990-05-04")
    phone.get_by_role("button", name="Open").click()
    expect(phone.get_by_role("heading", name="Your papers")).to_be_visible()
    _looks_right(phone)
    phone.get_by_role("link", name="Where you live").click()
    phone.get_by_label("How many people live in your household").fill("3")
    phone.get_by_label("How many people live in your household").blur()
    expect(phone.get_by_role("status").get_by_text("Saved.")).to_be_visible()
    phone.goto(address)
    for part, answers in _ANSWERS.items():
        phone.get_by_role("link", name=part).click()
        _looks_right(phone)
        for question, answer in answers.items():
            group = phone.get_by_role("group", name=question)
            if group.count():
                group.get_by_label(answer, exact=True).check()
            else:
                phone.get_by_label(question).first.fill(answer)
        phone.get_by_role("button", name="Save and go on").click()
        phone.goto(address)
    for paper in ("Agreement to treatment", "Notice about your privacy", "Consent to share"):
        phone.get_by_role("link", name=paper).click()
        _looks_right(phone)
        expect(phone.get_by_role("button", name="Clear", exact=True)).to_be_visible()
        _draw(phone)
        phone.get_by_role("button", name="Sign this paper").click()
        expect(phone.get_by_role("heading", name="Your papers")).to_be_visible()
    phone.get_by_role("button", name="Send my papers").click()
    expect(phone.get_by_role("heading", name="Thank you. We have your papers.")).to_be_visible()
    _looks_right(phone)
    phone.get_by_role("link", name="See or print a copy").click()
    expect(phone.locator(".own-signature svg polyline").first).to_be_visible()
    _looks_right(phone)


_ANSWERS = {
    "How we reach you": {"Last name": "Ortega"},
    "Language and what helps": {"Do you want an interpreter": "No", "How do you get here": "By car"},
    "Insurance": {"Do you have health insurance": "I am not sure"},
}


def _draw(phone: Page) -> None:
    """A signature of a few strokes."""
    box = phone.locator("sw-sign canvas")
    box.scroll_into_view_if_needed()
    place = box.bounding_box()
    assert place is not None
    phone.mouse.move(place["x"] + 20, place["y"] + 40)
    phone.mouse.down()
    for step in range(1, 12):
        phone.mouse.move(place["x"] + 20 + step * 15, place["y"] + 40 + (step % 3) * 15)
    phone.mouse.up()


def _looks_right(page: Page) -> None:
    assert too_wide(page) == []
    assert barriers(page) == []
