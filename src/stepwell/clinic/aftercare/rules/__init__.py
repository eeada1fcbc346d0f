"""When to call after discharge, when to stop trying, and what a discharge summary must hold."""

from .continuing_care import (
    CareSection,
    Question,
    load_care_sections,
    load_questions,
    unknown_answers,
    worries,
)
from .discharge import (
    MissingSection,
    NextAppointment,
    SummarySection,
    load_summary_sections,
    missing_sections,
    next_appointment,
)
from .follow_up import (
    Attempt,
    AttemptOutcome,
    FollowUpDue,
    FollowUpRule,
    FollowUpStanding,
    FollowUpState,
    follow_up_standing,
    follow_ups_due,
    load_follow_up_rule,
)

__all__ = [
    "Attempt",
    "AttemptOutcome",
    "CareSection",
    "FollowUpDue",
    "FollowUpRule",
    "FollowUpStanding",
    "FollowUpState",
    "MissingSection",
    "NextAppointment",
    "Question",
    "SummarySection",
    "follow_up_standing",
    "follow_ups_due",
    "load_care_sections",
    "load_follow_up_rule",
    "load_questions",
    "load_summary_sections",
    "missing_sections",
    "next_appointment",
    "unknown_answers",
    "worries",
]
