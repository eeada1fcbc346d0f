"""Three weeks without a mouse: one planned from nothing, one mended after a sick call, one in which a patient swaps a seat.

Every page on the way is looked at by axe. What is told, and to whom, is counted from the calendar itself.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from stepwell.ui.filters import clock, day, moment
from tests.journeys.keys import arrived, choose, go_to, press, sign_in_by_keys, write
from tests.journeys.looking import PHONE, complaints_of
from tests.journeys.walking import ZONE, code_of, local
from tests.operate.ground import Clinic

pytestmark = [pytest.mark.browser, pytest.mark.processes]

TALL: ViewportSize = {"width": 1440, "height": 1300}
Calendars = dict[object, set[tuple[object, ...]]]


def test_next_week_is_planned_from_nothing(clinic: Clinic, window: Callable[..., BrowserContext]) -> None:
    ana, feed = _own_calendar(window)
    page = sign_in_by_keys(window, "director@demo.example", viewport=TALL)
    monday = _next_monday()
    name = f"Week of {monday.day} {monday:%B}"
    draft_name = f"Draft {_versions(clinic, monday) + 1}"
    with complaints_of(page) as faults:
        press(page, "Plan the week", "nav a")
        arrived(page, "Plan the week")
        press(page, f"Plan the w{name[1:]}")
        arrived(page, name)
        choose(page, "#id_seconds", "10 seconds")
        press(page, "Compute")
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.get_by_text("Best so far")).to_be_visible(timeout=30_000)
        arrived(page, name)
        draft = page.get_by_role("link", name=draft_name, exact=True)
        expect(draft).to_be_visible(timeout=60_000)
        expect(page.get_by_text("within").or_(page.get_by_text("short")).first).to_be_visible()
        press(page, draft_name)
        arrived(page, name)
        expect(page.get_by_text(draft_name)).to_be_visible()

        version = int(page.url.rstrip("/").split("/")[-1])
        session, title, stood = _a_session_of_ana(clinic, version)
        moved = _moved_by_keys(page, session, title, stood)
        assert _starts_in_draft(clinic, session) == moved
        page.keyboard.press("Control+z")
        _said(page, "Undone: ")
        assert _starts_in_draft(clinic, session) == stood
        page.keyboard.press("Control+Shift+z")
        _said(page, "Made again: ")
        assert _starts_in_draft(clinic, session) == moved
        go_to(page, f"#lock-{session}")
        page.keyboard.press("Enter")
        _said(page, f"{title} is locked.")
        arrived(page, name)

        press(page, "Compare", "main a")
        arrived(page, f"What {draft_name.lower()} changes")
        changed = f"{title}: moves to {day(moved, ZONE.key).split()[0]} {clock(moved, ZONE.key)}"
        expect(page.get_by_role("row").filter(has_text="Ana R.")).to_contain_text(changed)
        page.reload()
        press(page, draft_name, ".crumb, .crumb a")
        page.wait_for_url("**/versions/*/")

        before = _calendars(clinic)
        assert title in _begins(feed)[stood]
        assert moved not in _begins(feed)
        press(page, "Publish and notify")
        arrived(page, f"Publish {draft_name.lower()}")
        press(page, "Publish and notify", "main button")
        expect(page.get_by_text(re.compile(r"Published\. \d+ people are told of it\."))).to_be_visible()
        arrived(page, name)
        told = _affected(before, _calendars(clinic))
        assert told == _told(clinic)
        assert _number(page, r"Published\. (\d+) people") == len(told) + len(_told(clinic, "staff"))
    assert faults == []

    with complaints_of(ana) as faults:
        ana.goto("/my/")
        arrived(ana, "Hello, Ana")
        line = ana.get_by_text(f"{title}: {moment(moved, ZONE.key)}, no longer {moment(stood, ZONE.key)}.")
        expect(line).to_be_visible()
        press(ana, "I have seen it")
        expect(line).to_have_count(0)
        press(ana, "Week", ".dock a")
        arrived(ana, "My week")
        expect(ana.get_by_role("listitem").filter(has_text=title)).to_contain_text(
            [f"{day(moved, ZONE.key)}, {clock(moved, ZONE.key)[:-3]}"]
        )
        assert stood not in _begins(feed)
        assert title in _begins(feed)[moved]
    assert faults == []


def test_a_facilitator_calls_in_sick_and_the_week_is_mended(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    who, short, on = _who_falls_ill(clinic)
    page = sign_in_by_keys(window, "director@demo.example", viewport=TALL)
    with complaints_of(page) as faults:
        wells = _wells(page, on)
        minutes = _booked(clinic, on)
        press(page, "Availability", "nav a")
        arrived(page, "Availability")
        press(page, "Somebody is away")
        arrived(page, "Somebody is away")
        choose(page, "#id_staff", who)
        write(page, "#id_first_on", on)
        write(page, "#id_starts_at", time(7, 40))
        press(page, "Say so", "main button")
        arrived(page, "Availability")
        expect(
            page.get_by_text(re.compile(rf"{who} is away\. \d+ sessions? needs? somebody"))
        ).to_be_visible()
        notice = page.get_by_role("alert").or_(page.locator(".notice")).filter(has_text="cannot be held")
        expect(notice).to_contain_text(f"{short} is away.")
        expect(page.locator("nav a", has_text="Plan the week")).to_contain_text("waiting")

        before = _calendars(clinic)
        press(page, "Mend it")
        page.wait_for_url("**/versions/*/")
        expect(page.get_by_text(f"{short} is away").first).to_be_visible()
        arrived(page, re.compile("^Week of "))
        assert _calendars(clinic) == before, "a draft has changed the calendar"
        press(page, "Publish and notify")
        expect(page.get_by_text(re.compile(r"Published\. "))).to_be_visible()
        arrived(page, re.compile("^Week of "))
        after = _calendars(clinic)
        assert _leads(clinic, who, on) == []
        told = _affected(before, after)
        assert told, "nobody sat in the sessions of who is ill"
        assert told == _told(clinic)

        expect(page.locator("nav a", has_text="Plan the week")).not_to_contain_text("waiting")
        changed = {code for code, had in minutes.items() if _booked(clinic, on).get(code, 0) != had}
        now = _wells(page, on)
        arrived(page, re.compile("^Week of "))
        assert {code for code in wells if wells[code] != now.get(code)} == changed & set(wells)
    assert faults == []


def test_a_patient_changes_her_shift_and_takes_another_seat(
    clinic: Clinic, window: Callable[..., BrowserContext]
) -> None:
    code = code_of(clinic, "Ana", "Reyes")
    seat, title, starts = _a_seat_of_next_week(clinic, code)
    phone = sign_in_by_keys(window, "patient@demo.example", viewport=PHONE)
    with complaints_of(phone) as faults:
        press(phone, "Week", ".dock a")
        arrived(phone, "My week")
        press(phone, "When can you come?")
        arrived(phone, "When can you come?")
        _works_late(phone, starts)
        press(phone, "Save my times")
        arrived(phone, "My week")
        expect(phone.get_by_role("status")).to_contain_text("not fit any more")
        press(phone, f"Find another time: {title}, {moment(starts, ZONE.key)}")
        arrived(phone, "I can't make it")
        expect(phone.get_by_label("My times have changed")).to_be_checked()
        press(phone, "Tell my team")
        arrived(phone, "Hello, Ana")
        expect(phone.get_by_text("one tap books it")).to_be_visible()
        go_to(phone, "button", "Take this place")
        offered = str(phone.evaluate("document.activeElement.querySelector('.unseen').textContent"))[2:]
        phone.keyboard.press("Enter")
        expect(phone.get_by_text("See you ")).to_contain_text("Your place is booked.")
        arrived(phone, "Hello, Ana")
    assert faults == []

    assert clinic.query("SELECT released_because FROM clinic_seat WHERE id = %s", seat) == [
        ("My times have changed",)
    ]
    desk = sign_in_by_keys(window, "counselor@demo.example")
    with complaints_of(desk) as faults:
        arrived(desk, "Today")
        expect(desk.get_by_text(re.compile("Changed when to come: .* no longer fit"))).to_be_visible()
        press(desk, "Ana R.", 'main a[href*="/alerts/"]')
        desk.wait_for_url("**/alerts/*/")
        arrived(desk, re.compile("."))
        press(desk, "Schedule", "main a")
        desk.wait_for_url("**/schedule/")
        arrived(desk, re.compile("Ana"))
        new_title, when = offered.split(", ", 1)
        rows = desk.get_by_role("row").filter(has_text=new_title)
        expect(rows.filter(has_text=when.split(", ")[0]).first).to_be_visible()
    assert faults == []


# -- a patient's own calendar ---------------------------------------------------------------------


def _own_calendar(window: Callable[..., BrowserContext]) -> tuple[Page, str]:
    """Ana's phone, and the private address of her calendar, which tells titles."""
    phone = sign_in_by_keys(window, "patient@demo.example", viewport=PHONE)
    phone.goto("/my/calendar/")
    press(phone, "Make a private address")
    expect(phone.locator("main code")).to_be_visible()
    press(phone, "Tell titles and places")
    expect(phone.get_by_text("tells titles and places")).to_be_visible()
    arrived(phone, "Calendar on my phone")
    return phone, phone.locator("main code").inner_text().strip()


