"""What is on file about the last weeks, for the signs that point to more or to less care."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from stepwell.clinic.assessment.queries import InstrumentHistory, score_of
from stepwell.clinic.chart.queries.lately import Lately
from stepwell.clinic.placement.rules import Progress
from stepwell.clinic.plan.queries import met_ids


def progress_of(
    histories: Iterable[InstrumentHistory],
    lately: Lately,
    *,
    level_since: datetime | None,
    plan: Any,
    at: datetime,
) -> Progress:
    """Scores, the last weeks, time at the level, goals met. What is not on file stays unknown."""
    by_slug = {history.instrument.slug: history for history in histories}
    phq, bam = by_slug.get("phq-9"), by_slug.get("bam")
    return Progress(
        weeks_at_level=(at - level_since).days // 7 if level_since else None,
        attendance_four_weeks=lately.attendance,
        days_without_use=lately.days_without_use,
        positive_or_refused_tests_14_days=lately.positive_or_refused,
        craving_rising=lately.craving_rising,
        missed_sessions_14_days_without_contact=lately.missed_without_contact,
        bam_use=_latest(bam, "use"),
        bam_risk=_latest(bam, "risk"),
        bam_risk_change=_change(bam, "risk"),
        phq9=_latest(phq, "total"),
        phq9_change=_change(phq, "total"),
        goals_met=_goals_met(plan),
        cssrs=_band(by_slug.get("c-ssrs"), at, _SCREEN),
        ciwa=_lately(by_slug.get("ciwa-ar"), at, _WITHDRAWAL),
        cows=_lately(by_slug.get("cows"), at, _WITHDRAWAL),
    )


_SCREEN, _WITHDRAWAL = timedelta(days=14), timedelta(days=7)
"""For how long a suicide screen and a withdrawal score speak about today."""


def _lately(history: InstrumentHistory | None, at: datetime, span: timedelta) -> int | None:
    """The newest points, while they are new enough."""
    if history is None or not history.complete or history.complete[-1].taken_at < at - span:
        return None
    return _latest(history, "total")


def _band(history: InstrumentHistory | None, at: datetime, span: timedelta) -> str | None:
    """The first word of the newest band, such as 'moderate'."""
    if history is None or not history.complete or history.complete[-1].taken_at < at - span:
        return None
    label = history.complete[-1].band.split()
    return label[0].lower() if label else None


def _latest(history: InstrumentHistory | None, what: str) -> int | None:
    points = score_of(history.complete[-1]).of(what) if history and history.complete else None
    return None if points is None else round(points)


def _change(history: InstrumentHistory | None, what: str) -> int | None:
    if history is None:
        return None
    points = next((change.points for change in history.changes if change.of == what), None)
    return None if points is None else round(points)


def _goals_met(plan: Any) -> float | None:
    """The share of goals all of whose objectives a review found met."""
    if plan is None:
        return None
    met = met_ids(plan)
    goals = [goal for problem in plan.problems.all() for goal in problem.goals.all()]
    done = sum(all(o.pk in met for o in goal.objectives.all()) for goal in goals)
    return done / len(goals) if goals else None
