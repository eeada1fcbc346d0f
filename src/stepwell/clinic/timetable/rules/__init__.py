"""When a group meets, what clashes, how many seats are left, and what is wrong with a draft."""

from .draft import DraftGroup, DraftWarning, WarningKind, draft_warnings
from .recurrence import OccurrenceTime, WeeklyPattern, expand, topic_of_week, wall_time_instant
from .seats import Clash, Seats, Taken, clashes, clashes_with, seats

__all__ = [
    "Clash",
    "DraftGroup",
    "DraftWarning",
    "OccurrenceTime",
    "Seats",
    "Taken",
    "WarningKind",
    "WeeklyPattern",
    "clashes",
    "clashes_with",
    "draft_warnings",
    "expand",
    "seats",
    "topic_of_week",
    "wall_time_instant",
]