def _begins(feed: str) -> dict[datetime, str]:
    """When something begins in the calendar, and what; as a calendar program reads it."""
    with urllib.request.urlopen(feed, timeout=20) as answer:  # noqa: S310 - the address that the page has shown
        events = Calendar.from_ical(answer.read()).walk("VEVENT")
    return {
        each["dtstart"].dt.astimezone(UTC): str(each["summary"])
        for each in events
        if str(each["status"]) == "CONFIRMED"
    }


# -- the board -----------------------------------------------------------------------------------


def _moved_by_keys(page: Page, session: int, title: str, stood: datetime) -> datetime:
    """Lifts the session, looks what would break later in the day, and puts it down where least breaks."""
    go_to(page, f"#s-{session}")
    page.keyboard.press("Enter")
    _said(page, f"{title} is lifted.")
    say = page.locator(".board-say")
    at = stood
    for _ in range(24):  # down the day until something would break
        page.keyboard.press("ArrowDown")
        at += timedelta(minutes=15)
        _said(page, clock(at, ZONE.key))
        if "breaks" in (say.get_attribute("class") or ""):
            break
    else:
        raise AssertionError("nothing ever breaks")
    assert say.inner_text().split(".", 1)[1].strip(), "it is not said what would break"
    page.keyboard.press("Escape")
    _said(page, "It is back where it was.")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    at = stood - timedelta(minutes=15)
    _said(page, clock(at, ZONE.key))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Undo moving"))).to_be_visible()
    return at


