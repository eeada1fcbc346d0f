"""Programs, tracks, groups and when groups meet: the director's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.people import rules as people_rules
from stepwell.clinic.people.models import Credential, Room, Site, Staff
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.belonging import _room_at, _works_at
from stepwell.clinic.timetable.actions.holding import _let_go
from stepwell.clinic.timetable.actions.offered import _answer
from stepwell.clinic.timetable.models import (
    MakeUpOffer,
    Meeting,
    Occurrence,
    OfferAnswer,
    Program,
    Seat,
    TherapyGroup,
    Track,
)


@transaction.atomic
def set_up_program(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    name: str,
    level: str,
    minutes_least: int,
    minutes_most: int,
    facts: Mapping[str, Any] | None = None,
) -> Program:
    """A level of care as this site offers it; `facts` are further columns. Raises `Refused`."""
    policies.may_set_up(by, site.pk)
    if minutes_most < minutes_least:
        raise Refused("The most hours a week are below the least. Swap them; nothing was saved.")
    try:
        with transaction.atomic():
            program = Program.objects.create(
                site=site,
                name=name.strip(),
                level=level,
                minutes_least=minutes_least,
                minutes_most=minutes_most,
                **(facts or {}),
            )
    except IntegrityError as twice:
        raise Refused(f"There is already a program called {name.strip()}. Choose another name.") from twice
    trail.record(by=by, at=at, action="timetable.set_up_program", subject=f"Program {program.pk}")
    return program


@transaction.atomic
def set_up_track(*, by: Actor, at: datetime, program: Program, name: str, kind: str) -> Track:
    """A track of a program; `kind` is day, evening or weekend. Raises `Refused` for a name used twice."""
    policies.may_set_up(by, program.site_id)
    try:
        with transaction.atomic():
            track = Track.objects.create(program=program, name=name.strip(), kind=kind)
    except IntegrityError as twice:
        raise Refused(
            f"{program.name} already has a track called {name.strip()}. Choose another name."
        ) from twice
    trail.record(by=by, at=at, action="timetable.set_up_track", subject=f"Track {track.pk}")
    return track


@transaction.atomic
def set_up_group(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    name: str,
    kind: str,
    facilitator: Staff,
    capacity: int,
    starts_on: date,
    room: Room | None = None,
    tracks: Iterable[Track] = (),
    facts: Mapping[str, Any] | None = None,
) -> TherapyGroup:
    """A group with who leads it and where; `facts` are further columns. Raises `Refused` when nobody qualified leads it or it has no room."""
    policies.may_set_up(by, site.pk)
    facts = facts or {}
    _works_at(site.pk, facilitator, facts.get("cofacilitator"))
    _room_at(site.pk, room)
    tracks = list(tracks)
    if any(track.program.site_id != site.pk for track in tracks):
        raise Refused("One of the tracks belongs to another site. Choose again; nothing was saved.")
    _qualified(facilitator, starts_on)
    if facts.get("cofacilitator") is not None and facts["cofacilitator"].pk == facilitator.pk:
        raise Refused("Facilitator and co-facilitator are the same person. Choose two, or leave one out.")
    if room is None and facts.get("mode", TherapyGroup._meta.get_field("mode").default) != "video":
        raise Refused("A group on site needs a room. Choose one, or make it a video group.")
    if room is not None and room.capacity < capacity:
        raise Refused(f"{room.name} holds {room.capacity} people. Choose a larger room or fewer seats.")
    if capacity < facts.get("least", TherapyGroup._meta.get_field("least").default):
        raise Refused("The group has fewer seats than the least number of people it needs.")
    _sensible(facts, capacity)
    group = TherapyGroup.objects.create(
        site=site,
        name=name.strip(),
        kind=kind,
        facilitator=facilitator,
        capacity=capacity,
        starts_on=starts_on,
        room=room,
        **facts,
    )
    group.tracks.set(tracks)
    trail.record(by=by, at=at, action="timetable.set_up_group", subject=f"TherapyGroup {group.pk}")
    return group


_CHANGEABLE = frozenset({"least", "good", "leaders", "each_week", "needs", "features", "closed_series"})


@transaction.atomic
def change_group(*, by: Actor, at: datetime, group: TherapyGroup, facts: Mapping[str, Any]) -> TherapyGroup:
    """What the planning of a week asks of a group: sizes, leaders, who may attend, features of the room.

    Sessions that stand are not touched. Raises `Refused`.
    """
    policies.may_set_up(by, group.site_id)
    if set(facts) - _CHANGEABLE:
        raise Refused("Only what the week is planned by is changed here; nothing was saved.")
    locked = TherapyGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    if facts.get("least", locked.least) > locked.capacity:
        raise Refused("The group has fewer seats than the least number of people it needs.")
    _sensible(facts, locked.capacity)
    for name, value in facts.items():
        setattr(locked, name, value)
    locked.save(update_fields=sorted(facts))
    trail.record(
        by=by,
        at=at,
        action="timetable.change_group",
        subject=f"TherapyGroup {locked.pk}",
        detail={"changed": sorted(facts)},
    )
    return locked


def _sensible(facts: Mapping[str, Any], capacity: int) -> None:
    if facts.get("good", 1) > capacity:
        raise Refused("A good size is not above the number of seats. Lower one of them; nothing was saved.")
    if facts.get("leaders", 1) not in (1, 2) or not 1 <= facts.get("each_week", 1) <= 20:
        raise Refused("One or two people lead a group, and somebody attends it up to 20 times a week.")
    if any(not word.strip() or len(word) > 40 for n in ("needs", "features") for word in facts.get(n, ())):
        raise Refused("A tag is one or two words, 40 signs at most. Nothing was saved.")


@transaction.atomic
def add_meeting(
    *,
    by: Actor,
    at: datetime,
    group: TherapyGroup,
    weekday: int,
    starts_at: time,
    minutes: int,
    first_on: date,
    last_on: date | None = None,
    every_weeks: int = 1,
) -> Meeting:
    """The group meets on this weekday in wall time of its site; the next horizon makes its rows. Raises `Refused`."""
    policies.may_set_up(by, group.site_id)
    if last_on is not None and last_on < first_on:
        raise Refused("The last day is before the first. Change one of them; nothing was saved.")
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(
                group=group,
                weekday=weekday,
                starts_at=starts_at,
                minutes=minutes,
                first_on=first_on,
                last_on=last_on,
                every_weeks=every_weeks,
            )
    except IntegrityError as twice:
        raise Refused(f"{group.name} already meets at that time. Nothing was saved.") from twice
    trail.record(by=by, at=at, action="timetable.add_meeting", subject=f"Meeting {meeting.pk}")
    return meeting


@transaction.atomic
def end_meeting(*, by: Actor, at: datetime, meeting: Meeting, last_on: date) -> Meeting:
    """No sessions of this meeting after `last_on`: those already made are cancelled, their seats released."""
    policies.may_set_up(by, meeting.group.site_id)
    meeting = Meeting.objects.select_for_update().select_related("group").get(pk=meeting.pk)
    if last_on < meeting.first_on:
        last_on = meeting.first_on
    meeting.last_on = last_on
    meeting.save(update_fields=["last_on"])
    ghosts = Occurrence.objects.filter(
        meeting=meeting, local_date__gt=last_on, starts__gt=at, cancelled_at__isnull=True
    )
    gone = list(ghosts.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    because = "The group no longer meets at this time."
    Seat.objects.filter(occurrence_id__in=gone, released_at__isnull=True).update(
        released_at=at, released_because=because
    )
    Occurrence.objects.filter(pk__in=gone).update(cancelled_at=at, cancelled_because=because)
    _let_go(gone, at)
    offers = MakeUpOffer.objects.filter(occurrence_id__in=gone)
    _answer(offers, at, OfferAnswer.WITHDRAWN, because=because)
    trail.record(
        by=by,
        at=at,
        action="timetable.end_meeting",
        subject=f"Meeting {meeting.pk}",
        detail={"last_on": last_on.isoformat(), "cancelled": len(gone)},
    )
    return meeting


def _qualified(facilitator: Staff, on: date) -> None:
    held = [
        people_rules.Credential(kind=c.kind, issued_on=c.issued_on, expires_on=c.expires_on)
        for c in Credential.objects.filter(staff=facilitator)
    ]
    standing = people_rules.may_lead(held, people_rules.SessionKind.GROUP, on)
    if not standing.valid:
        raise Refused(f"{facilitator.name} cannot lead a group. {standing.sentence}")
