"""How long it takes until a check-in at the desk is heard by open pages, whichever live process they are connected to."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench.measuring import Ask, Times, measure

PATIENCE = 10.0
"""Seconds after which a check-in counts as never heard, and the run ends."""


@dataclass
class Page:
    """One open page: its stream, and the instant (perf_counter) of the first news of each topic."""

    line: http.client.HTTPConnection
    news: dict[str, float] = field(default_factory=dict)
    came: threading.Condition = field(default_factory=threading.Condition)

    def listen(self, answer: http.client.HTTPResponse) -> None:
        # A closed stream ends the loop; there is nobody left to tell.
        try:
            while line := answer.readline():
                if line.startswith(b"data: {"):
                    topic = json.loads(line[6:]).get("topic", "")
                    with self.came:
                        self.news.setdefault(topic, time.perf_counter())
                        self.came.notify_all()
        except (OSError, ValueError, AttributeError):
            return

    def heard(self, topic: str) -> float:
        with self.came:
            if not self.came.wait_for(lambda: topic in self.news, PATIENCE):
                raise SystemExit(f"News of {topic} did not arrive within {PATIENCE:.0f} s.")
            return self.news[topic]


@contextmanager
def listening(port: int, cookie: str, token: str) -> Iterator[Page]:
    """A page that is connected and told so."""
    page = Page(http.client.HTTPConnection("127.0.0.1", port, timeout=60))
    page.line.request("GET", f"/live?topics={token}", headers={"Cookie": cookie})
    answer = page.line.getresponse()
    while answer.readline().strip() != b"event: listening":
        pass
    thread = threading.Thread(target=page.listen, args=(answer,), daemon=True)
    thread.start()
    try:
        yield page
    finally:
        answer.close()
        page.line.close()


def hearing(
    port: int, lives: Sequence[int], cookie: str, token: str, check_ins: Sequence[tuple[Ask, str]]
) -> Times:
    """Milliseconds from each check-in (and its topic) being asked until the last of the pages has heard of it."""
    taken: list[float] = []
    with ExitStack() as open_pages:
        pages = [open_pages.enter_context(listening(live, cookie, token)) for live in lives]
        for ask, topic in check_ins:
            for page in pages:
                page.news.pop(topic, None)
            begun = time.perf_counter()
            measure(port, cookie, [ask])
            taken.append((max(page.heard(topic) for page in pages) - begun) * 1000)
    return Times(tuple(taken), len(taken) / (sum(taken) / 1000))
