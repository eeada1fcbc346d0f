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
from .day_guard import DaySession, DayStands, Guarded, SeatToday, Way, guard, guarded_sentence
from .judging import DayAnswer, judge_day
from .shares import FilingLimits, Priced, Told, load_filing_limits, shares
from .statements import Entry, EntryKind, Statement, StatementLine, statement

__all__ = [
    "AuthorizationCover",
    "Charge",
    "DayAnswer",
    "DaySession",
    "DayStands",
    "Entry",
    "EntryKind",
    "FilingLimits",
    "Guarded",
    "NotBillable",
    "PayerRule",
    "Priced",
    "SeatToday",
    "Service",
    "ServiceDay",
    "Statement",
    "StatementLine",
    "Told",
    "Unit",
    "Way",
    "at_level",
    "charge_for",
    "excluded_same_day",
    "guard",
    "guarded_sentence",
    "judge_day",
    "load_filing_limits",
    "load_payer_rules",
    "rule_on",
    "shares",
    "statement",
    "units_for_minutes",
]
