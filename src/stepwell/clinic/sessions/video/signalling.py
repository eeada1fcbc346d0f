"""The line between the browsers of one room: words that live for seconds and are gone once fetched.

No entry in the trail is made of them: they say how two browsers find each other, and what is said in the chat is
nobody's record. Who may speak is asked of a ticket at each call: signed, good for a minute, renewed at each beat,
void at once for who left, was taken out, or opened the session in another window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.db.models import Case, When

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions.video.actions.stays import GATEWAY
from stepwell.clinic.sessions.video.models import VideoPresence, VideoRoom, VideoSignal
from stepwell.clinic.sessions.video.queries import state_for
from stepwell.clinic.sessions.video.rules import RoomKind, load_video

_SALT = "stepwell.video"
_BETWEEN_BROWSERS = frozenset({"offer", "answer", "candidate", "again"})
_TO_GATEWAY = frozenset({"publish", "streams", "trickle"})
_LONGEST_BODY = 60_000
"""Characters: a description of twelve people's streams is about a third of it."""
_GATEWAY_KEY = "video.gateway"
_GATEWAY_SECONDS = 20
_AT_ONCE = 20
_MOST_WAITING = 200
"""Words kept for one browser; one that fetches none for so long is not there."""


class Stale(Exception):
    """The ticket is too old: come to the door again."""


def ticket_for(by: Actor, presence: VideoPresence) -> str:
    """Signed: this login, this stay, since its last connection."""
    return signing.dumps([by.user_id, presence.pk, presence.epoch], salt=_SALT)


