"""The live stream: server-sent events that tell open pages there is news.

A small ASGI application of its own beside the pages. One connection per process listens to PostgreSQL,
however many browsers are connected, so any number of these processes may run side by side. Nothing
about a patient travels here: an event is `{"topic": "attendance:812", "n": 4711}`.

What a browser sees on `GET /live?topics=TOKEN` (token: `accounts.live_topics.sign_topics`):

- default events (`onmessage`), one for each announcement on its topics;
- `refetch`: something may have been missed (a gap, a slow line): fetch everything again;
- a comment every 15 s, so that proxies keep the line open and a dead line is noticed.

Anybody else gets 403: the session cookie must belong to a live session of the user the token was made
for, checked at the start and every 60 s.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

import psycopg
import structlog
import uvicorn

from stepwell.accounts.live_topics import CHANNEL, Listening, NotYours, read_topics, session_digest
from stepwell.project.environment import Environment

HEARTBEAT_SECONDS = 15.0
RECHECK_SECONDS = 60.0
MOST_WAITING = 64
"""Events kept for a browser that reads slowly; beyond that it is told to fetch everything again."""
MOST_PER_SESSION = 24
"""Streams one session may hold open: more than anybody's tabs, fewer than would hurt."""

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

log = structlog.get_logger("stepwell.live")

_REFETCH = b"event: refetch\ndata: {}\n\n"
_HEARTBEAT = b": still here\n\n"
_RETRY = b"retry: 1000\n\n"
_END = None
"""Queued for a stream that shall end."""


@dataclass(eq=False)
class Listener:
    """One connected browser and what waits to be sent to it."""

    listening: Listening
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def give(self, event: bytes | None) -> None:
        """Queues an event; a browser that fell behind loses the queue and is told to refetch."""
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            event = _REFETCH if event is not _END else _END
        self.waiting.put_nowait(event)


