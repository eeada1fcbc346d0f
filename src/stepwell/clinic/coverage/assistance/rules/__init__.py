"""Proposing the sliding fee, using an award, counting authorized visits, and where a payment plan stands."""

from .data import AssistanceRules, ProofKind, load_assistance
from .eap import (
    MAY_EVER_BE_ASKED,
    Authorized,
    EapStanding,
    EmployerMayHear,
    eap_standings,
    employer_may_hear,
)
from .fee import Chosen, Income, Proposal, chosen, documented, propose, yearly_income
from .funds import AwardUse, left_by_others, use_of_award
from .plans import Owed, PlanStanding, Reminder, plan_standing, reminder_due

__all__ = [
    "MAY_EVER_BE_ASKED",
    "AssistanceRules",
    "Authorized",
    "AwardUse",
    "Chosen",
    "EapStanding",
    "EmployerMayHear",
    "Income",
    "Owed",
    "PlanStanding",
    "ProofKind",
    "Proposal",
    "Reminder",
    "chosen",
    "documented",
    "eap_standings",
    "employer_may_hear",
    "left_by_others",
    "load_assistance",
    "plan_standing",
    "propose",
    "reminder_due",
    "use_of_award",
    "yearly_income",
]
