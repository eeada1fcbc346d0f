"""How many clicks a note about one person takes, and a family session with its homework."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.looking import DESK, PHONE, barriers, too_wide
from tests.journeys.walking import Clicks, code_of, press, sign_in, told
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

INDIVIDUAL, FAMILY = 4, 8
"""Clicks from the list of notes to the signed note."""


def test_an_individual_note_is_signed_within_its_budget_of_clicks(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    session = _held_an_hour_ago(clinic, code_of(clinic, "Ana", "Reyes"), "individual")
    page, click = sign_in(window, "counselor@demo.example"), Clicks()
    page.goto("/notes/")
    click(page.locator(f'main a[href="/sessions/{session}/"]').first)
    click(page.get_by_role("button", name="All here"))
    page.get_by_label("Topic").fill("Evenings")
    page.get_by_label("What was done").fill("Went through the plan for the evenings.")
    for number, words in enumerate(page.locator("textarea[name*=section]").all()):
        words.fill(f"{_SAID[number]} It was the evening of {session}.")
    click(page.get_by_role("button", name="No risk seen in the others"))
    click(page.get_by_role("button", name="Sign the note"))
    expect(page.get_by_role("heading", name="Signatures")).to_be_visible()
    assert click.count <= INDIVIDUAL


def test_a_family_session_with_homework_is_signed_within_its_budget_of_clicks(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    ana = code_of(clinic, "Ana", "Reyes")
    session = _held_an_hour_ago(clinic, ana, "family")
    page, click = sign_in(window, "counselor@demo.example"), Clicks()
    relative = _homework_for_both(page, ana)
    page.goto("/notes/")
    click(page.locator(f'main a[href="/sessions/{session}/"]').first)
    click(page.get_by_role("button", name="All here"))
    page.get_by_label("Topic").fill("Talking at home")
    page.get_by_label("What was done").fill("Practiced asking before helping.")
    for number, words in enumerate(page.locator("textarea[name*=section]").all()):
        words.fill(f"{_SAID[number]} It was the family hour of {session}.")
    homework = page.locator("#homework")
    mine = homework.get_by_role("listitem").filter(has_text="Count the calm evenings")
    theirs = homework.get_by_role("listitem").filter(has_text="Ask before helping")
    click(mine.locator("label.chip", has_text="Partly"))
    click(theirs.locator("label.chip", has_text="Done").first)
    homework.get_by_label("The next homework").fill("One walk together")
    homework.get_by_label("What to do").fill("Walk for twenty minutes and talk of nothing but the way.")
    homework.get_by_label("For").select_option(label="All of them")
    click.count += 1  # choosing from the list
    click(page.get_by_role("button", name="Record the homework"))
    told(page, "Homework: 2 reviewed, 2 handed out.")
    click(page.get_by_role("button", name="No risk seen in the others"))
    click(page.get_by_role("button", name="Sign the note"))
    expect(page.get_by_role("heading", name="Signatures")).to_be_visible()
    assert click.count <= FAMILY

    patient = sign_in(window, "patient@demo.example", viewport=PHONE)
    patient.goto("/my/homework/")
    told(patient, "One walk together")
    family = sign_in(window, "family@demo.example", viewport=PHONE)
    family.goto("/family/")
    told(family, "One walk together")
    assert relative


def test_a_tap_writes_the_sentence_while_nothing_typed_is_touched(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    session = _a_group_without_a_note(clinic)
    page = sign_in(window, "facilitator@demo.example", viewport=DESK)
    page.goto(f"/sessions/{session}/")
    if page.get_by_role("button", name="All here").count():
        page.get_by_role("button", name="All here").click()
    people = page.locator(".room-person:has(textarea[id$=-text])")
    first, second = people.nth(0), people.nth(1)
    second.locator("textarea[id$=-text]").fill("Her own words, typed by hand this evening.")
    with page.expect_response(lambda answer: answer.url.endswith("/draft/")):
        for question, answer in (("participation", "Listened closely"), ("response", "Put it in own words")):
            first.locator("label.chip", has_text=answer).locator(f"input[name$=-{question}]").check()
    text = first.locator("textarea[id$=-text]")
    expect(text).not_to_have_value("")
    expect(second.locator("textarea[id$=-text]")).to_have_value("Her own words, typed by hand this evening.")
    expect(first.locator(".room-alike")).to_contain_text("% alike")
    written = text.input_value()
    text.focus()
    text.press("Control+End")
    page.keyboard.type(" And one more thing.")
    with page.expect_response(lambda answer: answer.url.endswith("/draft/")):
        first.locator("label.chip", has_text="Of two minds").locator("input").check()
    expect(text).to_have_value(f"{written} And one more thing.")

    steps = first.locator(".risk-step.risk-suicidal")
    expect(steps).to_be_hidden()
    first.locator("label.chip", has_text="Suicidal statement").locator("input").check()
    expect(steps).to_be_visible()
    expect(first.get_by_role("link", name="Open the safety plan")).to_be_visible()
    expect(first.get_by_label("Done about the risk")).to_be_visible()
    assert barriers(page) == []
    assert too_wide(page) == []
    page.set_viewport_size(PHONE)
    assert too_wide(page) == []


_SAID = (
    "Slept badly before the hearing and said so at once.",
    "The plan for the week holds where somebody waits at home.",
    "Will call the sponsor on Thursday and write it down.",
    "Asked for another time next week.",
)


def _homework_for_both(page: Page, code: str) -> str:
    """Ana and her relative have homework that waits to be talked about."""
    where = f"/patients/{code}/recovery/homework/new/"
    page.goto(where)
    whom = page.get_by_role("radio")
    assert whom.count() >= 2, "a consent lets somebody of the family take part"
    for number, title in ((0, "Count the calm evenings"), (1, "Ask before helping")):
        page.goto(where)
        page.get_by_role("radio").nth(number).check()
        page.get_by_label("Title").fill(title)
        page.get_by_label("What to do").fill("Once a day; tell of it in the next session.")
        press(page, "Give it")
        page.wait_for_url("**/recovery/")
    return title


def _held_an_hour_ago(clinic: Clinic, code: str, kind: str) -> int:
    """A session of this patient with the counselor, over and without a note: one still to come, moved back."""
    found = clinic.query(
        "UPDATE clinic_occurrence SET kind = %s, treatment = %s, starts = now() - interval '70 min',"
        " ends = now() - interval '10 min', cancelled_at = NULL, cancelled_because = '',"
        " local_date = ((now() - interval '70 min') AT TIME ZONE 'America/New_York')::date,"
        " facilitator_id = (SELECT s.id FROM clinic_staff s JOIN accounts_user u ON u.id = s.user_id"
        "   WHERE u.email = 'counselor@demo.example')"
        " WHERE id = (SELECT o.id FROM clinic_occurrence o JOIN clinic_seat t ON t.occurrence_id = o.id"
        "   JOIN clinic_patient p ON p.id = t.patient_id LEFT JOIN clinic_note n ON n.occurrence_id = o.id"
        "   LEFT JOIN clinic_attendance a ON a.occurrence_id = o.id"
        "   WHERE p.code = %s AND o.kind = 'individual' AND o.starts > now() AND n.id IS NULL AND a.id IS NULL"
        "   AND t.released_at IS NULL AND o.cancelled_at IS NULL ORDER BY o.starts LIMIT 1) RETURNING id",
        kind, kind, code,
    )  # fmt: skip
    assert found, "the patient has no individual session to come"
    return int(str(found[0][0]))


def _a_group_without_a_note(clinic: Clinic) -> int:
    """A group of this facilitator that is over, of which nothing was written: one still to come, moved back."""
    found = clinic.query(
        "UPDATE clinic_occurrence SET starts = now() - interval '100 min', ends = now() - interval '10 min',"
        " meeting_id = NULL, local_date = ((now() - interval '100 min') AT TIME ZONE 'America/New_York')::date"
        " WHERE id = (SELECT o.id FROM clinic_occurrence o JOIN clinic_staff s ON s.id = o.facilitator_id"
        "   JOIN clinic_seat t ON t.occurrence_id = o.id AND t.released_at IS NULL"
        "   LEFT JOIN clinic_note n ON n.occurrence_id = o.id LEFT JOIN clinic_attendance a ON a.occurrence_id = o.id"
        "   WHERE s.name = 'Maja Lindqvist' AND o.kind = 'group' AND o.starts > now() AND n.id IS NULL AND a.id IS NULL"
        "   AND o.cancelled_at IS NULL GROUP BY o.id HAVING count(*) >= 3 ORDER BY o.starts LIMIT 1) RETURNING id"
    )
    assert found, "the facilitator has no group to come"
    return int(str(found[0][0]))
