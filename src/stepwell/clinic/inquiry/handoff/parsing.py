"""From bytes to a checked JSON tree, with the place of whatever is wrong, and the content's key."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal

from stepwell.clinic.inquiry.handoff.refused import HandoffRefused

SIZE_LIMIT = 10_000_000  # bytes; the largest of our samples has 1.4 million
DEPTH_LIMIT = 64  # levels of lists and objects; FHIR R4 resources stay far below

_ASK_AGAIN = "ask the sender for the file again"
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_EXACT = Context(prec=1000)


@dataclass(frozen=True, slots=True)
class Number:
    """A number exactly as the file writes it; never a binary float."""

    text: str


@dataclass(frozen=True, slots=True)
class _Constant:
    """NaN or Infinity, which JSON does not know; found again, with its path, after parsing."""

    text: str


class _Doubled(dict[str, object]):
    """An object that names one key twice."""

    def __init__(self, pairs: list[tuple[str, object]], key: str) -> None:
        super().__init__(pairs)
        self.key = key


def parse(raw: bytes, *, limit: int = SIZE_LIMIT) -> dict[str, object]:
    """The JSON object in `raw`: dict, list, str, bool, None and `Number` only.

    Every text in it can be stored (no U+0000, no half of a surrogate pair), no key stands twice in
    one object, and nothing is nested deeper than `DEPTH_LIMIT`. Raises HandoffRefused otherwise.
    """
    text = _decoded(raw, limit)
    numbers: dict[str, Number] = {}  # the same number is one object: a file of millions stays small

    def number(written: str) -> Number:
        return numbers.setdefault(written, Number(written))

    try:
        tree = json.loads(
            text,
            parse_float=number,
            parse_int=number,
            parse_constant=_Constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as wrong:
        raise _syntax(text, wrong) from None
    except RecursionError:
        raise _too_deep(text) from None
    _check(tree, text)
    if not isinstance(tree, dict):
        raise HandoffRefused(
            "This file is not a FHIR bundle, because it does not begin with an object in braces at line 1, "
            "column 1; choose the hand-off file itself.",
            "line 1, column 1",
        )
    return tree


def content_key(tree: object) -> str:
    """Sha256, in hex, of the canonical form: the same content written in another way has the same key.

    Keys sorted, no blanks, numbers by value (`1.0` and `1` are one), text exactly as it is; the order
    of lists counts.
    """
    return hashlib.sha256("".join(_canonical(tree)).encode()).hexdigest()


def _decoded(raw: bytes, limit: int) -> str:
    if len(raw) > limit:
        raise HandoffRefused(
            f"This file has {len(raw):,} bytes, and a hand-off may have at most {limit:,} (the limit is passed "
            f"at byte {limit + 1:,}); ask the sender for a smaller one.",
            f"byte {limit + 1}",
        )
    if not raw.strip():
        raise HandoffRefused(
            "This file is empty at line 1, column 1; " + _ASK_AGAIN + ".", "line 1, column 1"
        )
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or raw[:4] == b"\x00\x00\xfe\xff":
        raise HandoffRefused(
            "This file is written in UTF-16 or UTF-32 from byte 1 on, and a hand-off must be UTF-8; "
            "ask the sender to save it as UTF-8.",
            "byte 1",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        place = _line_column(raw[: wrong.start].decode("utf-8", "replace"))
        if wrong.reason == "unexpected end of data":
            raise _broken_off(place) from None
        raise HandoffRefused(
            f"This file is not written in UTF-8: byte {wrong.start + 1} at {place} belongs to no character; "
            "ask the sender to save it as UTF-8.",
            place,
        ) from None
    if text.lstrip().startswith("<"):
        raise HandoffRefused(
            "This file is XML from line 1, column 1 on, and Stepwell reads hand-offs as JSON; "
            "ask the sender for the FHIR R4 bundle as JSON.",
            "line 1, column 1",
        )
    return text


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Doubled(pairs, key)
        seen.add(key)
    return made


def _syntax(text: str, wrong: json.JSONDecodeError) -> HandoffRefused:
    rest = text[wrong.pos :].rstrip()
    half_a_word = any(word.startswith(rest) for word in ("true", "false", "null", "-1")) or (
        "escape" in wrong.msg and len(rest) < 7 and '"' not in rest
    )
    if wrong.msg.startswith("Unterminated string") or half_a_word:
        return _broken_off(_line_column(text.rstrip()))
    place = f"line {wrong.lineno}, column {wrong.colno}"
    if wrong.msg == "Extra data":
        return HandoffRefused(
            f"This file goes on after the end of its record at {place}, and a hand-off is one bundle; {_ASK_AGAIN}.",
            place,
        )
    return HandoffRefused(f"This file is not valid JSON at {place}; {_ASK_AGAIN}.", place)


def _broken_off(place: str) -> HandoffRefused:
    return HandoffRefused(f"This file breaks off in the middle at {place}; {_ASK_AGAIN}.", place)


def _too_deep(text: str) -> HandoffRefused:
    """Tell where the nesting passes the limit: a scan of brackets outside of strings."""
    depth = 0
    place = _line_column(text)
    for mark in _MARKS.finditer(text):
        if mark[0] in "[{":
            depth += 1
            if depth > DEPTH_LIMIT:
                place = _line_column(text[: mark.start()])
                break
        elif mark[0] in "]}":
            depth -= 1
    return HandoffRefused(
        f"This file is nested more than {DEPTH_LIMIT} levels deep at {place}, which no hand-off is; {_ASK_AGAIN}.",
        place,
    )


def _line_column(before: str) -> str:
    """Line and column, both from 1, of the character that follows `before`."""
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return f"line {line}, column {column}"


def _check(tree: object, text: str) -> None:
    """Refuse what JSON syntax lets through and a record must not hold."""
    _check_value(tree, [], text)


def _check_value(value: object, trail: list[str | int], text: str) -> None:
    """One value and all below. `trail` leads to it; a path is made of it only where something is wrong."""
    if isinstance(value, str):
        _check_text(value, trail)
    elif isinstance(value, _Constant):
        path = _path(trail)
        raise HandoffRefused(
            f"This file holds {value.text} instead of a number at {path or 'its beginning'}; {_ASK_AGAIN}.",
            path,
        )
    elif isinstance(value, dict | list):
        if len(trail) >= DEPTH_LIMIT:
            raise _too_deep(text)
        if isinstance(value, _Doubled):
            path = _path(trail)
            raise HandoffRefused(
                f"This file names “{value.key}” twice in one object at {path or 'its beginning'}, so it is not "
                f"clear which of the two is meant; {_ASK_AGAIN}.",
                path,
            )
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str):
                _check_text(key, trail)
            trail.append(key)
            _check_value(below, trail, text)
            trail.pop()


def _path(trail: list[str | int]) -> str:
    """`entry[12].resource` from its steps."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in trail).removeprefix(".")


