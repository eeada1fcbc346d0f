"""Speaking with a Janus gateway over its Unix socket: JSON over WebSocket, one connection, many handles.

Only what Stepwell needs of RFC 6455: text frames of a client, over a socket of this machine. Janus numbers its
answers by our `transaction`; whatever comes without one of ours is an event of a handle.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import secrets
import struct
from collections.abc import Callable
from typing import Any

KEEPALIVE_SECONDS = 25.0
"""Janus ends a session that is silent for a minute."""
PATIENCE = 10.0
_MOST = 4 * 1024 * 1024
_TEXT, _CLOSE, _PING, _PONG, _MORE = 1, 8, 9, 10, 0

Event = dict[str, Any]


class GatewayFault(Exception):
    """The gateway said no, or nothing."""


class Socket:
    """The frames of one WebSocket connection over a Unix socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, path: str) -> Socket:
        """Connects and shakes hands. Raises `GatewayFault`, `OSError`."""
        reader, writer = await asyncio.wait_for(asyncio.open_unix_connection(path), PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            (
                "GET / HTTP/1.1\r\nHost: janus\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: janus-protocol\r\n\r\n"
            ).encode()
        )
        try:
            answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        except (asyncio.IncompleteReadError, TimeoutError) as fault:
            writer.close()
            raise GatewayFault("The gateway does not answer.") from fault
        if b" 101 " not in answer.split(b"\r\n", 1)[0]:
            writer.close()
            raise GatewayFault("What listens there is not a Janus gateway.")
        return cls(reader, writer)

    async def send(self, text: str) -> None:
        """One text frame, masked as a client's must be."""
        self._frame(_TEXT, text.encode())
        await self.writer.drain()

    async def receive(self) -> str:
        """The next whole text. Raises `GatewayFault` at the end."""
        parts: list[bytes] = []
        while True:
            kind, last, body = await self._next()
            if kind == _PING:
                self._frame(_PONG, body)
            elif kind == _CLOSE:
                raise GatewayFault("The gateway closed the line.")
            elif kind in (_TEXT, _MORE):
                parts.append(body)
                if sum(map(len, parts)) > _MOST:
                    raise GatewayFault("The gateway said too much at once.")
                if last:
                    return b"".join(parts).decode()

    async def close(self) -> None:
        with contextlib.suppress(OSError):
            self._frame(_CLOSE, b"")
            self.writer.close()
            await self.writer.wait_closed()

    async def _next(self) -> tuple[int, bool, bytes]:
        try:
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            if length > _MOST:
                raise GatewayFault("The gateway said too much at once.")
            return first & 0x0F, bool(first & 0x80), await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as fault:
            raise GatewayFault("The line to the gateway broke.") from fault

    def _frame(self, kind: int, body: bytes) -> None:
        length = len(body)
        if length < 126:
            head = struct.pack("!BB", 0x80 | kind, 0x80 | length)
        elif length < 65536:
            head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | kind, 0x80 | 127, length)
        mask = os.urandom(4)
        stretched = (mask * (length // 4 + 1))[:length]
        masked = (int.from_bytes(body, "big") ^ int.from_bytes(stretched, "big")).to_bytes(length, "big")
        self.writer.write(head + mask + masked)


class Janus:
    """One session with the gateway. `on_event(handle, event)` gets whatever a handle says by itself."""

    def __init__(self, socket: Socket, on_event: Callable[[int, Event], None]) -> None:
        self.socket = socket
        self.on_event = on_event
        self.session = 0
        self._asked: dict[str, asyncio.Future[Event]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, path: str, on_event: Callable[[int, Event], None]) -> Janus:
        """A new session over the gateway's Unix socket. Raises `GatewayFault`, `OSError`."""
        one = cls(await Socket.open(path), on_event)
        one._tasks.append(asyncio.create_task(one._listen()))
        one.session = int((await one.ask({"janus": "create"}))["data"]["id"])
        one._tasks.append(asyncio.create_task(one._keep_alive()))
        return one

    async def ask(self, request: Event, *, wait: bool = True) -> Event:
        """Sends a request and waits for what it means: past an `ack`, for the event. Raises `GatewayFault`."""
        number = secrets.token_hex(8)
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        if wait:
            self._asked[number] = answer
        if self.session:
            request = {"session_id": self.session, **request}
        await self.socket.send(json.dumps({**request, "transaction": number}))
        if not wait:
            return {}
        try:
            found = await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError as fault:
            raise GatewayFault("The gateway does not answer.") from fault
        finally:
            self._asked.pop(number, None)
        if found.get("janus") == "error":
            raise GatewayFault(str(found.get("error", {}).get("reason", "The gateway refused.")))
        return found

    async def attach(self) -> int:
        """A handle of the VideoRoom plugin."""
        found = await self.ask({"janus": "attach", "plugin": "janus.plugin.videoroom"})
        return int(found["data"]["id"])

    async def detach(self, handle: int) -> None:
        with contextlib.suppress(GatewayFault):
            await self.ask({"janus": "detach", "handle_id": handle})

    async def say(self, handle: int, body: Event, jsep: Event | None = None) -> Event:
        """A request to the plugin; its data with `jsep` beside them. Raises `GatewayFault`."""
        request: Event = {"janus": "message", "handle_id": handle, "body": body}
        if jsep is not None:
            request["jsep"] = jsep
        found = await self.ask(request)
        data: Event = found.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise GatewayFault(str(data["error"]))
        return {**data, "jsep": found.get("jsep")}

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.socket.close()

    async def _listen(self) -> None:
        try:
            while True:
                event = json.loads(await self.socket.receive())
                if event.get("janus") == "ack":
                    continue
                asked = self._asked.get(event.get("transaction", ""))
                if asked is not None:
                    if not asked.done():
                        asked.set_result(event)
                elif "sender" in event:
                    self.on_event(int(event["sender"]), event)
        except (GatewayFault, ValueError) as fault:
            for waiting in self._asked.values():
                if not waiting.done():
                    waiting.set_exception(GatewayFault(str(fault)))
            if not self.ended.done():
                self.ended.set_result(None)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(KEEPALIVE_SECONDS)
            with contextlib.suppress(GatewayFault, OSError):
                await self.ask({"janus": "keepalive"}, wait=False)
