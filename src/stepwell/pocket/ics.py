"""Sessions as iCalendar text (RFC 5545), with neutral words unless more is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

_READ_AGAIN = timedelta(hours=1)


def calendar_text(sessions: Iterable[Any], *, zone: str, named: bool, at: datetime) -> bytes:
    """A calendar of sessions (`.pk .starts .ends .title .mode .room .site .cancelled_at`) in a site's wall time.

    Not `named`: every title is "Appointment", without place and without the name of anybody or of the clinic. The
    zone's own rules are in it, so 6 pm stays 6 pm when the clocks change. A cancelled session says so in its title
    and its status, because some programs show the status nowhere.
    """
    here = ZoneInfo(zone)
    calendar = Calendar()
    calendar.add("prodid", "-//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Sessions" if named else "Appointments")
    calendar.add("refresh-interval", _READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for session in sessions:
        calendar.add_component(_event(session, here, named, at))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(session: Any, zone: ZoneInfo, named: bool, at: datetime) -> Event:
    gone = session.cancelled_at is not None
    title = session.title if named else "Appointment"
    event = Event()
    event.add("uid", f"appointment-{session.pk}@calendar")
    event.add("dtstamp", at)
    event.add("dtstart", session.starts.astimezone(zone))
    event.add("dtend", session.ends.astimezone(zone))
    event.add("summary", f"Cancelled: {title}" if gone else title)
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    event.add("sequence", 1 if gone else 0)
    event.add("class", "PRIVATE")
    if gone:
        event.add("transp", "TRANSPARENT")
    if named:
        place = "By video" if session.mode == "video" else session.room.name if session.room else ""
        event.add("location", ", ".join(part for part in (place, session.site.name) if part))
    return event
