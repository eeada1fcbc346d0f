"""Careful reading of FHIR shapes: objects, texts, concepts, references, dates, names, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stepwell.clinic.inquiry.handoff.parsing import Number
from stepwell.clinic.inquiry.handoff.refused import HandoffRefused

EARLIEST_YEAR, LATEST_YEAR = 1850, 2200

_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?P<time>T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class When:
    """A FHIR date, exactly as written and as the days that it may mean (`2002` means any day of 2002)."""

    text: str
    first_day: date
    last_day: date

    @property
    def is_day(self) -> bool:
        """True when the file tells the very day."""
        return self.first_day == self.last_day


@dataclass(frozen=True, slots=True)
class Coding:
    """One code: the list it is from, the code, and the words that came with it."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Concept:
    """What FHIR calls a CodeableConcept."""

    text: str = ""
    codings: tuple[Coding, ...] = ()

    @property
    def display(self) -> str:
        """The words for people: the text, else the first coding's words, else its code."""
        words = [self.text, *(c.display for c in self.codings), *(c.code for c in self.codings)]
        return next((w for w in words if w), "")

    @property
    def first(self) -> Coding:
        """The first coding, or an empty one."""
        return self.codings[0] if self.codings else Coding("", "", "")


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON object of the file together with the path that leads to it."""

    value: dict[str, object]
    path: str

    def at(self, key: str) -> str:
        """Path of one member."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def text(self, key: str) -> str:
        """A text, a number or a yes/no as text; empty when absent."""
        found = self.value.get(key)
        if found is None:
            return ""
        if isinstance(found, str):
            return found
        if isinstance(found, Number):
            return found.text
        if isinstance(found, bool):
            return "true" if found else "false"
        raise shape(self.at(key), "a text")

    def is_true(self, key: str) -> bool:
        return self.value.get(key) is True

    def node(self, key: str) -> Node | None:
        """An object; None when absent."""
        found = self.value.get(key)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise shape(self.at(key), "an object in braces")
        return Node(found, self.at(key))

    def nodes(self, key: str) -> tuple[Node, ...]:
        """A list of objects; empty when absent."""
        made = []
        for n, member in enumerate(self._list(key)):
            if member is None:
                continue
            if not isinstance(member, dict):
                raise shape(f"{self.at(key)}[{n}]", "an object in braces")
            made.append(Node(member, f"{self.at(key)}[{n}]"))
        return tuple(made)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        made = []
        for n, member in enumerate(self._list(key)):
            if member is None:
                continue  # FHIR writes null where only an extension stands
            if not isinstance(member, str):
                raise shape(f"{self.at(key)}[{n}]", "a text")
            made.append(member)
        return tuple(made)

    def _list(self, key: str) -> list[object]:
        found = self.value.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise shape(self.at(key), "a list in brackets")
        return found

    def concept(self, key: str) -> Concept:
        """A CodeableConcept; empty when absent."""
        inner = self.node(key)
        return concept(inner) if inner else Concept()

    def concepts(self, key: str) -> tuple[Concept, ...]:
        return tuple(concept(n) for n in self.nodes(key))

    def when(self, key: str) -> When | None:
        """A FHIR date, dateTime or instant; None when absent. Raises HandoffRefused when it cannot be one."""
        found = self.value.get(key)
        if found is None:
            return None
        if not isinstance(found, str):
            raise shape(self.at(key), "a date in quotes")
        return read_when(found, self.at(key))

    def period(self, key: str) -> tuple[When | None, When | None]:
        """Start and end of a Period, in order."""
        inner = self.node(key)
        if inner is None:
            return None, None
        start, end = inner.when("start"), inner.when("end")
        in_order(start, end, inner.at("end"))
        return start, end


def concept(node: Node) -> Concept:
    """Read a CodeableConcept."""
    return Concept(node.text("text"), tuple(coding(c) for c in node.nodes("coding")))


def coding(node: Node) -> Coding:
    """Read a Coding."""
    return Coding(node.text("system"), node.text("code"), node.text("display"))


def read_when(text: str, path: str) -> When:
    """The days that a FHIR date may mean; HandoffRefused when there is no such day."""
    found = _DATE.fullmatch(text)
    if found:
        year, month, day = int(found["year"]), found["month"], found["day"]
        try:
            if not EARLIEST_YEAR <= year <= LATEST_YEAR:
                raise ValueError
            if found["time"]:
                # A leap second is lawful in FHIR and unknown to Python.
                datetime.fromisoformat(text.replace(":60", ":59"))
            first = date(year, int(month or 1), int(day or 1))
        except ValueError:
            pass
        else:
            if day:
                last = first
            elif month:
                last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            else:
                last = date(year, 12, 31)
            return When(text, first, last)
    raise HandoffRefused(
        f"“{shown(text)}” at {path} is no date that can be true; ask the sender to correct the file.", path
    )


def in_order(start: When | None, end: When | None, path: str) -> None:
    """Refuse an end before its start."""
    if start and end and end.last_day < start.first_day:
        raise HandoffRefused(
            f"The end {shown(end.text)} at {path} lies before the start {shown(start.text)}; "
            "ask the sender to correct the file.",
            path,
        )


def shape(path: str, wanted: str) -> HandoffRefused:
    """The refusal of a value whose JSON type FHIR R4 does not allow there."""
    return HandoffRefused(
        f"FHIR R4 wants {wanted} at {path}, and this file has something else there; "
        "ask the sender for a valid FHIR R4 bundle.",
        path,
    )


def shown(text: str) -> str:
    """A text of the file cut to fit into a sentence."""
    return text if len(text) <= 60 else text[:57] + "…"
