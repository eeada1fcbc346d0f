"""A relapse: the patient says so, staff see it at once, the test confirms it, and care becomes more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.looking import barriers
from tests.journeys.walking import choose, fill, local, press, sign_in, told
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

_ANSWERS = (0, 1, 3, 3, 4, 3)
"""Ratings of the six dimensions after it: the risk of use is high, home is no help."""


def test_a_relapse_is_heard_tested_and_answered_with_more_care(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    code, given, email = clinic.query(
        "SELECT p.code, p.given_name, u.email FROM clinic_patient p JOIN accounts_user u ON u.id = p.user_id"
        " JOIN clinic_episode e ON e.patient_id = p.id AND e.closed_at IS NULL"
        " JOIN clinic_placement c ON c.episode_id = e.id AND c.level = '2.1'"
        " WHERE p.preferred_name = '' AND (SELECT count(*) FROM clinic_placement x WHERE x.episode_id = e.id) = 1"
        " AND u.email <> 'patient@demo.example' ORDER BY e.admitted_at DESC LIMIT 1"
    )[0]
    chart = f"/patients/{code}/"
    counselor = sign_in(window, "counselor@demo.example")

    _says_so(sign_in(window, str(email), viewport={"width": 390, "height": 844}))
    counselor.goto("/today/")
    alert = counselor.get_by_role("listitem").filter(
        has_text=re.compile(f"{given}.*(use|used|craving)", re.I)
    )
    expect(alert.first).to_be_visible()
    alert.first.get_by_role("link").first.click()
    counselor.get_by_label("What was done").fill("Called back, no danger now, comes for a test today.")
    counselor.locator("main form button[type=submit]").first.click()

    _tested(sign_in(window, "nurse@demo.example"), sign_in(window, "prescriber@demo.example"), chart)
    _rated_again(counselor, chart)
    _stepped_up(counselor, chart)
    _moved_together(clinic, str(code))


def _says_so(page: Page) -> None:
    page.goto("/my/check-in/")
    choose(page, "How are you right now?", "Craving")
    choose(page, "Craving", "9")
    choose(page, "Used or drank since yesterday?", "Yes")
    page.get_by_label("What", exact=False).first.fill("Two beers")
    press(page, "Send")
    page.wait_for_url(lambda url: "check-in" not in url)


def _tested(nurse: Page, prescriber: Page, chart: str) -> None:
    today = local(datetime.now(UTC)).date().isoformat()
    prescriber.goto(f"{chart}tests/")
    card = prescriber.locator("form", has=prescriber.get_by_role("button", name="Order", exact=True))
    card.get_by_role("group", name=re.compile("Panel")).get_by_role("radio").first.check()
    choose(card, "Reason", "Clinical sign")
    fill(card, On=today)
    press(card, "Order")
    nurse.goto(f"{chart}tests/")
    press(nurse, "Collect")
    fill(nurse, Number_on_the_label="TST-7001", Temperature="94.5")
    press(nurse, "Keep it")
    nurse.wait_for_url("**/result/")
    nurse.locator("main select").first.select_option("positive")
    fill(nurse, Creatinine="90")
    press(nurse, "Keep the result")
    nurse.wait_for_url("**/tests/")
    expect(nurse.get_by_text("unexpected").first).to_be_visible()


def _rated_again(page: Page, chart: str) -> None:
    page.goto(f"{chart}assessment/ratings/")
    for number, points in enumerate(_ANSWERS, start=1):
        page.get_by_role("group", name=re.compile(rf"^{number}\. ")).get_by_label(
            str(points), exact=True
        ).check()
    for reason in page.get_by_label(re.compile("^Because")).all():
        reason.fill("After the relapse, as told today.")
    for shut in page.locator("input[name^=gate_][value=no]").all():
        shut.check()
    press(page, "Save and see the level")
    expect(page.get_by_text(re.compile(r"^Recommended: (2\.5|3)"))).to_be_visible()


def _stepped_up(page: Page, chart: str) -> None:
    page.goto(f"{chart}placement/")
    assert barriers(page) == []
    page.get_by_role("link", name=re.compile("^Step up")).click()
    assert barriers(page) == []
    page.get_by_label("To level").select_option("2.5")
    page.get_by_label("Why", exact=False).first.fill(
        "Use and strong craving in the evenings; days need structure."
    )
    if page.get_by_text(re.compile("Recommended: 2.5")).count() == 0:
        page.get_by_label("Reason for another level").select_option(index=1)
        page.get_by_label("Why that is safe").fill("Has a place to sleep and comes every day.")
    fill(page, Hours_a_week="20", Fewest_days_a_week="5", Most_days_a_week="5")
    joined = page.get_by_role("group", name="Groups that are joined")
    joined.get_by_role("checkbox", name=re.compile("^Weekend process")).check()
    team = page.get_by_label("Who joins the care team")
    team.select_option(index=1)
    fill(page, As="day team")
    press(page, "Step up")
    page.wait_for_url("**/placement/")
    told(page, "2.5")
    expect(page.locator(".level-big").first).to_contain_text("2.5")
    page.get_by_role("link", name=re.compile("^Hand-over packet")).click()
    fill(page, Contact="Day team")
    press(page, "Make the packet")
    page.wait_for_url(re.compile(r"/hand-over/\d+/$"))
    expect(page.get_by_role("link", name="FHIR bundle")).to_be_visible()
    assert barriers(page) == []
    for name, begins in (("PDF", b"%PDF-"), ("FHIR bundle", b"{")):
        with page.expect_download() as came:
            page.get_by_role("link", name=name, exact=True).click()
        assert came.value.path().read_bytes().startswith(begins), name


def _moved_together(clinic: Clinic, code: str) -> None:
    """Level, order, seats and care team of one step: one entry names them all, and the payer is to be asked."""
    moved = clinic.query(
        "SELECT a.detail FROM audit_entry a JOIN clinic_patient p ON p.id = a.patient_id"
        " WHERE a.action = 'transition.move' AND p.code = %s",
        code,
    )
    assert len(moved) == 1
    detail: dict[str, Any] = moved[0][0]  # type: ignore[assignment] # a JSON column
    assert (detail["level"], detail["ordered"]) == ("2.5", 1200)
    assert len(detail["joined"]) == len(detail["into_team"]) == 1
    seats = clinic.query(
        "SELECT count(*) FROM clinic_seat s JOIN clinic_occurrence o ON o.id = s.occurrence_id"
        " JOIN clinic_patient p ON p.id = s.patient_id"
        " WHERE p.code = %s AND o.group_id = %s AND o.starts > now()",
        code,
        detail["joined"][0],
    )
    assert int(str(seats[0][0])) > 0
