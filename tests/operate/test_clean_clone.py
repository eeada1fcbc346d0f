"""From nothing: a clone, `make demo`, a page. And the wheel holds everything the pages need."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

import psutil
import pytest
from tests import postgres
from tests.operate.ground import free_ports

PATIENCE = 600
quick = not (os.environ.get("CI") or os.environ.get("STEPWELL_CLEAN_CLONE"))


@pytest.mark.processes
@pytest.mark.skipif(quick, reason="takes minutes; runs under CI=true or STEPWELL_CLEAN_CLONE=1")
def test_make_demo_in_a_clean_clone_serves_and_stops():
    # Not under pytest's own folder: another test run closes that to the database's user.
    with tempfile.TemporaryDirectory(prefix="stepwell-clone-") as folder:
        serve_and_stop(Path(folder))


def serve_and_stop(tmp_path: Path) -> None:
    clone, port = tmp_path / "clone", free_ports()
    subprocess.run(["git", "clone", "--quiet", str(postgres.CHECKOUT), str(clone)], check=True)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("STEPWELL", "DATABASE"))
    }
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    with (tmp_path / "said").open("wb") as said:
        made = subprocess.Popen(
            ["make", "demo", f"PORT={port}", f"PYTHON={sys.base_prefix}/bin/python3"],
            cwd=clone,
            env=kept,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _ready(port):
            assert made.poll() is None, (tmp_path / "said").read_text()
            assert time.monotonic() < deadline, (tmp_path / "said").read_text()
            time.sleep(0.5)
        family = [psutil.Process(made.pid), *psutil.Process(made.pid).children(recursive=True)]
    finally:
        if made.poll() is None:
            os.killpg(made.pid, signal.SIGINT)  # as Ctrl-C does: everything in the terminal's foreground
        made.wait(60)
    gone, alive = psutil.wait_procs(family, timeout=20)
    assert [p.cmdline() for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    assert len(gone) + len(alive) >= 6
    assert "Stepwell is ready at" in (tmp_path / "said").read_text()


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.processes
def test_the_wheel_holds_every_page_style_and_table_and_runs_outside_the_checkout(tmp_path: Path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheel")],
        cwd=postgres.CHECKOUT,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "installed")
    tracked = subprocess.run(
        ["git", "ls-files", "src"], cwd=postgres.CHECKOUT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    missing = [
        path
        for path in tracked
        if (postgres.CHECKOUT / path).exists()
        and not (tmp_path / "installed" / path.removeprefix("src/")).exists()
    ]
    assert missing == []
    assert (tmp_path / "installed" / "stepwell" / "_demo").is_dir()
    elsewhere = {"PYTHONPATH": str(tmp_path / "installed"), "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    telling = "from stepwell.project.environment import *; print(checkout_root(), Environment.read().home)"
    told = subprocess.run(
        [sys.executable, "-c", telling],
        cwd=tmp_path,
        env=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["None", str(tmp_path / ".stepwell")]
    assert shutil.which("make")
