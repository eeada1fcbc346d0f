"""Where an authorization stands: approved, used, booked, left, and the session that will exceed it."""

from .asking import Asking, load_asking
from .standing import (
    Authorization,
    FollowOn,
    ReviewRule,
    Standing,
    Tone,
    Unit,
    Use,
    covers,
    load_review_rule,
    standing,
)

__all__ = [
    "Asking",
    "Authorization",
    "FollowOn",
    "ReviewRule",
    "Standing",
    "Tone",
    "Unit",
    "Use",
    "covers",
    "load_asking",
    "load_review_rule",
    "standing",
]
