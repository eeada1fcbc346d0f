"""Every table of help with the price."""

from .eap import EapReferral
from .fees import FeeApplication, FeeDecision, IncomeTold, ProofSeen
from .funds import Award, Fund, FundDecision, FundEntry, FundEntryKind, FundOutcome, FundRequest
from .lenders import FinancingPartner
from .plans import (
    AgreementReview,
    InstalmentPaid,
    InstalmentReminder,
    PaidHow,
    PaymentAgreement,
    PlanInstalment,
    ReminderKind,
    ReviewOutcome,
)

__all__ = [
    "AgreementReview",
    "Award",
    "EapReferral",
    "FeeApplication",
    "FeeDecision",
    "FinancingPartner",
    "Fund",
    "FundDecision",
    "FundEntry",
    "FundEntryKind",
    "FundOutcome",
    "FundRequest",
    "IncomeTold",
    "InstalmentPaid",
    "InstalmentReminder",
    "PaidHow",
    "PaymentAgreement",
    "PlanInstalment",
    "ProofSeen",
    "ReminderKind",
    "ReviewOutcome",
]
