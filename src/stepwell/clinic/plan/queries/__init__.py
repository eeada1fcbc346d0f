"""Reading plans, orders and care teams, starting from who asks."""

from .content import as_rules, content_of, met_ids
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
    with_goals,
)
from .team import care_team_of, colleagues, patients_of_staff
from .work_lists import ask_reviews_due, plans_missing, reviews_due, to_cosign, unsigned_by_patient, waiting

__all__ = [
    "IN_DRAFT",
    "IN_FORCE",
    "as_rules",
    "ask_reviews_due",
    "care_team_of",
    "colleagues",
    "content_of",
    "draft_of",
    "met_ids",
    "objectives_in_force",
    "order_on",
    "orders_in_force",
    "orders_of",
    "part",
    "patients_of_staff",
    "plan_in_force",
    "plans_for",
    "plans_missing",
    "plans_of",
    "reviews_due",
    "site_day",
    "to_cosign",
    "unsigned_by_patient",
    "waiting",
    "whole",
    "with_goals",
    "with_order",
]
