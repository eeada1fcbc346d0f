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
from stepwell.clinic.plan.actions.inserting import (
    defer_diagnosis,
    insert_objective,
    insert_problem,
    take_library,
    take_up_diagnosis,
)
from stepwell.clinic.plan.actions.ordering import order_treatment
from stepwell.clinic.plan.actions.reviewing import review_plan
from stepwell.clinic.plan.actions.signing import (
    as_device,
    cosign,
    hand_over,
    sign_for_patient,
    sign_on_device,
    sign_plan,
    take_back,
)
from stepwell.clinic.plan.actions.team import add_to_care_team, end_in_care_team

__all__ = [
    "add_goal",
    "add_intervention",
    "add_objective",
    "add_problem",
    "add_to_care_team",
    "as_device",
    "begin_plan",
    "change_part",
    "cosign",
    "defer_diagnosis",
    "end_in_care_team",
    "hand_over",
    "insert_objective",
    "insert_problem",
    "order_treatment",
    "remove_part",
    "review_plan",
    "save_plan",
    "sign_for_patient",
    "sign_on_device",
    "sign_plan",
    "take_back",
    "take_library",
    "take_up_diagnosis",
]
