"""How long somebody waits, what was ticked that is dangerous, when they are free, and where the inquiry stands."""

from .free_times import DayPart, Fit, FreeTime, FreeWeek, free_week, load_day_parts
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
    "Danger",
    "DayPart",
    "Fit",
    "FreeTime",
    "FreeWeek",
    "InquiryEvent",
    "InquiryEventKind",
    "InquiryStanding",
    "InquiryState",
    "OpenHours",
    "RedFlag",
    "RedFlags",
    "ScreenOutReason",
    "Tone",
    "Waiting",
    "free_week",
    "load_answer_rule",
    "load_day_parts",
    "load_red_flags",
    "load_screen_out_reasons",
    "objection_to",
    "red_flags",
    "screen_out_gaps",
    "state_of",
    "waiting",
]
