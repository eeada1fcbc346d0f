"""From a signed day to a charge, and from charges and payments to a statement."""

from stepwell.clinic.coverage.rules import PayerRule, Unit, at_level, load_payer_rules, rule_on

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
from .judging import DayAnswer, judge_day
from .shares import FilingLimits, Priced, Told, load_filing_limits, shares
from .statements import Entry, EntryKind, Statement, StatementLine, statement

__all__ = [
    "AuthorizationCover",
    "Charge",
    "DayAnswer",
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
    "at_level",
    "charge_for",
    "excluded_same_day",
    "judge_day",
    "load_filing_limits",
    "load_payer_rules",
    "rule_on",
    "shares",
    "statement",
    "units_for_minutes",
]
