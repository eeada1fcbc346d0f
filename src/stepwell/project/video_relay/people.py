"""People and their streams: who comes in, what each receives of the others, and who is let go.

Each person has two handles in the gateway: one that sends, and one that receives everybody else's streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass, field
from typing import Any

import structlog

from stepwell.project.janus import Event, GatewayFault, Janus
from stepwell.project.video_relay.rooms import BITRATE, Rooms
from stepwell.project.video_relay.rows import Rows

log = structlog.get_logger("stepwell.video")


@dataclass
class Person:
    """One person's two handles in the gateway."""

    presence_id: int
    room_id: int
    epoch: int
    call: str = ""
    """The browser's own name for this connection, said with every word, so that an earlier one's are not heard."""
    sends: int = 0
    receives: int = 0
    token: str = ""
    wanted: set[int] = field(default_factory=set)
    """Whose streams are not asked for yet."""
    had: set[int] = field(default_factory=set)
    offering: bool = False
    """The gateway's description is with the browser; the next one waits for its answer."""


class People:
    """Everybody who is connected through the gateway, by presence."""

    def __init__(self, janus: Janus, rooms: Rooms, rows: Rows) -> None:
        self.janus, self.rooms, self.rows = janus, rooms, rows
        self.people: dict[int, Person] = {}
        self.by_handle: dict[int, Person] = {}

    # -- from the browsers --

    async def do(self, asked: Any) -> None:
        """What one browser asks for, or what became of its person. Raises `GatewayFault`."""
        if asked.kind == "gone":
            await self._let_go(int(asked.body["presence"]))
        elif asked.presence_id is None:
            return
        elif asked.kind == "publish":
            await self._publish(asked)
        elif asked.presence_id in self.people:
            person = self.people[asked.presence_id]
            if _call(asked.body) != person.call:
                return  # of a connection that is no more
            if asked.kind == "streams":
                await self._answered(person, asked.body)
            elif asked.kind == "trickle":
                handle = person.receives if asked.body.get("of") == "receives" else person.sends
                request = {"janus": "trickle", "handle_id": handle, "candidate": asked.body.get("candidate")}
                if handle:
                    await self.janus.ask(request, wait=False)  # it is acknowledged, and never answered

    async def _publish(self, asked: Any) -> None:
        """Somebody comes in: a one-time token, the sending handle, everybody who is there to be received."""
        await self._let_go(asked.presence_id)
        person = Person(asked.presence_id, asked.room_id, int(asked.body["epoch"]), _call(asked.body))
        person.sends = await self.janus.attach()
        self.people[person.presence_id] = person
        self.by_handle[person.sends] = person
        await self.rooms.make(person.room_id, person.sends)
        person.token = os.urandom(16).hex()
        await self.rooms.allow(person.room_id, person.sends, "add", person.token)
        try:
            joined = await self.janus.say(
                person.sends,
                {
                    "request": "joinandconfigure",
                    "ptype": "publisher",
                    "room": person.room_id,
                    "id": person.presence_id,
                    "token": person.token,
                    "bitrate": BITRATE,
                },
                _jsep(asked.body.get("jsep")),
            )
        finally:
            await self.rooms.allow(person.room_id, person.sends, "remove", person.token)
        await self.rows.tell(
            person.presence_id, "published", {"jsep": joined.get("jsep"), "call": person.call}
        )
        await self._want(person, joined.get("publishers", []))

    async def _answered(self, person: Person, body: Event) -> None:
        """The browser took the streams; what came meanwhile is asked for now."""
        await self.janus.say(person.receives, {"request": "start"}, _jsep(body.get("jsep")))
        person.offering = False
        await self._ask_streams(person)

    async def _let_go(self, presence_id: int) -> None:
        """Kicks and forgets somebody: no packet passes any more."""
        person = self.people.pop(presence_id, None)
        if person is None:
            return
        for handle in (person.sends, person.receives):
            self.by_handle.pop(handle, None)
        with contextlib.suppress(GatewayFault):
            await self.rooms.kick(person.room_id, person.sends, presence_id)
        for handle in (person.receives, person.sends):
            if handle:
                await self.janus.detach(handle)
        if not any(one.room_id == person.room_id for one in self.people.values()):
            await self.rooms.clear(person.room_id)

    # -- from the gateway --

    async def follow(self, events: asyncio.Queue[tuple[int, Event]]) -> None:
        """What the gateway says by itself, one after the other."""
        while True:
            handle, event = await events.get()
            person = self.by_handle.get(handle)
            if person is None:
                continue
            try:
                await self._happened(person, handle, event)
            except GatewayFault as fault:
                log.warning("gateway_refused", what="event", said=str(fault)[:120])
                await self.rows.tell(person.presence_id, "anew", {"later": True})

    async def _happened(self, person: Person, handle: int, event: Event) -> None:
        data = event.get("plugindata", {}).get("data", {})
        if handle == person.sends:
            if data.get("publishers"):
                await self._want(person, data["publishers"])
            for left in (data.get("unpublished"), data.get("leaving")):
                if isinstance(left, int):
                    person.wanted.discard(left)
                    person.had.discard(left)
            if event.get("janus") == "hangup":
                await self.rows.tell(person.presence_id, "anew", {})
        elif event.get("jsep"):
            await self._offer(person, data, event["jsep"])

    async def _want(self, person: Person, publishers: list[Event]) -> None:
        person.wanted |= {
            int(one["id"]) for one in publishers if int(one["id"]) not in person.had and not one.get("dummy")
        }
        await self._ask_streams(person)

    async def _ask_streams(self, person: Person) -> None:
        """One request at a time: both what a browser says and what the gateway says lead here."""
        while person.wanted and not person.offering:
            person.offering = True
            feeds, person.wanted = sorted(person.wanted), set()
            person.had |= set(feeds)
            streams = [{"feed": one} for one in feeds]
            request: Event = {"request": "subscribe", "streams": streams}
            try:
                if person.receives == 0:
                    person.receives = await self.janus.attach()
                    self.by_handle[person.receives] = person
                    request = {"request": "join", "ptype": "subscriber", "room": person.room_id}
                    request |= {"autoupdate": True, "streams": streams}
                told = await self.janus.say(person.receives, request)
            except GatewayFault:
                person.offering = False
                person.had -= set(feeds)
                raise
            if told.get("jsep"):
                await self._offer(person, told, told["jsep"])
            else:
                person.offering = False

    async def _offer(self, person: Person, data: Event, jsep: Event) -> None:
        person.offering = True
        streams = [
            {"mid": str(one["mid"]), "from": one.get("feed_id"), "type": one.get("type")}
            for one in data.get("streams", [])
            if one.get("feed_id") is not None
        ]
        await self.rows.tell(
            person.presence_id, "streams", {"jsep": jsep, "streams": streams, "call": person.call}
        )


def _jsep(given: Any) -> Event:
    """A description as the gateway takes it. Raises `GatewayFault` for anything else."""
    if not isinstance(given, dict) or not isinstance(given.get("sdp"), str):
        raise GatewayFault("no description")
    if given.get("type") not in ("offer", "answer"):
        raise GatewayFault("no description")
    return {"type": given["type"], "sdp": given["sdp"]}


def _call(body: Event) -> str:
    """The name that the browser gave to its connection."""
    return str(body.get("call") or "")[:64]
