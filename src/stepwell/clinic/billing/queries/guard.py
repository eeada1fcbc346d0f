"""Whose day will be too short for the payer, while it can still be mended. Two statements beside the hours ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Value

from stepwell.accounts.actor import Actor
from stepwell.clinic.billing import rules
from stepwell.clinic.billing.rules import DaySession, Guarded, SeatToday, guard
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.hours.queries import Hours, with_day_rules
from stepwell.clinic.hours.queries.statements import as_day, level_now
from stepwell.clinic.people.models import Patient
from stepwell.clinic.prepared import Prepared, numbered
from stepwell.clinic.sessions.models import Attendance


@dataclass(frozen=True, slots=True)
class DayOf:
    """Whose day it is, and how it stands."""

    person: Any
    day: Guarded


@dataclass(frozen=True, slots=True)
class TodaySession:
    """What the guard must know of a session of today: the kind the payer pays by, and its name."""

    kind: str
    title: str
    ends: datetime


def ask_in_the_room(by: Actor, at: datetime, day: date) -> Callable[[], dict[tuple[int, int], int]]:
    """(patient, session) -> minutes that will come of it, of those who came late or stepped out and are there now.

    Sends one statement (`clinic.ahead`). Of everybody else in a room the whole session is still to come.
    """
    if by.home is None or not by.home.site_id:
        return dict
    asked = _IN_THE_ROOM.ahead(by.home.site_id, day, at=at)
    return lambda: {(patient, session): minutes for patient, session, minutes in asked()}


def guarded_days(
    *,
    at: datetime,
    zone: ZoneInfo,
    found: Mapping[int, Hours],
    sessions: Mapping[int, TodaySession],
    in_the_room: Mapping[tuple[int, int], int],
) -> list[DayOf]:
    """Of those in `found` whose day is short of their own payer's minutes, or lost; the closest first.

    `found` is what the reader may see of everybody's hours; `sessions` those of today at the site by id. One
    statement, for those who may be short at all.
    """
    on = at.astimezone(zone).date()
    closes = max((one.ends for one in sessions.values()), default=at)
    most, always = enough(on)
    days: dict[int, list[DaySession]] = {}
    for pk, hours in found.items():
        mine = _today(pk, hours, sessions, in_the_room, at)
        if mine and sum(one.minutes for one in mine if one.kind in always) < most:
            days[pk] = mine
    followed = day_rules(days, on)
    answer = []
    for pk, mine in days.items():
        seats = [
            SeatToday(o.id, sessions[int(o.id)].title, sessions[int(o.id)].kind, o.starts, o.ends)
            for o in found[pk].openings
            if int(o.id) in sessions
        ]
        stands = guard(mine, followed.get(pk), at, zone, seats=seats, closes=closes)
        if stands.stands in (rules.DayStands.SHORT, rules.DayStands.LOST):
            answer.append(DayOf(found[pk].patient, stands))
    return sorted(
        answer, key=lambda one: (not one.day.mendable, one.day.short, one.person.given_name, one.person.pk)
    )


def day_rules(patient_ids: Collection[int], on: date) -> dict[int, rules.PayerRule]:
    """Patient id -> the rule by which a day counts for whoever pays first; people who pay themselves have one too.

    Nobody is in it whose payer does not count days at the level of care of now. One statement, none for nobody.
    """
    if not patient_ids:
        return {}
    ids = numbered(patient_ids, 512)
    rows = _DAY_RULES.rows(on=on, **ids) if ids is not None else _day_rules(patient_ids, on=on)
    found = {}
    for pk, level, insured, named in rows:
        keys = _named_on(named, on) if insured else rules.load_filing_limits().self_pay_rules
        if rule := _by_the_day(tuple(keys), level or "", on):
            found[pk] = rule
    return found


@cache
def enough(on: date) -> tuple[int, frozenset[str]]:
    """Minutes, and kinds of session: whoever has so many of these has a day by every rule in effect, and needs no
    second look."""
    held = [
        rule
        for rule in rules.load_payer_rules()
        if rule.unit is rules.Unit.PER_DIEM
        and rule.effective <= on
        and (rule.until is None or on < rule.until)
    ]
    if not held:
        return 0, frozenset()
    return max(rule.minimum_minutes for rule in held), frozenset.intersection(*(r.sessions for r in held))


def _today(
    patient: int,
    hours: Hours,
    sessions: Mapping[int, TodaySession],
    in_the_room: Mapping[tuple[int, int], int],
    at: datetime,
) -> list[DaySession]:
    mine = []
    for one in hours.sessions:
        known = sessions.get(int(one.id))
        if known is None or one.cancelled:
            continue
        if one.minutes_attended is not None:
            minutes, done = one.minutes_attended, True
        elif at >= one.ends:
            continue  # over, and nobody has recorded it: neither short nor safe until somebody does
        else:
            minutes, done = in_the_room.get((patient, int(one.id)), one.minutes), False
        mine.append(DaySession(one.id, known.kind, one.starts, one.ends, minutes, done))
    return mine


def _named_on(rows: Iterable[Mapping[str, Any]], on: date) -> list[str]:
    """The rules of the first policy in force, in the order in which policies pay."""
    keys = []
    for row in rows:
        spans = ((row["starts"], row["ends"]), (row["since"], row["until"]))
        if all(as_day(a) <= on and (b is None or on <= as_day(b)) for a, b in spans):
            keys.append(row["rule"])
    return keys


@cache
def _by_the_day(keys: tuple[str, ...], level: str, on: date) -> rules.PayerRule | None:
    for key in keys:
        try:
            rule = rules.rule_on(key, on)
        except LookupError:
            continue
        if rule.unit is rules.Unit.PER_DIEM and level in rule.levels:
            return rule
    return None


def _day_rules(patient_ids: Collection[int], *, on: date) -> Any:
    insured = Policy.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), patient=OuterRef("pk"), starts_on__lte=on
    )
    return (
        with_day_rules(Patient.objects.filter(pk__in=list(patient_ids)))
        .annotate(level_of=level_now(), insured=Exists(insured))
        .values_list("pk", "level_of", "insured", "day_rules_of")
    )


def _in_the_room(site_id: int, day: date, *, at: datetime) -> Any:
    length = ExpressionWrapper(F("occurrence__ends") - F("occurrence__starts"), output_field=DurationField())
    came = ExpressionWrapper(F("minutes") * Value(timedelta(minutes=1)), output_field=DurationField())
    return (
        Attendance.objects.filter(
            occurrence__site_id=site_id,
            occurrence__local_date=day,
            occurrence__cancelled_at__isnull=True,
            occurrence__ends__gt=at,
            outcome="present",
            left_at__isnull=True,
        )
        .annotate(length=length)
        .filter(length__gt=came)
        .order_by()
        .values_list("patient_id", "occurrence_id", "minutes")
    )


_DAY_RULES = Prepared(lambda *, on, **ids: _day_rules(list(ids.values()), on=on))
_IN_THE_ROOM = Prepared(_in_the_room)
