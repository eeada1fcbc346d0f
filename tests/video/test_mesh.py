"""Three real browsers, each sending to each, signalled through Stepwell itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from tests.video.ground import (
    Held,
    answer_at_the_door,
    cameras,
    cookie_of,
    everybody_in,
    held,
    names_on,
    pictures,
    quick,
    share_and_stop,
    window_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def three(
    committed_database: None, tmp_path: Path, chromium_path: str
) -> Iterator[tuple[Held, Page, Page, Page]]:
    """Who leads, and two patients in front of the door."""
    with held(tmp_path, people=2) as where:
        users = [where.leader.user, *(patient.user for patient in where.patients)]
        cookies = [cookie_of(user) for user in users]
        seats = [where.seats[patient.pk] for patient in where.patients]
        with sync_playwright() as playwright, cameras(playwright, chromium_path) as browser:
            host, ana, ben = (
                window_of(
                    browser,
                    where,
                    user,
                    cookie,
                    **({} if n == 0 else {"viewport": {"width": 390, "height": 844}}),
                )
                for n, (user, cookie) in enumerate(zip(users, cookies, strict=True))
            )
            host.goto(f"/sessions/{where.session.pk}/video/")
            ana.goto(f"/my/sessions/{seats[0].pk}/video/")
            ben.goto(f"/my/sessions/{seats[1].pk}/video/")
            yield where, host, ana, ben


def test_three_browsers_see_each_other_and_nothing_stays_behind(three):
    where, host, ana, ben = three
    everybody_in(host, [ana, ben])
    for page in (host, ana, ben):
        decoded = pictures(page, 2)
        sys.stdout.write(f"frames decoded: {decoded}\n")
    assert names_on(host) == ["Ana", "Ben", "Maja Lindqvist (you)"]
    assert names_on(ana) == ["Ana (you)", "Ben", "Maja Lindqvist"]
    assert "Family0" not in ben.content()
    expect(host.get_by_text("Where: 12 Oak Street, Decatur").first).to_be_visible()
    assert "Oak Street" not in ben.inner_text("main")
    for page in (host, ana):
        assert [v["id"] for v in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    ana.get_by_role("button", name="Raise hand").click()
    expect(host.locator(".tile", has_text="hand up")).to_contain_text("Ana")
    ben.get_by_role("button", name="Mute").click()
    expect(host.locator(".tile", has_text="muted")).to_contain_text("Ben")
    ana.get_by_label("To everybody").fill("It helped to breathe")
    ana.get_by_role("button", name="Send").click()
    for page in (host, ben):
        expect(page.get_by_role("log")).to_contain_text("Ana: It helped to breathe")
    share_and_stop(host, [ana, ben])
    host.wait_for_timeout(6_000)  # a beat later nothing of it is in the database either
    assert where.clinic.query("SELECT count(*) FROM clinic_videosignal WHERE kind = 'chat'") == [(0,)]

    # Somebody who drops is back in ten seconds, without the questions.
    # The best of three: a test machine may have much to do besides.
    took = []
    while len(took) < 3 and min(took, default=99) >= quick():
        began = time.monotonic()
        ana.reload()
        expect(ana.locator(".tile")).to_have_count(3)
        pictures(ana, 2, frames=1, within=30)
        took.append(time.monotonic() - began)
    sys.stdout.write(f"back after {min(took):.1f} s\n")
    assert min(took) < quick()
    pictures(host, 2)

    # Leaving: the devices are let go, and nothing is kept.
    ana.evaluate(
        "window.tracks = [...document.querySelectorAll('.tile video')].find((v) => v.muted).srcObject.getTracks()"
    )
    ana.get_by_role("button", name="Leave").click()
    expect(ana.get_by_text("You left the session.")).to_be_visible()
    expect(host.locator(".tile")).to_have_count(2)
    left = ana.evaluate(
        """async () => ({
          tracks: window.tracks.map((t) => t.readyState),
          open: window.connections.filter((c) => c.connectionState !== "closed").length,
          local: localStorage.length, session: sessionStorage.length,
          databases: (await indexedDB.databases()).length,
          pictures: [...document.querySelectorAll("video")].filter((v) => v.srcObject).length,
          tiles: document.querySelectorAll(".tile").length,
          lines: document.querySelectorAll("[role=log] li").length,
          answers: [...document.querySelectorAll("[data-part=door] input:not([type=radio])")].map((i) => i.value).join(""),
        })"""
    )
    assert left == {
        "tracks": ["ended", "ended"], "open": 0, "local": 0, "session": 0, "databases": 0, "pictures": 0,
        "tiles": 0, "lines": 0, "answers": "",
    }  # fmt: skip
    for name in ana.evaluate("caches.keys()"):
        assert not any("video/" in url for url in ana.evaluate(
            "(name) => caches.open(name).then((c) => c.keys()).then((all) => all.map((r) => new URL(r.url).pathname))", name
        ))  # fmt: skip
    assert {cookie["name"] for cookie in ana.context.cookies()} <= {"sessionid", "csrftoken"}
    going_on = "SELECT count(*) FROM clinic_videopresence WHERE left_at IS NULL AND patient_id = %s"
    assert where.clinic.query(going_on, where.patients[0].pk) == [(0,)]


def test_who_is_taken_out_is_out_at_once(three):
    where, host, ana, ben = three
    everybody_in(host, [ana, ben])
    for page in (host, ana, ben):
        pictures(page, 2)
    ticket = []
    ana.on("request", lambda r: r.url.endswith("/line/") and ticket.append(r.headers["x-video-ticket"]))
    ana.wait_for_timeout(6_000)
    host.get_by_role("button", name="Remove Ana").click()
    with host.expect_response("**/door/"):
        host.get_by_role("dialog").get_by_role("button", name="Remove").click()
    before = time.monotonic()
    expect(ana.get_by_text("You were taken out of this session.")).to_be_visible()
    took = time.monotonic() - before
    sys.stdout.write(f"out after {took:.2f} s\n")
    assert took < 5, "the page hears of it by the live stream, not by its next beat"
    expect(host.locator(".tile")).to_have_count(2)
    expect(ben.locator(".tile")).to_have_count(2)
    assert ana.evaluate("window.connections.every((c) => c.connectionState === 'closed')")
    for path in ("line", "words", "entrance"):
        answered = ana.evaluate(
            """async ([path, ticket]) => (await fetch(`${document.getElementById("video-room").dataset.base}${path}/`, {
              method: "POST", body: "{}",
              headers: {"content-type": "application/json", "x-video-ticket": ticket,
                        "x-csrftoken": document.getElementById("video-room").dataset.token},
            })).status""",
            [path, ticket[-1]],
        )
        assert answered == 403, path
    ana.reload()
    expect(ana.get_by_text("You were taken out of this session.")).to_be_visible()

    host.get_by_role("button", name="Lock the room").click()
    expect(host.get_by_role("button", name="Unlock the room")).to_be_visible()
    host.get_by_role("button", name="Let back Ana").click()
    ana.reload()
    answer_at_the_door(ana)
    expect(ana.get_by_text("The room is locked")).to_be_visible()

    host.get_by_role("button", name="End for all").click()
    expect(ben.get_by_text("The session was ended.")).to_be_visible()
    expect(host.get_by_text("The session was ended.")).to_be_visible()
    assert where.clinic.query("SELECT count(*) FROM clinic_videopresence WHERE left_at IS NULL") == [(0,)]
