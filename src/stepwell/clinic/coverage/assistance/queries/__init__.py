"""Reading help with the price: applications, funds, authorized visits, plans, and what of it waits for a person."""

from .eap import employers_may_hear, referrals_of, standings_of
from .fees import Renewal, application_for, applications_of, applications_waiting, proposal_for, renewals_due
from .funds import (
    award_for,
    fund_for,
    funds_of,
    grants_of,
    ledger_of,
    open_funds,
    request_for,
    requests_of,
    requests_waiting,
)
from .lenders import lender_for, lenders
from .plans import (
    PlansAtWork,
    ToRemind,
    agreement_for,
    agreements_of,
    has_ended,
    instalment_for,
    may_reach,
    plans_at_work,
    reminder_for,
    standing_of,
)

__all__ = [
    "PlansAtWork",
    "Renewal",
    "ToRemind",
    "agreement_for",
    "agreements_of",
    "application_for",
    "applications_of",
    "applications_waiting",
    "award_for",
    "employers_may_hear",
    "fund_for",
    "funds_of",
    "grants_of",
    "has_ended",
    "instalment_for",
    "ledger_of",
    "lender_for",
    "lenders",
    "may_reach",
    "open_funds",
    "plans_at_work",
    "proposal_for",
    "referrals_of",
    "reminder_for",
    "renewals_due",
    "request_for",
    "requests_of",
    "requests_waiting",
    "standing_of",
    "standings_of",
]
