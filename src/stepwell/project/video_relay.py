"""Between the browsers of group sessions and the Janus gateway: one process, started where STEPWELL_JANUS is set.

Browsers never reach the gateway's own interface. They hand Stepwell the descriptions of their streams (rows that
live for seconds); this process takes them, speaks with the gateway over its Unix socket, and hands the answers
back. Pictures and voices then run between browser and gateway directly. Somebody who left or was taken out is
kicked from the gateway's room at once, and the one-time token with which they were let in is long used up.

Each person has two handles in the gateway: one that sends, and one that receives everybody else's streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
import structlog

from stepwell.accounts.live_topics import CHANNEL
from stepwell.project.environment import Environment
from stepwell.project.janus import Event, GatewayFault, Janus
from stepwell.project.unready import Unready

BITRATE = 256_000
"""Bits each person's picture may take a second; a room of twelve is then within a home line."""
LOOK_SECONDS = 5.0
"""How often what waits is looked for, should an announcement be lost."""

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


class Relay:
    """Everybody who is connected through the gateway, by presence."""

    def __init__(self, path: str, secret: str) -> None:
        self.path, self.secret = path, secret
        self.people: dict[int, Person] = {}
        self.by_handle: dict[int, Person] = {}
        self.rooms: set[int] = set()
        self.janus: Janus | None = None
        self.reached: bool | None = None
        """Whether the gateway answers; None until it was asked once."""
        self.news = asyncio.Event()
        self.events: asyncio.Queue[tuple[int, Event]] = asyncio.Queue()
        self._rows = ThreadPoolExecutor(1, thread_name_prefix="rows")

    async def run(self) -> None:
        """Until told to stop; a gateway that went away is looked for again."""
        ear = asyncio.create_task(self._hear())
        pulse = asyncio.create_task(self._say_how_it_is())
        pause = 0.5
        try:
            while True:
                try:
                    await self._with_gateway()
                    pause = 0.5
                except (GatewayFault, OSError) as fault:
                    log.warning("gateway_away", kind=type(fault).__name__)
                    self.reached = False
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
        finally:
            ear.cancel()
            pulse.cancel()
            self._rows.shutdown(wait=False, cancel_futures=True)

    async def _with_gateway(self) -> None:
        self.people.clear()
        self.by_handle.clear()
        self.rooms.clear()
        self.events = asyncio.Queue()
        self.janus = await Janus.connect(
            self.path, lambda handle, event: self.events.put_nowait((handle, event))
        )
        log.info("gateway_reached")
        self.reached = True
        try:
            for presence_id in await self._row(_signalling().inside_by_gateway):
                await self._tell(presence_id, "anew", {})
            worker = asyncio.create_task(self._work())
            listener = asyncio.create_task(self._follow())
            try:
                done, _ = await asyncio.wait(
                    {worker, listener, self.janus.ended}, return_when=asyncio.FIRST_COMPLETED
                )
                for one in done:
                    one.result()
            finally:
                worker.cancel()
                listener.cancel()
        finally:
            self.reached = False
            await self.janus.close()
            self.janus = None

    # -- from the browsers --

    async def _work(self) -> None:
        """Takes what waits, at each announcement and every few seconds."""
        while True:
            self.news.clear()
            waiting = await self._row(_signalling().take_for_gateway)
            for asked in waiting:
                try:
                    await self._do(asked)
                except GatewayFault as fault:
                    log.warning("gateway_refused", what=asked.kind, said=str(fault)[:120])
                    if asked.presence_id is not None:
                        await self._tell(asked.presence_id, "anew", {"later": True})
            if waiting:
                continue  # it is a short list: more may wait, and who was taken out meanwhile comes first
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), LOOK_SECONDS)

    async def _do(self, asked: Any) -> None:
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
                    await self._gateway.ask(request, wait=False)  # it is acknowledged, and never answered

    async def _publish(self, asked: Any) -> None:
        """Somebody comes in: a one-time token, the sending handle, everybody who is there to be received."""
        await self._let_go(asked.presence_id)
        janus = self._gateway
        person = Person(asked.presence_id, asked.room_id, int(asked.body["epoch"]), _call(asked.body))
        person.sends = await janus.attach()
        self.people[person.presence_id] = person
        self.by_handle[person.sends] = person
        await self._room(person.room_id, person.sends)
        person.token = os.urandom(16).hex()
        await self._allow(person, "add")
        try:
            joined = await janus.say(
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
            await self._allow(person, "remove")
        await self._tell(person.presence_id, "published", {"jsep": joined.get("jsep"), "call": person.call})
        await self._want(person, joined.get("publishers", []))

    async def _answered(self, person: Person, body: Event) -> None:
        """The browser took the streams; what came meanwhile is asked for now."""
        await self._gateway.say(person.receives, {"request": "start"}, _jsep(body.get("jsep")))
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
            await self._gateway.say(
                person.sends,
                {
                    "request": "kick",
                    "room": person.room_id,
                    "secret": self._secret(person.room_id),
                    "id": presence_id,
                },
            )
        for handle in (person.receives, person.sends):
            if handle:
                await self._gateway.detach(handle)
        if not any(one.room_id == person.room_id for one in self.people.values()):
            await self._clear(person.room_id)

    # -- from the gateway --

    async def _follow(self) -> None:
        while True:
            handle, event = await self.events.get()
            person = self.by_handle.get(handle)
            if person is None:
                continue
            try:
                await self._happened(person, handle, event)
            except GatewayFault as fault:
                log.warning("gateway_refused", what="event", said=str(fault)[:120])
                await self._tell(person.presence_id, "anew", {"later": True})

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
                await self._tell(person.presence_id, "anew", {})
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
                    person.receives = await self._gateway.attach()
                    self.by_handle[person.receives] = person
                    request = {"request": "join", "ptype": "subscriber", "room": person.room_id}
                    request |= {"autoupdate": True, "streams": streams}
                told = await self._gateway.say(person.receives, request)
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
        await self._tell(
            person.presence_id, "streams", {"jsep": jsep, "streams": streams, "call": person.call}
        )

    # -- rooms of the gateway --

    async def _room(self, room_id: int, handle: int) -> None:
        if room_id in self.rooms:
            return
        secret = self._secret(room_id)
        request: Event = {"request": "create", "room": room_id, "description": "-", "is_private": True}
        request |= {"secret": secret, "publishers": 64, "bitrate": BITRATE, "bitrate_cap": True}
        request |= {"audiocodec": "opus", "videocodec": "vp8", "record": False, "lock_record": True}
        request |= {"allowed": [os.urandom(16).hex()], "notify_joining": False, "fir_freq": 10}
        try:
            await self._gateway.say(handle, request)
        except GatewayFault as fault:
            if "exists" not in str(fault):
                raise
        self.rooms.add(room_id)

    async def _clear(self, room_id: int) -> None:
        self.rooms.discard(room_id)
        with contextlib.suppress(GatewayFault):
            handle = await self._gateway.attach()
            await self._gateway.say(
                handle, {"request": "destroy", "room": room_id, "secret": self._secret(room_id)}
            )
            await self._gateway.detach(handle)

    async def _allow(self, person: Person, action: str) -> None:
        await self._gateway.say(
            person.sends,
            {
                "request": "allowed",
                "secret": self._secret(person.room_id),
                "action": action,
                "room": person.room_id,
                "allowed": [person.token],
            },
        )

    def _secret(self, room_id: int) -> str:
        """The key of one room: only who knows Stepwell's secret key can kick or destroy."""
        return hmac.new(self.secret.encode(), f"video-room:{room_id}".encode(), sha256).hexdigest()

    @property
    def _gateway(self) -> Janus:
        if self.janus is None:
            raise GatewayFault("The gateway is away.")
        return self.janus

    # -- rows and announcements --

    async def _row(self, function: Callable[[], Any]) -> Any:
        def call() -> Any:
            from django.db import close_old_connections

            close_old_connections()
            try:
                return function()
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._rows, call)

    async def _tell(self, presence_id: int, kind: str, body: Event) -> None:
        await self._row(
            lambda: _signalling().tell_from_gateway(
                at=datetime.now(UTC), presence_id=presence_id, kind=kind, body=body
            )
        )

    async def _say_how_it_is(self) -> None:
        """Says every few seconds whether the gateway answers, so that nobody is sent to one that does not."""
        from django.db import Error

        while True:
            if self.reached is not None:
                reached = self.reached
                try:
                    await self._row(lambda: _signalling().gateway_is(reached))  # noqa: B023 -- awaited at once
                except Error as fault:  # the database is away: said again in a moment
                    log.warning("rows_away", kind=type(fault).__name__)
            await asyncio.sleep(LOOK_SECONDS if self.reached is not None else 0.2)

    async def _hear(self) -> None:
        """One connection that hears when something waits; broken, it is opened again."""
        parameters = Environment.read().connection_parameters
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as line:
                    await line.execute(f"LISTEN {CHANNEL}")
                    self.news.set()
                    async for notice in line.notifies():
                        if '"video-gateway"' in notice.payload:
                            self.news.set()
            except (psycopg.Error, OSError):
                await asyncio.sleep(1)


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


def _signalling() -> Any:
    from stepwell.clinic.sessions.video import signalling

    return signalling


def main() -> None:
    """Relays until told to stop."""
    import django

    environment = Environment.read()
    if not environment.janus:
        raise Unready("STEPWELL_JANUS is not set; name the gateway's Unix socket.")
    django.setup()
    asyncio.run(Relay(environment.janus, environment.secret_key).run())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.project.settings")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    main()
