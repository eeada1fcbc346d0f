"""A quarter to six: everybody comes in at once while four groups that just ended sign their notes."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from bench.measuring import Ask, Times, measure

AT_THE_DOOR = 2
"""People who check others in at the same time, each over a connection of their own."""


def rush(
    port: int, cookie: str, arrivals: Sequence[Ask], signatures: Sequence[Ask], *, seconds: float
) -> tuple[Times, Times]:
    """Check-ins spread evenly over so many seconds, and beside them the signatures, as evenly.

    Answers the times of both, in the order in which they were asked. A request that is not answered as it should be
    ends the run (`measure`).
    """
    begun = time.perf_counter()
    came: list[list[float]] = [[] for _ in range(AT_THE_DOOR)]
    signed: list[float] = []
    failed: list[BaseException] = []

    def in_time(asks: Sequence[Ask], first: int, step: int, into: list[float]) -> None:
        try:
            for number in range(first, len(asks), step):
                due = begun + seconds * (number + 0.5) / len(asks)
                time.sleep(max(0.0, due - time.perf_counter()))
                into += measure(port, cookie, [asks[number]]).each
        except BaseException as fault:  # handed on to whoever waits below
            failed.append(fault)

    threads = [
        threading.Thread(target=in_time, args=(arrivals, n, AT_THE_DOOR, came[n])) for n in range(AT_THE_DOOR)
    ]
    threads.append(threading.Thread(target=in_time, args=(signatures, 0, 1, signed)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    took = time.perf_counter() - begun
    every = tuple(one for part in came for one in part)
    return Times(every, len(every) / took), Times(tuple(signed), len(signed) / took)