def _said(page: Page, words: str) -> None:
    """The live line says so."""
    expect(page.locator(".board-say")).to_contain_text(words)


def _a_session_of_ana(clinic: Clinic, version: int) -> tuple[int, str, datetime]:
    """A session of a group of the draft in which Ana sits now and in the draft, at the time at which it stands."""
    ((number, title, starts),) = clinic.query(
        "SELECT s.id, s.title, s.starts FROM clinic_plannedsession s"
        " JOIN clinic_plannedseat n ON n.session_id = s.id JOIN clinic_patient p ON p.id = n.patient_id"
        " JOIN clinic_occurrence o ON o.id = s.occurrence_id AND o.starts = s.starts AND o.mode = s.mode"
        " JOIN clinic_seat t ON t.occurrence_id = o.id AND t.patient_id = p.id AND t.released_at IS NULL"
        " WHERE s.version_id = %s AND s.group_id IS NOT NULL AND p.given_name = 'Ana' AND p.family_name = 'Reyes'"
        " ORDER BY s.starts LIMIT 1",
        version,
    )
    assert isinstance(number, int)
    assert isinstance(starts, datetime)
    return number, str(title), starts.astimezone(UTC)


def _versions(clinic: Clinic, monday: Any) -> int:
    """How many the week has: a facilitator of next week who fell ill in another test has left some."""
    ((count,),) = clinic.query(
        "SELECT coalesce(max(v.number), 0) FROM clinic_weekversion v JOIN clinic_week w ON w.id = v.week_id"
        " WHERE w.starts_on = %s",
        monday,
    )
    assert isinstance(count, int)
    return count


def _starts_in_draft(clinic: Clinic, session: int) -> datetime:
    ((starts,),) = clinic.query("SELECT starts FROM clinic_plannedsession WHERE id = %s", session)
    assert isinstance(starts, datetime)
    return starts.astimezone(UTC)


# -- who is told -----------------------------------------------------------------------------------


def _calendars(clinic: Clinic) -> Calendars:
    """Patient -> her sessions to come, with all that she would notice."""
    found: Calendars = {}
    for patient, *held in clinic.query(
        "SELECT t.patient_id, o.id, o.starts, o.ends, o.facilitator_id, o.cofacilitator_id, o.room_id, o.mode"
        " FROM clinic_seat t JOIN clinic_occurrence o ON o.id = t.occurrence_id"
        " WHERE t.released_at IS NULL AND o.cancelled_at IS NULL AND o.starts > now()"
    ):
        found.setdefault(patient, set()).add(tuple(held))
    return found


