"""Every write about help with the price."""

from .eap import record_referral
from .fees import apply_for_fee, decide_fee, see_proof
from .funds import close_fund, decide_request, deposit, open_fund, release, request_help, spend
from .lenders import add_lender, end_lender
from .plans import agree_on_plan, record_payment, remind, review_plan

__all__ = [
    "add_lender",
    "agree_on_plan",
    "apply_for_fee",
    "close_fund",
    "decide_fee",
    "decide_request",
    "deposit",
    "end_lender",
    "open_fund",
    "record_payment",
    "record_referral",
    "release",
    "remind",
    "request_help",
    "review_plan",
    "see_proof",
    "spend",
]