def presence_of(by: Actor, ticket: str, session_id: int) -> VideoPresence:
    """The stay a ticket stands for. Raises `Stale` for an old one, `Denied` for one that is dead or another's."""
    try:
        user_id, number, epoch = signing.loads(ticket, salt=_SALT, max_age=load_video().ticket_seconds)
    except signing.SignatureExpired as old:
        raise Stale from old
    except (signing.BadSignature, ValueError, TypeError) as forged:
        raise Denied("This link does not lead into the session. Open it from your page again.") from forged
    row = (
        VideoPresence.objects.filter(pk=number, room__occurrence_id=session_id).select_related("room").first()
    )
    if row is None or user_id != by.user_id:
        raise Denied("This link does not lead into the session. Open it from your page again.")
    if row.removed_at is not None:
        raise Denied("You were taken out of this session. Call your program if you want to talk about it.")
    if row.room.closed_at is not None:
        raise Denied("The session was ended.")
    if row.left_at is not None:
        raise Stale
    if row.epoch != epoch:
        raise Denied("This session is open in another window of yours.")
    return row


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a page says of itself at each beat; None: as before."""

    muted: bool | None = None
    camera_off: bool | None = None
    hand: bool | None = None
    sharing: bool | None = None


@transaction.atomic
def beat(*, at: datetime, presence: VideoPresence, after: int, told: Told) -> dict[str, Any]:
    """The page is there. Returns `state` and `signals` after that number; those up to it are forgotten.

    Raises `Stale` after so long a silence that the gateway has let go of it (`watching.cut_silent`).
    """
    silence = at - presence.seen_at
    if presence.room.kind == RoomKind.JANUS and silence > timedelta(seconds=load_video().cut_after_seconds):
        raise Stale
    changed = []
    if presence.away or at - presence.seen_at >= timedelta(seconds=load_video().beat_seconds / 2):
        changed += ["seen_at", "away"]
        news = presence.away or at - presence.seen_at > timedelta(seconds=load_video().gone_after_seconds)
        presence.seen_at, presence.away = at, False
    else:
        news = False
    for name, value in (
        ("muted", told.muted),
        ("camera_off", told.camera_off),
        ("sharing", told.sharing and presence.staff_id is not None),
    ):
        if value is not None and getattr(presence, name) != value:
            setattr(presence, name, value)
            changed.append(name)
            news = True
    if told.hand is not None and told.hand != (presence.hand_at is not None):
        presence.hand_at = at if told.hand else None
        changed.append("hand_at")
        news = True
    if changed:
        VideoPresence.objects.filter(pk=presence.pk, left_at__isnull=True).update(
            **{name: getattr(presence, name) for name in changed}
        )
    if news:
        announce(f"video-room:{presence.room_id}")
    if "seen_at" in changed:
        old = at - timedelta(seconds=load_video().signal_seconds)
        # That somebody is gone waits for the gateway however long: forgotten, it would go on sending to them.
        VideoSignal.objects.filter(room_id=presence.room_id, at__lt=old).exclude(kind="gone").delete()
    if after:
        VideoSignal.objects.filter(to=presence, pk__lte=after).delete()
    signals = list(VideoSignal.objects.filter(to=presence, pk__gt=after).order_by("pk")[:_MOST_WAITING])
    return {
        "state": state_for(presence, presence.room, at),
        "signals": [{"n": s.pk, "from": s.sender_id, "kind": s.kind, "body": s.body} for s in signals],
    }


@transaction.atomic
def say(*, at: datetime, presence: VideoPresence, to: int | None, kind: str, body: dict[str, Any]) -> None:
    """Hands a word on to one browser of the room, or to the gateway. Raises `Refused` for what is not one."""
    room = presence.room
    if presence.admitted_at is None:
        raise Refused("Wait until you are let in.")
    if len(str(body)) > _LONGEST_BODY:
        raise Refused("This is too long to be handed on.")
    _not_too_many(presence)
    if kind in _TO_GATEWAY and room.kind == RoomKind.JANUS:
        VideoSignal.objects.create(
            room=room, sender=presence, kind=kind, body={**body, "epoch": presence.epoch}, at=at
        )
        announce(GATEWAY)
        return
    if kind not in _BETWEEN_BROWSERS or room.kind != RoomKind.MESH:
        raise Refused("This is not a word between browsers.")
    other = _inside(room).filter(pk=to).exclude(pk=presence.pk).first()
    if other is None:
        return  # gone meanwhile: nobody is there to hear it
    _hand(room, other.pk, presence.pk, kind, body, at)


@transaction.atomic
def chat(*, at: datetime, presence: VideoPresence, text: str) -> None:
    """One line to everybody inside, kept nowhere: each copy is gone when fetched, or after a minute."""
    if presence.admitted_at is None:
        raise Refused("Wait until you are let in.")
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused("Write something first.")
    if len(text) > load_video().chat_most:
        raise Refused(f"That is too long: a line has at most {load_video().chat_most} letters.")
    _not_too_many(presence)
    for other in _inside(presence.room).exclude(pk=presence.pk):
        _hand(presence.room, other.pk, presence.pk, "chat", {"text": text, "name": presence.shown}, at)


@transaction.atomic
def step_away(*, at: datetime, presence: VideoPresence) -> None:
    """The page is being closed or loaded again: the others see it at once, and the stay may go on."""
    VideoPresence.objects.filter(pk=presence.pk, left_at__isnull=True).update(away=True, seen_at=at)
    announce(f"video-room:{presence.room_id}")


# -- the process beside the gateway --


@dataclass(frozen=True)
class Asked:
    """What a browser asks of the gateway, or that somebody is gone."""

    number: int
    room_id: int
    presence_id: int | None
    kind: str
    body: dict[str, Any]
    name: str = ""


@transaction.atomic
def take_for_gateway() -> list[Asked]:
    """The first of what waits, and forgets it: who is gone before all else, then in order. Only of people who are
    inside; `gone` always. A short list, so that nobody who was taken out waits behind what others asked."""
    rows = list(
        VideoSignal.objects.select_for_update(of=["self"], skip_locked=True)
        .filter(to__isnull=True)
        .select_related("sender")
        .order_by(Case(When(kind="gone", then=0), default=1), "pk")[:_AT_ONCE]
    )
    VideoSignal.objects.filter(pk__in=[row.pk for row in rows]).delete()
    found = []
    for row in rows:
        one = row.sender
        if row.kind != "gone" and (
            one is None
            or one.left_at is not None
            or one.admitted_at is None
            or row.body.get("epoch") != one.epoch
        ):
            continue
        found.append(Asked(row.pk, row.room_id, row.sender_id, row.kind, row.body, one.shown if one else ""))
    return found


@transaction.atomic
def tell_from_gateway(*, at: datetime, presence_id: int, kind: str, body: dict[str, Any]) -> None:
    """Hands a word of the gateway to a browser that is still inside."""
    row = VideoPresence.objects.filter(pk=presence_id, left_at__isnull=True).select_related("room").first()
    if row is not None:
        _hand(row.room, row.pk, None, kind, body, at)


def gateway_is(reached: bool) -> None:
    """Told by the process beside the gateway every few seconds; forgotten after some more."""
    cache.set(_GATEWAY_KEY, "up" if reached else "down", timeout=_GATEWAY_SECONDS)


def gateway_answers(*, named: bool) -> bool:
    """Whether rooms may go through the gateway. `named`: the settings name one, and nothing is known of it yet."""
    known = cache.get(_GATEWAY_KEY)
    return named if known is None else known == "up"


def inside_by_gateway() -> list[int]:
    """Everybody inside a room of the gateway: after its start they all connect anew."""
    return list(
        VideoPresence.objects.filter(
            room__kind=RoomKind.JANUS, left_at__isnull=True, admitted_at__isnull=False
        ).values_list("pk", flat=True)
    )


def _not_too_many(presence: VideoPresence) -> None:
    if VideoSignal.objects.filter(sender=presence).count() >= _MOST_WAITING:
        raise Refused("That is too much at once. Wait a moment.")


def _inside(room: VideoRoom) -> Any:
    return VideoPresence.objects.filter(room=room, left_at__isnull=True, admitted_at__isnull=False)


def _hand(
    room: VideoRoom, to: int, sender: int | None, kind: str, body: dict[str, Any], at: datetime
) -> None:
    VideoSignal.objects.create(room=room, to_id=to, sender_id=sender, kind=kind, body=body, at=at)
    announce(f"video:{to}")
