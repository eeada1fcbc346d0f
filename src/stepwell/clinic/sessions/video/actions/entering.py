"""Who comes to the door, with the answers given there, and comes again after a broken line."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions.video import queries
from stepwell.clinic.sessions.video.actions.rooms import _fits, _room
from stepwell.clinic.sessions.video.actions.stays import _end, _forget, _record
from stepwell.clinic.sessions.video.models import JoinStatement, VideoPresence, VideoRoom
from stepwell.clinic.sessions.video.queries import Guest
from stepwell.clinic.sessions.video.rules import Said, ShownAs, door, lacking, load_video, shown_name
from stepwell.clinic.timetable.models import Occurrence


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


def _again(by: Actor, at: datetime, row: VideoPresence, room: VideoRoom) -> VideoPresence:
    """The same stay after a broken line: what was on the way is void, the others connect anew."""
    _forget(row, room, at)
    row.epoch += 1
    row.seen_at, row.away, row.sharing, row.hand_at = at, False, False, None
    row.save(update_fields=["epoch", "seen_at", "away", "sharing", "hand_at"])
    announce(f"video-room:{room.pk}")
    _record(by, at, "video.again", row)
    return row


def _name(guest: Guest, shown_as: ShownAs) -> str:
    if guest.patient is not None:
        return shown_name(guest.patient.called, guest.patient.family_name, shown_as)
    if guest.family is not None:
        return shown_name(guest.family.name, "", ShownAs.FIRST)
    return guest.name[:80]
