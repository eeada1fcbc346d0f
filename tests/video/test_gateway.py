"""Three real browsers through a real Janus gateway, which only Stepwell speaks to."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.video.gateway import Gateway, running, say, why_not
from tests.video.ground import (
    Held,
    cameras,
    cookie_of,
    everybody_in,
    held,
    names_on,
    pictures,
    quick,
    window_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    lacking = why_not()
    if lacking:
        pytest.skip(lacking)
    with running(tmp_path_factory.mktemp("j")) as one:
        yield one


@pytest.fixture
def three(
    committed_database: None, gateway: Gateway, tmp_path: Path, chromium_path: str
) -> Iterator[tuple[Held, Page, Page, Page]]:
    with held(tmp_path, people=2, group=True, further={"STEPWELL_JANUS": str(gateway.socket)}) as where:
        users = [where.leader.user, *(patient.user for patient in where.patients)]
        cookies = [cookie_of(user) for user in users]
        seats = [where.seats[patient.pk] for patient in where.patients]
        with sync_playwright() as playwright, cameras(playwright, chromium_path) as browser:
            host, ana, ben = (
                window_of(browser, where, user, cookie) for user, cookie in zip(users, cookies, strict=True)
            )
            host.goto(f"/sessions/{where.session.pk}/video/")
            ana.goto(f"/my/sessions/{seats[0].pk}/video/")
            ben.goto(f"/my/sessions/{seats[1].pk}/video/")
            yield where, host, ana, ben


def test_three_browsers_see_each_other_through_the_gateway_and_who_is_taken_out_is_out(three, gateway):
    where, host, ana, ben = three
    everybody_in(host, [ana, ben])
    assert where.clinic.query("SELECT kind FROM clinic_videoroom") == [("janus",)]
    for page in (host, ana, ben):
        say(f"frames decoded: {pictures(page, 2)}")
    assert names_on(host) == ["Ana", "Ben", "Maja Lindqvist (you)"]

    # Nothing of the gateway listens on a port: its one way in is the socket.
    listening = [c for c in gateway.process.net_connections() if c.status == psutil.CONN_LISTEN]
    assert listening == []

    took = []
    while len(took) < 3 and min(took, default=99) >= quick():  # a test machine may have much to do besides
        began = time.monotonic()
        ana.reload()
        expect(ana.locator(".tile")).to_have_count(3)
        pictures(ana, 2, frames=1, within=30)
        took.append(time.monotonic() - began)
    say(f"back after {min(took):.1f} s")
    assert min(took) < quick()
    pictures(host, 2)

    host.get_by_role("button", name="Remove Ana").click()
    with host.expect_response("**/door/"):
        host.get_by_role("dialog").get_by_role("button", name="Remove").click()
    before = time.monotonic()
    expect(ana.get_by_text("You were taken out of this session.")).to_be_visible()
    say(f"out after {time.monotonic() - before:.2f} s")
    assert time.monotonic() - before < 5
    expect(ben.locator(".tile")).to_have_count(2)
    pictures(ben, 1)
    pictures(host, 1)


def test_the_relay_started_again_has_everybody_back(three, gateway):
    where, host, ana, ben = three
    everybody_in(host, [ana, ben])
    for page in (host, ana, ben):
        pictures(page, 2)
    assert where.clinic.process is not None
    ours = psutil.Process(where.clinic.process.pid).children(recursive=True)
    relay = next(p for p in ours if "stepwell.project.video_relay" in p.cmdline())
    relay.kill()
    for page in (host, ana, ben):
        page.evaluate("window.connections = []")  # only what is new counts
    for page in (host, ana, ben):
        pictures(page, 2, within=40)


def test_the_files_of_the_gateway_are_written_by_the_command(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "stepwell", "video", "janus-config", str(tmp_path / "j")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"STEPWELL_JANUS={tmp_path}/j/janus.sock" in done.stdout
    assert "--configs-folder" in done.stdout
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o700
    wrong = subprocess.run(
        [sys.executable, "-m", "stepwell", "video", "janus-config", str(tmp_path / "j"), "--ports", "5"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
