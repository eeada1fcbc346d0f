"""Planning a week: open it, compute it, change it, compare, publish; and mend it when somebody calls in sick.

`drafts` are versions as rows, `computing` the work in the background, `publishing` the one way from a version to the
calendar, `carrying` a draft over to a calendar that has changed, `mending` a week after an absence.
"""

from .carrying import bring_up_to_date
from .computing import (
    Claim,
    ask_solve,
    claim_solve,
    fail_solve,
    finish_solve,
    give_back_solves,
    give_reasons,
    stop_solve,
)
from .drafts import copy_version, drop_version, open_week, rename_version
from .mending import mend_week
from .publishing import publish_week, see_notice

__all__ = [
    "Claim",
    "ask_solve",
    "bring_up_to_date",
    "claim_solve",
    "copy_version",
    "drop_version",
    "fail_solve",
    "finish_solve",
    "give_back_solves",
    "give_reasons",
    "mend_week",
    "open_week",
    "publish_week",
    "rename_version",
    "see_notice",
    "stop_solve",
]
