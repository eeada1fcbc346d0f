"""Every write of the plan: drafting, signing and reviewing, the weekly order, the care team."""

from stepwell.clinic.plan.actions.drafting import (
    add_goal,
    add_intervention,
    add_objective,
    add_problem,
    begin_plan,
    change_part,
    remove_part,
    save_plan,
)
from stepwell.clinic.plan.actions.ordering import order_treatment
from stepwell.clinic.plan.actions.signing import cosign, review_plan, sign_for_patient, sign_plan
from stepwell.clinic.plan.actions.team import add_to_care_team, end_in_care_team

__all__ = [
    "add_goal",
    "add_intervention",
    "add_objective",
    "add_problem",
    "add_to_care_team",
    "begin_plan",
    "change_part",
    "cosign",
    "end_in_care_team",
    "order_treatment",
    "remove_part",
    "review_plan",
    "save_plan",
    "sign_for_patient",
    "sign_plan",
]
