"""Every write of billing."""

from .accounts import make_statement, post_payment
from .charging import Batch, follow_rule, make_charges, stop_rule, void_charge

__all__ = [
    "Batch",
    "follow_rule",
    "make_charges",
    "make_statement",
    "post_payment",
    "stop_rule",
    "void_charge",
]
