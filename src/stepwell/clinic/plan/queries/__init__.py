"""Reading plans, orders and care teams, starting from who asks."""

from .comparing import ended_in, line_of, parts_of
from .content import (
    as_rules,
    conditions_of,
    content_of,
    fingerprint,
    given_up_ids,
    met_ids,
    standing_without_problem,
    target_of,
)
from .handing import handed_over, hash_of_key
from .libraries import OnShelf, libraries_of
from .orders import order_on, orders_in_force, orders_of, with_order
from .plans import (
    IN_DRAFT,
    IN_FORCE,
    draft_of,
    objectives_in_force,
    part,
    plan_in_force,
    plans_for,
    plans_of,
    site_day,
    whole,
    why_due,
    with_goals,
)
from .sheet import sheet_of
from .team import care_team_of, colleagues, patients_of_staff
from .work_lists import ask_reviews_due, plans_missing, reviews_due, to_cosign, unsigned_by_patient, waiting

__all__ = [
    "IN_DRAFT",
    "IN_FORCE",
    "OnShelf",
    "as_rules",
    "ask_reviews_due",
    "care_team_of",
    "colleagues",
    "conditions_of",
    "content_of",
    "draft_of",
    "ended_in",
    "fingerprint",
    "given_up_ids",
    "handed_over",
    "hash_of_key",
    "libraries_of",
    "line_of",
    "met_ids",
    "objectives_in_force",
    "order_on",
    "orders_in_force",
    "orders_of",
    "part",
    "parts_of",
    "patients_of_staff",
    "plan_in_force",
    "plans_for",
    "plans_missing",
    "plans_of",
    "reviews_due",
    "sheet_of",
    "site_day",
    "standing_without_problem",
    "target_of",
    "to_cosign",
    "unsigned_by_patient",
    "waiting",
    "whole",
    "why_due",
    "with_goals",
    "with_order",
]
