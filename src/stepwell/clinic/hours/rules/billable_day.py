"""The billable-day guard: who is minutes short of the payer's minimum today, while it can still be mended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from .ledger import Session, hours_text


class DayState(StrEnum):
    """Nothing: no session. Reached: enough attended. On course: booked sessions suffice. Short: they do not.

    Lost: the day is over without enough.
    """

    NOTHING = "nothing"
    REACHED = "reached"
    ON_COURSE = "on_course"
    SHORT = "short"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class BillableDay:
    """One patient's day in minutes; `short` is what no attended or booked minute covers."""

    on: date
    needed: int
    attended: int
    booked: int
    short: int
    state: DayState
    sentence: str


def billable_day(
    sessions: Iterable[Session],
    on: date,
    zone: ZoneInfo,
    minimum_minutes: int,
    now: datetime,
    *,
    day_ends: datetime | None = None,
) -> BillableDay:
    """The day `on` as it stands at `now`; a session belongs to the local day on which it starts.

    `day_ends` is when the program closes that day: until then a shortfall can still be mended. Without it,
    local midnight is meant.
    """
    early, late = _about(on, zone)
    mine = [
        s
        for s in sessions
        if early < s.starts < late and not s.cancelled and s.starts.astimezone(zone).date() == on
    ]
    attended = sum(s.minutes_attended for s in mine if s.minutes_attended is not None)
    to_come = [s for s in mine if s.minutes_attended is None and now < s.ends and not s.trouble]
    booked = sum(s.minutes for s in to_come)
    short = max(0, minimum_minutes - attended - booked)
    if not mine:
        state, sentence = DayState.NOTHING, "No session on this day."
    elif attended >= minimum_minutes:
        state, sentence = DayState.REACHED, f"{hours_text(attended)} attended; the day can be billed."
    elif short == 0:
        state = DayState.ON_COURSE
        sentence = f"{hours_text(attended)} attended and {hours_text(booked)} to come reach the minimum."
    elif now >= day_ends if day_ends is not None else now.astimezone(zone).date() > on:
        state = DayState.LOST
        sentence = f"{hours_text(short)} short of {hours_text(minimum_minutes)}; this day cannot be billed."
    else:
        state = DayState.SHORT
        sentence = (
            f"{hours_text(short)} short of {hours_text(minimum_minutes)} today; offer a session before close."
        )
    return BillableDay(
        on=on,
        needed=minimum_minutes,
        attended=attended,
        booked=booked,
        short=short,
        state=state,
        sentence=sentence,
    )


@lru_cache(maxsize=64)
def _about(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Instants safely before and after the day: of what lies outside the local date need not be asked."""
    noon = datetime.combine(on, time(12), zone).astimezone(UTC)
    return noon - timedelta(hours=18), noon + timedelta(hours=18)
