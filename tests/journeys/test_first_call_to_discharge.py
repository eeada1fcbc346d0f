"""One person's whole way, through the forms that people use: from asking for help to the calls afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.walking import (
    answer_dialog,
    choose,
    code_of,
    fill,
    local,
    not_around_midnight,
    press,
    sign_in,
    told,
)
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

_MINUTES = 185
_LEADERS = {"Nia Okafor": "counselor@demo.example", "Maja Lindqvist": "facilitator@demo.example"}


def test_from_the_first_call_to_the_calls_after_discharge(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    not_around_midnight()
    _asks_for_help(window().new_page())
    desk = sign_in(window, "desk@demo.example")
    chart = _desk_answers_and_makes_the_record(clinic, desk)
    _consent(desk, chart)
    _price_is_told(desk, chart)

    counselor = sign_in(window, "counselor@demo.example")
    _assessed(counselor, chart)
    _admitted(counselor, chart)
    _planned(counselor, chart)
    _booked_into_groups(counselor, chart)
    leader = _free_leader(clinic)
    page = counselor if leader == "Nia Okafor" else sign_in(window, _LEADERS[leader])
    _a_session_is_held_and_signed(desk, page, chart, leader)

    _the_day_is_billed(sign_in(window, "biller@demo.example"))
    _discharged(counselor, chart)


def _asks_for_help(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name=re.compile("ask for help", re.IGNORECASE)).first.click()
    page.get_by_label("What should we call you?").fill("Wilma Teststone")
    page.get_by_label("Phone").fill("404 555 0142")
    choose(page, "How is it safe to reach you?", "Call me")
    page.get_by_label("What is it about?").fill("I drink every evening and cannot stop alone.")
    page.get_by_label("Insurance").fill("Blue Lake Health")
    choose(page, "Where?", "Peachtree")
    press(page, "Send")
    page.wait_for_url("**/ask/sent/**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def _desk_answers_and_makes_the_record(clinic: Clinic, page: Page) -> str:
    page.goto("/inquiries/")
    press(page, "Wilma Teststone")
    page.get_by_label("What was said").fill("Wants evenings; safe to call after five.")
    press(page, "Spoken with")
    told(page, "The next step is the intake.")
    press(page, "Book the intake")
    expect(page.get_by_text("Booked", exact=True).first).to_be_visible()
    fill(page, Given_name="Wilma", Family_name="Teststone", Date_of_birth="1988-04-02")
    press(page, "Make the record")
    told(page, "The inquiry belongs to Wilma Teststone.")
    return f"/patients/{code_of(clinic, 'Wilma', 'Teststone')}/"


def _consent(page: Page, chart: str) -> None:
    page.goto(f"{chart}consent/")
    told(page, "Nobody may be told anything")
    press(page, "New consent")
    choose(page, "Kind of consent", "For a person or purpose named here")
    page.get_by_label("Who may be told").select_option(label="Health plans")
    choose(page, "What may be told", "Attendance")
    choose(page, "What may be told", "Billing")
    choose(page, "What for", "Payment")
    page.get_by_label("Who tells").fill("Peachtree")
    choose(page, "When it ends", "On a date")
    page.get_by_label("Date", exact=False).last.fill(
        (local(datetime.now(UTC)) + timedelta(days=365)).date().isoformat()
    )
    for explained in ("the right to take it back", "what a recipient may do", "if it is not signed"):
        page.get_by_text(re.compile(f"^I explained .*{explained}")).click()
    page.get_by_label("Signed by (full name)").fill("Wilma Teststone")
    choose(page, "Signature", "On paper, kept on file")
    press(page, "Sign and keep")
    page.wait_for_url("**/consent/")
    told(page, "Health plans")
    expect(page.get_by_text("Nobody may be told anything")).to_have_count(0)


def _price_is_told(page: Page, chart: str) -> None:
    today = local(datetime.now(UTC)).date()
    page.goto(f"{chart}coverage/")
    press(page, "Add a policy")
    page.get_by_label("Payer").select_option(label="Blue Lake Health")
    fill(page, Member_number="TST 0042", In_force_from=(today - timedelta(days=200)).isoformat())
    press(page, "Keep the policy")
    press(page, "Write down the benefits")
    page.get_by_label("How it was heard").select_option(label="By phone")
    page.get_by_label("Is this program covered?").select_option(label="Yes")
    page.get_by_label("In network?").select_option(label="Yes")
    page.get_by_label("Authorization required?").select_option(label="No")
    fill(page, Deductible_for_the_year="500", Copay_for_each_day="20")
    page.get_by_label("of it met", exact=False).first.fill("500")
    fill(page, **{"Out-of-pocket_maximum": "3000"})
    page.get_by_label("of it met so far").fill("500")
    # After the last of the twelve weeks: else the price stays open whenever they reach into the next calendar year.
    fill(page, Next_benefit_year_begins=(today + timedelta(days=120)).isoformat())
    press(page, "Keep the benefits")
    press(page, "Make an estimate")
    page.get_by_label("Paid by").select_option(label="Blue Lake Health")
    fill(page, First_day=today.isoformat())
    press(page, "Make the estimate")
    # Twelve weeks of three days at $20 a day, on whatever day of the week the first one falls.
    told(page, "$720.00")


def _assessed(page: Page, chart: str) -> None:
    page.goto(f"{chart}assessment/instruments/phq-9/")
    for number in range(1, 10):
        page.get_by_role("group", name=re.compile(rf"^{number}\. ")).get_by_role("radio").nth(
            1 if number < 9 else 0
        ).check()
    press(page, "Save the answers")
    page.wait_for_url(lambda url: "instruments" not in url)
    page.goto(f"{chart}assessment/ratings/")
    for number, points in enumerate((1, 1, 2, 2, 3, 2), start=1):
        page.get_by_role("group", name=re.compile(rf"^{number}\. ")).get_by_label(
            str(points), exact=True
        ).check()
    for reason in page.get_by_label(re.compile("^Because")).all():
        reason.fill("As told in the interview.")
    for shut in page.locator("input[name^=gate_][value=no]").all():
        shut.check()
    press(page, "Save and see the level")
    expect(page.get_by_text(re.compile("^Recommended: 2.1"))).to_be_visible()


def _admitted(page: Page, chart: str) -> None:
    page.goto(f"{chart}placement/")
    press(page, "Admit")
    page.get_by_label("Level of care").select_option("2.1")
    page.get_by_label("Why this level").fill("Relapse is likely without structure in the evenings.")
    page.get_by_label("Who referred").select_option(label="Came by themselves")
    press(page, "Admit")
    page.wait_for_url("**/placement/")
    told(page, "Clinical level")


def _planned(page: Page, chart: str) -> None:
    due = (local(datetime.now(UTC)) + timedelta(days=30)).date().isoformat()
    page.goto(f"{chart}plan/")
    press(page, "Begin the plan")
    press(page, "Add a problem")
    page.get_by_label("What stands in the way").fill("Drinks every evening at home.")
    page.get_by_label("Condition it belongs to").select_option(label="Substance use")
    press(page, "Keep it")
    page.get_by_role("link", name="Add a goal").click()
    page.get_by_label("The goal, in the patient's own words").fill("I want my evenings back.")
    press(page, "Keep it")
    page.get_by_role("link", name="Add an objective").click()
    fill(page, How_one_will_see_it="Days without alcohol in a month", Target="28 of 30", By=due)
    press(page, "Keep it")
    page.get_by_role("link", name="Add an intervention").click()
    page.get_by_label("Minutes a week").fill("540")
    press(page, "Keep it")
    page.wait_for_url("**/plan/draft/")
    press(page, "Sign the plan")
    answer_dialog(page, "Sign it")
    page.wait_for_url("**/plan/")
    press(page, "Signed on paper")
    fill(page, Day_on_the_paper=local(datetime.now(UTC)).date().isoformat(), Who_holds_the_paper="Front desk")
    press(page, "Record the signature")
    told(page, "on paper")
    page.get_by_role("link", name=re.compile("Order hours|Change the order")).click()
    fill(page, Hours_a_week="9", Fewest_days_a_week="3", Most_days_a_week="4")
    page.get_by_label("From", exact=False).first.fill(local(datetime.now(UTC)).date().isoformat())
    press(page, "Order it")
    page.wait_for_url("**/plan/")
    told(page, "9 h")


def _booked_into_groups(page: Page, chart: str) -> None:
    page.goto(f"{chart}schedule/")
    told(page, "No session is booked")
    press(page, "Enroll in a group")
    page.get_by_label("Group").select_option(label="Process group")
    press(page, "Enroll")
    page.wait_for_url("**/schedule/")
    expect(page.get_by_role("link", name="Process group").first).to_be_visible()


def _free_leader(clinic: Clinic) -> str:
    """One of the two counselors who has had nothing else to do in the last hours."""
    return str(
        clinic.query(
            "SELECT s.name FROM clinic_staff s WHERE s.name = ANY(%s) AND NOT EXISTS"
            " (SELECT 1 FROM clinic_occurrence o WHERE s.id IN (o.facilitator_id, o.cofacilitator_id)"
            "  AND o.cancelled_at IS NULL AND o.ends > now() - interval '190 min' AND o.starts < now())"
            " ORDER BY s.name DESC",
            list(_LEADERS),
        )[0][0]
    )


def _a_session_is_held_and_signed(desk: Page, page: Page, chart: str, leader: str) -> None:
    """It began three hours ago and ends within the minute, so that it can be both checked in to and signed."""
    starts = local(datetime.now(UTC)).replace(second=0, microsecond=0) - timedelta(minutes=_MINUTES - 1)
    page.goto(f"{chart}schedule/sessions/")
    page.get_by_label("What").select_option(label="Individual session")
    fill(page, Day=starts.date().isoformat(), From=starts.strftime("%H:%M"), Minutes=str(_MINUTES))
    page.get_by_label("With").select_option(label=leader)
    page.get_by_label("How").select_option(label="Video")
    page.get_by_role("button", name=re.compile("Schedule")).click()
    page.wait_for_url("**/schedule/")

    desk.goto("/today/")
    desk.get_by_role("button", name=re.compile("Check in Wilma T")).click()
    expect(desk.get_by_role("button", name=re.compile("Check in Wilma T"))).to_have_count(0)

    page.goto("/today/")
    page.get_by_role("article").filter(has_text="Wilma T").get_by_role(
        "link", name="Individual session", exact=True
    ).click()
    page.get_by_label("Arrived").fill(starts.strftime("%H:%M"))
    press(page, "Record for Wilma")
    expect(page.locator("#recorded")).to_have_text("1 of 1 recorded")
    page.get_by_label("Topic").fill("Evenings")
    page.get_by_label("What was done").fill("Talked through the evening plan and the first three hours.")
    choose(page, "Took part", "Took active part")
    choose(page, "Affect", "Calm")
    choose(page, "Response", "Practiced the skill")
    choose(page, "Risk", "No risk seen")
    for words in page.locator("textarea[name*=section]").all():
        words.fill("Named two triggers and what to do about each of them tonight.")
    press(page, "Save the draft")
    wait = (starts + timedelta(minutes=_MINUTES)) - datetime.now(UTC)
    page.wait_for_timeout(max(wait.total_seconds(), 0) * 1000 + 500)
    page.reload()
    press(page, "Sign the note")
    told(page, "Signatures")
    page.goto(f"{chart}notes/")
    told(page, "Named two triggers")


def _the_day_is_billed(page: Page) -> None:
    page.goto("/billing/?all=1")
    row = page.get_by_role("row").filter(has_text="Wilma Teststone")
    expect(row.first).to_be_visible()
    page.get_by_role("button", name=re.compile("^Charge ")).click()
    answer_dialog(page, "Charge them")
    told(page, "No day is ready.")


def _discharged(page: Page, chart: str) -> None:
    page.goto(f"{chart}placement/discharge/")
    page.get_by_role("radio").first.check()
    page.get_by_label("What was reached, and why now").fill("Her goals are reached; weekly therapy goes on.")
    press(page, "Discharge")
    page.wait_for_url("**/placement/")
    page.goto(f"{chart}aftercare/")
    press(page, "Write the summary")
    for part in page.locator("form.form textarea").all():
        part.fill("Talked through with Wilma on the last day.")
    press(page, "Keep and sign")
    told(page, "Nia Okafor")
    page.goto(f"{chart}aftercare/")
    for day in (30, 60, 90, 180, 365):
        expect(page.get_by_text(f"{day} days after discharge").first).to_be_visible()
