"""From a hospital's hand-off to a plan the patient has signed: interview, diagnosis, scores, ratings, level, plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from stepwell.clinic.assessment.rules import load_instrument
from tests.handoff_bundles import as_bytes, whole_bundle
from tests.journeys.looking import DESK, barriers, faults_of, too_wide
from tests.journeys.walking import answer_dialog, code_of, fill, press, sign_in, told
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

_TABLET: dict[str, Any] = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}
_SAID = {
    "reason": "My sister found me on the kitchen floor. I want to be there for her again.",
    "substances": "Wine every evening from six on, alone; Sundays are the worst.",
    "withdrawal": "I shake until the first glass. The hospital gave me something for it.",
    "overdose": "Never.",
    "mental-health": "Low since the winter, sleeps four hours.",
    "safety": "Sometimes I wish not to wake up. Nothing planned, nothing at home.",
    "family": "My sister lives with me and does not drink.",
    "housing": "Our flat, the lease runs another year.",
    "work-school": "Archivist, mornings; sick leave until Monday.",
    "strengths": "I finish what I start, and I have my choir.",
    "goals": "I want to sing at Christmas and be sober.",
}
"""What the person tells; the rest came with the hand-off."""
_CHOSEN = {
    "withdrawal.now": "none",
    "withdrawal.seizures": "no",
    "safety.thoughts": "passive",
    "substances.place": "likely",
    "family.helps": "helps",
    "housing.stable": "yes",
    "trauma.safe": "yes",
}
_RATED = (1, 1, 2, 1, 3, 1)


def test_from_a_hand_off_to_a_plan_that_the_patient_has_signed(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    chart = _handed_off(clinic, sign_in(window, "desk@demo.example"))
    counselor = sign_in(window, "counselor@demo.example")

    _interviewed(counselor, chart)
    _diagnosed(counselor, chart)
    _asked_by_staff(counselor, chart)
    _filled_on_the_tablet(counselor, window(**_TABLET).new_page(), chart)
    _alert_answered(counselor, chart)
    _rated(counselor, chart)
    _admitted(counselor, chart)
    _planned(counselor, chart)
    _looked_at(counselor, chart)
    _signed_in_her_hands(counselor, chart)
    assert clinic.query(
        "SELECT s.role, s.method, s.name FROM clinic_plansignature s JOIN clinic_plan n ON n.id = s.plan_id"
        " JOIN clinic_episode e ON e.id = n.episode_id JOIN clinic_patient p ON p.id = e.patient_id"
        " WHERE p.family_name = 'Nakamura' AND s.role = 'patient'"
    ) == [("patient", "tablet", "Ana Luísa Nakamura")]


def _handed_off(clinic: Clinic, page: Page) -> str:
    """The hospital's file is taken in; the person and what counts of it are decided by a human."""
    page.goto("/hand-offs/new/")
    file = {"name": "hand-off.json", "mimeType": "application/fhir+json", "buffer": as_bytes(whole_bundle())}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type] # a dict of these keys
    press(page, "Take it in")
    page.locator('input[name=which][value="new"]').check(force=True)
    press(page, "This is the person")
    told(page, "This hand-off belongs to Ana Luísa Nakamura.")
    for kind in ("problem", "medication"):
        page.locator(f'button[name=decide][value="accept:{kind}"]').click()
    page.get_by_role("checkbox", name=re.compile("Allergy to penicillin")).check()
    press(page.locator("main section", has_text="Allergy to penicillin").last, "Accept the chosen")
    expect(page.get_by_role("row").filter(has_text="Allergy to penicillin")).to_contain_text("accepted")
    return f"/patients/{code_of(clinic, 'Ana Luísa', 'Nakamura')}/"


