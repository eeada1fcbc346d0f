"""Reading the timetable, starting from who asks. Each function is a fixed number of statements.

`board` reads what stands: sessions, seats, groups; `weekcase` makes the case that a week is computed from.
"""

from .board import (
    BoardSession,
    board_between,
    board_session,
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
from .weekcase import WeekCase, case_of

__all__ = [
    "BoardSession",
    "WeekCase",
    "board_between",
    "board_session",
    "case_of",
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
