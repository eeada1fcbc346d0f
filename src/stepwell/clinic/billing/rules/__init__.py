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
from .statements import Entry, EntryKind, Statement, StatementLine, statement

__all__ = [
    "AuthorizationCover",
    "Charge",
    "Entry",
    "EntryKind",
    "NotBillable",
    "PayerRule",
    "Service",
    "ServiceDay",
    "Statement",
    "StatementLine",
    "Unit",
    "charge_for",
    "excluded_same_day",
    "load_payer_rules",
    "rule_on",
    "statement",
    "units_for_minutes",
]
