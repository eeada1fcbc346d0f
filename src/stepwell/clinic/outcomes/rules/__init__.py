"""Retention, attendance, completion, hours and change in scores, with intervals and small-number suppression."""

from .measures import (
    EndReason,
    Episode,
    HoursTotal,
    Retention,
    ScoreChange,
    ScorePair,
    attendance_rate,
    completion,
    hours_delivered,
    retention,
    score_change,
)
from .rates import Rate, SuppressionRule, load_suppression_rule, rate, wilson_interval

__all__ = [
    "EndReason",
    "Episode",
    "HoursTotal",
    "Rate",
    "Retention",
    "ScoreChange",
    "ScorePair",
    "SuppressionRule",
    "attendance_rate",
    "completion",
    "hours_delivered",
    "load_suppression_rule",
    "rate",
    "retention",
    "score_change",
    "wilson_interval",
]