class LiveStream:
    """The ASGI application. `parameters` are psycopg's; `origins` are the pages' own."""

    def __init__(self, parameters: dict[str, Any], origins: frozenset[str]) -> None:
        self.parameters = parameters
        self.origins = origins
        self.listeners: dict[str, set[Listener]] = defaultdict(set)
        self.per_session: dict[str, int] = defaultdict(int)
        self.closing = False
        self.heard = asyncio.Event()
        self._ear: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._ear = asyncio.create_task(self.listen())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self.close_streams()
                if self._ear is not None:
                    self._ear.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await self._ear
                await send({"type": "lifespan.shutdown.complete"})
                return

    # -- from PostgreSQL to the browsers --

    async def listen(self) -> None:
        """Hears announcements for as long as the process lives; reconnects when the line breaks."""
        pause, first = 0.1, True
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **self.parameters, autocommit=True, connect_timeout=10
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    if not first:
                        log.info("live_listening_again")
                        self.everybody(_REFETCH)  # nobody knows what was said meanwhile
                    pause, first = 0.1, False
                    self.heard.set()
                    while True:
                        async for notice in connection.notifies(timeout=20):
                            self.hand_out(notice.payload)
                        await connection.execute("SELECT 1")  # a line that died quietly is noticed here
            except (psycopg.Error, OSError) as fault:
                self.heard.clear()
                if pause > 0.5:  # a restart of the database is no news; an outage is
                    log.warning("live_database_away", kind=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    def hand_out(self, payload: str) -> None:
        """Gives one announcement to those who listen to its topic."""
        try:
            said = json.loads(payload)
            topic, number = str(said["topic"]), int(said["n"])
        except (ValueError, KeyError, TypeError):
            return  # somebody else's words on our channel
        data = json.dumps({"topic": topic, "n": number})
        event = f"id: {number}\ndata: {data}\n\n".encode()
        for listener in self.listeners.get(topic, ()):
            listener.give(event)

    def everybody(self, event: bytes | None) -> None:
        """Gives one event to every connected browser once."""
        for listener in {one for several in self.listeners.values() for one in several}:
            listener.give(event)

    def close_streams(self) -> None:
        """Ends every stream at once, so that a stop does not wait for browsers."""
        self.closing = True
        self.everybody(_END)

    # -- one browser --

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["path"] == "/health/live":
            await _say(send, 200, "ok")
            return
        if scope["path"] != "/live":
            await _say(send, 404, "Only /live is here.")
            return
        if scope["method"] != "GET":
            await _say(send, 405, "Only GET is answered here.")
            return
        origin = headers.get(b"origin")
        if origin is not None and origin not in self.origins:
            await _say(send, 403, "This page may not listen here.")
            return
        cors = _cors(origin)
        try:
            listening = read_topics(parse_qs(scope["query_string"].decode("latin-1")).get("topics", [""])[0])
            key = _session_key(headers.get(b"cookie", ""))
            if session_digest(key) != listening.session_digest:
                raise NotYours("This address was made for somebody else.")
            if self.per_session[listening.session_digest] >= MOST_PER_SESSION:
                raise NotYours("Too many pages of this login are open; close some.")
            holds = await self._holds(key, listening)
        except NotYours as refusal:
            await _say(send, 403, str(refusal), cors)
            return
        if holds is None:  # the database is away: an empty stream, so that the browser comes again
            await _open(send, cors)
            await send({"type": "http.response.body", "body": b"retry: 5000\n\n"})
            return
        if not holds:
            await _say(send, 403, "You are not logged in any more.", cors)
            return
        await self._stream(listening, key, cors, b"last-event-id" in headers, receive, send)

    async def _stream(
        self,
        listening: Listening,
        key: str,
        cors: list[tuple[bytes, bytes]],
        again: bool,
        receive: Receive,
        send: Send,
    ) -> None:
        listener = Listener(listening)
        for topic in listening.topics:
            self.listeners[topic].add(listener)
        self.per_session[listening.session_digest] += 1
        watchers = [
            asyncio.create_task(_until_gone(receive, listener)),
            asyncio.create_task(self._recheck(listener, key)),
        ]
        try:
            await _open(send, cors)
            # The id makes the browser say "Last-Event-ID" when it comes again after a broken line.
            hello = _RETRY + b"id: 0\n" + (_REFETCH if again else b"event: listening\ndata: {}\n\n")
            await send({"type": "http.response.body", "body": hello, "more_body": True})
            while not self.closing:
                try:
                    event: bytes | None = await asyncio.wait_for(listener.waiting.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    event = _HEARTBEAT
                if event is _END:
                    break
                await send({"type": "http.response.body", "body": event, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except OSError:
            pass  # the browser went while we wrote
        finally:
            for watcher in watchers:
                watcher.cancel()
            for topic in listening.topics:
                self.listeners[topic].discard(listener)
                if not self.listeners[topic]:
                    del self.listeners[topic]
            self.per_session[listening.session_digest] -= 1
            if not self.per_session[listening.session_digest]:
                del self.per_session[listening.session_digest]

    async def _recheck(self, listener: Listener, key: str) -> None:
        """Ends the stream once the session has ended: logged out, revoked, locked out, expired."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            if not await self._holds(key, listener.listening):
                listener.give(_END)
                return

    async def _holds(self, key: str, listening: Listening) -> bool | None:
        """Whether the session is live and the user's; None when the database does not answer."""
        from django.db import DatabaseError

        try:
            return await asyncio.wait_for(asyncio.to_thread(session_holds, key, listening.user_id), 15)
        except (DatabaseError, psycopg.Error, TimeoutError):
            return None


def session_holds(session_key: str, user_id: str) -> bool:
    """Whether this session exists, has not expired, belongs to this active user, and was not ended by a
    change of password. Reads through Django's own session engine; changes nothing."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.db import connection
    from django.utils.crypto import constant_time_compare

    try:
        store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
        kept = store.load()
        if not kept.get(BACKEND_SESSION_KEY) or str(kept.get(SESSION_KEY)) != user_id:
            return False
        user = get_user_model()._default_manager.filter(pk=user_id, is_active=True).first()
        return user is not None and constant_time_compare(
            kept.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
        )
    finally:
        connection.close()  # back to the pool: this thread may not come again


def _session_key(cookies: str) -> str:
    from django.conf import settings

    try:
        kept = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        kept = None
    if kept is None or not kept.value:
        raise NotYours("You are not logged in.")
    return kept.value


def _cors(origin: str | None) -> list[tuple[bytes, bytes]]:
    if origin is None:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"origin"),
    ]


async def _open(send: Send, cors: list[tuple[bytes, bytes]]) -> None:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # nginx would otherwise keep events back
        *cors,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _say(send: Send, status: int, text: str, cors: list[tuple[bytes, bytes]] | None = None) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *(cors or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


async def _until_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.give(_END)


class LiveServer(uvicorn.Server):
    """uvicorn waits for open answers when it stops; open streams never end by themselves."""

    def __init__(self, config: uvicorn.Config, stream: LiveStream) -> None:
        super().__init__(config)
        self.stream = stream

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.stream.closing = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: Any = None) -> None:
        self.stream.close_streams()
        await super().shutdown(sockets)


def main() -> None:
    """Serves the live stream on HOST and STEPWELL_LIVE_PORT until told to stop."""
    import django

    environment = Environment.read()
    django.setup()
    stream = LiveStream(environment.connection_parameters, environment.page_origins)
    config = uvicorn.Config(
        stream,
        host=environment.host,
        port=environment.live_port,
        access_log=False,  # addresses hold tokens
        log_config=None,
        timeout_graceful_shutdown=3,
        server_header=False,
        lifespan="on",
    )
    LiveServer(config, stream).run()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.project.settings")
    # uvicorn passes the signal on once it has stopped in good order; that is the end, not a fault.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    main()
