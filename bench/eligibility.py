"""Answers of payers about eligibility: read from X12, and into what they mean for the program, in one second."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from bench.report import Row
from stepwell.clinic.coverage.eligibility.rules import load_reading, summarize
from stepwell.edi.demo_payer import usual_benefits
from stepwell.edi.x12 import read_file, write_271


def eligibility_rows(times: int) -> list[Row]:
    """A 271 of the usual size, read alone and with its meaning; an answer with two hundred lines beside it."""
    usual = _answer(1)
    reading = load_reading()

    def whole() -> None:
        for one in read_file(usual).answers:
            summarize(one, network=True, on=date(2026, 3, 18), reading=reading)

    alone = _per_second(lambda: read_file(usual), times)
    meant = _per_second(whole, times)
    long = _per_second(lambda: read_file(_LONG), max(times // 10, 5))
    return [
        Row("271 read, a second", alone, None, "/s", ">= 500", alone >= 500),
        Row("271 read and understood, a second", meant, None, "/s", ">= 300", meant >= 300),
        Row("271 of 250 lines read, a second", long, None, "/s", ">= 50", long >= 50),
    ]


def _answer(copies: int) -> bytes:
    return write_271(
        control_number=1,
        trace="SW000000001",
        at=datetime(2026, 3, 18, 14, tzinfo=UTC),
        payer=("Blue Lake Health", "SAMPLE"),
        provider=("Peachtree", "1234567893"),
        subscriber=("Ana", "Reyes", "SAMPLE1", date(1990, 5, 4)),
        lines=usual_benefits("2026") * copies,
    ).encode()


_LONG = _answer(10)


def _per_second(what: Callable[[], object], times: int) -> float:
    what()
    began = time.perf_counter()
    for _ in range(times):
        what()
    return times / (time.perf_counter() - began)
