"""An induction: what must be known, an order by steps, withdrawal rated, the first dose, and what is watched after."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from stepwell.clinic.assessment.rules import load_instrument
from tests.journeys.looking import DESK, PHONE, faults_of
from tests.journeys.walking import choose, fill, local, press, sign_in, told
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_an_induction(clinic: Clinic, window: Callable[..., BrowserContext]) -> None:
    code, email = clinic.query(
        "SELECT p.code, u.email FROM clinic_patient p JOIN accounts_user u ON u.id = p.user_id"
        " JOIN clinic_episode e ON e.patient_id = p.id AND e.closed_at IS NULL"
        " WHERE u.email <> 'patient@demo.example'"
        " AND NOT EXISTS (SELECT 1 FROM clinic_medicationorder o WHERE o.patient_id = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM clinic_withdrawalwatch w WHERE w.patient_id = p.id)"
        " ORDER BY e.admitted_at LIMIT 1"
    )[0]
    chart = f"/patients/{code}/medication/"
    prescriber = sign_in(window, "prescriber@demo.example")
    nurse = sign_in(window, "nurse@demo.example")

    _known(prescriber, chart)
    _ordered(prescriber, chart)
    _not_before_withdrawal(nurse, chart)
    _rated(nurse, chart, 6)
    _dose(nurse, chart)
    told(nurse, "COWS is 6, below 8")
    _rated(nurse, chart, 13)
    _dose(nurse, chart)
    told(nurse, "when the last opioid was taken")
    _last_use(nurse, chart)
    _dose(nurse, chart)
    told(nurse, "given.")
    expect(nurse.get_by_role("row").filter(has_text="seen taken").first).to_contain_text("4 mg")

    _naloxone_by_keys(nurse, chart)
    _to_take_home(nurse, chart)
    _felt(sign_in(window, str(email), viewport=PHONE))
    _followed_up(nurse)
    _looked_at(nurse, chart)
    _looked_at_by_the_prescriber(prescriber, chart)


def _known(page: Page, chart: str) -> None:
    page.goto(f"{chart}facts/pdmp/new/")
    choose(page, "What was found", "Nothing unexpected")
    press(page, "Keep it")
    told(page, "Prescription monitoring program: kept.")
    page.goto(f"{chart}facts/liver/new/")
    fill(page, Times_the_upper_limit="1.2")
    press(page, "Keep it")
    told(page, "Liver test: kept.")
    page.goto(f"{chart}facts/pregnancy/new/")
    choose(page, "What was found", "Not possible")
    press(page, "Keep it")
    told(page, "Pregnancy: kept.")


def _ordered(page: Page, chart: str) -> None:
    page.goto(f"{chart}orders/new/")
    page.get_by_label("Find a product").fill("film 8")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("^buprenorphine 8 mg")).click()
    fill(page, One_dose="4")
    page.get_by_text("Titration: the dose by day").click()
    fill(page, Step_1="1", Dose_of_step_1="4", Step_2="2", Dose_of_step_2="8")
    page.get_by_label("Doses are given and recorded here").check()
    press(page, "Sign the order")
    told(page, "4 mg is outside the usual 8 to 24 mg per day.")
    told(page, "No COWS of the last 4 hours is on file")
    told(page, "does not check interactions")
    press(page, "Sign as it is")
    told(page, "The order is signed and in force.")
    told(page, "from day 2: 8 mg")


def _not_before_withdrawal(page: Page, chart: str) -> None:
    page.goto("/medication/")
    page.locator(f'a[href^="{chart}orders/"]', has_text="First dose").first.click()
    press(page, "Record the dose")
    told(page, "No COWS of the last 4 hours is on file")


def _rated(page: Page, chart: str, total: int) -> None:
    """One tap for each line, the vital signs typed."""
    page.goto(f"{chart}withdrawal/cows/new/")
    left = total
    for item in load_instrument("cows").items:
        value = max(option.value for option in item.options if option.value <= left)
        left -= value
        page.locator(f'input[name="item_{item.link_id}"][value="{value}"]').check(force=True)
    signs = {"pulse": "92", "systolic": "134", "diastolic": "84", "temperature": "98.8", "oxygen": "98"}
    for sign, value in signs.items():
        page.locator(f"input[name=vital_{sign}]").fill(value)
    press(page, "Save the reading")
    page.wait_for_url("**/withdrawal/")
    expect(page.get_by_role("row").nth(1)).to_contain_text("134/84")


def _dose(page: Page, chart: str) -> None:
    page.goto(chart)
    page.get_by_role("link", name=re.compile("^Record a dose of Buprenorphine")).click()
    page.get_by_label("Seen to be taken").check()
    press(page, "Record the dose")


def _last_use(page: Page, chart: str) -> None:
    page.goto(f"{chart}facts/last_opioid/new/")
    choose(page, "What was found", "Short-acting, such as heroin or oxycodone")
    page.get_by_label(re.compile("^When")).fill(
        f"{local(datetime.now(UTC) - timedelta(hours=20)):%Y-%m-%dT%H:%M}"
    )
    press(page, "Keep it")
    told(page, "Last opioid: kept.")


def _naloxone_by_keys(page: Page, chart: str) -> None:
    page.goto(f"{chart}naloxone/new/")
    page.get_by_label("Given", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("Lot number of the kit").focus()
    page.keyboard.type("NX-31")
    page.get_by_label(re.compile("^Shown how it is used")).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Keep it").focus()
    page.keyboard.press("Enter")
    told(page, "Naloxone: given.")


def _to_take_home(page: Page, chart: str) -> None:
    page.goto(chart)
    page.get_by_role("link", name=re.compile("^Doses of Buprenorphine.*to take home$")).click()
    fill(page, How_many_doses="2", Lot_number="B-2")
    press(page, "Record the doses")
    told(page, "2 to take home, through")


def _felt(page: Page) -> None:
    page.goto("/my/medicines/")
    page.get_by_label("What do you notice").select_option("nausea")
    page.get_by_label("Of which medicine").select_option(index=1)
    choose(page, "How bad is it", "It gets in the way")
    press(page, "Tell my team")
    told(page, "Thank you. Your team can see it.")
    assert not faults_of(page, "/my/medicines/", first=PHONE)


def _followed_up(page: Page) -> None:
    page.goto("/medication/side-effects/")
    row = page.get_by_role("row").filter(has_text="nausea").filter(has_text="by the patient").first
    expect(row).to_contain_text("Buprenorphine")
    row.get_by_role("link", name=re.compile("^Follow up")).click()
    fill(page, What_was_found="Better with food; the dose stays.")
    choose(page, "And now", "It is over or dealt with: close it")
    press(page, "Keep it")
    told(page, "nausea, closed.")


def _looked_at(page: Page, chart: str) -> None:
    faults = {
        address: faults_of(page, address) + faults_of(page, address, first=PHONE)
        for address in (
            chart, f"{chart}withdrawal/", f"{chart}withdrawal/ciwa-ar/new/", f"{chart}list/reconciliation/",
            f"{chart}naloxone/new/", f"{chart}facts/last_opioid/new/", "/medication/", "/medication/withdrawal/",
            "/medication/side-effects/", "/medication/refills/", "/medication/to-ask/",
        )
    }  # fmt: skip
    assert not {address: found for address, found in faults.items() if found}


def _looked_at_by_the_prescriber(page: Page, chart: str) -> None:
    for size in (DESK, PHONE):
        assert not faults_of(page, f"{chart}orders/new/?q=film", first=size)