def _interviewed(page: Page, chart: str) -> None:
    address = f"{chart}assessment/interview/"
    page.goto(address)
    # not asked twice: it stands there, with where it comes from
    expect(_field(page, "health.allergies")).to_have_value(re.compile("penicillin"))
    expect(_field(page, "health.medicines")).to_have_value(re.compile("acamprosate"))
    expect(_field(page, "health")).to_have_value(re.compile("hypertension"))
    expect(page.get_by_text("From the hand-off of").first).to_be_visible()
    assert page.locator('input[name="section_reason.route"][value=inpatient]').is_checked()
    _field(page, "reason").fill(_SAID["reason"])
    expect(page.locator("#saved")).to_contain_text("Saved")  # no button was pressed
    page.goto(address)
    expect(_field(page, "reason")).to_have_value(_SAID["reason"])
    told(page, "blank")
    for key, words in _SAID.items():
        _field(page, key).fill(words)
    _field(page, "treatment-history").fill("Nine days in the hospital; never a program like this.")
    for key, value in _CHOSEN.items():
        page.locator(f'input[name="section_{key}"][value="{value}"]').check(force=True)
    row = page.get_by_role("group", name="Substance 1")
    row.get_by_label("Substance", exact=True).select_option(label="Alcohol")
    row.get_by_label("How", exact=True).select_option(label="Swallowed")
    row.get_by_label("How often").select_option(label="Daily")
    fill(row, How_much="a bottle of wine", Age_of_first_use="17")
    for gate in page.locator("input[name^=gate_][value=no]").all():
        gate.check(force=True)
    press(page, "Draft it from the answers")
    told(page, "A summary is drafted from the answers")
    drafted = _field(page, "summary").input_value()
    assert "Alcohol" in drafted or "alcohol" in drafted
    _field(page, "summary").fill(f"{drafted} Seen together with her sister.")
    press(page, "Sign the interview")
    told(page, "The interview is signed.")
    told(page, "I want to sing at Christmas and be sober.")
    told(page, "a bottle of wine")


def _field(page: Page, key: str) -> Any:
    return page.locator(f'textarea[name="section_{key}"], input[name="section_{key}"]')


def _diagnosed(page: Page, chart: str) -> None:
    """By words, while one types; then by counting."""
    page.goto(f"{chart}assessment/diagnoses/")
    page.get_by_label("Find a code by words or letters").press_sequentially("recurrent depressive moderate")
    page.get_by_role("link", name=re.compile("^F33.1")).click()
    press(page, "Record it")
    told(page, "F33.1")
    page.goto(f"{chart}assessment/diagnoses/counted/")
    page.get_by_label("Substance").select_option(label="Alcohol")
    for criterion in page.locator("input[name=criteria]").all()[:6]:
        criterion.check(force=True)
    page.get_by_label(re.compile("primary", re.IGNORECASE)).check()
    press(page, "Count and suggest a code")
    told(page, "F10.20")
    press(page, "Record F10.20")
    page.goto(f"{chart}assessment/")
    card = page.locator("#diagnoses")
    expect(card).to_contain_text("F33.1")
    expect(card).to_contain_text("F10.20")


def _asked_by_staff(page: Page, chart: str) -> None:
    page.goto(f"{chart}assessment/instruments/gad-7/")
    for item in load_instrument("gad-7").items:
        page.locator(f'input[name="item_{item.link_id}"][value="1"]').check(force=True)
    press(page, "Save the answers")
    page.wait_for_url(lambda url: "instruments" not in url)
    told(page, "GAD-7")


def _filled_on_the_tablet(page: Page, tablet: Page, chart: str) -> None:
    """Staff give a code; the device shows one questionnaire after the other and no name."""
    page.goto(f"{chart}assessment/tablet/")
    ticked = page.locator("input[name=instruments]:checked")
    while ticked.count():
        ticked.first.uncheck(force=True)
    for slug in ("phq-9", "bam"):
        page.locator(f"input[name=instruments][value={slug}]").check(force=True)
    press(page, "Get a code for the tablet")
    given = page.locator(".own-code").inner_text()
    tablet.goto("/tablet/")
    assert barriers(tablet) == []
    tablet.get_by_role("textbox", name="Code").fill(given)
    press(tablet, "Open")
    for _ in range(2):
        expect(tablet.get_by_role("button", name="Send", exact=True)).to_be_visible()
        assert "Nakamura" not in tablet.content()
        assert barriers(tablet) + too_wide(tablet) == []
        slug = tablet.locator("input[name=instrument]").input_value()
        for item in load_instrument(slug).items:
            value = min(1, max(option.value for option in item.options))
            offered = {option.value for option in item.options}
            tablet.locator(
                f'input[name="item_{item.link_id}"][value="{value if value in offered else 0}"]'
            ).check(force=True)
        press(tablet, "Send")
        tablet.wait_for_load_state()
    expect(tablet.get_by_role("heading", level=1)).to_contain_text("Thank you")
    tablet.goto("/tablet/")
    expect(tablet.get_by_role("textbox", name="Code")).to_be_visible()


def _alert_answered(page: Page, chart: str) -> None:
    """The ninth question of the PHQ-9 is nothing that waits for the total."""
    page.goto(f"{chart}assessment/")
    page.locator("#alerts").get_by_role("link", name="Say what was done").first.click()
    assert barriers(page) == []
    page.get_by_label("What was done").fill("Talked at once; safety plan written with her sister.")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "alerts" not in url)


