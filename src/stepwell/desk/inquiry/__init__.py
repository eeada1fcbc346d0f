"""Inquiries: the queue, one inquiry, booking an intake, and the hand-offs that hospitals send."""
