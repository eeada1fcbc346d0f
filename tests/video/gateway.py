"""A real Janus gateway with the files that `stepwell video janus-config` writes.

It cannot gather addresses on loopback alone: it gets a network namespace with one pair of virtual cables, so that
nothing of the machine's own network is used. Where none may be made (a container without rights), it runs on the
machine's own address; where there is none either, the test is skipped with a sentence.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from stepwell.project.janus_config import write_config


@dataclass
class Gateway:
    """`space` is the name of its private network, `cable` our end of it; both empty on the machine's own."""

    folder: Path
    socket: Path
    space: str = ""
    cable: str = ""
    started: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def process(self) -> psutil.Process:
        assert self.started is not None
        return psutil.Process(self.started.pid)

    def seconds(self) -> float:
        """Processor time so far."""
        used = self.process.cpu_times()
        return used.user + used.system

    def start(self) -> None:
        """Waits until it answers."""
        command = ["ip", "netns", "exec", self.space] if self.space else []
        command += [
            "janus",
            f"--configs-folder={self.folder}",
            f"--config={self.folder}/janus.jcfg",
            "--disable-colors",
        ]
        path = self.folder / "said"
        with path.open("ab") as said:
            self.started = subprocess.Popen(command, stdout=said, stderr=said)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert self.started.poll() is None, path.read_text(errors="replace")
            assert time.monotonic() < deadline, path.read_text(errors="replace")
            time.sleep(0.05)

    def stop(self) -> None:
        """As a crash would: at once."""
        if self.started is not None:
            self.started.kill()
            self.started.wait()

    def cut(self, seconds: float) -> None:
        """The network between the browsers and the gateway is gone for so long."""
        subprocess.run(["ip", "link", "set", self.cable, "down"], check=True)
        try:
            time.sleep(seconds)
        finally:
            subprocess.run(["ip", "link", "set", self.cable, "up"], check=True)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.socket))
            except OSError:
                return False
            return True


def why_not() -> str:
    """Why no gateway can run here; empty when it can."""
    if shutil.which("janus") is None:
        return "no Janus found (Debian: apt-get install janus)"
    if not may_have_a_network() and not own_addresses():
        return (
            "no private network may be made here (it needs root and iproute2), and the machine has no address"
        )
    return ""


def may_have_a_network() -> bool:
    """Whether a network of its own can be made for the gateway."""
    if shutil.which("ip") is None:
        return False
    name = f"sw-try-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return False
    subprocess.run(["ip", "netns", "delete", name], check=False)
    return True


def own_addresses() -> list[str]:
    """IPv4 addresses of this machine besides loopback."""
    return [
        one.address
        for name, several in psutil.net_if_addrs().items()
        if psutil.net_if_stats()[name].isup
        for one in several
        if one.family == socket.AF_INET and not one.address.startswith("127.")
    ]


@contextmanager
def running(folder: Path, *, own_network: bool | None = None) -> Iterator[Gateway]:
    """The gateway, answering on its socket; everything of it is gone afterwards."""
    gateway = Gateway(folder, write_config(folder, ports="40000-40999"))
    with private_network(gateway) if own_network is not False and may_have_a_network() else without(gateway):
        try:
            gateway.start()
            yield gateway
        finally:
            gateway.stop()


@contextmanager
def without(_gateway: Gateway) -> Iterator[None]:
    say(f"no private network may be made here: the gateway runs on {', '.join(own_addresses())}")
    yield


@contextmanager
def private_network(gateway: Gateway) -> Iterator[None]:
    """A namespace with one pair of virtual cables."""
    number = os.getpid() % 50_000
    space, outer, inner = f"sw{number}", f"swo{number}", f"swi{number}"
    third, fourth = number // 250, number % 250
    net = f"10.2{10 + third // 100}.{fourth}"
    here, there = f"{net}.{4 * (third % 60) + 1}", f"{net}.{4 * (third % 60) + 2}"
    try:
        for command in (
            ["ip", "netns", "add", space],
            ["ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space],
            ["ip", "addr", "add", f"{here}/30", "dev", outer],
            ["ip", "link", "set", outer, "up"],
            ["ip", "-n", space, "addr", "add", f"{there}/30", "dev", inner],
            ["ip", "-n", space, "link", "set", inner, "up"],
            ["ip", "-n", space, "link", "set", "lo", "up"],
            ["ip", "-n", space, "route", "add", "default", "via", here],
        ):
            subprocess.run(command, check=True, capture_output=True)
        gateway.space, gateway.cable = space, outer
        yield
    finally:
        subprocess.run(["ip", "link", "delete", outer], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "delete", space], check=False, capture_output=True)


def say(sentence: str) -> None:
    """A line of numbers for whoever reads the run."""
    sys.stdout.write(sentence + "\n")
