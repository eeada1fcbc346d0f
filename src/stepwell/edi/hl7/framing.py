"""MLLP: 0B, the message, 1C 0D. A machine that takes bytes in any portions and gives back what they hold.

It knows no sockets, so it is tested byte by byte.
"""

from __future__ import annotations

from dataclasses import dataclass

BEGIN, END, AFTER, LINE = 0x0B, 0x1C, 0x0D, 0x0A


@dataclass(frozen=True)
class Frame:
    """A whole message, without its frame."""

    content: bytes


@dataclass(frozen=True)
class Broken:
    """A frame that never ended: another one began, or the connection closed."""

    content: bytes


@dataclass(frozen=True)
class Outside:
    """Bytes that stood in no frame."""

    content: bytes


@dataclass(frozen=True)
class TooLong:
    """A frame longer than is taken; its bytes were let go."""

    length: int


Event = Frame | Broken | Outside | TooLong


def framed(content: bytes) -> bytes:
    """A message as it goes over the wire."""
    return bytes([BEGIN]) + content + bytes([END, AFTER])


class Frames:
    """The frames of one connection; `longest` is the most bytes of one frame."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._held = bytearray()
        self._inside = False
        self._dropped = 0
        self._ended = False  # 1C came; whether it ends the frame is told by what follows

    @property
    def waits(self) -> bool:
        """The end was told but for its last byte: who sends none means the end all the same."""
        return self._ended

    def feed(self, portion: bytes) -> list[Event]:
        """What has become whole with these bytes."""
        events: list[Event] = []
        at = 0
        while at < len(portion):
            if self._ended:
                at += self._after_end(portion[at], events)
                continue
            if not self._inside:
                start = portion.find(BEGIN, at)
                self._outside(portion[at : start if start >= 0 else len(portion)], events)
                if start < 0:
                    break
                self._flush_outside(events)
                self._inside, at = True, start + 1
                continue
            stop = min((n for n in (portion.find(END, at), portion.find(BEGIN, at)) if n >= 0), default=-1)
            self._hold(portion[at : stop if stop >= 0 else len(portion)])
            if stop < 0:
                break
            if portion[stop] == BEGIN:
                self._close(events, whole=False)
                self._inside = True
            else:
                self._ended = True
            at = stop + 1
        return events

    def settle(self) -> list[Event]:
        """Nothing more comes for now: an end without its last byte is an end."""
        events: list[Event] = []
        if self._ended:
            self._ended = False
            self._close(events, whole=True)
        return events

    def rest(self) -> list[Event]:
        """The connection is closed: what is left."""
        events = self.settle()
        if self._inside:
            self._close(events, whole=False)
        self._flush_outside(events)
        return events

    def _after_end(self, byte: int, events: list[Event]) -> int:
        """How many bytes belong to the end of the frame: 0D does, and 0A, which some send instead; a 0B is the next
        frame; else 1C was content."""
        self._ended = False
        if byte in (AFTER, LINE, BEGIN):
            self._close(events, whole=True)
            return 0 if byte == BEGIN else 1
        self._hold(bytes([END]))
        return 0

    def _hold(self, portion: bytes) -> None:
        room = self._longest - len(self._held)
        if self._dropped or len(portion) > room:
            self._dropped += len(self._held) + len(portion)
            self._held.clear()
        else:
            self._held += portion

    def _close(self, events: list[Event], *, whole: bool) -> None:
        if self._dropped:
            events.append(TooLong(self._dropped))
        elif whole or self._held:
            events.append(Frame(bytes(self._held)) if whole else Broken(bytes(self._held)))
        self._held.clear()
        self._dropped, self._inside = 0, False

    def _outside(self, portion: bytes, events: list[Event]) -> None:
        self._held += portion
        if len(self._held) > self._longest:
            self._flush_outside(events)

    def _flush_outside(self, events: list[Event]) -> None:
        if self._held and not self._inside:
            if self._held.strip(b"\r\n"):
                events.append(Outside(bytes(self._held)))
            self._held.clear()
