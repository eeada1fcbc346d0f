"""The listener: a laboratory connects, sends messages in MLLP frames, and gets an acknowledgement for each.

A thread for each connection and a transaction for each frame. The answer goes out after the commit: whoever kills the
process in between leaves a message that is kept and not answered; it comes again, and is answered without being kept twice.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from stepwell.edi.hl7 import LARGEST, Broken, Frame, Frames, Outside, TooLong, framed
from stepwell.edi.hl7.framing import Event
from stepwell.edi.laboratory import Taken, take_in

log = structlog.get_logger("stepwell.edi")

PORTION = 65536
SILENT_FOR = 0.5
"""Seconds after an end without its last byte in which that byte may still come."""
IDLE_FOR = 3600.0
"""Seconds without a byte after which a connection is closed; laboratories keep theirs open all day and connect again."""
AT_ONCE = 32
"""Connections at a time; one more is closed at once."""


class Listener(socketserver.ThreadingTCPServer):
    """Listens at (host, port). `only` are the networks that may connect, `tls` the certificate to show."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        at: tuple[str, int],
        *,
        only: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        taking: Callable[..., Taken] = take_in,
        idle_for: float = IDLE_FOR,
    ) -> None:
        self.only = [ipaddress.ip_network(one, strict=False) for one in only]
        self.tls, self.taking, self.idle_for = tls, taking, idle_for
        self.room = threading.BoundedSemaphore(AT_ONCE)
        if ":" in at[0]:
            self.address_family = socket.AF_INET6
        super().__init__(at, _Connection)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """False closes the connection before a byte is read."""
        if not self.only:
            return True
        address = ipaddress.ip_address(client_address[0])
        mapped = getattr(address, "ipv4_mapped", None)
        allowed = any((mapped or address) in one for one in self.only)
        if not allowed:
            log.warning("laboratory_not_allowed", address=str(address))
        return allowed

    def handle_error(self, request: Any, client_address: Any) -> None:
        """One connection that fails ends alone."""
        log.exception("laboratory_connection_failed", address=str(client_address[0]))


class _Connection(socketserver.BaseRequestHandler):
    server: Listener

    def handle(self) -> None:
        if not self.server.room.acquire(blocking=False):
            log.warning("laboratory_too_many_connections")
            return
        try:
            with contextlib.suppress(OSError), self._secured() as link:
                self._talk(link)
        finally:
            self.server.room.release()
            from django.db import connections

            connections.close_all()

    def _secured(self) -> Any:
        self.request.settimeout(30)
        return (
            self.server.tls.wrap_socket(self.request, server_side=True) if self.server.tls else self.request
        )

    def _talk(self, link: Any) -> None:
        frames = Frames(LARGEST)
        while True:
            link.settimeout(SILENT_FOR if frames.waits else self.server.idle_for)
            try:
                portion = link.recv(PORTION)
            except TimeoutError:
                if not frames.waits:
                    break
                self._answer(link, frames.settle())
                continue
            except OSError:
                break
            if not portion:
                break
            self._answer(link, frames.feed(portion))
        # What the connection broke off is kept and shown to a person; nobody waits for an answer any more.
        with contextlib.suppress(OSError):
            self._answer(link, frames.rest())

    def _answer(self, link: Any, events: Sequence[Event]) -> None:
        for event in events:
            for answer in self._taken(event):
                link.sendall(framed(answer))

    def _taken(self, event: Event) -> Sequence[bytes]:
        match event:
            case Frame(content):
                return self.server.taking(content, via="mllp").answers
            case TooLong():
                return self.server.taking(b" " * (LARGEST + 1), via="mllp").answers
            case Broken(content):
                self.server.taking(
                    content, via="mllp", problem="The connection broke off in the middle of it."
                )
                return ()
            case Outside(content) if any(mark in content for mark in (b"MSH", b"FHS", b"BHS", b"M\0S\0H")):
                self.server.taking(content, via="mllp", problem="It came without the frame of MLLP.")
                return ()
            case _:
                log.warning(
                    "laboratory_strange_bytes", bytes=len(event.content) if isinstance(event, Outside) else 0
                )
                return ()
