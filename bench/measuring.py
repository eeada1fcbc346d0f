"""One client that counts time: requests over a kept-open connection, in turn or from several at once."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Times:
    """Milliseconds of each request, and requests a second over the whole run."""

    each: tuple[float, ...]
    per_second: float

    @property
    def p50(self) -> float:
        return median(self.each)

    @property
    def p95(self) -> float:
        return quantiles(self.each, n=100)[94]

    @property
    def p99(self) -> float:
        return quantiles(self.each, n=100)[98]


@dataclass(frozen=True)
class Ask:
    """One request: method, path, body, and the status that must come back."""

    method: str
    path: str
    body: str = ""
    status: int = 200


def measure(port: int, cookie: str, asks: Sequence[Ask], *, warm: int = 0) -> Times:
    """The asks one after another over one connection; the first `warm` are not counted."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    counted: list[float] = []
    begun = time.perf_counter()
    for number, ask in enumerate(asks):
        if number == warm:
            begun = time.perf_counter()
        took = _one(connection, cookie, ask)
        if number >= warm:
            counted.append(took)
    return Times(tuple(counted), len(counted) / (time.perf_counter() - begun))


def in_turn(runs: Sequence[Callable[[], Times]], rounds: int) -> list[Times]:
    """Each run once a round, A B C A B C: a machine whose speed drifts slows all of them alike."""
    gathered: list[list[Times]] = [[] for _ in runs]
    for _ in range(rounds):
        for place, run in enumerate(runs):
            gathered[place].append(run())
    return [
        Times(tuple(t for times in found for t in times.each), median(times.per_second for times in found))
        for found in gathered
    ]


def at_once(port: int, cookie: str, ask: Ask, *, connections: int, seconds: float) -> Times:
    """The same ask from several connections at once for some seconds."""
    stop = time.perf_counter() + seconds
    found: list[list[float]] = [[] for _ in range(connections)]

    def ask_on(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < stop:
            found[place].append(_one(connection, cookie, ask))

    threads = [threading.Thread(target=ask_on, args=(n,)) for n in range(connections)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = tuple(_flat(found))
    return Times(every, len(every) / (time.perf_counter() - begun))


def _flat(found: list[list[float]]) -> Iterator[float]:
    for one in found:
        yield from one


def _one(connection: http.client.HTTPConnection, cookie: str, ask: Ask) -> float:
    headers = {"Cookie": cookie, "Host": f"127.0.0.1:{connection.port}"}
    if ask.method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        token = cookie.partition("csrftoken=")[2].partition(";")[0]
        headers["X-CSRFToken"] = token
        headers["Origin"] = f"http://127.0.0.1:{connection.port}"
    begun = time.perf_counter()
    connection.request(ask.method, ask.path, ask.body or None, headers)
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - begun) * 1000
    if answer.status != ask.status:
        raise SystemExit(f"{ask.method} {ask.path} answered {answer.status}, not {ask.status}.")
    return took
