"""One part of a JSON document with its path: what the readers take values out of, each asked for by its type.

Nothing here walks into values that were not asked for, so depth and odd types of Python cannot do harm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from weekplan.case import DAY, Mode, Span
from weekplan.nonsense import Nonsense

WEEK: Final = 7 * DAY
LONGEST_NAME: Final = 200
LONGEST_SENTENCE: Final = 4000
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_Choice = TypeVar("_Choice", bound=Enum)


class Default(Enum):
    """What holds for a key that is left out, where that is no value of its own."""

    REQUIRED = "required"
    COMPUTED = "computed"  # from other values; the reader says how


Shape = Mapping[str, object]
"""Key to default: a JSON value, or one of `Default`."""

SPAN: Final[Shape] = {"day": Default.REQUIRED, "from": Default.REQUIRED, "to": Default.REQUIRED}
START: Final[Shape] = {"day": Default.REQUIRED, "at": Default.REQUIRED}


@dataclass(frozen=True, slots=True)
class Part:
    value: object
    path: str

    def wrong(self, sentence: str) -> Nonsense:
        return Nonsense(self.path, sentence)

    def keys(self, shape: Shape) -> dict[str, Part]:
        """The parts of an object; keys that were left out have their default, computed ones are absent."""
        given = self._object()
        for key in given:
            if not isinstance(key, str) or key not in shape:
                raise self.wrong(f"has the unknown key {shown(key)}.")
        found: dict[str, Part] = {}
        for key, default in shape.items():
            if key in given:
                found[key] = Part(given[key], self._below(key))
            elif default is Default.REQUIRED:
                raise self.wrong(f'lacks the key "{key}".')
            elif default is not Default.COMPUTED:
                found[key] = Part(default, self._below(key))
        return found

    def entries(self) -> list[tuple[Part, Part]]:
        """The names and values of an object whose keys are data."""
        return [
            (Part(key, self.path), Part(value, self._below(key))) for key, value in self._object().items()
        ]

    def _object(self) -> Mapping[object, object]:
        if not isinstance(self.value, dict):
            raise self.wrong(f"must be an object, not {shown(self.value)}.")
        return self.value

    def _below(self, key: object) -> str:
        if not isinstance(key, str) or not _PLAIN_KEY.fullmatch(key):
            return f"{self.path}[{shown(key)}]"
        return f"{self.path}.{key}" if self.path else key

    def __iter__(self) -> Iterator[Part]:
        if not isinstance(self.value, list | tuple):
            raise self.wrong(f"must be a list, not {shown(self.value)}.")
        for place, value in enumerate(self.value):
            yield Part(value, f"{self.path}[{place}]")

    def whole(self, least: int, most: int) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.wrong(f"must be a whole number, not {shown(self.value)}.")
        if not least <= self.value <= most:
            raise self.wrong(f"must be {least} to {most}, not {shown(self.value)}.")
        return self.value

    def number(self) -> float:
        """A finite number of zero or more."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(f"must be a number, not {shown(value)}.")
        if not 0 <= value <= 1e15:  # false for NaN too
            raise self.wrong(f"must be a number of zero or more, not {shown(value)}.")
        return float(value)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong(f"must be true or false, not {shown(self.value)}.")
        return self.value

    def text(self, longest: int = LONGEST_NAME) -> str:
        """A text with something in it; no half of a surrogate pair and no control character."""
        value = self.value
        if not isinstance(value, str):
            raise self.wrong(f"must be a text, not {shown(value)}.")
        if not value.strip():
            raise self.wrong("must not be empty.")
        if len(value) > longest:
            raise self.wrong(f"must have at most {longest} characters, not {len(value)}.")
        if any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in value):
            raise self.wrong(f"holds a control character: {shown(value)}.")
        if any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
            raise self.wrong(f"holds half of a surrogate pair: {shown(value)}.")
        return value

    def text_or_none(self) -> str | None:
        return None if self.value is None else self.text()

    def texts(self) -> tuple[str, ...]:
        """A list of texts in the given order, none of them twice."""
        seen: dict[str, None] = {}
        for part in self:
            name = part.text()
            if name in seen:
                raise part.wrong(f"stands twice in the list: {shown(name)}.")
            seen[name] = None
        return tuple(seen)

    def known(self, names: Collection[str], what: str) -> str:
        name = self.text()
        if name not in names:
            raise self.wrong(f"names the unknown {what} {shown(name)}.")
        return name

    def all_known(self, names: Collection[str], what: str) -> tuple[str, ...]:
        found = self.texts()
        for part in self:
            part.known(names, what)
        return found

    def choice(self, choices: type[_Choice]) -> _Choice:
        for one in choices:
            if isinstance(self.value, str) and self.value == one.value:
                return one
        wanted = " or ".join(f'"{one.value}"' for one in choices)
        raise self.wrong(f"must be {wanted}, not {shown(self.value)}.")

    def modes(self) -> frozenset[Mode]:
        self.texts()
        modes = frozenset(part.choice(Mode) for part in self)
        if not modes:
            raise self.wrong('must name "on_site", "video" or both.')
        return modes

    def clock(self) -> int:
        """Minutes after midnight, at most 1440 ("24:00")."""
        found = _CLOCK.fullmatch(self.value) if isinstance(self.value, str) else None
        if found is None:
            raise self.wrong(f'must be a time such as "09:00", "24:00" at most, not {shown(self.value)}.')
        return DAY if found[1] is None else int(found[1]) * 60 + int(found[2])

    def span(self, grid: int) -> Span:
        return span_of(self, self.keys(SPAN), grid)

    def start(self, grid: int) -> int:
        return start_of(self.keys(START), grid)

    def starts(self, grid: int) -> tuple[int, ...]:
        """Starts in the order of the week, none of them twice."""
        seen: set[int] = set()
        for part in self:
            start = part.start(grid)
            if start in seen:
                raise part.wrong(f"stands twice in the list ({told(start)}).")
            seen.add(start)
        return tuple(sorted(seen))

    def length(self, grid: int) -> int:
        """Minutes of a session: on the grid, and within a day."""
        minutes = self.whole(1, DAY)
        if minutes % grid:
            raise self.wrong(f"must be a multiple of {grid} minutes, not {minutes}.")
        return minutes


