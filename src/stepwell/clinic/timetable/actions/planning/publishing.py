"""Publishing: the one way from a version to the calendar. One transaction, one planner at a time, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.holding import _hold, _let_go, _rows
from stepwell.clinic.timetable.actions.offered import _answer, _held
from stepwell.clinic.timetable.actions.planning.made import _locked_draft
from stepwell.clinic.timetable.actions.planning.publishable import (
    _lock_sessions,
    _refuse_a_changed_calendar,
    _refuse_too_many,
    _refuse_what_comes_too_late,
    _refuse_who_left,
)
from stepwell.clinic.timetable.models import (
    MakeUpOffer,
    Mode,
    Occurrence,
    OfferAnswer,
    PlannedSession,
    Publication,
    Seat,
    WeekNotice,
    WeekVersion,
)
from stepwell.clinic.timetable.queries.versions import (
    changes_by,
    planned_of,
    stood_of,
)
from stepwell.clinic.timetable.rules import topic_of_week
from stepwell.clinic.timetable.rules.comparing import Change, Difference, Held, What

_RELEASED = "The week was planned anew."


@transaction.atomic
def publish_week(*, by: Actor, at: datetime, version: WeekVersion, because: str = "") -> Publication:
    """The version becomes the week: sessions and seats, rooms and staff, and a notice to exactly those affected.

    Moved sessions keep their row; dropped ones are cancelled with `because` (or the version's own reason). Raises
    `Refused` when the calendar has changed since the version was made, when a change comes too late, and when a
    session has too many people or the database finds somebody in two places; nothing is published then.
    """
    policies.may_set_up(by, version.week.site_id)
    draft = _locked_draft(version.pk)
    week, zone = draft.week, ZoneInfo(draft.week.site.zone)
    sessions = _lock_sessions(draft)
    now = stood_of(week)
    _refuse_a_changed_calendar(draft, now, zone)
    planned = planned_of(draft)
    changes = changes_by(draft, planned, now)
    _refuse_what_comes_too_late(changes, at, zone)
    _refuse_too_many(changes, planned, zone)
    _refuse_who_left(changes)
    reason = " ".join(because.split())[:200] or draft.because or "The week was planned anew."
    rows = {f"c{one.occurrence_id}": one for one in planned if one.occurrence_id}
    _drop(changes, sessions, at, reason)
    _free_what_changes(changes, at)
    _change(changes, sessions, rows)
    made = _add(changes, planned, week.site_id)
    sessions.update({one.pk: one for one in made.values()})
    _take(changes, sessions, made, by, at)
    publication = _number(by, at, draft)
    _notify(publication, changes, made)
    announce(f"site:{week.site_id}", f"week:{week.pk}")
    announce(*(f"occurrence:{c.before.occurrence}" for c in changes.sessions if c.before))
    subject, detail = f"Publication {publication.pk}", {"week": week.pk, "version": draft.number}
    trail.record_each(
        by=by,
        at=at,
        action="timetable.publish_week",
        of=[
            (None, subject, detail | {"sessions": len(changes.sessions), "patients": len(changes.people)}),
            *(
                (
                    one.patient,
                    subject,
                    detail
                    | {"joined": len(one.joined), "left": len(one.left), "moved": len(one.moved)}
                    | {"minutes": one.minutes},
                )
                for one in changes.people
            ),
        ],
    )
    return publication


@transaction.atomic
def see_notice(*, by: Actor, at: datetime, notice: WeekNotice) -> WeekNotice:
    """Whoever is told of a changed week has seen it; it is not shown again. Seeing it twice changes nothing."""
    mine = (notice.patient_id is not None and notice.patient_id == by.patient_id) or (
        notice.staff_id is not None and notice.staff_id == by.staff_id
    )
    if not mine:
        raise Denied("Only the person it is for can put this notice away.")
    locked = WeekNotice.objects.select_for_update().get(pk=notice.pk)
    if locked.seen_at is None:
        locked.seen_at = at
        locked.save(update_fields=["seen_at"])
    trail.record(
        by=by,
        at=at,
        action="timetable.see_notice",
        subject=f"WeekNotice {locked.pk}",
        patient_id=locked.patient_id,
    )
    return locked


def _drop(changes: Difference, sessions: dict[int, Occurrence], at: datetime, reason: str) -> None:
    gone = [c.before.occurrence for c in changes.sessions if c.after is None and c.before]
    ids = [pk for pk in gone if pk is not None]
    Occurrence.objects.filter(pk__in=ids).update(cancelled_at=at, cancelled_because=reason)
    Seat.objects.filter(occurrence__in=ids, released_at__isnull=True).update(
        released_at=at, released_because="The session was cancelled."
    )
    _let_go(ids, at)
    _answer(MakeUpOffer.objects.filter(occurrence__in=ids), at, OfferAnswer.WITHDRAWN, because=reason)


def _free_what_changes(changes: Difference, at: datetime) -> None:
    """Before anything is taken: two sessions may change rooms with each other."""
    everything, people = [], defaultdict(set)
    for change in changes.sessions:
        if change.before is None or change.after is None or change.before.occurrence is None:
            continue
        pk = change.before.occurrence
        if change.what:
            everything.append(pk)
        for patient in change.left:
            people[pk].add(patient)
    moved = [
        c.before.occurrence
        for c in changes.sessions
        if What.MOVED in c.what and c.before and c.before.occurrence
    ]
    _let_go(everything, at)
    for pk, patients in people.items():
        _let_go([pk], at, only=Q(patient_id__in=patients))
        Seat.objects.filter(occurrence=pk, patient__in=patients, released_at__isnull=True).update(
            released_at=at, released_because=_RELEASED
        )
    _answer(MakeUpOffer.objects.filter(occurrence__in=moved), at, OfferAnswer.WITHDRAWN, because=_RELEASED)


def _change(changes: Difference, sessions: dict[int, Occurrence], rows: dict[str, Any]) -> None:
    """The row goes on with another time, place or leaders: an exception of its series, which is not made again."""
    changed = []
    for change in changes.sessions:
        if not change.what or change.before is None or change.after is None:
            continue
        row, plan = sessions[change.before.occurrence or 0], rows[change.after.key]
        if row.meeting_id is not None and row.local_date != plan.local_date and row.instead_of is None:
            row.instead_of = row.local_date
        row.starts, row.ends, row.local_date = plan.starts, plan.ends, plan.local_date
        row.facilitator_id, row.cofacilitator_id = plan.facilitator_id, plan.cofacilitator_id
        row.room_id, row.mode = plan.room_id, plan.mode
        changed.append(row)
    try:
        with transaction.atomic():
            Occurrence.objects.bulk_update(
                changed,
                [
                    "starts",
                    "ends",
                    "local_date",
                    "instead_of",
                    "facilitator",
                    "cofacilitator",
                    "room",
                    "mode",
                ],
                batch_size=100,
            )
    except IntegrityError as twice:
        raise Refused(
            "A group would meet twice in place of one meeting on one day. Move one of the two; nothing was published."
        ) from twice


def _add(changes: Difference, planned: Iterable[Any], site_id: int) -> dict[str, Occurrence]:
    """Sessions that are new on the calendar, by their key."""
    wanted = {c.after.key: c.after for c in changes.sessions if c.before is None and c.after}
    of = {_whole(one): one for one in planned if one.occurrence_id is None}
    made, plans = {}, []
    for key, held in wanted.items():
        plan = of[_whole_held(held)]
        plans.append(plan)
        made[key] = Occurrence(
            site_id=site_id,
            group_id=plan.group_id,
            local_date=plan.local_date,
            kind=plan.kind,
            treatment=plan.treatment,
            title=plan.title,
            topic=_topic(plan),
            curriculum="" if plan.group is None else plan.group.curriculum,
            starts=plan.starts,
            ends=plan.ends,
            facilitator_id=plan.facilitator_id,
            cofacilitator_id=plan.cofacilitator_id,
            room_id=plan.room_id,
            mode=plan.mode,
            capacity=max(plan.capacity, len(held.people)),
        )
    Occurrence.objects.bulk_create(made.values())
    for plan, row in zip(plans, made.values(), strict=True):
        plan.occurrence = row
    PlannedSession.objects.bulk_update(plans, ["occurrence"], batch_size=100)
    return made


def _whole(one: Any) -> tuple[Any, ...]:
    people = frozenset(seat.patient_id for seat in one.seats.all())
    return (one.title, one.starts, one.ends, one.mode, one.room_id, one.facilitator_id, people)


def _whole_held(one: Held) -> tuple[Any, ...]:
    leader = one.leaders[0] if one.leaders else None
    return (one.title, one.starts, one.ends, one.mode, one.room, leader, one.people)


def _topic(plan: Any) -> str:
    """Of the group's curriculum in that week."""
    group = plan.group
    return "" if group is None else topic_of_week(group.topics, group.starts_on, plan.local_date)


def _take(
    changes: Difference,
    sessions: dict[int, Occurrence],
    made: dict[str, Occurrence],
    by: Actor,
    at: datetime,
) -> None:
    """Rooms, staff, patients and seats of everything that is new or has changed."""
    wanted, seats = [], []
    touched = [(c, _row_of(c, sessions, made)) for c in changes.sessions if c.after is not None]
    ids = [row.pk for c, row in touched if c.joined]
    taken = _numbers(ids)
    held = _held(ids, at)
    for change, row in touched:
        whole = bool(change.what)
        wanted += _rows(
            row,
            at,
            rooms=[row.room_id] if whole else [],
            staff=[row.facilitator_id, row.cofacilitator_id] if whole else [],
            patients=change.after.people if whole and change.after else change.joined,
        )
        free = [n for n in range(1, row.capacity + 1) if n not in taken[row.pk] and n not in held[row.pk]]
        if len(free) < len(change.joined):
            raise Refused(
                f"The free seats of {row.title} are held for people who were offered them. "
                "Seat somebody elsewhere or wait for their answer; nothing was published."
            )
        seats += [
            Seat(
                occurrence=row,
                patient_id=patient,
                number=number,
                capacity=row.capacity,
                mode=Mode.VIDEO if row.mode == Mode.VIDEO else Mode.ON_SITE,
                at=at,
                by_id=by.staff_id,
            )
            for patient, number in zip(sorted(change.joined), free, strict=False)
        ]
    if wanted:
        _hold(sorted(wanted, key=lambda one: (one.room_id or 0, one.staff_id or 0, one.patient_id or 0)))
    try:
        with transaction.atomic():
            Seat.objects.bulk_create(seats)
    except IntegrityError as race:
        raise Refused(
            "A seat was just taken by somebody else. Nothing was published; bring the draft up to date first."
        ) from race


def _row_of(change: Change, sessions: dict[int, Occurrence], made: dict[str, Occurrence]) -> Occurrence:
    after = change.after
    assert after is not None  # noqa: S101 - only such are asked for
    return made[after.key] if change.before is None else sessions[change.before.occurrence or 0]


def _numbers(ids: list[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Seat.objects.filter(occurrence__in=ids, released_at__isnull=True)
    for occurrence, number in rows.values_list("occurrence_id", "number"):
        found[occurrence].add(number)
    return found


def _number(by: Actor, at: datetime, draft: WeekVersion) -> Publication:
    last = Publication.objects.filter(week=draft.week).count()
    try:
        with transaction.atomic():
            return Publication.objects.create(
                week=draft.week, version=draft, number=last + 1, at=at, by_id=by.staff_id
            )
    except IntegrityError as race:
        raise Refused(
            "Somebody published this week in the same moment. Look at it, then try again."
        ) from race


def _notify(publication: Publication, changes: Difference, made: dict[str, Occurrence]) -> None:
    """One notice for each patient and each leader for whom something changes, and for nobody else."""

    def pk(held: Held) -> int:
        return held.occurrence if held.occurrence is not None else made[held.key].pk

    notices = []
    for one in changes.people:
        told: list[list[Any]] = [[What.ADDED.value, pk(held), None] for held in one.joined]
        told += [[What.DROPPED.value, pk(held), held.starts.isoformat()] for held in one.left]
        told += [[What.MOVED.value, pk(new), old.starts.isoformat()] for old, new in one.moved]
        told += [[What.PLACE.value, pk(held), None] for held in one.elsewhere]
        notices.append(WeekNotice(publication=publication, patient_id=one.patient, changes=told))
    for staff, mine in changes.leaders.items():
        told = [_for_leader(staff, change, pk(change.session)) for change in mine]
        notices.append(WeekNotice(publication=publication, staff_id=staff, changes=told))
    WeekNotice.objects.bulk_create(notices)


def _for_leader(staff: int, change: Change, pk: int) -> list[Any]:
    was = change.before is not None and staff in change.before.leaders
    will = change.after is not None and staff in change.after.leaders
    before = change.before.starts.isoformat() if change.before else None
    if not was:
        return [What.ADDED.value, pk, None]
    if not will:
        return [What.DROPPED.value, pk, before]
    return [What.MOVED.value if What.MOVED in change.what else What.PLACE.value, pk, before]
