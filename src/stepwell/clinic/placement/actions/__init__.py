"""Every write of placement: recommend, admit, step up, step down, transfer, discharge, review, take in a table."""

from stepwell.clinic.placement.actions.moving import admit, discharge, step_down, step_up, transfer
from stepwell.clinic.placement.actions.recommending import (
    rate_and_recommend,
    rate_fourth_and_recommend,
    recommend,
    take_table,
)
from stepwell.clinic.placement.actions.reviewing import (
    record_outside_placement,
    review_level,
    strike_outside_placement,
)

__all__ = [
    "admit",
    "discharge",
    "rate_and_recommend",
    "rate_fourth_and_recommend",
    "recommend",
    "record_outside_placement",
    "review_level",
    "step_down",
    "step_up",
    "strike_outside_placement",
    "take_table",
    "transfer",
]
