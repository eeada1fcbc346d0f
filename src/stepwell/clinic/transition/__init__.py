"""Transition: what moves with a person when the level of care changes.

Here: the move itself (level, weekly order, groups and seats, care team, in one transaction), what the payer must be
asked because of it, and the hand-over packet, kept as it was made, as a document and as a FHIR bundle.
Who: whoever decides about the level; a packet for another program also needs leave to account for disclosures.
Hands on: the packet to whoever takes over, the moves without authorization to utilization review.
"""
