"""Texts to write a plan from: problems by dimension, each with goals to begin with, objectives and interventions.

Stepwell's own texts come with it; a site takes in its own by file. A file that cannot be one is refused with one
sentence and the path of what is wrong.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any, NoReturn

from stepwell.clinic.assessment.rules import instruments, load_instrument
from stepwell.clinic.plan.rules.conditions import Condition
from stepwell.clinic.plan.rules.data import library_text
from stepwell.clinic.plan.rules.progress import Way
from stepwell.clinic.plan.rules.tree import Kind

FORMAT = "stepwell-plan-library-1"
SIZE = 300_000
_DIMENSIONS = range(1, 7)


@dataclass(frozen=True)
class InterventionText:
    """What is done, how long a week, and who usually does it."""

    kind: str
    minutes: int
    text: str = ""
    who: str = ""


@dataclass(frozen=True)
class ObjectiveText:
    """A measure with its target, due so many days from now; `score` meets it when an instrument measures it."""

    measure: str
    target: str
    days: int
    instrument: str = ""
    scale: str = ""
    way: str = ""
    score: int | None = None
    interventions: tuple[InterventionText, ...] = ()


@dataclass(frozen=True)
class ProblemText:
    """What stands in the way, in which of the six dimensions, of which condition; goals are only a beginning."""

    key: str
    dimension: int
    condition: str
    statement: str
    goals: tuple[str, ...]
    objectives: tuple[ObjectiveText, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Library:
    """Texts of one file."""

    key: str
    title: str
    problems: tuple[ProblemText, ...]
    source: str = ""
    effective: str = ""

    def problem(self, key: str) -> ProblemText | None:
        """The one of that key."""
        return next((one for one in self.problems if one.key == key), None)


class LibraryRefused(ValueError):
    """The file is no library: `path` says where, `sentence` what is wrong and what to do."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}" if path else sentence)
        self.path, self.sentence = path, sentence


def library_size_limit() -> int:
    """Bytes of one file at most."""
    return SIZE


def read_library(raw: bytes | str) -> Library:
    """The library in a file's content. Raises `LibraryRefused` with the first thing that is wrong."""
    if len(raw) > SIZE:
        raise LibraryRefused("", f"The file is larger than {SIZE // 1000} kB; split it into several.")
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LibraryRefused(
            "", "The file is not text in UTF-8; save it as UTF-8 and send it again."
        ) from None
    try:
        document = json.loads(text)
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise LibraryRefused(where, f"The file is not JSON: {fault.msg}.") from None
    except (RecursionError, ValueError):
        raise LibraryRefused("", "The file is not JSON that can be read.") from None
    return _library(_Read(document, ""))


def as_file(library: Library) -> str:
    """The library as the file that `read_library` reads."""
    return json.dumps({"format": FORMAT, **asdict(library)}, ensure_ascii=False, indent=2) + "\n"


@cache
def shipped_library() -> Library:
    """The texts that come with Stepwell."""
    return read_library(library_text())


@dataclass(frozen=True)
class _Read:
    """A piece of the document and where it stands."""

    value: Any
    path: str

    def refuse(self, sentence: str) -> NoReturn:
        raise LibraryRefused(self.path, sentence)

    def of(self, name: str, default: Any = None) -> "_Read":
        path = f"{self.path}.{name}" if self.path else name
        if not isinstance(self.value, Mapping):
            self.refuse("This must be an object.")
        return _Read(self.value.get(name, default), path)

    def only(self, *names: str) -> None:
        if not isinstance(self.value, Mapping):
            self.refuse("This must be an object.")
        for name in self.value:
            if name not in names:
                known = ", ".join(names)
                self.of(str(name)[:60]).refuse(f"Nothing of this name is known here; known are {known}.")

    def text(self, most: int, *, needed: bool = True) -> str:
        if not isinstance(self.value, str):
            self.refuse("This must be text." if self.value is not None else "This is missing; write it.")
        words: str = self.value.strip()
        if needed and not words:
            self.refuse("This is blank; write it.")
        if len(words) > most:
            self.refuse(f"This is longer than {most} letters; shorten it.")
        if any(ord(letter) < 32 and letter not in "\n\t" for letter in words):
            self.refuse("This has a letter in it that cannot be kept; type it anew.")
        return words

    def day(self) -> str:
        words = self.text(10, needed=False)
        try:
            return date.fromisoformat(words).isoformat() if words else ""
        except ValueError:
            self.refuse("This must be a day such as 2026-01-31.")

    def number(self, least: int, most: int) -> int:
        if type(self.value) is not int or not least <= self.value <= most:
            self.refuse(f"This must be a whole number from {least} to {most}.")
        return int(self.value)

    def word(self, known: Mapping[str, Any] | tuple[str, ...], *, needed: bool = True) -> str:
        if not isinstance(self.value, str) or ((needed or self.value) and self.value not in known):
            self.refuse(f"This must be one of {', '.join(known)}.")
        return str(self.value)

    def items(self, least: int, most: int) -> Iterator["_Read"]:
        if not isinstance(self.value, list) or not least <= len(self.value) <= most:
            self.refuse(f"This must be a list of {least} to {most}.")
        return (_Read(one, f"{self.path}[{place}]") for place, one in enumerate(self.value))


