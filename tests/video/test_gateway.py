"""Three real browsers through a real Janus gateway, which only Stepwell speaks to."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.video.gateway import Gateway, own_addresses, running, say, why_not
from tests.video.ground import (
    AT_THE_DOOR,
    Held,
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
from tests.video.light import Client

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

    # The keys and words of the room are the same as from browser to browser.
    ana.get_by_role("button", name="Raise hand").click()
    expect(host.locator(".tile", has_text="hand up")).to_contain_text("Ana")
    ben.get_by_role("button", name="Mute").click()
    expect(host.locator(".tile", has_text="muted")).to_contain_text("Ben")
    ana.get_by_label("To everybody").fill("It helped to breathe")
    ana.get_by_role("button", name="Send").click()
    for page in (host, ben):
        expect(page.get_by_role("log")).to_contain_text("Ana: It helped to breathe")
    host.get_by_role("button", name="Lock the room").click()
    expect(ana.get_by_text("3 people here · locked")).to_be_visible()
    share_and_stop(host, [ana, ben])

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


def test_a_network_that_was_away_is_made_up_for(three, gateway):
    _, host, ana, ben = three
    if not gateway.cable:
        pytest.skip("the network of this machine itself is not cut")
    everybody_in(host, [ana, ben])
    for page in (host, ana, ben):
        pictures(page, 2)
    gateway.cut(6)
    began = time.monotonic()
    for page in (host, ana, ben):
        pictures(page, 2, within=40)
    took = time.monotonic() - began
    say(f"pictures again {took:.1f} s after the network was")
    assert took < quick()


def test_a_gateway_that_is_gone_is_told_in_a_sentence_and_once_back_has_everybody_again(three, gateway):
    _, host, ana, ben = three
    everybody_in(host, [ana, ben])
    for page in (host, ana, ben):
        pictures(page, 2)
    gateway.stop()
    for page in (host, ana):
        expect(page.get_by_text("The program's video gateway does not answer.")).to_be_visible(timeout=90_000)
    gateway.start()
    began = time.monotonic()
    for page in (host, ana, ben):
        page.evaluate("window.connections = []")  # only what is new counts
    for page in (host, ana, ben):
        pictures(page, 2, within=90)
    say(f"pictures again {time.monotonic() - began:.1f} s after the gateway was")


@pytest.fixture
def light_three(
    committed_database: None, gateway: Gateway, tmp_path: Path
) -> Iterator[tuple[Held, list[Client]]]:
    """Who leads and two patients, as light clients that do as they like."""
    with held(tmp_path, people=2, group=True, further={"STEPWELL_JANUS": str(gateway.socket)}) as where:
        port, session = where.clinic.port, where.session.pk
        leads = Client(port, f"/sessions/{session}/video/", session, cookie_of(where.leader.user), {})
        yield (
            where,
            [
                leads,
                *(
                    Client(
                        port,
                        f"/my/sessions/{where.seats[one.pk].pk}/video/",
                        session,
                        cookie_of(one.user),
                        AT_THE_DOOR,
                    )
                    for one in where.patients
                ),
            ],
        )


async def _hear(client: Client, others: list[Client], packets: int = 5, within: float = 40.0) -> None:
    """Waits until this client has received so many more packets of each of the others."""
    before = await client.packets()
    deadline = time.monotonic() + within
    while True:
        now = await client.packets()
        if all(now.get(one.presence, 0) - before.get(one.presence, 0) >= packets for one in others):
            return
        assert time.monotonic() < deadline, (client.presence, before, now)
        await asyncio.sleep(0.2)


@pytest.mark.filterwarnings("ignore")  # of the light client's library, not ours
def test_who_is_taken_out_neither_hears_nor_is_heard_whatever_the_own_page_does(light_three):
    _, [leads, ana, ben] = light_three

    async def go() -> None:
        everybody = [leads, ana, ben]
        for client in everybody:
            await client.come()
        await leads.post("door", {"do": "admit-all"})
        beats = [asyncio.create_task(client.live()) for client in everybody]
        try:
            for client in everybody:
                await _hear(client, [one for one in everybody if one is not client])
            await leads.post("door", {"do": "remove", "who": ana.presence})
            await asyncio.sleep(2)  # the connections of who was taken out stay open on their side
            first, of_ana = await ana.packets(), (await ben.packets())[ana.presence]
            await asyncio.sleep(2)
            assert await ana.packets() == first
            assert (await ben.packets())[ana.presence] == of_ana
            await _hear(ben, [leads])
            with pytest.raises(AssertionError, match="403"):
                await ana.post("words", {"kind": "publish", "body": {"call": ana.call, "jsep": {}}})
        finally:
            await _end(beats, everybody)

    asyncio.run(go())


@pytest.mark.filterwarnings("ignore")  # of the light client's library, not ours
def test_addresses_found_late_hold_nobody_up(light_three):
    """A browser behind a slow relay sends them one by one; the gateway acknowledges each and answers none."""
    _, [leads, ana, ben] = light_three

    async def go() -> None:
        everybody = [leads, ana, ben]
        for client in everybody:
            await client.come()
        beats = [asyncio.create_task(client.live()) for client in everybody]
        try:
            await leads.post("door", {"do": "admit", "who": ana.presence})
            await _hear(leads, [ana])
            candidate = "candidate:1 1 udp 2122260223 192.0.2.99 50000 typ host"
            for of in ("sends", "receives"):
                for name in (ana.call, "another"):
                    await ana.post(
                        "words",
                        {"kind": "trickle", "body": {"call": name, "of": of,
                         "candidate": {"candidate": candidate, "sdpMid": "0", "sdpMLineIndex": 0}}},
                    )  # fmt: skip
            began = time.monotonic()
            await leads.post("door", {"do": "admit", "who": ben.presence})
            await _hear(leads, [ana, ben], packets=1)
            took = time.monotonic() - began
            say(f"the next one is heard after {took:.1f} s")
            assert took < quick()
            assert [client.published for client in everybody] == [1, 1, 1], "nobody had to connect anew"
        finally:
            await _end(beats, everybody)

    asyncio.run(go())


async def _end(beats: list[asyncio.Task[None]], clients: list[Client]) -> None:
    for beat in beats:
        beat.cancel()
    await asyncio.gather(*beats, return_exceptions=True)
    await asyncio.gather(*(client.close() for client in clients))


@pytest.mark.filterwarnings("ignore")  # of the light client's library, not ours
def test_where_no_private_network_may_be_made_the_gateway_runs_on_the_machines_own_address(
    committed_database: None, tmp_path: Path
):
    if why_not() or not own_addresses():
        pytest.skip(why_not() or "the machine has no address besides loopback")
    with (
        running(tmp_path / "j", own_network=False) as gateway,
        held(tmp_path, people=1, group=True, further={"STEPWELL_JANUS": str(gateway.socket)}) as where,
    ):
        assert gateway.space == ""
        port, session = where.clinic.port, where.session.pk
        [patient] = where.patients
        everybody = [
            Client(port, f"/sessions/{session}/video/", session, cookie_of(where.leader.user), {}),
            Client(
                port,
                f"/my/sessions/{where.seats[patient.pk].pk}/video/",
                session,
                cookie_of(patient.user),
                AT_THE_DOOR,
            ),
        ]

        async def go() -> None:
            for client in everybody:
                await client.come()
            await everybody[0].post("door", {"do": "admit-all"})
            beats = [asyncio.create_task(client.live()) for client in everybody]
            try:
                await _hear(everybody[0], everybody[1:])
                await _hear(everybody[1], everybody[:1])
            finally:
                await _end(beats, everybody)

        asyncio.run(go())


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
