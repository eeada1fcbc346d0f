"""The site's relay for sessions by video (coturn): credentials that run out, and whether it lets browsers in.

RFC 8656 (TURN) and RFC 8489 (STUN), as far as asking for one allocation goes; the credentials are coturn's
`use-auth-secret`: the moment at which they run out is the name, its HMAC under the shared secret the password.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import socket
import ssl
import struct
from dataclasses import dataclass

PATIENCE = 3.0
"""Seconds a relay has for one answer."""
_COOKIE = 0x2112A442
_ALLOCATE, _REFRESH, _ALLOCATED = 0x0003, 0x0004, 0x0103
_USERNAME, _INTEGRITY, _ERROR, _LIFETIME = 0x0006, 0x0008, 0x0009, 0x000D
_REALM, _NONCE, _TRANSPORT = 0x0014, 0x0015, 0x0019
_UDP = bytes((17, 0, 0, 0))
_URL = re.compile(r"(turns?):(\[[0-9a-fA-F:]+\]|[^:?\[\]]+)(?::(\d+))?(?:\?transport=(udp|tcp))?")


class RelayFault(Exception):
    """The relay does not let browsers in; the words say why."""


def credentials(secret: str, until: int, whose: str) -> tuple[str, str]:
    """Name and password for a relay, good until `until` (seconds since 1970)."""
    name = f"{until}:{whose}"
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()


def try_relay(url: str, name: str, password: str) -> None:
    """Asks for a relayed address with these credentials and gives it back. Raises `RelayFault`."""
    line = _Line.open(url)
    try:
        transport = (_TRANSPORT, _UDP)
        kind, said = line.ask(_ALLOCATE, [transport])
        if kind != _ALLOCATED and _REALM in said and _NONCE in said:
            user, realm = name.encode(), said[_REALM]
            key = hashlib.md5(b":".join((user, realm, password.encode()))).digest()  # noqa: S324 -- as RFC 8489 has it
            who = [(_USERNAME, user), (_REALM, realm), (_NONCE, said[_NONCE])]
            kind, said = line.ask(_ALLOCATE, [transport, *who], key)
            if kind == _ALLOCATED:
                line.ask(_REFRESH, [(_LIFETIME, bytes(4)), *who], key)
        elif kind == _ALLOCATED:
            raise RelayFault("lets in anybody, without the secret; set use-auth-secret")
    finally:
        line.socket.close()
    if kind != _ALLOCATED:
        raise RelayFault(_why(said.get(_ERROR, b"")))


@dataclass
class _Line:
    """One association with a relay, over UDP, TCP or TLS."""

    socket: socket.socket
    stream: bool

    @classmethod
    def open(cls, url: str) -> _Line:
        found = _URL.fullmatch(url)
        if found is None:
            raise RelayFault("is no address of a relay")
        scheme, host, port, transport = found.groups()
        stream = scheme == "turns" or transport == "tcp"
        where = (host.strip("[]"), int(port or (5349 if scheme == "turns" else 3478)))
        made: socket.socket
        try:
            if stream:
                made = socket.create_connection(where, PATIENCE)
                if scheme == "turns":
                    made = ssl.create_default_context().wrap_socket(made, server_hostname=where[0])
            else:
                family, kind, _, _, address = socket.getaddrinfo(*where, type=socket.SOCK_DGRAM)[0]
                made = socket.socket(family, kind)
                made.connect(address)
        except ssl.SSLError as fault:
            raise RelayFault("has no certificate that browsers trust") from fault
        except OSError as fault:
            raise RelayFault("does not answer") from fault
        made.settimeout(PATIENCE)
        return cls(made, stream)

    def ask(
        self, kind: int, attributes: list[tuple[int, bytes]], key: bytes | None = None
    ) -> tuple[int, dict[int, bytes]]:
        """One request and its answer: kind and attributes. Raises `RelayFault`."""
        number = os.urandom(12)
        request = _message(kind, number, attributes, key)
        try:
            for _ in range(1 if self.stream else 3):  # UDP may lose one
                self.socket.sendall(request)
                try:
                    return self._answer(number)
                except TimeoutError:
                    continue
        except OSError as fault:
            raise RelayFault("does not answer") from fault
        raise RelayFault("does not answer")

    def _answer(self, number: bytes) -> tuple[int, dict[int, bytes]]:
        while True:
            whole = self._stream() if self.stream else self.socket.recv(4096)
            if len(whole) < 20 or whole[8:20] != number:
                continue
            kind, _, cookie = struct.unpack("!HHI", whole[:8])
            if cookie != _COOKIE:
                continue
            found: dict[int, bytes] = {}
            rest = whole[20:]
            while len(rest) >= 4:
                name, length = struct.unpack("!HH", rest[:4])
                found.setdefault(name, rest[4 : 4 + length])
                rest = rest[4 + length + (-length % 4) :]
            return kind, found

    def _stream(self) -> bytes:
        whole = b""
        wanted = 20
        while len(whole) < wanted:
            part = self.socket.recv(wanted - len(whole))
            if not part:
                raise RelayFault("closed the line")
            whole += part
            if len(whole) >= 4:
                wanted = 20 + int(struct.unpack("!H", whole[2:4])[0])
        return whole


def _message(kind: int, number: bytes, attributes: list[tuple[int, bytes]], key: bytes | None) -> bytes:
    body = b"".join(
        struct.pack("!HH", name, len(value)) + value + bytes(-len(value) % 4) for name, value in attributes
    )
    length = len(body) + (24 if key is not None else 0)
    head = struct.pack("!HHI", kind, length, _COOKIE) + number
    if key is None:
        return head + body
    digest = hmac.new(key, head + body, hashlib.sha1).digest()
    return head + body + struct.pack("!HH", _INTEGRITY, len(digest)) + digest


def _why(error: bytes) -> str:
    number = error[2] * 100 + error[3] if len(error) >= 4 else 0
    if number in (401, 403, 441):
        return "refuses the secret; STEPWELL_TURN_SECRET and its static-auth-secret must be the same"
    return f"refuses ({number or 'no reason given'})"
