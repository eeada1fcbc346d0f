"""The ledger of one patient's week: does it hold what was ordered, and until when can it be saved?

Every ordered minute is in exactly one place: delivered (attended), booked (a session to come with nothing in
its way), at risk (a session to come that something endangers, the share of what is booked that this person's own
attendance makes uncertain, or a session past whose attendance nobody recorded), or short (no session at all).
Sessions beyond the order count as delivered or booked, never as short.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from .chances import Span, last_moment, minutes_of
from .once import counted_once, overlapping
from .orders import HoursOrder, ordered_before, ordered_in_week
from .risk import RiskRule, likely_missed, load_risk


@dataclass(frozen=True, kw_only=True)
class Session:
    """One booking of the patient. Instants carry a zone.

    `minutes_attended` is None until attendance is recorded (0 for an absence). `trouble` names what endangers
    it, in words: "no facilitator", "no room", "patient cannot come". `cancelled` ones count nowhere. `counted`:
    its minutes that no other session covers, where they are fewer than it is long.
    """

    id: int | str
    kind: str
    starts: datetime
    ends: datetime
    minutes_attended: int | None = None
    cancelled: bool = False
    trouble: tuple[str, ...] = ()
    counted: int | None = None

    @cached_property
    def minutes(self) -> int:
        """Whole minutes from start to end, as far as they count."""
        return minutes_of((self.starts, self.ends)) if self.counted is None else self.counted


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A session with a free seat, of any week; the ledger looks only at those of its own.

    The ledger looks at the times and the kind; `mode`, `topic` and `curriculum` matter for choosing one.
    """

    id: int | str
    starts: datetime
    ends: datetime
    kind: str = ""
    mode: str = "both"
    topic: str = ""
    curriculum: str = ""


class WeekState(StrEnum):
    """Met: all delivered. On course: the rest is safely booked. At risk: can still be saved. Short: cannot."""

    MET = "met"
    ON_COURSE = "on_course"
    AT_RISK = "at_risk"
    SHORT = "short"


