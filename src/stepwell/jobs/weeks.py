"""Computing weeks: any worker takes what waits, and what another one has left behind (`timers` sees to that).

One at a time in each worker process (`worker.QUEUES`). A worker that is told to stop gives its week back at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from procrastinate import JobContext
from procrastinate.contrib.django import app

from stepwell.accounts.actor import stepwell_itself
from stepwell.jobs.worker import stopping

log = structlog.get_logger("stepwell.jobs")

PROCESSES = max(1, min(4, (os.cpu_count() or 1)))
"""Search processes of one solve."""
REASONS = 45.0
"""Seconds in which reasons are looked for once the week is there."""
LOOKS = 0.2
"""Seconds between two looks at whether this worker is to stop; a sign of life is given with every fifth."""


@app.task(name="stepwell.jobs.weeks.solve_week", queue="weeks", pass_context=True)
def solve_week(context: JobContext, solve_id: int) -> None:
    """Claims the solve, computes, and writes the result once; does nothing when somebody else has it."""
    # By name at call time: the machinery imports this module before Django's models are ready.
    from stepwell.clinic.timetable.actions import planning
    from weekplan.explaining import explain
    from weekplan.nonsense import Nonsense
    from weekplan.solving import Progress, solve

    by = stepwell_itself()
    claim = planning.claim_solve(by=by, at=_now(), solve_id=solve_id)
    if claim is None:
        return
    log.info("week_computing", solve=solve_id, attempt=claim.attempt)
    with SignsOfLife(claim, lambda: stopping.is_set() or context.should_abort()) as signs:

        def progress(so_far: Progress) -> None:
            signs.reached(so_far.cost, so_far.bound, so_far.short[0])

        try:
            plan = solve(
                claim.case,
                seconds=claim.seconds,
                workers=PROCESSES,
                progress=progress,
                stop=signs.stop.is_set,
            )
        except Nonsense as wrong:
            planning.fail_solve(by=by, at=_now(), claim=claim, because=wrong.sentence)
            return
    if signs.lost:
        log.warning("week_lost_to_another_worker", solve=solve_id, attempt=claim.attempt)
        return
    if signs.aborted() and not signs.asked_to_stop:
        signs.give_back()  # a second time does nothing
        return
    version = planning.finish_solve(by=by, at=_now(), claim=claim, plan=plan)
    log.info("week_computed", solve=solve_id, cost=plan.cost, version=version.pk if version else None)
    if version is not None and any(not short.mends for short in plan.shortfalls):
        # The week is there; reasons for which its time was too short are added behind it.
        planning.give_reasons(
            by=by, at=_now(), version=version, shortfalls=explain(claim.case, plan, seconds=REASONS)
        )


@dataclass
class SignsOfLife:
    """A thread that says once a second that the worker lives and how far it is, and hears whether to stop."""

    claim: Any
    aborted: Callable[[], bool]
    stop: threading.Event = field(default_factory=threading.Event)
    lost: bool = False
    asked_to_stop: bool = False
    given_back: bool = False
    _over: threading.Event = field(default_factory=threading.Event)
    _so_far: tuple[int | None, int | None, int | None] = (None, None, None)

    def __enter__(self) -> SignsOfLife:
        self._thread = threading.Thread(target=self._run, name="signs of life", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def reached(self, cost: int, bound: int | None, short: int) -> None:
        """The best so far; told with the next sign."""
        self._so_far = (cost, bound, short)

    def give_back(self) -> None:
        """This worker is being stopped: another one begins anew, with the whole of the week's time."""
        from stepwell.clinic.timetable.actions import planning

        if not self.given_back:
            planning.give_back_solves(by=stepwell_itself(), at=_now(), claim=self.claim)
            self.given_back = True
            log.info("week_given_back", solve=self.claim.solve_id, attempt=self.claim.attempt)

    def _run(self) -> None:
        from django.db import connection

        try:
            looks = 0
            while not self._over.wait(LOOKS) and not self.given_back:
                looks += 1
                if self.aborted() and not self.asked_to_stop:
                    self.give_back()
                    self.stop.set()
                elif looks % 5 == 0:
                    self._tell()
        except Exception:
            # Whoever cannot be heard is taken for dead: stop, and let the claim decide.
            log.exception("no_signs_of_life", solve=self.claim.solve_id)
            self.stop.set()
        finally:
            connection.close()

    def _tell(self) -> None:
        from stepwell.clinic.timetable.actions.planning.computing import Word

        cost, bound, short = self._so_far
        word = self.claim.heard(_now(), cost=cost, bound=bound, short=short)
        self.lost = word is Word.LOST
        self.asked_to_stop = self.asked_to_stop or word is Word.STOP
        if word is not Word.GO_ON:
            self.stop.set()


def _now() -> datetime:
    return datetime.now(UTC)
