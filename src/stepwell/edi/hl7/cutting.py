"""What came, cut into messages: one, several, a batch, or something else. No byte is lost on the way."""

from __future__ import annotations

import re
from hashlib import sha256

from stepwell.clinic.drug_tests.rules.laboratory import Message, Piece
from stepwell.edi.hl7.results import read_message

LARGEST = 16 * 1024 * 1024
"""Bytes of one delivery; laboratories send a thousandth of it."""

_STARTS = re.compile(
    rb"(?:(?<=[\r\n\x0b])|\A(?:\xef\xbb\xbf)?)(?:\x0b)?(MSH|FHS|BHS|BTS|FTS)(?=[^A-Za-z0-9\s])"
)
_BLANK = b"\r\n\t \x0b\x1c\0"


def content_key(content: bytes) -> str:
    """SHA-256 of a message in hex, the same however its lines end.

    Left out: the frame of MLLP (0B before, 1C after), a byte order mark, line ends after the last segment; and each of
    CR LF, LF and CR counts as CR. Nothing else is left out: another control id is another message.
    """
    plain = content.removeprefix(b"\xef\xbb\xbf").strip(b"\x0b\x1c\r\n")
    if b"\0" not in plain[:8]:  # not UTF-16, where these bytes are halves of letters
        plain = plain.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    return sha256(plain).hexdigest()


def cut(content: bytes, *, problem: str = "") -> tuple[Piece, ...]:
    """The messages in their order, and each part that is none with a sentence why. `problem` is one of the whole."""
    if problem:
        # What broke off may hold every byte of a message; it must not stand in the way of that message when it comes.
        return (Piece(0, len(content), _unsure_key(content), Message(problem=problem)),)
    if not content.strip(_BLANK):
        return (_none(content, 0, len(content), "Nothing was sent."),)
    if len(content) > LARGEST:
        return (_none(content, 0, len(content), "It is longer than a laboratory's message may be."),)
    if _is_utf16(content):
        return (Piece(0, len(content), content_key(content), read_message(content)),)
    found = list(_STARTS.finditer(content))
    bounds = [one.start(1) for one in found]
    pieces: list[Piece] = []
    if not bounds or content[: bounds[0]].strip(_BLANK + b"\xef\xbb\xbf"):
        end = bounds[0] if bounds else len(content)
        pieces.append(
            _none(content, 0, end, "This part does not begin with MSH, so it is not an HL7 message.")
        )
    told: int | None = None
    counted = 0
    for place, start in enumerate(bounds):
        end = bounds[place + 1] if place + 1 < len(bounds) else len(content)
        if found[place][1] == b"MSH":
            counted += 1
            end = start + len(content[start:end].rstrip(b"\x0b"))
            pieces.append(
                Piece(start, end, content_key(content[start:end]), read_message(content[start:end]))
            )
            continue
        line = re.split(rb"[\r\n]", content[start:end], maxsplit=1)
        if found[place][1] == b"BHS":
            counted = 0
        if found[place][1] == b"BTS":
            told = _count(line[0])
            if told is not None and told != counted:
                pieces.append(
                    _none(content, start, end, f"The batch says it holds {told} messages; {counted} came.")
                )
                continue
        if len(line) > 1 and line[1].strip(_BLANK):
            pieces.append(_none(content, end - len(line[1]), end, "This part stands outside every message."))
    if not pieces:
        return (_none(content, 0, len(content), "The batch holds no message."),)
    return tuple(pieces)


def _none(content: bytes, start: int, end: int, problem: str) -> Piece:
    return Piece(start, end, content_key(content[start:end]), Message(problem=problem))


def _unsure_key(content: bytes) -> str:
    """The key of bytes that did not come as a whole message, never that of a message."""
    return sha256(b"not a whole message\0" + content).hexdigest()


def _is_utf16(content: bytes) -> bool:
    return content.startswith((b"\xff\xfe", b"\xfe\xff", b"M\0S\0H\0", b"\0M\0S\0H"))


def _count(line: bytes) -> int | None:
    """BTS-1, the number of messages; None when it is not told or no number."""
    first = re.match(rb"[0-9]{1,6}(?![0-9])", line[4:].strip())
    return int(first[0]) if first else None
