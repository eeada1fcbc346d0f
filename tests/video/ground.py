"""A real clinic in real processes with one session by video that is on now, and browsers with fake cameras."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from stepwell.accounts.models import User
from stepwell.accounts.roles import Role
from stepwell.accounts.sessions import SessionStore
from stepwell.clinic.people.models import Patient, Staff
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests import chromium
from tests.clinic.timetable.making import make_group
from tests.making import make_login, make_patient, make_site, make_staff
from tests.operate.ground import Clinic, free_ports

FLAGS = (
    *chromium.FLAGS,
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)
expect.set_options(timeout=20_000)  # a test machine may have much to do

AT_THE_DOOR = {
    "birth_date": "1990-05-04",
    "place": "12 Oak Street, Decatur",
    "listening": "alone",
    "phone": "404-555-0101",
}
"""What a patient of the makers says there."""

NAMES = ("Ana", "Ben", "Carla", "Dev", "Ellis", "Farah", "Gus", "Hana", "Ivo", "Jo", "Kim", "Lou")

# What a test counts is asked of the browser itself; the page keeps no list of its connections.
COUNTING = """
window.connections = [];
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...all) { super(...all); window.connections.push(this); }
};
window.decoded = async () => {
  const found = [];
  for (const one of window.connections) {
    if (one.connectionState === "closed") continue;
    (await one.getStats()).forEach((s) => {
      if (s.type === "inbound-rtp" && s.kind === "video") found.push(s.framesDecoded ?? 0);
    });
  }
  return found;
};
"""


@dataclass
class Held:
    """The running clinic and its session: who leads it, and who has a seat."""

    clinic: Clinic
    session: Occurrence
    leader: Staff
    patients: list[Patient]
    seats: dict[int, Seat] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.clinic.port}"


@contextmanager
def held(
    folder: Path, *, people: int, group: bool = False, further: dict[str, str] | None = None
) -> Iterator[Held]:
    """In the test's own committed database; `group` makes it a group session (through the gateway, where there is one)."""
    now = datetime.now(UTC)
    site = make_site()
    leader = make_staff(site, Role.FACILITATOR, Role.COUNSELOR, name="Maja Lindqvist")
    starts = now - timedelta(minutes=5)
    session = Occurrence.objects.create(
        site=site,
        group=make_group(site, leader, mode="video", capacity=20) if group else None,
        local_date=starts.astimezone(ZoneInfo(site.zone)).date(),
        kind="group" if group else "individual",
        treatment="group",
        title="Coping by video",
        starts=starts,
        ends=now + timedelta(minutes=55),
        facilitator=leader,
        mode="video",
        capacity=20,
    )
    patients = [make_patient(site, NAMES[n % len(NAMES)], f"Family{n}") for n in range(people)]
    seats = {}
    for number, patient in enumerate(patients, start=1):
        make_login(patient)
        seats[patient.pk] = Seat.objects.create(
            occurrence=session, patient=patient, number=number, capacity=20, mode="video", at=now
        )
    folder.joinpath("home").mkdir()
    port = free_ports()
    database = settings.DATABASES["default"]
    clinic = Clinic(
        folder / "home",
        port,
        ("serve",),
        further={
            "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}"
            f"?host={database['HOST']}&port={database['PORT'] or 5432}",
            "STEPWELL_SECRET_KEY": settings.SECRET_KEY,
            "STEPWELL_LIVE_URL": f"http://127.0.0.1:{port + 1}/live",
            **(further or {}),
        },
    )
    try:
        clinic.start()
        yield Held(clinic, session, leader, patients, seats)
    finally:
        if clinic.process is not None:
            clinic.stop()


def cookie_of(user: User) -> str:
    """The session of somebody who has signed in with all that is asked for."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store["second_factor"] = True
    store.create()
    return str(store.session_key)


@contextmanager
def cameras(playwright: Playwright, path: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    try:
        yield browser
    finally:
        browser.close()


def window_of(browser: Browser, where: Held, user: User, cookie: str, **options: Any) -> Page:
    """A window of its own, signed in as this person, in which connections are counted."""
    options.setdefault("viewport", {"width": 1440, "height": 900})
    context: BrowserContext = browser.new_context(base_url=where.origin, **options)
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": where.origin}])
    context.add_init_script(COUNTING)
    return context.new_page()


def answer_at_the_door(page: Page) -> None:
    """As a patient of the makers does, and comes in."""
    page.get_by_label("Your date of birth").fill("1990-05-04")
    page.get_by_label("Where are you now?").fill("12 Oak Street, Decatur")
    page.get_by_label("No, I am alone").check()
    page.get_by_label("A number where we reach you").fill("404-555-0101")
    page.get_by_role("button", name="Join the session").click()


def pictures(page: Page, streams: int, *, frames: int = 10, within: float = 30.0) -> list[int]:
    """Waits until so many incoming pictures have moved on by so many frames each; returns the frames decoded."""
    first: list[int] = []
    deadline = datetime.now(UTC) + timedelta(seconds=within)
    found: list[int] = []
    while datetime.now(UTC) < deadline:
        found = sorted(page.evaluate("window.decoded()"), reverse=True)[:streams]
        if len(found) == streams and min(found) > 0:
            first = first or found
            if all(now - before >= frames for now, before in zip(found, first, strict=True)):
                return found
        page.wait_for_timeout(250)
    raise AssertionError(
        f"{len(found)} of {streams} pictures came, frames {found}: {page.inner_text('main')}"
    )


def share_and_stop(host: Page, others: list[Page]) -> None:
    """Who leads shows the screen and takes it back; the others' pictures move on meanwhile, and they cannot."""
    for page in others:
        expect(page.get_by_role("button", name="Share screen")).to_have_count(0)
    host.get_by_role("button", name="Share screen").click()
    for page in others:
        expect(page.locator(".tile.sharing")).to_contain_text("shares the screen")
        pictures(page, len(others))
    host.get_by_role("button", name="Stop sharing").click()
    for page in others:
        expect(page.locator(".tile.sharing")).to_have_count(0)
        pictures(page, len(others))


def quick() -> float:
    """Seconds within which somebody who dropped is back: 10; more on a machine that has much else to do just now."""
    return 10.0 if os.getloadavg()[0] < 3 * (os.cpu_count() or 1) else 40.0


def names_on(page: Page) -> list[str]:
    return sorted(page.locator(".tile strong").all_inner_texts())


def everybody_in(host: Page, patients: list[Page]) -> None:
    """Who leads opens the room, the others answer at the door, and are let in."""
    host.get_by_role("button", name="Open video").click()
    expect(host.locator(".tile")).to_have_count(1)
    for page in patients:
        answer_at_the_door(page)
        expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    expect(host.get_by_role("button", name="Let in")).to_have_count(len(patients))
    host.get_by_role("button", name="Let everybody in").click()
    for page in [host, *patients]:
        expect(page.locator(".tile")).to_have_count(len(patients) + 1)
