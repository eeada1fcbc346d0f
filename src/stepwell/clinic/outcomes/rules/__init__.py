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
    retained,
    retention,
    score_change,
)
from .rates import Rate, SuppressionRule, load_suppression_rule, rate, wilson_interval
from .settings import Instrument, Measures, Published, load_measures

__all__ = [
    "EndReason",
    "Episode",
    "HoursTotal",
    "Instrument",
    "Measures",
    "Published",
    "Rate",
    "Retention",
    "ScoreChange",
    "ScorePair",
    "SuppressionRule",
    "attendance_rate",
    "completion",
    "hours_delivered",
    "load_measures",
    "load_suppression_rule",
    "rate",
    "retained",
    "retention",
    "score_change",
    "wilson_interval",
]
