"""The steps of an episode as the chart's head draws them: intake, admission, each level, the way out."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from stepwell.clinic.chart.queries import Head
from stepwell.ui.filters import day

_MOVES = {
    "admit": "Admitted",
    "step_up": "Stepped up",
    "step_down": "Stepped down",
    "transfer": "Transferred",
    "discharge": "Discharged",
}


def journey(head: Head, *, zone: ZoneInfo, today: date) -> list[dict[str, str]]:
    """Items for `ui.steps`. The last thing that happened is 'now' until the next one has."""
    if head.admitted_at is None:
        return [
            {"label": "Intake", "state": "now"},
            {"label": "Admission", "state": "ahead"},
            {"label": "Plan", "state": "ahead"},
            {"label": "Discharge", "state": "ahead"},
            {"label": "Aftercare", "state": "ahead"},
        ]
    steps = [{"label": "Intake", "state": "done"}]
    moves = head.moves[:1] + head.moves[1:][-3:]  # a long way is drawn by its beginning and its end
    for place, move in enumerate(moves):
        said = f"{_MOVES.get(move.kind, move.kind)}{f' to {move.level}' if move.level else ''}"
        steps.append({"label": said, "state": "done", "note": day(move.at, zone.key)})
        if place == 0:
            steps.append(_plan(head, zone))
    if head.in_treatment:
        steps[-1] = {**steps[-1], "state": "now"}
        if head.plan_signed_at is None:
            steps[2] = {**steps[2], "state": "now"}
        steps.append({"label": "Discharge", "state": "ahead", **_planned_end(head, zone, today)})
        steps.append({"label": "Aftercare", "state": "ahead"})
    else:
        steps.append({"label": "Aftercare", "state": "now"})
    return steps


def _plan(head: Head, zone: ZoneInfo) -> dict[str, str]:
    if head.plan_signed_at is None:
        return {"label": "Plan", "state": "ahead" if head.in_treatment else "missed"}
    return {"label": "Plan signed", "state": "done", "note": day(head.plan_signed_at, zone.key)}


def _planned_end(head: Head, zone: ZoneInfo, today: date) -> dict[str, str]:
    if head.admitted_at is None or not head.planned_weeks:
        return {}
    end = head.admitted_at.astimezone(zone).date() + timedelta(weeks=head.planned_weeks)
    return {"note": f"planned {day(end)}" if end >= today else f"was planned {day(end)}"}
