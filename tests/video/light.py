"""A light real client of a group by video: speaks to Stepwell as the page does, sends and receives sound.

It sends ten packets a second instead of fifty, so that twelve of them and their 132 received streams fit on a small
machine; to the gateway it is a browser like any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import http.client
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import AudioFrame
from django.conf import settings

PAUSE = 0.1
RATE = 48_000
SAMPLES = RATE // 50


class Sound(MediaStreamTrack):
    """A quiet tone, 20 ms of it every tenth of a second."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(PAUSE)
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(bytes((n * 37) % 251 for n in range(SAMPLES * 2)))
        frame.pts, frame.sample_rate, frame.time_base = self.sent, RATE, fractions.Fraction(1, RATE)
        self.sent += SAMPLES
        return frame


@dataclass
class Client:
    """One person. `heard` maps a publisher's presence to the receiver of their sound."""

    port: int
    page: str
    session_id: int
    cookie: str
    said: dict[str, Any]
    presence: int = 0
    ticket: str = ""
    after: int = 0
    inside: bool = False
    asked: int = 0
    heard: dict[int, str] = field(default_factory=dict)
    published: int = 0
    """How often the gateway has taken what this client sends."""
    call: str = field(default_factory=lambda: uuid.uuid4().hex)
    _token: str = ""
    _csrf: str = ""
    _sends: RTCPeerConnection | None = None
    _receives: RTCPeerConnection | None = None

    async def come(self) -> None:
        """To the door, by the page."""
        status, headers, body = await self._ask("GET", self.page)
        assert status == 200, (status, body[:300])
        self._token = re.search(r'data-token="([^"]+)"', body).group(1)  # type: ignore[union-attr] # it is there
        self._csrf = re.search(r"csrftoken=([^;]+)", headers).group(1)  # type: ignore[union-attr] # as above
        found = await self.post("entrance", self.said)
        self.ticket, self.presence = found["ticket"], found["me"]

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        self.asked += 1
        status, _, text = await self._ask("POST", f"/video/{self.session_id}/{path}/", body)
        assert status in (200, 204), (path, status, text[:300])
        return json.loads(text) if text else {}

    async def live(self) -> None:
        """The beat, once a second, until cancelled."""
        while True:
            found = await self.post("line", {"after": self.after})
            self.ticket = found["ticket"]
            if found["state"]["me"]["inside"] and not self.inside:
                self.inside = True
                await self._publish()
            for signal in found["signals"]:
                self.after = max(self.after, signal["n"])
                await self._take(signal["kind"], signal["body"])
            await asyncio.sleep(1)

    async def packets(self) -> dict[int, int]:
        """Publisher -> sound packets received from them."""
        found: dict[int, int] = {}
        if self._receives is None:
            return found
        for one in self._receives.getTransceivers():
            if one.mid in self.heard_by_mid and one.receiver is not None:
                report = await one.receiver.getStats()
                received = sum(s.packetsReceived for s in report.values() if s.type == "inbound-rtp")
                found[self.heard_by_mid[one.mid]] = received
        return found

    @property
    def heard_by_mid(self) -> dict[str, int]:
        return {mid: who for who, mid in self.heard.items()}

    async def close(self) -> None:
        for pc in (self._sends, self._receives):
            if pc is not None:
                with contextlib.suppress(Exception):
                    await pc.close()

    async def _publish(self) -> None:
        self._sends = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._sends.addTrack(Sound())
        await self._sends.setLocalDescription(await self._sends.createOffer())
        await self.post("words", {"kind": "publish", "body": {"call": self.call, "jsep": _said(self._sends)}})

    async def _take(self, kind: str, body: dict[str, Any]) -> None:
        if body.get("call") != self.call:
            return
        if kind == "published" and self._sends is not None:
            self.published += 1
            await self._sends.setRemoteDescription(RTCSessionDescription(**body["jsep"]))
        elif kind == "streams":
            if self._receives is None:
                self._receives = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            self.heard |= {one["from"]: one["mid"] for one in body["streams"] if one["type"] == "audio"}
            await self._receives.setRemoteDescription(RTCSessionDescription(**body["jsep"]))
            await self._receives.setLocalDescription(await self._receives.createAnswer())
            await self.post(
                "words", {"kind": "streams", "body": {"call": self.call, "jsep": _said(self._receives)}}
            )

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, str, str]:
        return await asyncio.to_thread(self._ask_now, method, path, body)

    def _ask_now(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, str, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookies = f"{settings.SESSION_COOKIE_NAME}={self.cookie}"
        headers = {"Content-Type": "application/json"}
        if self._csrf:
            cookies += f"; csrftoken={self._csrf}"
            headers["X-CSRFToken"] = self._token
        if self.ticket:
            headers["X-Video-Ticket"] = self.ticket
        try:
            line.request(
                method, path, json.dumps(body) if body is not None else None, headers | {"Cookie": cookies}
            )
            answer = line.getresponse()
            return answer.status, str(answer.headers), answer.read().decode()
        finally:
            line.close()


def _said(pc: RTCPeerConnection) -> dict[str, str]:
    return {"type": pc.localDescription.type, "sdp": pc.localDescription.sdp}
