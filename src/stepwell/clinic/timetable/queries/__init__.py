"""Reading the timetable, starting from who asks. Each function is a fixed number of statements.

`board` reads what stands: sessions, seats, groups.
"""

from .board import (
    BoardSession,
    board_between,
    coming_seats,
    enrollment_for,
    enrollments_of,
    family_seats,
    groups_for,
    occurrence_for,
    occurrences_for,
    openings,
    openings_for,
    programs_for,
    rooms_here,
    seat_for,
    seats_for,
    sessions_between,
    staff_here,
    tracks_for,
)

__all__ = [
    "BoardSession",
    "board_between",
    "coming_seats",
    "enrollment_for",
    "enrollments_of",
    "family_seats",
    "groups_for",
    "occurrence_for",
    "occurrences_for",
    "openings",
    "openings_for",
    "programs_for",
    "rooms_here",
    "seat_for",
    "seats_for",
    "sessions_between",
    "staff_here",
    "tracks_for",
]
