"""How many clicks the work takes: a signed note for ten people, a review of the level."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.looking import barriers
from tests.journeys.walking import Clicks, sign_in
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BUDGET = 25
"""For ten people: all here, one tap of risk for all, two taps for each person at most, sign."""


def test_a_note_for_ten_people_is_signed_within_its_budget_of_clicks(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    session = _a_group_of_ten_without_a_note(clinic)
    page = sign_in(window, "facilitator@demo.example")
    page.goto("/notes/")
    click = Clicks()

    click(page.locator(f'main a[href="/sessions/{session}/"]').first)
    people = page.locator(".room-person")
    assert people.count() >= 10
    if page.get_by_role("button", name="All here").count():
        click(page.get_by_role("button", name="All here"))
    page.get_by_label("The shared part", exact=False).fill(
        "Urges rise and pass; each drew the curve of the last one and named what helped."
    )
    words = page.locator(".room-person textarea[id$=-text]")
    for number in range(words.count()):  # typing into a field is no click: Tab leads to the next
        words.nth(number).fill(
            f"Drew the curve of urge {number + 1}: {_OWN[number % len(_OWN)]} {number * 7 + 3} minutes."
        )
    for person in page.locator(".room-person:has(input[type=radio])").all():
        for question in ("participation", "response"):
            answers = person.locator(f"input[name$=-{question}]")
            if answers.count() and person.locator(f"input[name$=-{question}]:checked").count() == 0:
                click(answers.first)
    click(page.get_by_role("button", name="No risk seen in the others"))
    if page.get_by_role("button", name="Sign the note").count():
        click(page.get_by_role("button", name="Sign the note"))
    expect(page.get_by_role("heading", name="Signatures")).to_be_visible()
    assert click.count <= BUDGET, f"{click.count} clicks for {people.count()} people"


_OWN = (
    "called a sponsor and waited",
    "went for a walk around the block, it fell after",
    "counted breaths until it was weaker, about",
    "poured the glass away and slept within",
    "put the phone number on the door, used it after",
    "played with the dog, forgot it in",
    "argued first, then named it aloud, took",
    "sang in the car, it was gone in",
    "wrote it down at work, looked again after",
    "ate something warm and it eased in",
    "left the room, came back in",
    "asked a sister to stay for",
)


def _a_group_of_ten_without_a_note(clinic: Clinic) -> int:
    """A group that this facilitator has still to sign, with the ten people or more."""
    found = clinic.query(
        "SELECT o.id FROM clinic_occurrence o JOIN clinic_staff s ON s.id = o.facilitator_id"
        " JOIN clinic_seat t ON t.occurrence_id = o.id AND t.released_at IS NULL"
        " LEFT JOIN clinic_note n ON n.occurrence_id = o.id"
        " WHERE s.name = 'Maja Lindqvist' AND o.kind = 'group' AND o.ends < now() AND n.signed_at IS NULL"
        " GROUP BY o.id HAVING count(*) >= 10 ORDER BY o.starts LIMIT 1"
    )
    assert found, "the demo clinic has no open note of a group of ten"
    return int(str(found[0][0]))


REVIEW_BUDGET = 6
"""From the list of who is due to the review on file."""


def test_a_review_of_the_level_is_kept_within_its_budget_of_clicks(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    page = sign_in(window, "counselor@demo.example")
    page.goto("/today/")
    click = Clicks()

    click(page.get_by_role("link", name="Level reviews", exact=True))
    page.wait_for_url("**/level-reviews/")
    assert barriers(page) == []
    click(page.locator("main").get_by_role("link", name="Review", exact=True).first)
    page.wait_for_url("**/placement/review/")
    assert barriers(page) == []
    reviews = clinic.query("SELECT count(*) FROM clinic_levelreview")[0][0]
    page.get_by_label(re.compile(r"^Why\b")).fill(
        "Comes to the groups; two evenings were hard, asked for help."
    )
    if page.locator("input[name=outcome]:checked").input_value().startswith("continue"):
        click(page.get_by_label("No progress yet, but able and at work on it"))
    click(page.get_by_role("button", name="Keep the review"))
    expect(page.get_by_text("The review is on file.")).to_be_visible()
    assert clinic.query("SELECT count(*) FROM clinic_levelreview")[0][0] == int(str(reviews)) + 1
    assert click.count <= REVIEW_BUDGET, f"{click.count} clicks"
