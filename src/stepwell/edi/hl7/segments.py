"""One message taken apart: character set, delimiters, segments, fields, escapes. Never raises over what is inside."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}(?=[^A-Za-z0-9\s]|$)")
_CHARSETS = {
    "": "utf-8", "ASCII": "utf-8", "UTF-8": "utf-8", "UNICODE": "utf-8", "UNICODE UTF-8": "utf-8",
    **{f"8859/{n}": f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
    "ISO IR14": "iso2022-jp", "ISO IR87": "iso2022-jp", "ISO IR159": "iso2022-jp-1",
    "GB 18030-2000": "gb18030", "KS X 1001": "euc-kr", "CNS 11643-1992": "big5", "BIG-5": "big5",
    "UNICODE UTF-16": "utf-16", "WINDOWS-1252": "cp1252", "CP1252": "cp1252", "LATIN1": "latin-1",
}  # fmt: skip
"""Words of HL7 table 0211, and a few that are sent though they are not in it."""


@dataclass(frozen=True)
class Delimiters:
    """The characters that MSH-1 and MSH-2 name."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    sub: str = "&"


@dataclass(frozen=True)
class Segment:
    """One segment: `name` and its fields as they stand, still with escapes; `at(1)` is the first field."""

    name: str
    fields: tuple[str, ...]
    marks: Delimiters = field(default_factory=Delimiters)

    def raw(self, number: int) -> str:
        """The field as it stands, empty when it is not there. `""` in HL7 is a value taken away: empty here too."""
        found = self.fields[number - 1] if 0 < number <= len(self.fields) else ""
        return "" if found == '""' else found

    def repetitions(self, number: int) -> list[list[str]]:
        """Each repetition of a field as its components, unescaped."""
        found = self.raw(number)
        if not found:
            return []
        marks = self.marks
        return [
            [text(part, marks) for part in (one.split(marks.component) if marks.component else [one])]
            for one in (found.split(marks.repetition) if marks.repetition else [found])
        ]

    def parts(self, number: int) -> list[str]:
        """The components of the first repetition."""
        found = self.repetitions(number)
        return found[0] if found else []

    def part(self, number: int, component: int = 1) -> str:
        """One component of the first repetition, empty when it is not there."""
        found = self.parts(number)
        return found[component - 1] if component <= len(found) else ""

    def whole(self, number: int) -> str:
        """A field of text: its repetitions as lines, unescaped."""
        return "\n".join(
            text(one, self.marks) for one in self.raw(number).split(self.marks.repetition or "\0")
        )


def decoded(content: bytes) -> str:
    """The text by the character set that MSH-18 names; what does not fit into it becomes a replacement sign."""
    for mark, charset in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(charset, "replace")
    for start, charset in ((b"M\0S\0H\0", "utf-16-le"), (b"\0M\0S\0H", "utf-16-be")):
        if content.startswith(start):
            return content.decode(charset, "replace")
    header = re.split(rb"[\r\n]", content.lstrip(b"\r\n"), maxsplit=1)[0].decode("latin-1")
    fields = header[3:].split(header[3]) if len(header) > 3 else []
    named = fields[17].split("~")[0].split("^")[0].strip().upper() if len(fields) > 17 else ""
    charset = _CHARSETS.get(named, "utf-8")
    try:
        return content.decode(charset)
    except UnicodeDecodeError:
        if named in ("", "ASCII"):
            return content.decode(
                "latin-1"
            )  # nothing or too little was promised; every byte is a letter there
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def delimiters(header: str) -> Delimiters:
    """From the beginning of an MSH, FHS or BHS segment."""
    if len(header) < 4:
        return Delimiters()
    mark = header[3]
    named = header[4:].split(mark)[0]
    usual = "^~\\&"
    signs = [named[n] if n < len(named) else (usual[n] if not named else "") for n in range(4)]
    return Delimiters(mark, *signs)


def segments(message: str) -> list[Segment]:
    """The segments in their order. A line that begins none belongs to the field before it."""
    lines = (
        re.split(r"\r\n|\r|\n", message) if "\r\n" in message or "\r" not in message else message.split("\r")
    )
    marks = Delimiters()
    texts: list[str] = []
    for line in lines:
        line = line.lstrip("\n\x0b\ufeff")
        if not line.strip("\x1c \t"):
            continue
        if _SEGMENT.match(line) or not texts:
            texts.append(line)
        else:
            texts[-1] += "\n" + line
    found = []
    for one in texts:
        name = one[:3]
        if name in ("MSH", "FHS", "BHS"):
            marks = delimiters(one)
            fields = (marks.field, *one[4:].split(marks.field))
        else:
            fields = tuple(one[4:].split(marks.field)) if len(one) > 3 else ()
        found.append(Segment(name, fields, marks))
    return found


_ESCAPES = {"F": "field", "S": "component", "T": "sub", "R": "repetition", "E": "escape"}
_HEX = re.compile(r"X((?:[0-9A-Fa-f]{2})+)")


def text(raw: str, marks: Delimiters) -> str:
    r"""Escapes resolved: \F\ \S\ \T\ \R\ \E\, \Xhh..\ as bytes, \.br\ as a line; others stay as they stand.

    NUL is no letter and cannot be kept in a text: it becomes a replacement sign here. The bytes are kept as they came.
    """
    if marks.escape and marks.escape in raw:
        sign = re.escape(marks.escape)
        raw = re.sub(
            f"{sign}([^{sign}]{{0,400}}){sign}", lambda found: _unescaped(found[1], found[0], marks), raw
        )
    return raw.replace("\0", "\ufffd")


def _unescaped(inside: str, whole: str, marks: Delimiters) -> str:
    if inside in _ESCAPES:
        return str(getattr(marks, _ESCAPES[inside]))
    if inside in ("H", "N"):  # highlighting begins and ends
        return ""
    if inside.startswith((".br", ".sp", ".ce")):
        return "\n"
    found = _HEX.fullmatch(inside)
    if found is not None:
        raw = bytes.fromhex(found[1])
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")
    return whole
