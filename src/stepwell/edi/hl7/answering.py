"""The acknowledgement of a message: AA taken in, AE not now, AR never, with the reason in MSA-3."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from stepwell.clinic.drug_tests.rules.laboratory import Message
from stepwell.edi.hl7.segments import decoded, delimiters, segments


def acknowledge(
    content: bytes, message: Message, *, at: datetime, number: str, code: str, because: str = ""
) -> bytes:
    """The answer in the sender's own delimiters and character set, with MSA-2 as its MSH-10 stood, byte for byte.

    `number` is our own control id; `because` one sentence, at most 80 characters of which older receivers read.
    """
    heads = [one for one in segments(decoded(content)) if one.name == "MSH"][:1]
    marks = heads[0].marks if heads else delimiters("MSH|^~\\&|")
    raw = [heads[0].raw(n) if heads else "" for n in range(22)] if heads else [""] * 22
    bar = marks.field
    signs = heads[0].raw(2) if heads else "^~\\&"
    kind = "ACK" if not message.kind else marks.component.join(("ACK", *message.kind.split("^")[1:2], "ACK")) if "^" in message.kind and marks.component else "ACK"  # fmt: skip
    when = at.astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")
    charset = raw[18]
    header = [
        "MSH",
        signs,
        raw[5],
        raw[6],
        raw[3],
        raw[4],
        when,
        "",
        kind,
        number,
        raw[11] or "P",
        raw[12] or "2.5.1",
    ]
    if charset:
        header += [""] * 5 + [charset]
    lines = [bar.join(header), bar.join(["MSA", code, raw[10], _escaped(because, marks)])]
    answer = "\r".join(lines) + "\r"
    return answer.encode(_encoding(content, charset), "replace")


def _escaped(words: str, marks: object) -> str:
    """Words of ours within somebody's delimiters: a delimiter in them becomes a space."""
    signs = "".join(v for v in vars(marks).values() if v)
    return re.sub(f"[{re.escape(signs)}\r\n]", " ", words) if signs else words


def _encoding(content: bytes, charset: str) -> str:
    if content.startswith((b"\xff\xfe", b"M\0S\0H")):
        return "utf-16-le"
    if content.startswith((b"\xfe\xff", b"\0M\0S\0H")):
        return "utf-16-be"
    named = charset.strip().upper()
    return f"iso8859-{named[5:]}" if re.fullmatch(r"8859/([1-9]|15)", named) else "utf-8"
