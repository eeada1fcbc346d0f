"""A real coturn on loopback: who is let in, and two browsers whose pictures go through it alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from stepwell.cli.commands import doctor
from stepwell.project.environment import Environment
from stepwell.project.relay import RelayFault, credentials, try_relay
from tests.operate.ground import surroundings
from tests.video.gateway import say
from tests.video.ground import cameras, cookie_of, everybody_in, held, pictures, window_of
from tests.video.relay import SECRET, Relay, relaying, why_not

ONLY_THROUGH_THE_RELAY = """
const Counted = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Counted {
  constructor(given) { super({ ...given, iceTransportPolicy: "relay" }); }
};
window.ways = async () => {
  const found = [];
  for (const one of window.connections) {
    const stats = [...(await one.getStats()).values()];
    for (const { selectedCandidatePairId } of stats.filter((s) => s.type === "transport" && s.selectedCandidatePairId)) {
      const pair = stats.find((s) => s.id === selectedCandidatePairId);
      found.push(stats.find((s) => s.id === pair?.localCandidateId)?.candidateType);
    }
  }
  return found;
};
"""


@pytest.fixture
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    lacking = why_not()
    if lacking:
        pytest.skip(lacking)
    with relaying(tmp_path_factory.mktemp("t")) as one:
        yield one


def soon() -> int:
    return int(time.time()) + 60


@pytest.mark.processes
def test_the_relay_lets_in_who_has_the_credentials_of_now_and_nobody_else(relay):
    try_relay(relay.url, *credentials(SECRET, soon(), "7"))
    try_relay(relay.url + "?transport=tcp", *credentials(SECRET, soon(), "7"))
    for name, password in (
        credentials("another-secret-of-the-same-length", soon(), "7"),
        credentials(SECRET, soon() - 120, "7"),
        ("7", "guess"),
    ):
        with pytest.raises(RelayFault, match="refuses the secret"):
            try_relay(relay.url, name, password)


@pytest.mark.processes
def test_the_doctor_tells_of_a_relay_that_works_and_of_one_that_does_not(relay, tmp_path):
    def told(**settings: str) -> list[tuple[bool, str]]:
        return doctor.video(Environment.read(surroundings(tmp_path, 8000) | settings))

    assert told() == []
    assert told(**relay.settings) == [(True, f"The relay {relay.url} lets browsers in")]
    both = relay.settings | {"STEPWELL_TURN_URL": f"{relay.url},turn:127.0.0.1:9"}
    assert told(**both) == [
        (True, f"The relay {relay.url} lets browsers in"),
        (False, "The relay turn:127.0.0.1:9 does not answer."),
    ]
    [(fine, said)] = told(**relay.settings | {"STEPWELL_TURN_SECRET": "x" * 40})
    assert (fine, "refuses the secret" in said) == (False, True)
    assert told(STEPWELL_TURN_URL=relay.url) == [
        (False, "STEPWELL_TURN_URL is set without STEPWELL_TURN_SECRET, so no relay is offered.")
    ]
    [(fine, said)] = told(STEPWELL_JANUS=str(tmp_path / "nothing.sock"))
    assert (fine, said.startswith("The video gateway does not answer at ")) == (False, True)


@pytest.mark.browser
@pytest.mark.processes
def test_two_browsers_that_cannot_reach_each_other_do_so_through_the_relay(
    committed_database: None, relay: Relay, tmp_path: Path, chromium_path: str
):
    with held(tmp_path, people=1, further=relay.settings) as where:
        cookies = [cookie_of(where.leader.user), cookie_of(where.patients[0].user)]
        seat = where.seats[where.patients[0].pk]
        with sync_playwright() as playwright, cameras(playwright, chromium_path) as browser:
            host = window_of(browser, where, where.leader.user, cookies[0])
            ana = window_of(browser, where, where.patients[0].user, cookies[1])
            for page in (host, ana):
                page.add_init_script(ONLY_THROUGH_THE_RELAY)
            host.goto(f"/sessions/{where.session.pk}/video/")
            ana.goto(f"/my/sessions/{seat.pk}/video/")
            everybody_in(host, [ana])
            for page in (host, ana):
                say(f"frames decoded through the relay: {pictures(page, 1)}")
                assert set(page.evaluate("window.ways()")) == {"relay"}


def test_the_file_of_the_relay_is_written_by_the_command_for_its_owner_alone(tmp_path: Path):
    def command(*more: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "stepwell", "video", "turn-config", str(tmp_path / "t"), *more],
            capture_output=True, text=True, check=False, env=surroundings(tmp_path, 8000) | settings,
        )  # fmt: skip

    done = command("--address", "203.0.113.9", "--to", "10.0.0.7", STEPWELL_TURN_SECRET=SECRET)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "t" / "turnserver.conf"
    assert path.stat().st_mode & 0o777 == 0o600
    lines = path.read_text().splitlines()
    assert {
        "use-auth-secret", f"static-auth-secret={SECRET}", "denied-peer-ip=10.0.0.0-10.255.255.255",
        "allowed-peer-ip=10.0.0.7", "external-ip=203.0.113.9", "no-cli", "no-tls",
    } <= set(lines)  # fmt: skip
    for more, settings in (
        ((), {}),
        ((), {"STEPWELL_TURN_SECRET": "short"}),
        (("--to", "everywhere"), {"STEPWELL_TURN_SECRET": SECRET}),
        (("--certificate", "/c.pem"), {"STEPWELL_TURN_SECRET": SECRET}),
        (("--ports", "5"), {"STEPWELL_TURN_SECRET": SECRET}),
    ):
        wrong = command(*more, **settings)
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