def span_of(part: Part, keys: Mapping[str, Part], grid: int) -> Span:
    """The span that an object with the keys of a span (and perhaps others) tells."""
    day = keys["day"].whole(0, 6)
    start, end = keys["from"].clock(), keys["to"].clock()
    between = f"({clock_of(start)} to {clock_of(end)})"
    if end < start:
        raise part.wrong(f"ends before it starts {between}.")
    if end == start:
        raise part.wrong(f"ends when it starts {between}.")
    if start % grid or end % grid:
        raise part.wrong(f"does not lie on the grid of {grid} minutes {between}.")
    return Span(day * DAY + start, day * DAY + end)


def start_of(keys: Mapping[str, Part], grid: int) -> int:
    """The start that an object with `day` and `at` (and perhaps other keys) tells."""
    at = keys["at"].clock()
    if at == DAY:
        raise keys["at"].wrong("a session cannot start at 24:00; it would be the next day's 00:00.")
    if at % grid:
        raise keys["at"].wrong(f"does not lie on the grid of {grid} minutes ({clock_of(at)}).")
    return keys["day"].whole(0, 6) * DAY + at


def session_of(part: Part, keys: Mapping[str, Part], minutes: int, grid: int) -> Span:
    """The span of a session of `minutes` that begins at `day` and `at`."""
    start = start_of(keys, grid)
    if start % DAY + minutes > DAY:
        raise part.wrong(f"runs over midnight ({minutes} minutes from {clock_of(start % DAY)}).")
    return Span(start, start + minutes)


def clock_of(minute: int) -> str:
    """A minute of the day, 0 to 1440, as "HH:MM"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def told(start: int) -> str:
    """A minute of the week, for a sentence."""
    return f"day {start // DAY}, {clock_of(start % DAY)}"


def shown(value: object) -> str:
    """A value as a refusal quotes it: short, printable, never walking into a list or an object."""
    match value:
        case None | bool():
            return json.dumps(value)
        case int():
            return str(value) if abs(value) < 10**15 else "a number too large"
        case float():
            return repr(value)
        case str():
            short = value if len(value) <= 60 else value[:57] + "..."
            return f'"{short}"' if short.isprintable() else json.dumps(short)
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"
