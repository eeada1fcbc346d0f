"""The free seats of the week for each of some patients, and what is known of each for choosing among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q
from django.db.models.functions import JSONObject

from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.coverage.rules import Unit, rule_on
from stepwell.clinic.hours.queries.statements import ELSEWHERE, FREE, as_day, level_now
from stepwell.clinic.hours.rules import DatedWindow, Opening, can_come
from stepwell.clinic.hours.rules.make_ups import Wall
from stepwell.clinic.people.models import Patient
from stepwell.clinic.timetable.models import (
    KeptApart,
    MakeUpOffer,
    PatientTag,
    PatientWindow,
    Seat,
)
from stepwell.clinic.timetable.rules.windows import Window

if TYPE_CHECKING:
    from stepwell.clinic.hours.queries.weeks import _Read


@dataclass(frozen=True, slots=True)
class FreeSeat:
    """A session of a group with seats left, as a list shows it; `left` counts neither taken nor held seats."""

    pk: int
    site_id: int
    group_id: int
    title: str
    starts: datetime
    ends: datetime
    treatment: str
    mode: str
    topic: str
    curriculum: str
    needs: Sequence[str]
    each_week: int
    leads: str
    room: str
    left: int

    @property
    def opening(self) -> Opening:
        """As the rules take it."""
        return Opening(
            id=self.pk,
            starts=self.starts,
            ends=self.ends,
            kind=self.treatment,
            mode=self.mode,
            topic=self.topic,
            curriculum=self.curriculum,
        )


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one patient for choosing: seats she may have, when she can come, which topics she had."""

    seats: tuple[FreeSeat, ...] = ()
    windows: tuple[DatedWindow, ...] = ()
    topics_had: frozenset[tuple[str, str]] = frozenset()


def known_of(read: Collection[_Read], at: datetime, *, topics: bool = True) -> dict[int, Known]:
    """Patient id -> what is known. Eight statements at most for any number of patients, none for nobody.

    Left out of the seats are those in which she has one, at a time at which she has another appointment, of a group
    that asks for what she is not, or to which she goes often enough this week, and those in which somebody sits from
    whom she is kept apart. Nobody is told who that is. Without `topics` nobody looks for those she had.
    """
    if not read:
        return {}
    ids = [one.person.pk for one in read]
    first = max(at, min(one.bounds[0] for one in read))
    end = max(one.bounds[1] for one in read)
    seats = _free_seats({one.site_id for one in read}, first, end, at)
    if not seats:
        return {pk: Known() for pk in ids}
    windows: dict[int, list[DatedWindow]] = defaultdict(list)
    for patient, *times, first_on, last_on in _windows(ids, first, end):
        windows[patient].append(DatedWindow(window=_window(*times), first_on=first_on, last_on=last_on))
    tags: dict[int, set[str]] = defaultdict(set)
    if any(seat.needs for seat in seats):
        held_tags = PatientTag.objects.filter(patient__in=ids, ended_at__isnull=True)
        for patient, tag in held_tags.values_list("patient_id", "tag"):
            tags[patient].add(tag)
    had: dict[int, set[tuple[str, str]]] = defaultdict(set)
    if topics:
        for patient, curriculum, topic in _topics(ids, {(s.curriculum, s.topic) for s in seats if s.topic}):
            had[patient].add((curriculum, topic))
    elsewhere: dict[int, list[Any]] = defaultdict(list)
    for patient, during in ELSEWHERE.rows(first=first, end=end):
        elsewhere[patient].append(during)
    avoided = _avoided(ids, [s.pk for s in seats])
    often = _goes_enough(ids, min(one.bounds[0] for one in read), end, seats)
    found, at_site = {}, _of_sites(seats)
    for one in read:
        pk, (begins, ends) = one.person.pk, one.bounds
        out = avoided[pk] | {session.id for session in one.sessions}
        mine = at_site.get(one.site_id, ())
        if any(seat.pk in out or not begins <= seat.starts < ends or seat.needs for seat in mine) or (
            pk in often or pk in elsewhere
        ):
            mine = tuple(
                seat
                for seat in mine
                if begins <= seat.starts < ends
                and seat.pk not in out
                and tags[pk].issuperset(seat.needs)
                and seat.group_id not in often.get(pk, ())
                and not any(seat.starts < t.upper and t.lower < seat.ends for t in elsewhere.get(pk, ()))
            )
        found[pk] = Known(seats=mine, windows=tuple(windows[pk]), topics_had=frozenset(had[pk]))
    return found


def openings_of(read: Collection[_Read], at: datetime) -> dict[int, tuple[Opening, ...]]:
    """Patient id -> the free seats that she may have at times when she can come. Seven statements at most."""
    known = known_of(read, at, topics=False)
    of: dict[int, Opening] = {}
    walls: dict[ZoneInfo, dict[object, Wall]] = defaultdict(dict)
    found: dict[int, tuple[Opening, ...]] = {}
    for one in read:
        mine = known[one.person.pk]
        openings = []
        for seat in mine.seats:
            opening = of.get(seat.pk)
            if opening is None:
                opening = of[seat.pk] = seat.opening
            openings.append(opening)
        found[one.person.pk] = can_come(openings, mine.windows, one.zone, walls[one.zone])
    return found


def _of_sites(seats: Sequence[FreeSeat]) -> dict[int, tuple[FreeSeat, ...]]:
    of: dict[int, list[FreeSeat]] = defaultdict(list)
    for seat in seats:
        of[seat.site_id].append(seat)
    return {site: tuple(found) for site, found in of.items()}