def _check_text(value: str, trail: list[str | int]) -> None:
    if "\x00" in value:
        what = "a character in a text (U+0000) that cannot be stored"
    elif not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        what = "half a character in a text (a lone surrogate)"
    else:
        return
    path = _path(trail)
    raise HandoffRefused(f"This file has {what} at {path or 'its beginning'}; {_ASK_AGAIN}.", path)


def _canonical(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for n, key in enumerate(sorted(value)):
            yield ("," if n else "") + json.dumps(key, ensure_ascii=False) + ":"
            yield from _canonical(value[key])
        yield "}"
    elif isinstance(value, list):
        yield "["
        for n, member in enumerate(value):
            if n:
                yield ","
            yield from _canonical(member)
        yield "]"
    elif isinstance(value, Number):
        yield _by_value(value.text)
    else:
        yield json.dumps(value, ensure_ascii=False)


def _by_value(text: str) -> str:
    """One spelling for each value; the spelling of the file where the value is out of all proportion."""
    exponent = re.search(r"[eE]([+-]?[0-9]+)$", text)
    if len(text) > 300 or (exponent and (len(exponent[1]) > 4 or abs(int(exponent[1])) > 300)):
        return text.lower()
    value = Decimal(text)
    return format(value.normalize(_EXACT), "f") if value else "0"