def _affected(before: Calendars, after: Calendars) -> set[object]:
    return {one for one in before.keys() | after.keys() if before.get(one, set()) != after.get(one, set())}


def _told(clinic: Clinic, whom: str = "patient") -> set[object]:
    """Patients, or staff, with a notice of the last publication."""
    rows = clinic.query(
        "SELECT patient_id, staff_id FROM clinic_weeknotice"
        " WHERE publication_id = (SELECT max(id) FROM clinic_publication)"
    )
    return {patient if whom == "patient" else staff for patient, staff in rows} - {None}


def _number(page: Page, pattern: str) -> int:
    found = re.search(pattern, page.locator("main").inner_text())
    assert found
    return int(found.group(1))


# -- the sick call -----------------------------------------------------------------------------------


def _who_falls_ill(clinic: Clinic) -> tuple[str, str, Any]:
    """Who leads most people on a day soon on which everything is still to come: name, short name, day."""
    ((name, short, on),) = clinic.query(
        "SELECT s.name, s.short_name, o.local_date FROM clinic_occurrence o"
        " JOIN clinic_staff s ON s.id = o.facilitator_id"
        " JOIN clinic_seat t ON t.occurrence_id = o.id AND t.released_at IS NULL"
        " WHERE o.kind = 'group' AND o.cancelled_at IS NULL AND o.local_date BETWEEN current_date + 1 AND current_date + 9"
        " GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 3 LIMIT 1"
    )
    return str(name), str(short), on


def _leads(clinic: Clinic, name: str, on: Any) -> list[tuple[object, ...]]:
    """What they still lead on that day."""
    return clinic.query(
        "SELECT o.title FROM clinic_occurrence o JOIN clinic_staff s ON s.id IN (o.facilitator_id, o.cofacilitator_id)"
        " WHERE s.name = %s AND o.local_date = %s AND o.cancelled_at IS NULL",
        name,
        on,
    )


def _booked(clinic: Clinic, on: Any) -> dict[str, int]:
    """Code of a patient -> minutes of her seats in the week of that day."""
    monday = on - timedelta(days=on.weekday())
    return {
        str(code): int(str(minutes))
        for code, minutes in clinic.query(
            "SELECT p.code, (sum(extract(epoch FROM o.ends - o.starts)) / 60)::int FROM clinic_seat t"
            " JOIN clinic_occurrence o ON o.id = t.occurrence_id JOIN clinic_patient p ON p.id = t.patient_id"
            " WHERE t.released_at IS NULL AND o.cancelled_at IS NULL AND o.local_date BETWEEN %s AND %s GROUP BY 1",
            monday,
            monday + timedelta(days=6),
        )
    }


def _wells(page: Page, on: Any) -> dict[str, str]:
    """Code of a patient -> what the board of that day's week says of her hours."""
    page.goto(f"/week/?on={on}&all=1")
    found: dict[str, str] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("aside .well:has(a)")].map(
          (each) => [each.querySelector("a").href.split("/").at(-2), each.innerText.replace(/\\s+/g, " ")]))"""
    )
    return found


# -- the changed shift -------------------------------------------------------------------------------


def _a_seat_of_next_week(clinic: Clinic, code: str) -> tuple[int, str, datetime]:
    """Her first seat in a group from next Monday on."""
    ((seat, title, starts),) = clinic.query(
        "SELECT t.id, o.title, o.starts FROM clinic_seat t JOIN clinic_occurrence o ON o.id = t.occurrence_id"
        " JOIN clinic_patient p ON p.id = t.patient_id WHERE p.code = %s AND t.released_at IS NULL"
        " AND o.kind = 'group' AND o.cancelled_at IS NULL AND o.local_date >= %s ORDER BY o.starts LIMIT 1",
        code,
        _next_monday(),
    )
    assert isinstance(seat, int)
    assert isinstance(starts, datetime)
    return seat, str(title), starts


def _works_late(phone: Page, starts: datetime) -> None:
    """On the day of that session she can only come half an hour after it has begun."""
    weekday = local(starts).weekday()
    evening = phone.evaluate(
        """(day) => [...document.querySelectorAll(`[name^="t${day}-"][name$="-from"]`)]
          .map((each) => [each.name, each.value]).filter(([, value]) => value).at(-1)[0]""",
        weekday,
    )
    write(phone, f'[name="{evening}"]', (local(starts) + timedelta(minutes=30)).time())


def _next_monday() -> Any:
    today = local(datetime.now(UTC)).date()
    return today + timedelta(days=7 - today.weekday())
