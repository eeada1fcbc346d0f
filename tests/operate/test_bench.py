"""`make bench` on a small program: it fills, serves, measures and prints; the figures are not looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
ROWS = (
    "chart page, p95",
    "chart page, p50, beside a five-query page",
    "chart page, p50, beside its SQL by psycopg",
    "chart page, queries",
    "today, p95, beside an empty view",
    "today, p50, beside its SQL by psycopg",
    "week, p95, beside an empty view",
    "week, p50, beside its SQL by psycopg",
    "patients, p95, beside an empty view",
    "patients, p50, beside its SQL by psycopg",
    "trend of 1000 PHQ-9, p95, beside an empty view",
    "session room of 12 opens, p95, beside an empty view",
    "sign a 12-person group note, p95",
    "sign a 12-person group note, p50",
    "check in, p95",
    "20 check-ins in 10 s while 4 groups sign, p95",
    "signatures meanwhile, the slowest",
    "of them lost",
    "check in, until open pages of two live processes heard, p95",
    "estimates of 12 weeks, by one process",
    "271 read, a second",
    "271 read and understood, a second",
    "271 of 250 lines read, a second",
    "PHQ-9 scored, by one process",
    "chart under 8 connections ",
    "chart under 8 connections, p99 over p50",
)


def test_the_bench_prints_every_row_and_says_how_busy_the_machine_was(tmp_path: Path):
    told = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "STEPWELL_DATABASE_POOL")}
    run = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--patients", "60"],
        cwd=ROOT,
        env=told | {"BENCH_HOME": str(tmp_path), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    lines = run.stdout.splitlines()
    printed = [next((line for line in lines if line.startswith(row)), "") for row in ROWS]
    assert [row for row, line in zip(ROWS, printed, strict=True) if not line] == []
    assert all(line.endswith(("held", "MISSED")) for line in printed)
    assert any(line.startswith(f"{os.cpu_count()} cores; load of the machine") for line in lines)
