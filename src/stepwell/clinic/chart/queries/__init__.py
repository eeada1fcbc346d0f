"""Reading one person across all steps, always starting from who asks.

Each part is one SQL statement, written out: the sum of many steps is no single table, and the statement is
what makes the page as fast for a chart of a thousand events as for an empty one.
"""

from .due import Due, due_of
from .front import Front, ask_front, front_of
from .head import Head, Move, OpenAlert, chart_patient, head_of
from .thread import Strand, Thread, objective_for, strands_of, thread_of
from .timeline import Event, Page, ask_happened, happened
from .week import ChartWeek, WeekSession, ask_week, week_of

__all__ = [
    "ChartWeek",
    "Due",
    "Event",
    "Front",
    "Head",
    "Move",
    "OpenAlert",
    "Page",
    "Strand",
    "Thread",
    "WeekSession",
    "ask_front",
    "ask_happened",
    "ask_week",
    "chart_patient",
    "due_of",
    "front_of",
    "happened",
    "head_of",
    "objective_for",
    "strands_of",
    "thread_of",
    "week_of",
]
