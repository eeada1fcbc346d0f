"""Where an authorization stands: approved, used, booked, left, and the session that will exceed it."""

from .standing import (
    Authorization,
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
    "Authorization",
    "ReviewRule",
    "Standing",
    "Tone",
    "Unit",
    "Use",
    "covers",
    "load_review_rule",
    "standing",
]
