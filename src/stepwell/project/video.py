"""What the pages of a session by video say to Stepwell: five addresses, JSON both ways, for whoever is in it.

`entrance/` comes to the door; `line/` is the beat, asked at news and every few seconds: it brings the state of the
room and the words that wait; `words/` hands one on; `door/` are the keys of who leads; `exit/` goes. Answers: 404
never booked, 403 with a sentence, 409 come to the door again, 422 with what to mend. Nothing may be cached.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Actor, Request, stepwell_itself
from stepwell.accounts.live_topics import sign_topics
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.sessions.video import actions, queries, signalling, watching
from stepwell.clinic.sessions.video.rules import RoomKind, Said, ShownAs, load_video
from stepwell.project import relay

View = Callable[..., HttpResponse]


def _spoken(view: View) -> View:
    """POST of a JSON object by somebody signed in; what the clinic refuses is a status and a sentence."""

    @require_POST
    @wraps(view)
    def answer(request: Request, session_id: int) -> HttpResponse:
        if not request.user.is_authenticated:
            return JsonResponse(
                {"sentence": "You are not signed in any more. Load the page again."}, status=403
            )
        by = request.actor
        if not (by.is_staff or by.patient_id is not None or by.family_ids):
            raise Http404
        try:
            said = json.loads(request.body or b"{}")
            # What no text of the database can hold (half a letter, a number without end) is not understood either.
            json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            return JsonResponse({"sentence": "This was not understood. Load the page again."}, status=400)
        try:
            return view(request, session_id, said)
        except ObjectDoesNotExist as missing:
            raise Http404 from missing
        except signalling.Stale:
            return JsonResponse({"again": True}, status=409)
        except actions.Incomplete as no:
            return JsonResponse({"sentence": no.sentence, "wrong": no.wrong}, status=422)
        except Denied as no:
            return JsonResponse({"sentence": no.sentence}, status=403)
        except Refused as no:
            return JsonResponse({"sentence": no.sentence}, status=422)

    answer.audience = "signed in"  # type: ignore[attr-defined] # the access matrix reads it
    return answer


@_spoken
def entrance(request: Request, session_id: int, said: dict[str, Any]) -> HttpResponse:
    """Comes to the door, or back after a broken line; everything the page needs from then on."""
    by, at = request.actor, request.at
    guest = queries.guest_for(by, session_id, at)
    if said.get("resume") is True:
        room = queries.room_of(guest.occurrence)
        there = queries.presence_now(guest, room) if room else None
        if not queries.resumable(there, at) and not (room and queries.was_removed(guest, room)):
            return JsonResponse({"resume": False})
    gateway = signalling.gateway_answers(named=bool(settings.ENVIRONMENT.janus))
    presence = actions.enter(
        by=by,
        at=at,
        guest=guest,
        gateway=gateway,
        said=_answers(said),
        shown_as=ShownAs.BOARD if said.get("shown_as") == "board" else ShownAs.FIRST,
    )
    rule = load_video()
    topics = (f"video:{presence.pk}", f"video-room:{presence.room_id}")
    return JsonResponse(
        {
            "ticket": signalling.ticket_for(by, presence),
            "kind": presence.room.kind,
            "me": presence.pk,
            "beat": rule.beat_seconds,
            "ice": ice_servers(
                by.user_id, request, only=_strangers(presence.room.kind, guest.occurrence.kind)
            ),
            "live": settings.ENVIRONMENT.live_url(request.get_host()),
            "topics": sign_topics(
                user_id=request.user.pk, session_key=request.session.session_key or "", topics=topics
            ),
        }
    )


@_spoken
def line(request: Request, session_id: int, said: dict[str, Any]) -> HttpResponse:
    """The beat: says how the page stands, fetches what waits."""
    presence = _here(request, session_id)
    if presence.staff_id is not None:  # the page of who leads looks round for those whose own page does not
        watching.end_unbooked(by=_stepwell(request), at=request.at, session_id=session_id)
        watching.cut_silent(at=request.at, session_id=session_id)
    after = said.get("after")
    found = signalling.beat(
        at=request.at,
        presence=presence,
        after=after if type(after) is int and 0 <= after < 2**62 else 0,
        told=signalling.Told(
            **{
                name: said[key]
                for name, key in (
                    ("muted", "muted"),
                    ("camera_off", "cameraOff"),
                    ("hand", "hand"),
                    ("sharing", "sharing"),
                )
                if isinstance(said.get(key), bool)
            }
        ),
    )
    return JsonResponse({**found, "ticket": signalling.ticket_for(request.actor, presence)})


@_spoken
def words(request: Request, session_id: int, said: dict[str, Any]) -> HttpResponse:
    """Hands one word on: to a browser, the gateway, or as a line of the chat to all."""
    presence = _here(request, session_id)
    kind, to, body = said.get("kind"), said.get("to"), said.get("body")
    if not isinstance(kind, str) or not isinstance(body, dict) or not (to is None or type(to) is int):
        raise Refused("This was not understood. Load the page again.")
    if kind == "chat":
        signalling.chat(at=request.at, presence=presence, text=str(body.get("text", "")))
    else:
        if "\\u0000" in json.dumps(body):
            raise Refused("This was not understood. Load the page again.")
        signalling.say(at=request.at, presence=presence, to=to, kind=kind[:12], body=body)
    return HttpResponse(status=204)


@_spoken
def door(request: Request, session_id: int, said: dict[str, Any]) -> HttpResponse:
    """The keys of who leads: admit, remove, let back, lock, unlock, end."""
    by, at = request.actor, request.at
    guest = queries.guest_for(by, session_id, at)
    if not guest.host:
        raise Denied("Only who leads the session has the keys of its room.")
    do, who = said.get("do"), said.get("who")
    numbers = [who] if type(who) is int and 0 < who < 2**62 else []
    if do == "admit" and numbers:
        actions.admit(by=by, at=at, guest=guest, who=numbers)
    elif do == "admit-all":
        actions.admit(by=by, at=at, guest=guest, who=())
    elif do == "remove" and numbers:
        actions.remove(by=by, at=at, guest=guest, who=numbers[0])
    elif do == "let-back" and numbers:
        actions.let_back(by=by, at=at, guest=guest, who=numbers[0])
    elif do in ("lock", "unlock"):
        actions.lock_room(by=by, at=at, guest=guest, locked=do == "lock")
    elif do == "end":
        actions.close_room(by=by, at=at, guest=guest)
    else:
        raise Refused("This was not understood. Load the page again.")
    return HttpResponse(status=204)


@_spoken
def exit_(request: Request, session_id: int, said: dict[str, Any]) -> HttpResponse:
    """Goes; `away`: the page is only being closed or loaded again."""
    presence = _here(request, session_id)
    if said.get("away") is True:
        signalling.step_away(at=request.at, presence=presence)
    else:
        actions.leave(by=request.actor, at=request.at, presence=presence)
    return HttpResponse(status=204)


def _strangers(room_kind: str, session_kind: str) -> bool:
    # Browsers that send to each other learn each other's addresses, which tell roughly where somebody lives.
    return room_kind == RoomKind.MESH and session_kind in ("group", "family")


def ice_servers(user_id: int | None, request: Request, *, only: bool = False) -> list[dict[str, Any]]:
    """The site's relay with credentials that run out (coturn's `use-auth-secret`); empty without one. `only`: pictures
    and voices go through it and no other way."""
    environment = settings.ENVIRONMENT
    if not environment.turn_url or not environment.turn_secret:
        return []
    until = int(request.at.timestamp()) + load_video().relay_hours * 3600
    name, password = relay.credentials(environment.turn_secret, until, str(user_id))
    server = {"urls": list(environment.turn_urls), "username": name, "credential": password}
    return [{**server, "only": True} if only else server]


def _here(request: Request, session_id: int) -> Any:
    # Booked still? A seat given back, or a consent taken back, ends the session by video at the next beat.
    try:
        queries.guest_for(request.actor, session_id, request.at)
    except (ObjectDoesNotExist, Denied):
        watching.end_unbooked(by=_stepwell(request), at=request.at, session_id=session_id)
        raise
    ticket = request.headers.get("X-Video-Ticket", "")
    return signalling.presence_of(request.actor, ticket, session_id)


def _stepwell(request: Request) -> Actor:
    return stepwell_itself(request_id=getattr(request, "request_id", ""))


def _answers(said: dict[str, Any]) -> Said:
    def text(name: str) -> str:
        return str(said.get(name) or "").replace("\x00", "")[:200]

    try:
        birth_date = date.fromisoformat(text("birth_date"))
    except ValueError:
        birth_date = None
    return Said(
        birth_date=birth_date,
        place=text("place"),
        listening=text("listening"),
        listeners=text("listeners"),
        phone=text("phone")[:40],
    )
