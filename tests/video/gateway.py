"""A real Janus gateway in a network of its own, with the files that `stepwell video janus-config` writes.

It cannot gather addresses on loopback alone, and nothing of the machine's own network shall be used: a namespace
with one pair of virtual cables. Who may not make one gets a sentence, and the test is skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from stepwell.project.janus_config import write_config


@dataclass(frozen=True)
class Gateway:
    socket: Path
    process: psutil.Process

    def seconds(self) -> float:
        """Processor time so far."""
        used = self.process.cpu_times()
        return used.user + used.system


def why_not() -> str:
    """Why no gateway can run here; empty when it can."""
    if shutil.which("janus") is None:
        return "no Janus found (Debian: apt-get install janus)"
    if shutil.which("ip") is None:
        return "no `ip` found (Debian: apt-get install iproute2)"
    name = f"sw-try-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return "a private network may not be made here (it needs root)"
    subprocess.run(["ip", "netns", "delete", name], check=False)
    return ""


@contextmanager
def running(folder: Path) -> Iterator[Gateway]:
    """The gateway, answering on its socket; everything of it is gone afterwards."""
    number = os.getpid() % 50_000
    space, outer, inner = f"sw{number}", f"swo{number}", f"swi{number}"
    third, fourth = number // 250, number % 250
    here, there = f"10.2{10 + third // 100}.{fourth}.{4 * (third % 60) + 1}", ""
    there = here.rsplit(".", 1)[0] + f".{4 * (third % 60) + 2}"
    socket = write_config(folder, ports="40000-40999")
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
        with (folder / "said").open("wb") as said:
            started = subprocess.Popen(
                ["ip", "netns", "exec", space, "janus", f"--configs-folder={folder}",
                 f"--config={folder}/janus.jcfg", "--disable-colors"],
                stdout=said, stderr=said,
            )  # fmt: skip
            try:
                deadline = time.monotonic() + 20
                while not socket.exists():
                    assert started.poll() is None, (folder / "said").read_text(errors="replace")
                    assert time.monotonic() < deadline, (folder / "said").read_text(errors="replace")
                    time.sleep(0.05)
                yield Gateway(socket, psutil.Process(started.pid))
            finally:
                started.terminate()
                try:
                    started.wait(5)
                except subprocess.TimeoutExpired:
                    started.kill()
                    started.wait()
    finally:
        subprocess.run(["ip", "link", "delete", outer], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "delete", space], check=False, capture_output=True)


def say(sentence: str) -> None:
    """A line of numbers for whoever reads the run."""
    sys.stdout.write(sentence + "\n")
