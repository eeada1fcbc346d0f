"""Who comes in, is let in, goes, is taken out; and what presence says, confirmed into attendance."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Staff
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions import actions as sessions
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.sessions.video import queries
from stepwell.clinic.sessions.video.models import JoinStatement, VideoPresence, VideoRoom, VideoSignal
from stepwell.clinic.sessions.video.queries import Guest
from stepwell.clinic.sessions.video.rules import (
    RoomKind,
    Said,
    ShownAs,
    door,
    kind_for,
    lacking,
    load_video,
    shown_name,
)
from stepwell.clinic.timetable.models import Occurrence

GATEWAY = "video-gateway"
"""The topic on which the process beside the gateway hears that something waits for it."""


class Incomplete(Refused):
    """Questions at the door that are not answered: field -> sentence."""

    def __init__(self, wrong: dict[str, str]) -> None:
        super().__init__("Some answers are missing.")
        self.wrong = wrong


@transaction.atomic
def enter(
    *,
    by: Actor,
    at: datetime,
    guest: Guest,
    gateway: bool,
    said: Said | None = None,
    shown_as: ShownAs = ShownAs.FIRST,
) -> VideoPresence:
    """Comes to the door: a new stay, or the old one again after a broken line.

    A patient answers where, who listens, and a number each time; `Incomplete` says what lacks. `gateway`:
    whether the site runs one. Who leads is inside at once; the others wait to be let in.
    """
    occurrence = Occurrence.objects.select_for_update(of=["self"], no_key=True).get(pk=guest.occurrence.pk)
    rule = load_video()
    if occurrence.cancelled_at is not None:
        raise Refused("This session was cancelled.")
    way = door(starts=occurrence.starts, ends=occurrence.ends, at=at, host=guest.host, rule=rule)
    if not way.open:
        raise Refused(way.sentence)
    room = _room(occurrence, at, gateway)
    if room.closed_at is not None:
        if not guest.host:
            raise Refused("This session is over, and its room is closed.")
        room.closed_at = None
        room.save(update_fields=["closed_at"])
    if queries.was_removed(guest, room):
        raise Denied("You were taken out of this session. Call your program if you want to talk about it.")
    there = queries.presence_now(guest, room)
    if there is not None and queries.resumable(there, at):
        return _again(by, at, there, room)
    if there is not None:
        _end(there, there.seen_at, room)
    if room.locked_at is not None and not guest.host:
        raise Refused("The room is locked: the session has begun. Call your program.")
    if guest.patient is not None:
        wrong = lacking(said or Said(), birth_date=guest.patient.birth_date)
        if wrong:
            raise Incomplete(wrong)
    if guest.host:
        _fits(room, at, 1)
    presence = VideoPresence.objects.create(
        room=room,
        staff_id=guest.staff_id,
        patient=guest.patient,
        family=guest.family,
        shown=_name(guest, shown_as),
        asked_at=at,
        seen_at=at,
        admitted_at=at if guest.host else None,
    )
    if guest.patient is not None and said is not None:
        JoinStatement.objects.create(
            presence=presence,
            patient=guest.patient,
            place=said.place.strip()[:200],
            listening=said.listening,
            listeners=said.listeners.strip()[:200] if said.listening == "others" else "",
            phone=said.phone.strip()[:40],
            at=at,
        )
    announce(f"video-room:{room.pk}")
    trail.record(
        by=by,
        at=at,
        action="video.enter",
        subject=f"Occurrence {occurrence.pk}",
        patient_id=presence.patient_id or (guest.family.patient_id if guest.family else None),
        detail={"presence": presence.pk, "kind": room.kind},
    )
    return presence


@transaction.atomic
def leave(*, by: Actor, at: datetime, presence: VideoPresence) -> None:
    """Goes. A second time changes nothing."""
    row = VideoPresence.objects.select_for_update(of=["self"]).select_related("room").get(pk=presence.pk)
    if row.left_at is not None:
        return
    _end(row, max(at, row.asked_at), row.room)
    _record(by, at, "video.leave", row)


@transaction.atomic
def admit(*, by: Actor, at: datetime, guest: Guest, who: Collection[int]) -> int:
    """Lets these people in from the door; an empty list means everybody who waits. Returns how many came in."""
    room = _locked(guest)
    waiting = [p for p in queries.staying(room, at) if p.admitted_at is None and (not who or p.pk in who)]
    if not waiting:
        raise Refused("Nobody waits at the door any more.")
    _fits(room, at, len(waiting))
    for row in waiting:
        row.admitted_at = at
    VideoPresence.objects.bulk_update(waiting, ["admitted_at"])
    announce(f"video-room:{room.pk}", *(f"video:{row.pk}" for row in waiting))
    trail.record_each(
        by=by,
        at=at,
        action="video.admit",
        of=[(row.patient_id, f"Presence {row.pk}", {"occurrence": room.occurrence_id}) for row in waiting],
    )
    return len(waiting)


@transaction.atomic
def remove(*, by: Actor, at: datetime, guest: Guest, who: int) -> VideoPresence:
    """Takes somebody out: the link is dead from this moment, and there is no way back in without being let."""
    room = _locked(guest)
    row = _one_of(room, who)
    if row.staff_id is not None:
        leads = (guest.occurrence.facilitator_id, guest.occurrence.cofacilitator_id, guest.staff_id)
        if row.staff_id in leads:
            raise Refused("Who leads the session is not taken out of it. Leave the room yourself.")
        if row.staff_id == room.second_id:  # the keys go with the person
            room.second = None
            room.save(update_fields=["second"])
    if row.left_at is None:
        _end(row, max(at, row.asked_at), room)
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    announce(f"video:{row.pk}", f"video-room:{room.pk}")
    _record(by, at, "video.remove", row)
    return row


@transaction.atomic
def let_back(*, by: Actor, at: datetime, guest: Guest, who: int) -> VideoPresence:
    """Somebody who was taken out may come to the door again."""
    room = _locked(guest)
    row = _one_of(room, who)
    same = Q(staff=row.staff, patient=row.patient, family=row.family)
    VideoPresence.objects.filter(same, room=room, removed_at__isnull=False).update(let_back_at=at)
    announce(f"video-room:{room.pk}")
    _record(by, at, "video.let_back", row)
    return row


@transaction.atomic
def lock_room(*, by: Actor, at: datetime, guest: Guest, locked: bool) -> VideoRoom:
    """Nobody new comes to the door of a locked room; whose line broke still comes back."""
    room = _locked(guest)
    room.locked_at = at if locked else None
    room.save(update_fields=["locked_at"])
    announce(f"video-room:{room.pk}")
    trail.record(
        by=by,
        at=at,
        action="video.lock",
        subject=f"Occurrence {room.occurrence_id}",
        detail={"locked": locked},
    )
    return room


@transaction.atomic
def close_room(*, by: Actor, at: datetime, guest: Guest) -> int:
    """Ends it for everybody; returns how many were in."""
    return _close(by, at, _locked(guest))


def _close(by: Actor, at: datetime, room: VideoRoom) -> int:
    there = list(VideoPresence.objects.select_for_update().filter(room=room, left_at__isnull=True))
    for row in there:
        _end(row, max(min(at, row.seen_at), row.asked_at), room)
    room.closed_at = at
    room.locked_at = None
    room.save(update_fields=["closed_at", "locked_at"])
    announce(f"video-room:{room.pk}", *(f"video:{row.pk}" for row in there))
    trail.record(
        by=by,
        at=at,
        action="video.close",
        subject=f"Occurrence {room.occurrence_id}",
        detail={"people": len(there)},
    )
    return len(there)


@transaction.atomic
def name_second(*, by: Actor, at: datetime, guest: Guest, staff: Staff, gateway: bool) -> VideoRoom:
    """A colleague of the site helps to lead this one session by video: has the same keys."""
    if by.staff_id not in (guest.occurrence.facilitator_id, guest.occurrence.cofacilitator_id):
        raise Denied("Only who leads this session names who helps.")
    if staff.site_id != guest.occurrence.site_id:
        raise Refused(f"{staff.name} does not work at this site. Choose a colleague from here.")
    room = _room(guest.occurrence, at, gateway)
    room.second = staff
    room.save(update_fields=["second"])
    VideoPresence.objects.filter(room=room, staff=staff, removed_at__isnull=False).update(let_back_at=at)
    announce(f"video-room:{room.pk}")
    trail.record(
        by=by,
        at=at,
        action="video.second",
        subject=f"Occurrence {room.occurrence_id}",
        detail={"staff": staff.pk},
    )
    return room


@transaction.atomic
def confirm_attendance(
    *, by: Actor, at: datetime, guest: Guest, patient_ids: Collection[int]
) -> list[Attendance]:
    """What presence in the room proposes of these people becomes their attendance, by video.

    Raises `Refused` when one of them was not in, and for whatever attendance itself refuses.
    """
    found = {p.patient.pk: p for p in queries.proposals(guest.occurrence, at)}
    entries = []
    for number in patient_ids:
        proposed = found.get(number)
        if proposed is None or proposed.proposal is None:
            raise Refused(
                "Somebody on this list was not in the room. Load the page again; nothing was saved."
            )
        one = proposed.proposal
        entries.append(
            sessions.Entry(
                patient_id=number,
                outcome=Attendance.Outcome.PRESENT,
                arrived=one.arrived,
                left=one.left,
                stepped_out=one.away,
                mode="video",
            )
        )
    if not entries:
        raise Refused("Choose whose attendance you confirm.")
    return sessions.record_attendance(by=by, at=at, occurrence=guest.occurrence, entries=entries)


@transaction.atomic
def end_silent(*, by: Actor, at: datetime) -> int:
    """Stays whose line never came back end when they were last heard of; what was to be relayed is forgotten.

    Rooms whose session is over for longer than their door is open are ended for whoever forgot to leave.
    """
    rule = load_video()
    since = at - timedelta(seconds=rule.resume_within_seconds)
    rows = list(
        VideoPresence.objects.select_for_update(of=["self"], skip_locked=True)
        .filter(left_at__isnull=True, seen_at__lt=since)
        .select_related("room")
        .order_by("pk")
    )
    for row in rows:
        _end(row, row.seen_at, row.room)
    _close_after_hours(by, at)
    old = VideoSignal.objects.filter(at__lt=at - timedelta(seconds=rule.signal_seconds))
    # The gateway is told who is gone even when it was away for long; what nobody ever took is forgotten at last.
    old.exclude(kind="gone", at__gte=at - timedelta(hours=1)).delete()
    trail.record_each(
        by=by,
        at=at,
        action="video.silent",
        of=[(row.patient_id, f"Presence {row.pk}", {"occurrence": row.room.occurrence_id}) for row in rows],
    )
    return len(rows)


def _close_after_hours(by: Actor, at: datetime) -> None:
    over = at - timedelta(minutes=load_video().closes_after)
    rooms = (
        VideoRoom.objects.select_for_update(of=["self"], skip_locked=True)
        .filter(Exists(VideoPresence.objects.filter(room=OuterRef("pk"), left_at__isnull=True)))
        .filter(closed_at__isnull=True, occurrence__ends__lte=over)
    )
    for room in rooms.order_by("pk"):
        _close(by, at, room)


def _room(occurrence: Occurrence, at: datetime, gateway: bool) -> VideoRoom:
    """The room, held by this transaction. While nobody is in it or at its door it is chosen anew how it is held:
    seats were booked meanwhile, or the gateway is away, or back."""
    chosen = kind_for(
        queries.expected_in(occurrence),
        group=occurrence.kind == "group",
        gateway=gateway,
        rule=load_video(),
    )
    VideoRoom.objects.get_or_create(
        occurrence=occurrence, defaults={"kind": chosen.kind, "most": chosen.most, "opened_at": at}
    )
    room: VideoRoom = VideoRoom.objects.select_for_update(of=["self"]).get(occurrence=occurrence)
    other = (room.kind, room.most) != (chosen.kind, chosen.most)
    if other and not VideoPresence.objects.filter(room=room, left_at__isnull=True).exists():
        room.kind, room.most = chosen.kind, chosen.most
        room.save(update_fields=["kind", "most"])
    return room


def _again(by: Actor, at: datetime, row: VideoPresence, room: VideoRoom) -> VideoPresence:
    """The same stay after a broken line: what was on the way is void, the others connect anew."""
    _forget(row, room, at)
    row.epoch += 1
    row.seen_at, row.away, row.sharing, row.hand_at = at, False, False, None
    row.save(update_fields=["epoch", "seen_at", "away", "sharing", "hand_at"])
    announce(f"video-room:{room.pk}")
    _record(by, at, "video.again", row)
    return row


def _end(row: VideoPresence, at: datetime, room: VideoRoom) -> None:
    row.left_at = at
    row.hand_at, row.sharing = None, False
    row.save(update_fields=["left_at", "hand_at", "sharing"])
    _forget(row, room, at)
    announce(f"video-room:{room.pk}")


def _forget(row: VideoPresence, room: VideoRoom, at: datetime) -> None:
    """Nothing of a stay waits to be relayed any more; the gateway is told to let go of it."""
    VideoSignal.objects.filter(to=row).delete()
    VideoSignal.objects.filter(sender=row).delete()
    if room.kind == RoomKind.JANUS:
        VideoSignal.objects.create(
            room=room, kind="gone", body={"presence": row.pk, "epoch": row.epoch}, at=at
        )
        announce(GATEWAY)


def _name(guest: Guest, shown_as: ShownAs) -> str:
    if guest.patient is not None:
        return shown_name(guest.patient.called, guest.patient.family_name, shown_as)
    if guest.family is not None:
        return shown_name(guest.family.name, "", ShownAs.FIRST)
    return guest.name[:80]


def _locked(guest: Guest) -> VideoRoom:
    if not guest.host:
        raise Denied("Only who leads the session has the keys of its room.")
    room = VideoRoom.objects.select_for_update(of=["self"]).filter(occurrence=guest.occurrence).first()
    if room is None:
        raise Refused("Nobody has opened this room yet.")
    return room


def _one_of(room: VideoRoom, who: int) -> VideoPresence:
    row = VideoPresence.objects.select_for_update(of=["self"]).filter(room=room, pk=who).first()
    if row is None:
        raise Refused("This person is not in the room any more.")
    return row


def _fits(room: VideoRoom, at: datetime, more: int) -> None:
    inside = sum(p.admitted_at is not None for p in queries.staying(room, at))
    if inside + more > room.most:
        free = max(0, room.most - inside)
        raise Refused(
            f"This room holds {room.most} people at once, and {free} more fit in. "
            "A larger group needs the program's video gateway."
        )


def _record(by: Actor, at: datetime, action: str, row: VideoPresence) -> None:
    trail.record(
        by=by,
        at=at,
        action=action,
        subject=f"Occurrence {row.room.occurrence_id}",
        patient_id=row.patient_id,
        detail={"presence": row.pk, "epoch": row.epoch},
    )
