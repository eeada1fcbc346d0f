"""How long somebody waits, what is dangerous, when they are free, where the inquiry stands, when an intake can be."""

from .free_times import DayPart, Fit, FreeTime, FreeWeek, free_week, load_day_parts
from .intake_times import (
    ClosingReason,
    IntakeRule,
    IntakeTime,
    closing_gap,
    intake_times,
    load_intake_rule,
    outside_hours,
)
from .screening import (
    Danger,
    RedFlag,
    RedFlags,
    ScreenOutReason,
    load_red_flags,
    load_screen_out_reasons,
    red_flags,
    screen_out_gaps,
)
from .state import InquiryEvent, InquiryEventKind, InquiryStanding, InquiryState, objection_to, state_of
from .waiting import AnswerRule, OpenHours, Tone, Waiting, load_answer_rule, waiting

__all__ = [
    "AnswerRule",
    "ClosingReason",
    "Danger",
    "DayPart",
    "Fit",
    "FreeTime",
    "FreeWeek",
    "InquiryEvent",
    "InquiryEventKind",
    "InquiryStanding",
    "InquiryState",
    "IntakeRule",
    "IntakeTime",
    "OpenHours",
    "RedFlag",
    "RedFlags",
    "ScreenOutReason",
    "Tone",
    "Waiting",
    "closing_gap",
    "free_week",
    "intake_times",
    "load_answer_rule",
    "load_day_parts",
    "load_intake_rule",
    "load_red_flags",
    "load_screen_out_reasons",
    "objection_to",
    "outside_hours",
    "red_flags",
    "screen_out_gaps",
    "state_of",
    "waiting",
]