@dataclass(frozen=True, kw_only=True)
class Dose:
    """One ordered kind of treatment this week, in minutes; of what is short, `at_risk` is booked but endangered.

    `possible` is how much of what is short can still be had, `last_moment` until when all of it; None: nobody looked,
    or it cannot be had.
    """

    kind: str
    ordered: int
    delivered: int
    booked: int
    short: int
    at_risk: int = 0
    possible: int | None = None
    last_moment: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Week:
    """The ledger of one week in minutes; `last_moment` is when the last chance within the week to save it begins.

    `last_moment` is None when nothing needs saving or nothing can save it. `possible`: how much of what is missing
    free seats and endangered sessions can still give; None when nobody looked for seats. `unsure`: the part of
    `at_risk` that only this person's own attendance makes so. `partly_until`: until when what is possible can be
    had, where that is not all.
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
    possible: int | None = None
    unsure: int = 0
    partly_until: datetime | None = None

    @property
    def parts(self) -> tuple[int, int, int, int]:
        """What was ordered, cut into delivered, booked, at risk and short: the four add up to it."""
        delivered = min(self.ordered, self.delivered)
        booked = min(self.ordered - delivered, self.booked)
        at_risk = min(self.ordered - delivered - booked, self.at_risk)
        return delivered, booked, at_risk, self.ordered - delivered - booked - at_risk

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
    missed: int = 0,
    risk: RiskRule | None = None,
) -> Week:
    """The week that begins on `week_start` as it stands at `now`.

    A session belongs to the week in which it starts, in the site's zone. An order that begins or ends within
    the week counts for its days: 540 minutes a week from Thursday on are 309 for that week (rounded up).
    `openings` are seats still free. One counts as a chance to save the week only when it starts within it, is
    still to come, and the patient is not yet in it nor safely booked elsewhere at that time. None says that
    nobody has looked for seats: then no moment is told, and a week counts as lost only once too little of it is left.
    `missed` are the minutes of sessions missed in the weeks before `now` at which `risk` looks (else the rule of
    data/risk.json): of somebody who misses much, a share of what is booked is at risk. Sessions that overlap
    count each minute once.
    """
    first, end = week_bounds(week_start, zone)
    orders = tuple(orders)
    mine = [s for s in sessions if not s.cancelled and first <= s.starts < end]
    if overlapping(mine):
        mine = counted_once(mine, now)
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
    ordered = ordered_in_week(orders, week_start)
    lacking = max(0, ordered - delivered - booked)
    unsure = 0
    if missed and booked:
        rule = risk or load_risk()
        before = ordered_before(orders, now.astimezone(zone).date(), rule.weeks)
        unsure = likely_missed(booked, missed, before, rule)
        booked, at_risk = booked - unsure, at_risk + unsure
    needed = max(0, ordered - delivered - booked)
    moment, possible, partly = None, None, None
    savable = openings is None and now < end - timedelta(minutes=lacking)
    doses_chances: list[tuple[str, Span]] | None = None
    by_kind = any(order.kind for order in orders)
    if openings is not None and (needed or by_kind):
        taken = {s.id for s in mine}
        soonest = max(now, first)
        chances = [(s.kind, (s.starts, s.ends)) for s in endangered if s.starts >= now]
        chances += [
            (o.kind, (o.starts, o.ends)) for o in openings if soonest <= o.starts < end and o.id not in taken
        ]
        held = [(s.starts, s.ends) for s in firm]
        if needed:
            moment, possible = last_moment(needed, (span for _, span in chances), held)
        if moment is None and 0 < lacking < needed:
            moment, _ = last_moment(lacking, (span for _, span in chances), held)
        savable = moment is not None
        if possible and not savable:
            partly, _ = last_moment(possible, (span for _, span in chances), held)
        doses_chances = chances
    state = _state(ordered - delivered, needed, lacking, savable, endangered, now)
    return Week(
        starts_on=week_start,
        ordered=ordered,
        delivered=delivered,
        booked=booked,
        at_risk=at_risk,
        short=max(0, needed - at_risk),
        state=state,
        sentence=_sentence(state, ordered, delivered, booked, needed, lacking, savable, moment, zone),
        last_moment=moment,
        troubles=_troubles(endangered, now, zone, missed, unsure) if endangered or unsure else (),
        doses=_doses(orders, mine, week_start, now, doses_chances, firm) if by_kind else (),
        possible=possible,
        unsure=unsure,
        partly_until=partly,
    )


def _is_booked(session: Session, now: datetime) -> bool:
    """To come, or running, and with nothing in its way."""
    return session.minutes_attended is None and now < session.ends and not session.trouble


def _state(
    undelivered: int,
    needed: int,
    lacking: int,
    savable: bool,
    endangered: Sequence[Session],
    now: datetime,
) -> WeekState:
    if undelivered <= 0:
        return WeekState.MET
    if needed == 0:
        return WeekState.ON_COURSE
    # Attendance of a past session that nobody has written down may still turn out to fill the week, and
    # somebody who often misses sessions may come to all of them.
    unrecorded = sum(s.minutes for s in endangered if s.ends <= now)
    if savable or unrecorded >= lacking:
        return WeekState.AT_RISK
    return WeekState.SHORT


def _sentence(
    state: WeekState,
    ordered: int,
    delivered: int,
    booked: int,
    needed: int,
    lacking: int,
    savable: bool,
    moment: datetime | None,
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
        return f"{hours_text(lacking)} of {hours_text(ordered)} cannot be made up this week any more."
    until = "" if moment is None else f"; can be saved until {moment_text(moment.astimezone(zone))}"
    if lacking == 0:
        return f"{hours_text(needed)} of {hours_text(ordered)} may be missed as sessions were before{until}."
    if not savable:
        return f"{hours_text(lacking)} of {hours_text(ordered)} hang on attendance that is not recorded."
    return f"{hours_text(needed)} of {hours_text(ordered)} not safe{until}."


def _troubles(
    endangered: Sequence[Session], now: datetime, zone: ZoneInfo, missed: int, unsure: int
) -> tuple[str, ...]:
    said = []
    for session in sorted(endangered, key=lambda s: s.starts):
        local = session.starts.astimezone(zone)
        why = ", ".join(session.trouble) if session.ends > now else "attendance not recorded"
        said.append(f"{moment_text(local)}: {why}.")
    if unsure:
        said.append(
            f"Missed {hours_text(missed)} lately: {hours_text(unsure)} of what is booked may be lost."
        )
    return tuple(said)


def _doses(
    orders: Sequence[HoursOrder],
    mine: Sequence[Session],
    week_start: date,
    now: datetime,
    chances: Sequence[tuple[str, Span]] | None,
    firm: Sequence[Session],
) -> tuple[Dose, ...]:
    doses = []
    for kind in sorted({order.kind for order in orders if order.kind}):
        ordered = ordered_in_week(orders, week_start, kind)
        if not ordered:
            continue
        of_kind = [s for s in mine if s.kind == kind]
        delivered = sum(s.minutes_attended for s in of_kind if s.minutes_attended is not None)
        booked = sum(s.minutes for s in of_kind if _is_booked(s, now))
        at_risk = sum(s.minutes for s in of_kind if s.minutes_attended is None and not _is_booked(s, now))
        short = max(0, ordered - delivered - booked)
        moment, possible = None, None
        if short and chances is not None:
            mine_alone = [span for other, span in chances if other == kind]
            moment, possible = last_moment(short, mine_alone, [(s.starts, s.ends) for s in firm])
        doses.append(
            Dose(
                kind=kind,
                ordered=ordered,
                delivered=delivered,
                booked=booked,
                short=short,
                at_risk=min(short, at_risk),
                possible=possible,
                last_moment=moment,
            )
        )
    return tuple(doses)


def moment_text(local: datetime) -> str:
    """'Saturday 9:00 am'."""
    return f"{local:%A} {local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


@lru_cache(maxsize=2000)
def hours_text(minutes: int) -> str:
    """Minutes as people say them: "9 h", "2 h 30 min", "45 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])
