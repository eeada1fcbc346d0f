"""Money, the poverty guideline, the sliding fee, the price of an episode, and the rules by which payers pay."""

from .benefits import Benefits, Network
from .estimate import Estimate, EstimateLine, WeekPrice, by_week, estimate
from .money import ZERO, Money, total
from .payer_rules import PayerRule, Unit, at_level, load_payer_rules, rule_on
from .planning import Planning, load_planning, planned_days
from .poverty import PovertyGuideline, Region, guideline_on, load_guidelines, percent_of_poverty
from .sliding_fee import Determination, FeeClass, FeeSchedule, charge_after, determine, load_schedule

__all__ = [
    "ZERO",
    "Benefits",
    "Determination",
    "Estimate",
    "EstimateLine",
    "FeeClass",
    "FeeSchedule",
    "Money",
    "Network",
    "PayerRule",
    "Planning",
    "PovertyGuideline",
    "Region",
    "Unit",
    "WeekPrice",
    "at_level",
    "by_week",
    "charge_after",
    "determine",
    "estimate",
    "guideline_on",
    "load_guidelines",
    "load_payer_rules",
    "load_planning",
    "load_schedule",
    "percent_of_poverty",
    "planned_days",
    "rule_on",
    "total",
]
