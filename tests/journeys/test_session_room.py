"""The session room as a facilitator meets it: in 25 clicks, without a network, without a login, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from stepwell.cli.demo import PASSWORD
from tests.journeys.looking import barriers, complaints_of, too_wide
from tests.journeys.walking import Clicks, local, sign_in
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BUDGET = 25
"""For ten people with two exceptions; a click is a tap, or words typed and Enter."""
WORDS = "Named the corner shop on the way home as the place where it begins, and a street around it."
WHO = "facilitator@demo.example"


def open_groups(clinic: Clinic) -> list[tuple[int, datetime]]:
    """Sessions of groups of this facilitator that are over and unsigned, those of most people first."""
    return clinic.query(
        "SELECT o.id, o.starts FROM clinic_occurrence o JOIN clinic_staff s ON s.id = o.facilitator_id"
        " JOIN clinic_seat t ON t.occurrence_id = o.id AND t.released_at IS NULL"
        " LEFT JOIN clinic_note n ON n.occurrence_id = o.id"
        " WHERE s.name = 'Maja Lindqvist' AND o.kind = 'group' AND o.ends < now() AND n.signed_at IS NULL"
        " AND o.cancelled_at IS NULL GROUP BY o.id ORDER BY count(*) DESC, o.starts"
    )


@pytest.fixture
def session(clinic: Clinic) -> int:
    found = open_groups(clinic)
    assert found, "the demo clinic has no open note of a group"
    return found[0][0]


def stored(clinic: Clinic, session: int) -> str:
    """Everything that the server has of the draft, in one text."""
    rows = clinic.query(
        "SELECT n.shared || ' ' || coalesce(string_agg(p.text, ' '), '') FROM clinic_note n"
        " LEFT JOIN clinic_notepart p ON p.note_id = n.id WHERE n.occurrence_id = %s GROUP BY n.id",
        session,
    )
    return str(rows[0][0]) if rows else ""


def kept(page: Page) -> str:
    """What the browser keeps of rooms."""
    found: str = page.evaluate(
        "() => JSON.stringify(Object.entries(localStorage).filter(([name]) => name.startsWith('sw-keep:')))"
    )
    return found


def ready(page: Page) -> None:
    expect(page.locator("sw-keep[ready]")).to_have_count(1)


def own_words(page: Page) -> Locator:
    return page.locator(".room-person textarea[id$=-text]").first


def until(page: Page, true: Callable[[], bool]) -> None:
    """Waits as long as a press waits."""
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it did not come about in 20 seconds")


def log_in_here(page: Page) -> None:
    page.get_by_label("Email").fill(WHO)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def test_without_network_with_the_tab_closed_and_logged_out_the_text_is_there_again(
    clinic: Clinic, window: Callable[..., BrowserContext], session: int
) -> None:
    page = sign_in(window, WHO)
    page.goto(f"/sessions/{session}/")
    ready(page)
    page.get_by_label("The shared part", exact=False).fill(
        "Each drew the way home and marked where it begins."
    )
    expect(page.locator("#saved")).to_contain_text("saved", ignore_case=True)
    until(page, lambda: "marked where it begins" in stored(clinic, session))
    until(page, lambda: kept(page) == "[]")

    page.context.set_offline(True)
    own_words(page).fill(WORDS)
    field = own_words(page).get_attribute("id")
    expect(page.locator("#saved")).to_contain_text("Not saved yet; it will be when the network is back.")
    until(page, lambda: kept(page) != "[]")
    assert "corner shop" not in kept(page), "the browser keeps readable text"
    page.close()

    context = page.context
    context.set_offline(False)
    context.clear_cookies()
    again = context.new_page()
    again.goto(f"/sessions/{session}/")
    assert "/accounts/login/" in again.url
    assert "corner shop" not in kept(again)
    log_in_here(again)
    again.goto(f"/sessions/{session}/")
    expect(again.locator(f"[id='{field}']")).to_have_value(WORDS)
    until(again, lambda: WORDS in stored(clinic, session))
    until(again, lambda: kept(again) == "[]")


def test_when_the_network_is_back_the_open_page_saves_by_itself(
    clinic: Clinic, window: Callable[..., BrowserContext], session: int
) -> None:
    page = sign_in(window, WHO)
    page.goto(f"/sessions/{session}/")
    ready(page)
    page.context.set_offline(True)
    own_words(page).fill(f"{WORDS} Twice.")
    expect(page.locator("#saved")).to_contain_text("Not saved yet")
    page.context.set_offline(False)
    until(page, lambda: "Twice." in stored(clinic, session))
    expect(page.locator("#saved")).to_contain_text("saved", ignore_case=True)
    expect(page.locator("#saved")).not_to_contain_text("Not saved yet")


def test_an_expired_login_says_so_and_takes_the_text_once_logged_in_in_another_tab(
    clinic: Clinic, window: Callable[..., BrowserContext], session: int
) -> None:
    page = sign_in(window, WHO)
    page.goto(f"/sessions/{session}/")
    ready(page)
    page.context.clear_cookies()
    own_words(page).fill(f"{WORDS} Thrice.")
    expect(page.locator("#saved")).to_contain_text("You were logged out.")
    expect(own_words(page)).to_have_value(f"{WORDS} Thrice.")
    other = page.context.new_page()
    other.goto("/accounts/login/")
    log_in_here(other)
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    until(page, lambda: "Thrice." in stored(clinic, session))


def test_text_kept_while_the_draft_changed_stands_beside_it(
    clinic: Clinic, window: Callable[..., BrowserContext], session: int
) -> None:
    page = sign_in(window, WHO)
    page.goto(f"/sessions/{session}/")
    ready(page)
    page.context.set_offline(True)
    field = own_words(page).get_attribute("id")
    own_words(page).fill("Mine, typed on the train.")
    until(page, lambda: kept(page) != "[]")
    page.close()
    clinic.query(
        "UPDATE clinic_note SET revision = revision + 1, saved_from = 'elsewhere' WHERE occurrence_id = %s"
        " RETURNING id",
        session,
    )
    clinic.query(
        "UPDATE clinic_notepart SET text = 'Theirs, typed in the office.' WHERE patient_id ="
        " (SELECT id FROM clinic_patient WHERE code = %s) AND note_id ="
        " (SELECT id FROM clinic_note WHERE occurrence_id = %s) RETURNING id",
        str(field).removesuffix("-text"),
        session,
    )
    context = page.context
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/sessions/{session}/")
    beside = again.locator("[data-beside]")
    expect(beside).to_contain_text("Mine, typed on the train.")
    expect(again.locator(f"[id='{field}']")).to_have_value("Theirs, typed in the office.")
    beside.get_by_role("button", name="Take mine").first.click()
    expect(again.locator(f"[id='{field}']")).to_have_value("Mine, typed on the train.")
    until(again, lambda: "Mine, typed on the train." in stored(clinic, session))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_room_fits_a_desk_a_tablet_and_a_phone_and_axe_finds_nothing(
    window: Callable[..., BrowserContext], session: int, scheme: str
) -> None:
    page = sign_in(window, WHO, color_scheme=scheme)
    with complaints_of(page) as faults:
        page.goto(f"/sessions/{session}/")
        ready(page)
        for person in page.locator(".room-came").all()[:2]:
            for each in person.locator("summary").all():
                each.click()
        for width in (1440, 820, 390):
            page.set_viewport_size({"width": width, "height": 1100})
            faults += [f"{width} px: {each}" for each in (*too_wide(page), *barriers(page))]
    assert faults == []


def test_by_touch_everything_is_44_px_high(window: Callable[..., BrowserContext], session: int) -> None:
    page = sign_in(window, WHO, has_touch=True, is_mobile=True, viewport={"width": 820, "height": 1180})
    page.goto(f"/sessions/{session}/")
    page.locator(".room-came summary").last.click()
    low = page.evaluate(
        "() => [...document.querySelectorAll('.room-person button, .room-person select, .room-person summary,"
        " .room-person input[type=time], .room-bar button')].filter((each) => each.checkVisibility())"
        ".map((each) => [each.textContent.trim() || each.id, each.getBoundingClientRect().height])"
        ".filter(([, height]) => height < 43.5)"
    )
    assert low == []


def test_by_keyboard_alone(window: Callable[..., BrowserContext], session: int) -> None:
    page = sign_in(window, WHO)
    page.goto(f"/sessions/{session}/")
    ready(page)
    first, second = (page.locator(".room-person").nth(number) for number in (0, 1))
    skip = first.get_by_role("link", name="Next person")
    skip.focus()
    expect(skip).to_be_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == second.get_attribute("id")
    chips = second.locator("input[name$=-participation]")
    chips.first.focus()
    page.keyboard.press("ArrowRight")
    expect(chips.nth(1)).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(chips.nth(2)).to_be_checked()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.name").endswith("-response")


def test_ten_people_with_two_exceptions_within_the_budget_of_clicks(
    clinic: Clinic, window: Callable[..., BrowserContext], session: int
) -> None:
    starts = next(starts for number, starts in open_groups(clinic) if number == session)
    for emptied in (
        "DELETE FROM clinic_attendance WHERE occurrence_id = %s",
        "DELETE FROM clinic_notepart USING clinic_note WHERE note_id = clinic_note.id AND occurrence_id = %s",
        "DELETE FROM clinic_note WHERE occurrence_id = %s",
    ):
        clinic.query(emptied, session)  # nothing is known of anybody yet
    page = sign_in(window, WHO)
    page.goto("/notes/")
    click = Clicks()

    click(page.locator(f'main a[href="/sessions/{session}/"]').first)
    ready(page)
    people = page.locator(".room-person")
    assert people.count() >= 10
    late, absent = people.nth(0), people.nth(1)
    late.get_by_label("Arrived").fill(local(starts + timedelta(minutes=20)).strftime("%H:%M"))
    late.get_by_label("Arrived").press("Enter")  # typed and Enter
    click.count += 1
    expect(late).to_contain_text("20 min late")
    click(absent.locator(".room-absent summary"))
    click(absent.get_by_role("button", name="Ill", exact=True))
    expect(absent).to_contain_text("Absent, excused. Ill")
    expect(absent.get_by_role("link", name=re.compile("Offer a make-up"))).to_be_visible()
    click(page.get_by_role("button", name="All here"))
    expect(page.locator("#recorded")).to_have_text(f"{people.count()} of {people.count()} recorded")
    page.get_by_label("The shared part", exact=False).fill(
        "Urges rise and pass; each drew the curve of the last one and named what helped."
    )
    for number, words in enumerate(page.locator(".room-person textarea[id$=-text]").all()):
        words.fill(f"{_OWN[number % len(_OWN)]} It took {number * 7 + 3} minutes until it was over.")
    here = page.locator(".room-person:has(input[type=radio])")
    assert here.count() == people.count() - 1
    for person in here.all():
        for question in ("participation", "response"):
            if person.locator(f"input[name$=-{question}]:checked").count() == 0:
                click(person.locator(f"input[name$=-{question}]").first)
    click(page.get_by_role("button", name="No risk seen in the others"))
    click(page.get_by_role("button", name="Sign the note"))
    expect(page.get_by_role("heading", name="Signatures")).to_be_visible()
    budget = BUDGET + 2 * (people_of(clinic, session) - 10)
    assert click.count <= budget, f"{click.count} clicks"
    rows = clinic.query(
        "SELECT outcome, count(*) FROM clinic_attendance WHERE occurrence_id = %s AND locked_at IS NOT NULL"
        " GROUP BY 1 ORDER BY 1",
        session,
    )
    assert dict(rows) == {"excused": 1, "present": people_of(clinic, session) - 1}
    page.wait_for_timeout(500)
    assert kept(page) == "[]", "something is kept of a signed note"


def people_of(clinic: Clinic, session: int) -> int:
    found = clinic.query(
        "SELECT count(*) FROM clinic_seat WHERE occurrence_id = %s AND released_at IS NULL", session
    )
    return int(str(found[0][0]))


_OWN = (
    "Called a sponsor and waited on the stairs.",
    "Went for a walk around the block before supper.",
    "Counted breaths until the noise was weaker.",
    "Poured the glass away and went to sleep.",
    "Put the phone number on the door and used it.",
    "Played with the dog and forgot about the shop.",
    "Argued first, then said it aloud to her brother.",
    "Sang in the car all the way to work.",
    "Wrote it on a card at lunch and looked again later.",
    "Ate something warm with the neighbors.",
    "Left the party early and took the bus.",
    "Asked a sister to stay until the film ended.",
)