def _library(read: _Read) -> Library:
    read.only("format", "key", "title", "source", "effective", "problems")
    if read.value.get("format") != FORMAT:
        read.of("format").refuse(f"This must be “{FORMAT}”.")
    key = read.of("key").text(60)
    if not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in key):
        read.of("key").refuse("This must be made of letters, digits and hyphens.")
    problems: list[ProblemText] = []
    for one in read.of("problems").items(1, 100):
        problem = _problem(one)
        if any(problem.key == other.key for other in problems):
            one.of("key").refuse("Another problem has this key already; choose another.")
        problems.append(problem)
    return Library(
        key,
        read.of("title").text(120),
        tuple(problems),
        read.of("source", "").text(500, needed=False),
        read.of("effective", "").day(),
    )


def _problem(read: _Read) -> ProblemText:
    read.only("key", "dimension", "condition", "statement", "goals", "objectives", "codes")
    key = read.of("key").text(60)
    if not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in key):
        read.of("key").refuse("This must be made of letters, digits and hyphens.")
    return ProblemText(
        key=key,
        dimension=read.of("dimension").number(_DIMENSIONS[0], _DIMENSIONS[-1]),
        condition=read.of("condition").word(tuple(c.value for c in Condition)),
        statement=read.of("statement").text(600),
        goals=tuple(one.text(400) for one in read.of("goals").items(1, 12)),
        objectives=tuple(_objective(one) for one in read.of("objectives").items(1, 12)),
        codes=tuple(one.text(10) for one in read.of("codes", []).items(0, 40)),
    )


def _objective(read: _Read) -> ObjectiveText:
    read.only("measure", "target", "days", "instrument", "scale", "way", "score", "interventions")
    instrument = read.of("instrument", "").word(instruments(), needed=False)
    scale = read.of("scale", "").text(20, needed=False)
    if scale and (not instrument or scale not in {s.code for s in load_instrument(instrument).subscales}):
        read.of("scale").refuse("The instrument has no such scale; leave it out for the total.")
    way = read.of("way", "").word(tuple(w.value for w in Way), needed=False)
    score = None if read.of("score").value is None else read.of("score").number(-1000, 1000)
    if bool(way) != (score is not None) or (way and not instrument):
        read.of("score").refuse(
            "A score to reach needs an instrument, a way (at_most, at_least) and a number."
        )
    return ObjectiveText(
        measure=read.of("measure").text(400),
        target=read.of("target").text(200),
        days=read.of("days").number(1, 730),
        instrument=instrument,
        scale=scale,
        way=way,
        score=score,
        interventions=tuple(_intervention(one) for one in read.of("interventions").items(1, 6)),
    )


def _intervention(read: _Read) -> InterventionText:
    read.only("kind", "minutes", "text", "who")
    return InterventionText(
        kind=read.of("kind").word(tuple(k.value for k in Kind)),
        minutes=read.of("minutes").number(1, 3000),
        text=read.of("text", "").text(300, needed=False),
        who=read.of("who", "").text(120, needed=False),
    )
