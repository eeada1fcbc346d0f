"""A real coturn on loopback, with the file that `stepwell video turn-config` writes."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stepwell.project.relay import RelayFault, credentials, try_relay
from stepwell.project.turn_config import write_turn_config
from tests.operate.ground import free_ports

SECRET = "forty-two-quiet-otters-share-one-warm-river"


@dataclass(frozen=True)
class Relay:
    url: str
    said: Path

    @property
    def settings(self) -> dict[str, str]:
        return {"STEPWELL_TURN_URL": self.url, "STEPWELL_TURN_SECRET": SECRET}


def why_not() -> str:
    """Why no relay can run here; empty when it can."""
    return "" if shutil.which("turnserver") else "no coturn found (Debian: apt-get install coturn)"


@contextmanager
def relaying(folder: Path) -> Iterator[Relay]:
    """The relay, letting browsers in; it is gone afterwards."""
    port = free_ports()
    path = write_turn_config(
        folder, secret=SECRET, realm="localhost", to=("127.0.0.1",), port=port, ports="41000-41999"
    )
    # Only what loopback asks for is changed: where it listens, and that loopback is the outside here.
    lines = path.read_text().replace("syslog\n", "log-file=stdout\n")
    path.write_text(lines + "listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nallow-loopback-peers\n")
    said = folder / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(["turnserver", "-c", str(path), "--pidfile="], stdout=out, stderr=out)
    try:
        url = f"turn:127.0.0.1:{port}"
        deadline = time.monotonic() + 20
        while True:
            try:
                try_relay(url, *credentials(SECRET, int(time.time()) + 60, "try"))
                break
            except RelayFault:
                assert process.poll() is None, said.read_text(errors="replace")
                assert time.monotonic() < deadline, said.read_text(errors="replace")
                time.sleep(0.1)
        yield Relay(url, said)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
