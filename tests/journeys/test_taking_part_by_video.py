"""Another choice of how somebody takes part is recorded as it is made, of one who is recorded as here."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.walking import sign_in
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_who_turns_out_to_be_there_by_video_is_recorded_with_one_choice(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = sign_in(window, "facilitator@demo.example")
    page.goto("/notes/")
    page.locator('main a[href^="/sessions/"]').first.click()
    expect(page.locator("sw-keep[ready]")).to_have_count(1)
    page.get_by_role("button", name="All here").click()
    expect(page.locator("#recorded")).to_contain_text(re.compile(r"(\d+) of \1 recorded"))
    person = page.locator(".room-person:has(select[name$=-mode])").first
    choice = person.locator("select[name$=-mode]")
    code = str(choice.get_attribute("name")).removesuffix("-mode")
    expect(choice).to_have_value("on_site")
    choice.select_option("video")
    expect(page.locator(f"#state-{code}")).to_contain_text("by video")
    session = int(page.url.rstrip("/").rsplit("/", 1)[-1])
    rows = clinic.query(
        "SELECT mode FROM clinic_attendance a JOIN clinic_patient p ON p.id = a.patient_id"
        " WHERE a.occurrence_id = %s AND p.code = %s",
        session,
        code,
    )
    assert rows == [("video",)]
