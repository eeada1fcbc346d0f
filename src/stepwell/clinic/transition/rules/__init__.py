"""The rules of transition: what a packet holds, what of it may leave, and how it is written down."""

from stepwell.clinic.transition.rules.bundle import as_bundle
from stepwell.clinic.transition.rules.packet import (
    Content,
    Part,
    as_pages,
    given_and_withheld,
    late_appointment,
    level_said,
    may_be_on,
    packet_language,
    parts,
)

__all__ = [
    "Content",
    "Part",
    "as_bundle",
    "as_pages",
    "given_and_withheld",
    "late_appointment",
    "level_said",
    "may_be_on",
    "packet_language",
    "parts",
]
