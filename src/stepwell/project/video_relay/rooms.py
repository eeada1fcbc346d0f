"""Rooms of the gateway: made for the first who comes, cleared after the last, closed to all without a token."""

from __future__ import annotations

import contextlib
import hmac
import os
from hashlib import sha256

from stepwell.project.janus import Event, GatewayFault, Janus

BITRATE = 256_000
"""Bits each person's picture may take a second; a room of twelve is then within a home line."""


class Rooms:
    """The rooms that were made over one connection with the gateway."""

    def __init__(self, janus: Janus, secret: str) -> None:
        self.janus, self.secret = janus, secret
        self.made: set[int] = set()

    async def make(self, room_id: int, handle: int) -> None:
        """Makes the room unless it is there. Raises `GatewayFault`."""
        if room_id in self.made:
            return
        secret = self._secret(room_id)
        request: Event = {"request": "create", "room": room_id, "description": "-", "is_private": True}
        request |= {"secret": secret, "publishers": 64, "bitrate": BITRATE, "bitrate_cap": True}
        request |= {"audiocodec": "opus", "videocodec": "vp8", "record": False, "lock_record": True}
        request |= {"allowed": [os.urandom(16).hex()], "notify_joining": False, "fir_freq": 10}
        try:
            await self.janus.say(handle, request)
        except GatewayFault as fault:
            if "exists" not in str(fault):
                raise
        self.made.add(room_id)

    async def clear(self, room_id: int) -> None:
        """Destroys the room that everybody has left."""
        self.made.discard(room_id)
        with contextlib.suppress(GatewayFault):
            handle = await self.janus.attach()
            await self.janus.say(
                handle, {"request": "destroy", "room": room_id, "secret": self._secret(room_id)}
            )
            await self.janus.detach(handle)

    async def allow(self, room_id: int, handle: int, action: str, token: str) -> None:
        """`action`: add or remove the token with which one person is let in. Raises `GatewayFault`."""
        await self.janus.say(
            handle,
            {
                "request": "allowed",
                "secret": self._secret(room_id),
                "action": action,
                "room": room_id,
                "allowed": [token],
            },
        )

    async def kick(self, room_id: int, handle: int, presence_id: int) -> None:
        """No packet of this person passes any more. Raises `GatewayFault`."""
        await self.janus.say(
            handle,
            {
                "request": "kick",
                "room": room_id,
                "secret": self._secret(room_id),
                "id": presence_id,
            },
        )

    def _secret(self, room_id: int) -> str:
        """The key of one room: only who knows Stepwell's secret key can kick or destroy."""
        return hmac.new(self.secret.encode(), f"video-room:{room_id}".encode(), sha256).hexdigest()
