"""The ledger of one patient's week: does it hold what was ordered, and until when can it be saved?

Every ordered minute is in exactly one place: delivered (attended), booked (a session to come with nothing in
its way), at risk (a session to come that something endangers, or one past whose attendance nobody recorded),
or short (no session at all). Sessions beyond the order count as delivered or booked, never as short.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class HoursOrder:
    """Minutes a week ordered from `starts_on` up to, not including, `ends_on`; `kind` "" means any kind."""

    minutes_per_week: int
    starts_on: date
    ends_on: date | None = None
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Session:
    """One booking of the patient. Instants carry a zone.

    `minutes_attended` is None until attendance is recorded (0 for an absence). `trouble` names what endangers
    it, in words: "no facilitator", "no room", "patient cannot come". `cancelled` ones count nowhere.
    """

    id: int | str
    kind: str
    starts: datetime
    ends: datetime
    minutes_attended: int | None = None
    cancelled: bool = False
    trouble: tuple[str, ...] = ()

    @cached_property
    def minutes(self) -> int:
        """Whole minutes from start to end."""
        return _minutes((self.starts, self.ends))


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A session with a free seat, of any week; the ledger looks only at those of its own."""

    id: int | str
    starts: datetime
    ends: datetime
    kind: str = ""


class WeekState(StrEnum):
    """Met: all delivered. On course: the rest is safely booked. At risk: can still be saved. Short: cannot."""

    MET = "met"
    ON_COURSE = "on_course"
    AT_RISK = "at_risk"
    SHORT = "short"


@dataclass(frozen=True, kw_only=True)
class Dose:
    """One ordered kind of treatment this week, in minutes."""

    kind: str
    ordered: int
    delivered: int
    booked: int
    short: int


@dataclass(frozen=True, kw_only=True)
class Week:
    """The ledger of one week in minutes; `last_moment` is when the last chance within the week to save it begins.

    `last_moment` is None when nothing needs saving or nothing can save it.
    """

    starts_on: date
    ordered: int
    delivered: int
    booked: int
    at_risk: int
    short: int
    state: WeekState
    sentence: str
    last_moment: datetime | None
    troubles: tuple[str, ...]
    doses: tuple[Dose, ...]

    @property
    def missing(self) -> int:
        """Minutes ordered that are neither delivered nor safely booked."""
        return max(0, self.ordered - self.delivered - self.booked)


def week_start_of(day: date, week_starts: int) -> date:
    """The first day of the site's week that holds `day`; `week_starts` is a weekday, Monday is 0."""
    return day - timedelta(days=(day.weekday() - week_starts) % 7)