@lru_cache(maxsize=4096)
def _window(day: int, starts: time, ends: time, preferred: bool, on_site: bool, video: bool) -> Window:
    return Window(
        weekday=day, starts_at=starts, ends_at=ends, preferred=preferred, on_site=on_site, video=video
    )


def least_of_day(patient_ids: Sequence[int], on: date) -> dict[int, int]:
    """Patient id -> least minutes for a day to count, by the dated rules of the payer. One statement.

    The first policy in force whose payer pays by the day at the patient's level of care decides; nobody is in it
    whose payer does not count days.
    """
    rows = with_day_rules(Patient.objects.filter(pk__in=patient_ids)).annotate(at_level=level_now())
    found = {}
    for pk, level, rules in rows.values_list("pk", "at_level", "day_rules_of"):
        if least := least_from(rules, level or "", on):
            found[pk] = least
    return found


def with_day_rules(patients: Any) -> Any:
    """The queryset of patients with `.day_rules_of`: which payer rules their policies follow, and from when."""
    rules = Policy.objects.filter(patient=OuterRef("pk"), payer__rules__isnull=False)
    return patients.annotate(
        day_rules_of=ArraySubquery(
            rules.order_by("priority", "-starts_on", "pk").values(
                json=JSONObject(
                    rule="payer__rules__rule",
                    starts="starts_on",
                    ends="ends_on",
                    since="payer__rules__starts_on",
                    until="payer__rules__ends_on",
                )
            )
        )
    )


def least_from(rules: Sequence[Mapping[str, Any]], level: str, on: date) -> int:
    """Least minutes of a day that counts, out of `.day_rules_of`; 0 when nobody counts days at this level."""
    for row in rules:
        spans = ((row["starts"], row["ends"]), (row["since"], row["until"]))
        if not all(as_day(a) <= on and (b is None or on <= as_day(b)) for a, b in spans):
            continue
        try:
            rule = rule_on(row["rule"], on)
        except LookupError:
            continue
        if rule.unit is Unit.PER_DIEM and level in rule.levels:
            return rule.minimum_minutes
    return 0


def _free_seats(sites: Collection[int], first: datetime, end: datetime, at: datetime) -> tuple[FreeSeat, ...]:
    rows = FREE.rows(tuple(sorted(sites)), first=first, end=end, at=at)
    return tuple(FreeSeat(*row) for row in rows)


def _windows(ids: Sequence[int], first: datetime, end: datetime) -> Any:
    return (
        PatientWindow.objects.filter(
            Q(last_on__isnull=True) | Q(last_on__gte=first.date()),
            patient__in=ids,
            first_on__lte=end.date(),
        )
        .order_by("patient_id", "weekday", "starts_at")
        .values_list(
            "patient_id",
            "weekday",
            "starts_at",
            "ends_at",
            "preferred",
            "on_site",
            "video",
            "first_on",
            "last_on",
        )
    )


def _topics(ids: Sequence[int], offered: Collection[tuple[str, str]]) -> Any:
    """Of the topics on offer those that each has had."""
    return (
        Seat.objects.filter(
            patient__in=ids,
            attendance__outcome="present",
            occurrence__topic__in=sorted({topic for _, topic in offered}),
        )
        .order_by()
        .values_list("patient_id", "occurrence__group__curriculum", "occurrence__topic")
        .distinct()
    )


def _avoided(ids: Sequence[int], occurrence_ids: Sequence[int]) -> dict[int, set[int]]:
    """Patient id -> sessions in which somebody has a seat, or is offered one, from whom the patient is kept apart."""
    apart: dict[int, set[int]] = defaultdict(set)
    pairs = KeptApart.objects.filter(Q(first__in=ids) | Q(second__in=ids), ended_at__isnull=True)
    for first, second in pairs.values_list("first_id", "second_id"):
        apart[first].add(second)
        apart[second].add(first)
    others = sorted({other for one in ids for other in apart.get(one, ())})
    sits: dict[int, set[int]] = defaultdict(set)
    held = Seat.objects.filter(released_at__isnull=True, occurrence__in=occurrence_ids, patient__in=others)
    offered = MakeUpOffer.objects.filter(
        answered_at__isnull=True, occurrence__in=occurrence_ids, patient__in=others
    )
    rows = held.order_by().values_list("patient_id", "occurrence_id")
    for patient, occurrence in rows.union(offered.order_by().values_list("patient_id", "occurrence_id")):
        sits[patient].add(occurrence)
    return defaultdict(set, {one: {o for other in apart.get(one, ()) for o in sits[other]} for one in ids})


def _goes_enough(
    ids: Sequence[int], first: datetime, end: datetime, seats: Sequence[FreeSeat]
) -> dict[int, set[int]]:
    """Patient id -> groups to which she goes as often in the week as they allow."""
    most = {seat.group_id: seat.each_week for seat in seats}
    rows = (
        Seat.objects.filter(
            patient__in=ids,
            released_at__isnull=True,
            occurrence__cancelled_at__isnull=True,
            occurrence__starts__gte=first,
            occurrence__starts__lt=end,
            occurrence__group__in=sorted(most),
        )
        .order_by()
        .values("patient_id", "occurrence__group_id")
        .annotate(n=Count("pk"))
        .values_list("patient_id", "occurrence__group_id", "n")
    )
    found: dict[int, set[int]] = defaultdict(set)
    for patient, group, n in rows:
        if n >= most[group]:
            found[patient].add(group)
    return dict(found)
