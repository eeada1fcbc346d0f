"""The days of a week that count for the payer: how many are there, how many can still be, until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .chances import Span, last_moment, minutes_of
from .ledger import Opening, Session, hours_text, moment_text, week_bounds
from .once import counted_once, overlapping


@dataclass(frozen=True, kw_only=True)
class DayMinutes:
    """One local day in minutes: attended, booked safely, and what it still lacks to count."""

    on: date
    attended: int
    booked: int
    lacking: int


@dataclass(frozen=True, kw_only=True)
class CountableDays:
    """Days with at least `least` minutes: `reached` by attendance, `booked` if what is booked takes place.

    `short` of the `wanted` ones are neither. `possible`: how many of those free seats could still give;
    `last_moment`: until when all of them. None: nobody looked, nothing is short, or it cannot be had.
    """

    least: int
    wanted: int
    reached: int
    booked: int
    short: int
    possible: int | None
    last_moment: datetime | None
    sentence: str
    days: tuple[DayMinutes, ...]


def countable_days(
    sessions: Iterable[Session],
    week_start: date,
    zone: ZoneInfo,
    now: datetime,
    *,
    least: int,
    wanted: int,
    openings: Iterable[Opening] | None = None,
) -> CountableDays:
    """The seven days from `week_start` on as they stand at `now`; a session belongs to the day on which it starts.

    `least` minutes make a day count, `wanted` days are wanted. An opening is a chance for its own day when it is
    still to come and over nothing that is safely booked.
    """
    first, end = week_bounds(week_start, zone)
    mine = [s for s in sessions if not s.cancelled and first <= s.starts < end]
    if overlapping(mine):
        mine = counted_once(mine, now)
    firm: list[Span] = []
    chances: dict[date, list[Span]] = {}
    attended = dict.fromkeys((week_start + timedelta(days=n) for n in range(7)), 0)
    booked = dict(attended)
    for session in mine:
        day = session.starts.astimezone(zone).date()
        if session.minutes_attended is not None:
            attended[day] += session.minutes_attended
        elif now < session.ends and not session.trouble:
            booked[day] += session.minutes
            firm.append((session.starts, session.ends))
        elif session.starts >= now:
            chances.setdefault(day, []).append((session.starts, session.ends))
    taken = {s.id for s in mine}
    for opening in openings or ():
        if max(now, first) <= opening.starts < end and opening.id not in taken:
            day = opening.starts.astimezone(zone).date()
            chances.setdefault(day, []).append((opening.starts, opening.ends))
    days = tuple(
        DayMinutes(
            on=day,
            attended=attended[day],
            booked=booked[day],
            lacking=max(0, least - attended[day] - booked[day]),
        )
        for day in sorted(attended)
    )
    reached = sum(day.attended >= least for day in days)
    coming = sum(day.attended < least and not day.lacking for day in days)
    short = max(0, wanted - reached - coming)
    moments: list[datetime] = []
    if short and openings is not None:
        found = (last_moment(d.lacking, chances.get(d.on, ()), firm)[0] for d in days if d.lacking)
        moments = sorted((moment.astimezone(UTC) for moment in found if moment is not None), reverse=True)
    possible = None if openings is None else min(short, len(moments))
    moment = moments[short - 1] if short and len(moments) >= short else None
    return CountableDays(
        least=least,
        wanted=wanted,
        reached=reached,
        booked=coming,
        short=short,
        possible=possible,
        last_moment=moment,
        sentence=_sentence(wanted, reached, coming, short, possible, moment, least, zone),
        days=days,
    )


def day_lacks(days: CountableDays, on: date) -> int:
    """Minutes that the day still lacks to count; 0 when it counts, or is not of this week."""
    return next((day.lacking for day in days.days if day.on == on), 0)


def makes_count(days: CountableDays, opening: Opening, zone: ZoneInfo) -> date | None:
    """The day that this opening alone makes count, when days are short; else None."""
    on = opening.starts.astimezone(zone).date()
    lacks = day_lacks(days, on)
    return on if days.short and lacks and minutes_of((opening.starts, opening.ends)) >= lacks else None


def _sentence(
    wanted: int,
    reached: int,
    coming: int,
    short: int,
    possible: int | None,
    moment: datetime | None,
    least: int,
    zone: ZoneInfo,
) -> str:
    if not wanted:
        return "No days are wanted this week."
    days = f"{wanted} {'day' if wanted == 1 else 'days'} of {hours_text(least)}"
    if reached >= wanted:
        return f"{reached} of {days} reached."
    if not short:
        return f"{reached} of {days} reached, {wanted - reached} booked."
    said = f"{short} of {days} not booked"
    if moment is not None:
        return f"{said}; can be saved until {moment_text(moment.astimezone(zone))}."
    return (
        f"{said}; {'it cannot' if short == 1 else 'they cannot all'} be made up."
        if possible is not None
        else f"{said}."
    )
