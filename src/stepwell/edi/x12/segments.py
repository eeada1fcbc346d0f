"""Segments of an interchange: the delimiters are read from its ISA, and the counts at its ends are held against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LARGEST = 8 * 1024 * 1024
"""Bytes a file may have; an answer about one person has two to twenty thousand."""
_ISA_ELEMENTS = 16
_LONGEST_ISA = 400
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1b]")
_SHOWN = 200
"""Characters of a segment that are kept as its source."""


class NotX12(Exception):
    """The file cannot be read; the text is one plain sentence that says why."""

    @property
    def sentence(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four signs with which this sender parts segments, elements, repetitions and components."""

    segment: str = "~"
    element: str = "*"
    repetition: str = "^"
    component: str = ":"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its name and elements without blanks around them, and its number within its transaction (ST is 1;
    outside of one 0)."""

    name: str
    elements: tuple[str, ...]
    number: int
    text: str

    def __getitem__(self, position: int) -> str:
        """The element at `position` counted from 1; empty when it is not there."""
        return self.elements[position - 1] if position <= len(self.elements) else ""


@dataclass(frozen=True)
class Transaction:
    """ST to SE, with the envelope around it."""

    kind: str
    guide: str
    control_number: str
    segments: tuple[Segment, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Interchange:
    """ISA to IEA."""

    control_number: str
    test: bool
    date: str
    delimiters: Delimiters
    transactions: tuple[Transaction, ...]
    receipts: tuple[Segment, ...]
    """TA1 segments, which stand outside of any transaction."""


def interchanges(raw: bytes) -> list[Interchange]:
    """Every interchange in the file. Raises `NotX12` when anything of it is missing or is no X12 at all."""
    if len(raw) > LARGEST:
        raise NotX12(f"The file is larger than {LARGEST // 1024 // 1024} MB; it cannot be one answer.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if _UNSEEN.search(text):
        raise NotX12("The file holds signs that no X12 text has; it is damaged or of another kind.")
    text = text.strip()
    if not text:
        raise NotX12("The file is empty.")
    found = []
    while text:
        one, text = _interchange(text)
        found.append(one)
    return found


def _interchange(text: str) -> tuple[Interchange, str]:
    """The first interchange of the text, and what comes after it."""
    delimiters, end_of_isa = _delimiters(text)
    isa = _segment(text[: end_of_isa - 1], delimiters, 0)
    body = _Body(isa, delimiters)
    position = end_of_isa
    while True:
        end = text.find(delimiters.segment, position)
        piece = (text[position:] if end < 0 else text[position:end]).strip("\r\n\t ")
        if piece:
            segment = _segment(piece, delimiters, body.next_number)
            if segment.name == "IEA":
                body.close(segment)
                rest = "" if end < 0 else text[end + 1 :]
                return body.finished(), rest.strip()
            body.take(segment)
        if end < 0:
            raise NotX12(
                f"The file ends before its end: the last segment of the envelope ({body.missing}) is missing. Ask for it again."
            )
        position = end + 1


def _delimiters(text: str) -> tuple[Delimiters, int]:
    """The signs of this interchange and the position behind its ISA segment."""
    if not text.startswith("ISA") or len(text) < 4:
        raise NotX12("The file does not begin with ISA, as every X12 file does.")
    element = text[3]
    position = 3
    for _ in range(_ISA_ELEMENTS - 1):
        position = text.find(element, position + 1, _LONGEST_ISA)
        if position < 0:
            raise NotX12("The first line of the file (ISA) is cut off or damaged.")
    if position + 2 >= len(text):
        raise NotX12("The first line of the file (ISA) is cut off or damaged.")
    repetition = text[3:position].split(element)[11]
    found = Delimiters(
        segment=text[position + 2],
        element=element,
        repetition=repetition if len(repetition) == 1 and not repetition.isalnum() else "^",
        component=text[position + 1],
    )
    signs = (found.segment, found.element, found.component)
    if len(set(signs)) < 3 or any(sign.isalnum() or sign == " " for sign in signs):
        raise NotX12("The first line of the file (ISA) does not name its separators rightly.")
    return found, position + 3


def _segment(piece: str, delimiters: Delimiters, number: int) -> Segment:
    name, *elements = piece.split(delimiters.element)
    return Segment(name.strip().upper(), tuple(map(str.strip, elements)), number, piece[:_SHOWN])


@dataclass
class _Body:
    """What was read of an interchange so far, and what is still open."""

    isa: Segment
    delimiters: Delimiters
    transactions: list[Transaction] = field(default_factory=list)
    receipts: list[Segment] = field(default_factory=list)
    open: list[Segment] = field(default_factory=list)
    guide: str = ""
    group: Segment | None = None
    groups: int = 0
    in_group: int = 0

    @property
    def next_number(self) -> int:
        return len(self.open) + 1 if self.open else 0

    @property
    def missing(self) -> str:
        return "SE" if self.open else "GE" if self.group is not None else "IEA"

    def take(self, segment: Segment) -> None:
        if self.open:
            self.open.append(segment)
            if segment.name in ("ISA", "GS", "GE", "ST"):
                raise NotX12(f"A transaction in the file has no end: {segment.name} stands where SE should.")
            if segment.name == "SE":
                self._end_transaction(segment)
        elif segment.name == "ST" and self.group is not None:
            self.open = [Segment("ST", segment.elements, 1, segment.text)]
        elif segment.name == "GS" and self.group is None:
            self.group, self.groups, self.in_group = segment, self.groups + 1, 0
            self.guide = segment[8]
        elif segment.name == "GE" and self.group is not None:
            if segment[1].isdigit() and int(segment[1]) != self.in_group:
                raise NotX12(
                    f"A group in the file says it holds {segment[1]} transactions and holds {self.in_group}; part of it is missing."
                )
            self.group = None
        elif segment.name == "TA1" and self.group is None:
            self.receipts.append(segment)
        else:
            raise NotX12(
                f"The file is not in order: {segment.name[:12] or 'an empty segment'} stands where it may not."
            )

    def _end_transaction(self, end: Segment) -> None:
        start = self.open[0]
        if not (end[1].isdigit() and int(end[1]) == len(self.open)):
            raise NotX12(
                f"A transaction in the file says it has {end[1] or 'no number of'} segments and has {len(self.open)};"
                " part of it is missing. Ask for it again."
            )
        remarks = []
        if end[2] != start[2]:
            remarks.append(f"The transaction begins as number {start[2]} and ends as number {end[2]}.")
        guide = start[3] or self.guide
        self.transactions.append(Transaction(start[1], guide, start[2], tuple(self.open), tuple(remarks)))
        self.open, self.in_group = [], self.in_group + 1

    def close(self, end: Segment) -> None:
        if self.open or self.group is not None:
            raise NotX12(f"The file is not in order: its envelope ends before {self.missing}.")
        if end[2] != self.isa[13]:
            raise NotX12("The envelope begins and ends with different numbers; part of the file is missing.")
        if not (end[1].isdigit() and int(end[1]) == (self.groups or (0 if self.receipts else -1))):
            raise NotX12("The envelope does not hold as many groups as it says; part of the file is missing.")

    def finished(self) -> Interchange:
        return Interchange(
            control_number=self.isa[13],
            test=self.isa[15] == "T",
            date=self.isa[9],
            delimiters=self.delimiters,
            transactions=tuple(self.transactions),
            receipts=tuple(self.receipts),
        )


def repeated(element: str, delimiters: Delimiters) -> Iterator[str]:
    """The values of a repeated element, none of them empty."""
    return (value.strip() for value in element.split(delimiters.repetition) if value.strip())
