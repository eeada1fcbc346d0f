"""A positive test that is a prescription: ordered, collected, screened, sent out, confirmed by the laboratory, reviewed,
and told to the person; found and prescribed is expected, from the first screen to the patient's own page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.looking import DESK, PHONE, barriers, too_wide
from tests.journeys.walking import choose, fill, local, press, sign_in, told
from tests.laboratory_messages import DIALECTS, Said, message
from tests.operate.ground import Clinic, surroundings

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_prescribed_drug_that_is_found_is_expected_all_the_way(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    code, email, given, family, born = clinic.query(
        "SELECT p.code, u.email, p.given_name, p.family_name, to_char(p.birth_date, 'YYYYMMDD') FROM clinic_patient p"
        " JOIN accounts_user u ON u.id = p.user_id"
        " JOIN clinic_medicationorder o ON o.patient_id = p.id AND o.drug = 'buprenorphine' AND o.stopped_at IS NULL"
        " ORDER BY p.id LIMIT 1"
    )[0]
    chart = f"/patients/{code}/tests/"
    counselor = sign_in(window, "counselor@demo.example")
    nurse = sign_in(window, "nurse@demo.example")

    number = _ordered_and_collected(counselor, nurse, chart)
    _screened(nurse)
    _sent_out(nurse, chart)
    said = Said(
        str(code), str(family), str(given), str(born), placer=number, filler="NORTH-77",
        results={"buprenorphine": "positive", "fentanyl": "negative"}, at="20991231120000+0000",
    )  # fmt: skip
    _taken_in(clinic, message(DIALECTS[0], [said], control="J1"))

    counselor.goto(chart)
    told(counselor, "as prescribed")
    expect(counselor.get_by_text("holds").first).to_be_visible()
    _looked_at(counselor)
    counselor.get_by_role("table", name=re.compile("Reports of laboratories")).get_by_role(
        "link"
    ).first.click()
    told(counselor, "As the laboratory tells it")
    _looked_at(counselor)
    counselor.goto(chart)
    while counselor.get_by_role("button", name="Reviewed", exact=True).count():
        press(counselor, "Reviewed")
        counselor.wait_for_load_state()
    counselor.goto(f"{chart}rewards/")
    _looked_at(counselor)

    own = sign_in(window, str(email), viewport=PHONE)
    own.goto("/my/tests/")
    told(own, "Everything was as expected.")
    _looked_at(own)


def _looked_at(page: Page) -> None:
    """Axe finds nothing on a desk nor on a phone, and nothing runs out of the page."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert too_wide(page) + barriers(page) == []


def _ordered_and_collected(counselor: Page, nurse: Page, chart: str) -> str:
    counselor.goto(chart)
    card = counselor.locator("form", has=counselor.get_by_role("button", name="Order", exact=True))
    choose(card, "Panel", "Opioid panel")
    choose(card, "Reason", "Scheduled")
    fill(card, On=local(datetime.now(UTC)).date().isoformat())
    press(card, "Order")
    told(counselor, "is ordered")
    nurse.goto(chart)
    press(nurse, "Collect")
    told(nurse, "order number")
    number = re.search(r"SW\d{8}", nurse.locator("main").inner_text(timeout=20_000))
    assert number is not None
    _looked_at(nurse)
    fill(nurse, Number_on_the_label="TST-9001", Number_on_the_seal="4711", Temperature="95.0")
    press(nurse, "Keep it")
    nurse.wait_for_url("**/result/")
    return number[0]


def _screened(nurse: Page) -> None:
    told(nurse, "Expected to be positive, because it is prescribed")
    _looked_at(nurse)
    nurse.get_by_label("Buprenorphine").select_option("positive")
    press(nurse, "Keep the result")
    nurse.wait_for_url("**/tests/")
    told(nurse, "as expected")


def _sent_out(nurse: Page, chart: str) -> None:
    nurse.goto(chart)
    press(nurse, "Custody")
    told(nurse, "the chain is whole")
    choose(nurse, "What happens", "sent out")
    fill(nurse, Who_or_what_has_it_now="Courier of Northside")
    press(nurse, "Write it down")
    told(nurse, "Courier of Northside has it now.")
    _looked_at(nurse)


def _taken_in(clinic: Clinic, content: bytes) -> None:
    """As the laboratory's file arrives on the server: `stepwell lab take`."""
    file = clinic.home.parent / "result.hl7"
    file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "stepwell", "lab", "take", str(file)],
        env=surroundings(clinic.home, clinic.port) | clinic.further,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 new, 0 already here; 1 in charts, 0 wait" in done.stdout
