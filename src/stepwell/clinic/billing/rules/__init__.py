"""From a signed day to a charge, and from charges and payments to a statement."""

from .charges import (
    AuthorizationCover,
    Charge,
    NotBillable,
    Service,
    ServiceDay,
    charge_for,
    excluded_same_day,
    units_for_minutes,
)
from .payer_rules import PayerRule, Unit, load_payer_rules, rule_on
from .shares import FilingLimits, Priced, Told, load_filing_limits, shares
from .statements import Entry, EntryKind, Statement, StatementLine, statement

__all__ = [
    "AuthorizationCover",
    "Charge",
    "Entry",
    "EntryKind",
    "FilingLimits",
    "NotBillable",
    "PayerRule",
    "Priced",
    "Service",
    "ServiceDay",
    "Statement",
    "StatementLine",
    "Told",
    "Unit",
    "charge_for",
    "excluded_same_day",
    "load_filing_limits",
    "load_payer_rules",
    "rule_on",
    "shares",
    "statement",
    "units_for_minutes",
]