@lru_cache(maxsize=64)
def week_bounds(week_start: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants [start, end) of the week in the site's zone, in UTC; 167 or 169 hours long when the clocks change."""
    return (
        datetime.combine(week_start, time.min, zone).astimezone(UTC),
        datetime.combine(week_start + timedelta(days=7), time.min, zone).astimezone(UTC),
    )


def ledger(
    orders: Iterable[HoursOrder],
    sessions: Iterable[Session],
    week_start: date,
    zone: ZoneInfo,
    now: datetime,
    *,
    openings: Iterable[Opening] | None = None,
) -> Week:
    """The week that begins on `week_start` as it stands at `now`.

    A session belongs to the week in which it starts, in the site's zone. An order that begins or ends within
    the week counts for its days: 540 minutes a week from Thursday on are 309 for that week (rounded up).
    `openings` are seats still free. One counts as a chance to save the week only when it starts within it, is
    still to come, and the patient is not yet in it nor safely booked elsewhere at that time. None says that
    nobody has looked for seats: then no moment is told, and a week counts as lost only once too little of it is left.
    """
    first, end = week_bounds(week_start, zone)
    orders = tuple(orders)
    mine = [s for s in sessions if not s.cancelled and first <= s.starts < end]
    delivered = booked = at_risk = 0
    firm, endangered = [], []
    for session in mine:
        if session.minutes_attended is not None:
            delivered += session.minutes_attended
        elif now < session.ends and not session.trouble:
            booked += session.minutes
            firm.append(session)
        else:
            at_risk += session.minutes
            endangered.append(session)
    ordered = _ordered(orders, week_start)
    needed = max(0, ordered - delivered - booked)
    last_moment = None
    savable = openings is None and now < end - timedelta(minutes=needed)
    if needed and openings is not None:
        taken = {s.id for s in mine}
        chances = [(s.starts, s.ends) for s in endangered if s.starts >= now]
        soonest = max(now, first)
        chances += [(o.starts, o.ends) for o in openings if soonest <= o.starts < end and o.id not in taken]
        last_moment = _last_moment(needed, chances, firm)
        savable = last_moment is not None
    state = _state(ordered - delivered, needed, savable, endangered, now)
    return Week(
        starts_on=week_start,
        ordered=ordered,
        delivered=delivered,
        booked=booked,
        at_risk=at_risk,
        short=max(0, needed - at_risk),
        state=state,
        sentence=_sentence(state, ordered, delivered, booked, needed, savable, last_moment, zone),
        last_moment=last_moment,
        troubles=_troubles(endangered, now, zone) if endangered else (),
        doses=_doses(orders, mine, week_start, now) if any(order.kind for order in orders) else (),
    )


def _is_booked(session: Session, now: datetime) -> bool:
    """To come, or running, and with nothing in its way."""
    return session.minutes_attended is None and now < session.ends and not session.trouble


def _ordered(orders: Sequence[HoursOrder], week_start: date, kind: str | None = None) -> int:
    """Minutes ordered for the week: the order for any kind when there is one, else the sum of the kinds.

    Of several orders for one kind the latest begun counts on each day.
    """
    if kind is None:
        general = _ordered(orders, week_start, "")
        return general or sum(_ordered(orders, week_start, k) for k in {o.kind for o in orders if o.kind})
    of_kind = [o for o in orders if o.kind == kind]
    last = week_start + timedelta(days=6)
    if not any(
        week_start < day <= last for o in of_kind for day in (o.starts_on, o.ends_on) if day is not None
    ):
        # Nothing begins or ends within the week, as in most weeks: every day is like its first.
        return _in_force(of_kind, week_start)
    sevenths = sum(_in_force(of_kind, week_start + timedelta(days=n)) for n in range(7))
    return -(-sevenths // 7)


def _in_force(of_kind: Sequence[HoursOrder], day: date) -> int:
    """Minutes a week ordered on a day: by the latest order begun that has not ended."""
    standing = [o for o in of_kind if o.starts_on <= day and (o.ends_on is None or day < o.ends_on)]
    return max(standing, key=lambda o: o.starts_on).minutes_per_week if standing else 0


def _last_moment(
    needed: int, chances: Iterable[tuple[datetime, datetime]], firm: Sequence[Session]
) -> datetime | None:
    """The latest instant from which the chances, given as (start, end), add up to what is needed.

    Looks back from the last chance and adds up the most that one person can attend from each on: either it is
    left out, or it is taken together with the best of those that begin once it is over.
    """
    starts: list[datetime] = []  # the latest first, and beside each the most minutes from it on
    most: list[int] = []
    for start, end in sorted(chances, reverse=True):
        if any(start < s.ends and s.starts < end for s in firm):
            continue
        after = bisect_left(starts, True, key=lambda other: other < end)
        best = _minutes((start, end)) + (most[after - 1] if after else 0)
        starts.append(start)
        most.append(max(best, most[-1] if most else 0))
        if most[-1] >= needed:
            return start
    return None


def _minutes(chance: tuple[datetime, datetime]) -> int:
    # In UTC: two instants of one zone would be subtracted as wall times, wrong over a change of clocks.
    return int((chance[1].astimezone(UTC) - chance[0].astimezone(UTC)).total_seconds() // 60)


def _state(
    undelivered: int,
    needed: int,
    savable: bool,
    endangered: Sequence[Session],
    now: datetime,
) -> WeekState:
    if undelivered <= 0:
        return WeekState.MET
    if needed == 0:
        return WeekState.ON_COURSE
    # Attendance of a past session that nobody has written down may still turn out to fill the week.
    unrecorded = sum(s.minutes for s in endangered if s.ends <= now)
    if savable or unrecorded >= needed:
        return WeekState.AT_RISK
    return WeekState.SHORT


def _sentence(
    state: WeekState,
    ordered: int,
    delivered: int,
    booked: int,
    needed: int,
    savable: bool,
    last_moment: datetime | None,
    zone: ZoneInfo,
) -> str:
    if ordered == 0:
        return "No hours are ordered this week."
    if state is WeekState.MET:
        return f"All {hours_text(ordered)} ordered this week are delivered."
    if state is WeekState.ON_COURSE:
        return (
            f"{hours_text(delivered)} delivered and {hours_text(booked)} booked cover {hours_text(ordered)}."
        )
    if state is WeekState.SHORT:
        return f"{hours_text(needed)} of {hours_text(ordered)} cannot be made up this week any more."
    if not savable:
        return f"{hours_text(needed)} of {hours_text(ordered)} hang on attendance that is not recorded."
    if last_moment is None:
        return f"{hours_text(needed)} of {hours_text(ordered)} not safe."
    local = last_moment.astimezone(zone)
    return f"{hours_text(needed)} of {hours_text(ordered)} not safe; can be saved until {_moment(local)}."


def _troubles(endangered: Sequence[Session], now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    said = []
    for session in sorted(endangered, key=lambda s: s.starts):
        local = session.starts.astimezone(zone)
        why = ", ".join(session.trouble) if session.ends > now else "attendance not recorded"
        said.append(f"{_moment(local)}: {why}.")
    return tuple(said)


def _doses(
    orders: Sequence[HoursOrder], mine: Sequence[Session], week_start: date, now: datetime
) -> tuple[Dose, ...]:
    doses = []
    for kind in sorted({order.kind for order in orders if order.kind}):
        ordered = _ordered(orders, week_start, kind)
        of_kind = [s for s in mine if s.kind == kind]
        delivered = sum(s.minutes_attended for s in of_kind if s.minutes_attended is not None)
        booked = sum(s.minutes for s in of_kind if _is_booked(s, now))
        if ordered:
            short = max(0, ordered - delivered - booked)
            doses.append(Dose(kind=kind, ordered=ordered, delivered=delivered, booked=booked, short=short))
    return tuple(doses)


def _moment(local: datetime) -> str:
    """'Saturday 9:00 am'."""
    return f"{local:%A} {local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def hours_text(minutes: int) -> str:
    """Minutes as people say them: "9 h", "2 h 30 min", "45 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])
