"""When to call after discharge, when to stop trying, and what a discharge summary must hold."""

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
    "FollowUpDue",
    "FollowUpRule",
    "FollowUpStanding",
    "FollowUpState",
    "MissingSection",
    "NextAppointment",
    "SummarySection",
    "follow_up_standing",
    "follow_ups_due",
    "load_follow_up_rule",
    "load_summary_sections",
    "missing_sections",
    "next_appointment",
]
