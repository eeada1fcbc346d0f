"""Somebody cannot come: told in the pocket, seen by the counselor, made up for by another seat."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.walking import choose, code_of, press, sign_in
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_missed_group_is_told_seen_and_made_up_for(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    ana = code_of(clinic, "Ana", "Reyes")
    seat, title, day = clinic.query(
        "SELECT t.id, o.title, o.local_date FROM clinic_seat t JOIN clinic_occurrence o ON o.id = t.occurrence_id"
        " JOIN clinic_patient p ON p.id = t.patient_id WHERE p.code = %s AND t.released_at IS NULL"
        " AND o.kind = 'group' AND o.cancelled_at IS NULL AND o.starts > now() + interval '2 hours'"
        " ORDER BY o.starts LIMIT 1",
        ana,
    )[0]
    counselor = sign_in(window, "counselor@demo.example")
    before = _well(counselor, ana, day)

    pocket = sign_in(window, "patient@demo.example", viewport={"width": 390, "height": 844})
    pocket.goto("/my/week/")
    pocket.locator(f'a[href*="/sessions/{seat}/"]').first.click()
    expect(pocket.get_by_role("heading", level=1)).to_have_text("I can't make it")
    choose(pocket, "What is in the way", "Child care")
    press(pocket, "Tell my team")
    pocket.wait_for_url("**/my/**")
    pocket.goto("/my/week/")
    expect(pocket.locator(f'a[href*="/sessions/{seat}/"]')).to_have_count(0)

    counselor.goto("/today/")
    expect(counselor.get_by_text(re.compile(f"Cannot come to {title} on .*Child care"))).to_be_visible()
    assert _well(counselor, ana, day) != before

    newest = clinic.query("SELECT max(id) FROM clinic_seat")[0][0]
    counselor.goto(f"/patients/{ana}/schedule/")
    counselor.get_by_role("button", name=re.compile("^Book")).first.click()
    expect(counselor.get_by_role("status").or_(counselor.get_by_role("alert")).first).to_be_visible()
    made_up = clinic.query(
        "SELECT o.local_date FROM clinic_seat t JOIN clinic_occurrence o ON o.id = t.occurrence_id"
        " JOIN clinic_patient p ON p.id = t.patient_id WHERE p.code = %s ORDER BY t.at DESC, t.id DESC LIMIT 1",
        ana,
    )[0][0]
    short = _well(counselor, ana, made_up)
    assert short, "the well of the week is gone"
    assert clinic.query(
        "SELECT count(*) FROM clinic_seat t JOIN clinic_patient p ON p.id = t.patient_id"
        " WHERE p.code = %s AND t.id > %s AND t.released_at IS NULL",
        ana,
        newest,
    ) == [(1,)]


def _well(page: Page, code: str, day: object) -> str:
    """What the board of that day's week says of a person's hours."""
    page.goto(f"/week/?on={day}&all=1")
    return page.locator(f'aside .well:has(a[href*="/{code}/"])').first.inner_text()
