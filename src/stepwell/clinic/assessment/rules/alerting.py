"""An alert that nobody answers: who is told, and after how long."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

SUPERVISORS = "supervisors"


@dataclass(frozen=True)
class Step:
    """After so many minutes without an answer, ``to`` is told: 'supervisors' or a role."""

    after_minutes: int
    to: str

    def due(self, raised_at: datetime, at: datetime) -> bool:
        """Whether so much time has passed."""
        return at - raised_at >= timedelta(minutes=self.after_minutes)


@cache
def alert_steps(severity: str) -> tuple[Step, ...]:
    """Who is told of an open alert of this severity ('urgent', 'soon'), soonest first."""
    path = files("stepwell.clinic.assessment").joinpath("data", "alerting.json")
    rows = json.loads(path.read_text("utf-8"))[severity]
    found = [Step(row["after_minutes"], to) for row in rows for to in row["to"]]
    return tuple(sorted(found, key=lambda step: (step.after_minutes, step.to)))


def steps_due(severity: str, raised_at: datetime, at: datetime) -> tuple[Step, ...]:
    """The steps whose time has come for an alert that is still open."""
    return tuple(step for step in alert_steps(severity) if step.due(raised_at, at))


def soonest_step() -> timedelta:
    """The shortest wait after which anybody is told: younger alerts need no look."""
    return min(timedelta(minutes=step.after_minutes) for s in ("urgent", "soon") for step in alert_steps(s))
