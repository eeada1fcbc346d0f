"""What goes along with a person, the packets made, and the moves that no payer has been asked about."""

from stepwell.clinic.transition.queries.going_along import parts_of
from stepwell.clinic.transition.queries.moves import moves_to_authorize
from stepwell.clinic.transition.queries.packets import (
    TREATING,
    packet,
    packets_of,
    permitted_to,
    readable_parts,
    recipients_of,
    still_permitted,
)

__all__ = [
    "TREATING",
    "moves_to_authorize",
    "packet",
    "packets_of",
    "parts_of",
    "permitted_to",
    "readable_parts",
    "recipients_of",
    "still_permitted",
]
