"""A plan in plain words: who is short, why, and what would mend it; and the whole week as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from weekplan.case import DAY, Case, Mode
from weekplan.parts import clock_of
from weekplan.plan import Mend, Plan, Session, Shortfall


def shortfalls_as_text(shortfalls: Iterable[Shortfall]) -> str:
    """Everybody who is short, each with the reason and the mends."""
    told = ["\n".join(_shortfall(one)) for one in shortfalls]
    return "\n\n".join(told) if told else "Everybody gets what was ordered."


def _shortfall(one: Shortfall) -> Iterator[str]:
    lacks = [f"{one.minutes} minutes"] if one.minutes else []
    lacks += [f"{minutes} minutes of {kind}" for kind, minutes in one.doses]
    lacks += [f"the session {name}" for name in one.owed]
    yield f"{one.patient} is short of {_listed(lacks)}."
    yield f"  {one.because}"
    for mend in one.mends:
        yield f"  - {mend.sentence} {_worth(mend)}"


def _worth(mend: Mend) -> str:
    """What a mend gives and costs, in brackets."""
    parts = [f"{mend.minutes} minutes more"] if mend.minutes else []
    if mend.cost:
        parts.append(f"costs {mend.cost} points" if mend.cost > 0 else f"saves {-mend.cost} points")
    if mend.also:
        parts.append(f"also helps {_listed(mend.also)}")
    return f"({'; '.join(parts)})" if parts else "(costs nothing)"


def week_as_text(case: Case, plan: Plan) -> str:
    """The whole week, day by day, in the order of the clock."""
    lines = [_head(case, plan)]
    ordered = sorted(plan.sessions, key=lambda one: (one.span.start, one.kind, one.id))
    for day in range(7):
        sessions = [one for one in ordered if one.span.day == day]
        if sessions or day in case.closed:
            on = date.fromisoformat(case.starts_on) + timedelta(days=day)
            lines += ["", f"{on:%A, %B} {on.day}{', closed' if day in case.closed else ''}"]
            lines += [f"  {_session(one)}" for one in sessions]
    return "\n".join(lines)


def _head(case: Case, plan: Plan) -> str:
    head = f"{case.name}: {len(plan.sessions)} sessions, {plan.cost} points, {plan.status.value}"
    return head if plan.bound is None else f"{head} (no week costs less than {plan.bound})"


def _session(one: Session) -> str:
    starts, ends = one.span.start % DAY, one.span.end - one.span.day * DAY
    name = one.kind if one.offer is None or one.offer == one.kind else f"{one.offer} ({one.kind})"
    where = "by video" if one.mode is Mode.VIDEO else "on site"
    if one.room is not None:
        where += f" in {one.room}"
    with_whom = f", with {_listed(one.leaders)}" if one.leaders else ""
    others = [f"{one.others} others"] if one.others else []
    fixed = "" if one.fixed == "no" else f" [{one.fixed}]"
    people = _listed([*one.people, *others]) or "nobody"
    return f"{clock_of(starts)}-{clock_of(ends)}  {name}, {where}{with_whom}: {people}{fixed}"


def _listed(names: Iterable[str]) -> str:
    *most, last = list(names) or [""]
    return f"{', '.join(most)} and {last}" if most else last
