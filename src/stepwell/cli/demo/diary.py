"""What happens when: events in the order of time, up to now. What lies after now has not happened."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Event = Callable[..., object]  # called with when it happens


@dataclass
class Diary:
    """Events to come. Days and clocks are the site's own; `now` is where the telling stops."""

    now: datetime
    zone: ZoneInfo
    _events: list[tuple[datetime, int, Event]] = field(default_factory=list)
    _count: int = 0

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def monday(self, weeks_ago: int) -> date:
        """The first day of the site's week so many weeks ago; negative ones lie ahead."""
        return self.today - timedelta(days=self.today.weekday()) - timedelta(weeks=weeks_ago)

    def weeks_ago(self, monday: date) -> int:
        """The reverse of `monday`."""
        return (self.monday(0) - monday).days // 7

    def moment(self, day: date, clock: str, plus: int = 0) -> datetime:
        """The instant of a wall clock such as '09:30' on a day, and so many minutes later."""
        return datetime.combine(day, time.fromisoformat(clock), self.zone) + timedelta(minutes=plus)

    def day_of(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def note(self, at: datetime, event: Event) -> None:
        """Something will happen at this instant; the event is told when."""
        self._count += 1
        heapq.heappush(self._events, (at, self._count, event))

    def live(self) -> None:
        """Everything until now, in order; an event may note further ones."""
        while self._events and self._events[0][0] <= self.now:
            at, _, event = heapq.heappop(self._events)
            event(at)
