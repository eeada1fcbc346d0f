"""Every write of the timetable.

`setting_up` makes programs, tracks, groups and meetings; `horizon` turns meetings into rows for the coming
weeks; `sessions` schedules, cancels and hands over single sessions; `seats` enrolls and books, `leaving` gives seats back.
`availability` says when staff can lead, `windows` when patients can come, `closing` when somebody or something
cannot; `calendars` makes private addresses for calendar programs; `listings` says what the public reads.
"""

from stepwell.clinic.timetable.rules.closing import CLOSED

from .availability import set_staff_availability, set_staff_load, set_staff_treatments
from .calendars import end_feed, make_feed, name_in_feed, note_reading
from .cannot_come import cannot_come
from .closing import (
    close_day,
    declare_absence,
    keep_open,
    open_day,
    put_room_back,
    take_room_out,
    withdraw_absence,
)
from .horizon import extend_horizon
from .leaving import discharge, end_enrollment, leave_all, release_seat
from .listings import list_program
from .seats import book_seat, enroll, seat_walk_in
from .sessions import cancel_occurrence, hand_over, schedule_session
from .setting_up import add_meeting, change_group, end_meeting, set_up_group, set_up_program, set_up_track
from .windows import end_keeping_apart, keep_apart, set_patient_tags, set_patient_windows

__all__ = [
    "CLOSED",
    "add_meeting",
    "book_seat",
    "cancel_occurrence",
    "cannot_come",
    "change_group",
    "close_day",
    "declare_absence",
    "discharge",
    "end_enrollment",
    "end_feed",
    "end_keeping_apart",
    "end_meeting",
    "enroll",
    "extend_horizon",
    "hand_over",
    "keep_apart",
    "keep_open",
    "leave_all",
    "list_program",
    "make_feed",
    "name_in_feed",
    "note_reading",
    "open_day",
    "put_room_back",
    "release_seat",
    "schedule_session",
    "seat_walk_in",
    "set_patient_tags",
    "set_patient_windows",
    "set_staff_availability",
    "set_staff_load",
    "set_staff_treatments",
    "set_up_group",
    "set_up_program",
    "set_up_track",
    "take_room_out",
    "withdraw_absence",
]
