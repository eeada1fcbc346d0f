"""Every write of a session by video: who comes to the door, who is let in and goes, the room, and what becomes attendance."""

from .admitting import admit, leave, let_back, remove
from .confirming import confirm_attendance
from .entering import Incomplete, enter
from .forgotten import end_silent
from .rooms import close_room, lock_room, name_second

__all__ = [
    "Incomplete",
    "admit",
    "close_room",
    "confirm_attendance",
    "end_silent",
    "enter",
    "leave",
    "let_back",
    "lock_room",
    "name_second",
    "remove",
]
