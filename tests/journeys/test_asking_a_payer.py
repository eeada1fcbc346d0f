"""A payer is asked from the patient's coverage; the answer comes while one looks, with its segments."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.looking import PHONE, barriers, complaints_of, too_wide
from tests.journeys.walking import sign_in
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_the_answer_comes_while_one_looks_and_stands_beside_what_was_heard_before(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    [(code,)] = clinic.query("SELECT code FROM clinic_patient WHERE family_name = 'Nakoa'")
    desk = sign_in(window, "desk@demo.example")
    with complaints_of(desk) as faults:
        desk.goto(f"/patients/{code}/coverage/")
        desk.get_by_role("link", name="Ask electronically").click()
        assert barriers(desk) == []
        desk.get_by_role("button", name="Ask now").click()
        expect(desk.get_by_role("heading", name="What the plan says")).to_be_visible()
        expect(desk.get_by_role("cell", name="$1,500.00").first).to_be_visible()
        expect(desk.get_by_text("EB*C*IND*30***23*1500*****Y").first).to_be_visible()
        assert barriers(desk) == []
    assert faults == []
    heard = clinic.query(
        "SELECT b.channel, b.deductible, b.day_limit FROM clinic_benefits b JOIN clinic_policy p ON p.id = b.policy_id"
        " JOIN clinic_patient a ON a.id = p.patient_id WHERE a.family_name = 'Nakoa'"
        " ORDER BY b.verified_at DESC LIMIT 1"
    )
    assert [(channel, int(deductible), left) for channel, deductible, left in heard] == [("edi", 1500, 52)]
    address = desk.url

    phone = sign_in(window, "biller@demo.example", viewport=PHONE, has_touch=True, is_mobile=True)
    for path in (address, "/eligibility/"):
        phone.goto(path)
        assert too_wide(phone) == []
        assert barriers(phone) == []
    phone.get_by_role("link", name="Look at it").first.click()
    expect(phone.get_by_text("None of our questions has the trace number")).to_be_visible()
    assert too_wide(phone) == []
    assert barriers(phone) == []
    phone.get_by_label("Why it is set aside").fill("Asked under the old system.")
    phone.get_by_role("button", name="Set it aside").click()
    expect(phone.get_by_text("The file itself is kept.")).to_be_visible()
