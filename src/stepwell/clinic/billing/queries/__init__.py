"""Reading days to bill, charges, balances and statements. No clinical text is read here: notes are ids."""

from .accounts import (
    Account,
    account_of,
    balances,
    charge,
    day_code,
    entries,
    followed_on,
    levels_without_rule,
    payer_rules,
    recent_charges,
    statement,
    statements_of,
)
from .days import Judged, Ready, Waiting, judged, patients_with_unbilled

__all__ = [
    "Account",
    "Judged",
    "Ready",
    "Waiting",
    "account_of",
    "balances",
    "charge",
    "day_code",
    "entries",
    "followed_on",
    "judged",
    "levels_without_rule",
    "patients_with_unbilled",
    "payer_rules",
    "recent_charges",
    "statement",
    "statements_of",
]