def _rated(page: Page, chart: str) -> None:
    """Each rating stands on facts of the interview and the scores; what is drafted is the clinician's to change."""
    page.goto(f"{chart}assessment/ratings/")
    for number, points in enumerate(_RATED, start=1):
        page.get_by_role("group", name=re.compile(rf"^{number}\. ")).get_by_label(
            str(points), exact=True
        ).check()
    facts = page.locator("#d3 .fact")
    page.locator("#d3 summary", has_text="more on file").click()
    expect(facts.filter(has_text="PHQ-9 9")).to_have_count(1)
    facts.filter(has_text="PHQ-9 9").locator("input").check()
    reason = page.get_by_label(re.compile("^Because.*Risk of relapse"))
    assert "close support" in reason.input_value()
    reason.fill(f"{reason.input_value()} Sundays above all.")
    for gate in page.locator("input[name^=gate_]:checked").all():
        assert gate.get_attribute("value") == "no"  # answered in the interview, not asked again
    for because in page.get_by_label(re.compile("^Because")).all():
        if not because.input_value().strip():
            because.fill("As told in the interview.")
    press(page, "Save and see the level")
    expect(page.get_by_text(re.compile("^Recommended: 2.1"))).to_be_visible()
    told(page, "Sundays above all.")


def _admitted(page: Page, chart: str) -> None:
    page.goto(f"{chart}placement/")
    press(page, "Admit")
    assert barriers(page) == []
    page.get_by_label("Level of care").select_option("2.1")
    page.get_by_label("Why this level").fill("Relapse is likely without close support; home is safe.")
    page.get_by_label("Who referred").select_option(label="Hospital or emergency department")
    press(page, "Admit")
    page.wait_for_url("**/placement/")
    expect(page.locator(".level-big").first).to_contain_text("2.1")


def _planned(page: Page, chart: str) -> None:
    """Both conditions from the library, the goal in her own words; the clinician signs first."""
    page.goto(f"{chart}plan/")
    press(page, "Begin the plan")
    page.wait_for_url("**/plan/draft/")
    _from_library(page, chart, "Drinking is daily or out of hand", "F10.20", _SAID["goals"])
    _from_library(page, chart, "Low mood takes away", "F33.1", "I want to sleep through the night.")
    page.goto(f"{chart}plan/draft/")
    told(page, "This plan treats substance use and mental health together.")
    press(page, "Sign the plan")
    answer_dialog(page, "Sign it")
    page.wait_for_url("**/plan/")
    told(page, "has not signed yet")


def _from_library(page: Page, chart: str, problem: str, code: str, goal: str) -> None:
    page.goto(f"{chart}plan/draft/library/")
    text = page.locator("details").filter(has_text=problem).first
    text.locator("summary").click()
    text.get_by_label("Or in the patient's own words").fill(goal)
    diagnosis = text.get_by_label("Diagnosis it belongs to")
    diagnosis.select_option(label=str(diagnosis.locator("option", has_text=code).first.inner_text()))
    press(text, "Put it into the draft")
    page.wait_for_url("**/plan/draft/**")
    told(page, goal)


def _looked_at(page: Page, chart: str) -> None:
    faults = {
        address: faults_of(page, f"{chart}{address}")
        for address in (
            "assessment/", "assessment/interview/", "assessment/diagnoses/", "assessment/diagnoses/counted/",
            "assessment/instruments/c-ssrs/", "assessment/tablet/", "assessment/trends/phq-9/",
            "assessment/ratings/", "assessment/ratings/fourth/", "placement/", "placement/review/", "plan/",
        )
    }  # fmt: skip
    faults |= {address: faults_of(page, address) for address in ("/alerts/", "/questionnaires/")}
    found = {address: each for address, each in faults.items() if each}
    assert not found, found
    page.set_viewport_size(DESK)


def _signed_in_her_hands(page: Page, chart: str) -> None:
    """The device is handed over: it is signed out, shows this plan and nothing else, and takes one signature."""
    page.goto(f"{chart}plan/")
    press(page, "Sign on this device")
    answer_dialog(page, "Hand it over")
    page.wait_for_url("**/plan-in-hand/")
    told(page, _SAID["goals"])
    assert barriers(page) + too_wide(page) == []
    page.get_by_label("Your name").fill("Ana Luísa Nakamura")
    page.get_by_label("I have read this plan and agree with it.").check()
    press(page, "Sign my plan")
    told(page, "Your plan is signed.")
    assert barriers(page) == []
    page.goto(f"{chart}plan/")
    page.wait_for_url("**/accounts/login/**")
