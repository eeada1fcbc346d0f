"""Reading a curriculum from a file, and refusing one that cannot be: a path and a sentence for each fault."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from stepwell.clinic.plan.rules import Kind

from .shape import DAYS, Curriculum, Topic, WeeklyPart

SIZE_LIMIT = 300_000
"""Bytes of one file."""

FORMAT = "stepwell-curriculum-1"
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WHOLE = {
    "format": str, "key": str, "title": str, "about": str, "kind": str, "minutes": int, "in_order": bool,
    "source": str, "written": str, "weekly": list, "topics": list,
}  # fmt: skip
_MAY_LACK = {"in_order", "weekly", "about", "source", "written", "days", "curriculum"}
_TOPIC = {
    "key": str, "title": str, "aims": list, "shared": str, "handout": str, "homework": str, "skills": list,
}  # fmt: skip
_PART = {
    "part": str, "kind": str, "minutes": int, "first_week": int, "last_week": int, "days": list, "curriculum": str,
}  # fmt: skip
_LONGEST = {
    "key": 60, "title": 120, "about": 500, "source": 500, "written": 10, "shared": 2000, "handout": 6000, "homework": 1000, "aims": 200,
    "skills": 60, "part": 80,
}  # fmt: skip
_NUMBERS = {"minutes": (15, 480), "first_week": (1, 104), "last_week": (1, 104)}
_COUNTS = {"topics": (1, 60), "aims": (1, 5), "skills": (1, 8), "weekly": (0, 40), "days": (0, 7)}
_TYPES = {str: "text", int: "a whole number", bool: "true or false", list: "a list"}
_MOST_FAULTS = 20


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: `topics[2].title`."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


class CurriculumRefused(ValueError):
    """The file is no curriculum; `faults` says why, in the order of the file."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


def read(raw: bytes | str) -> Curriculum:
    """The curriculum in a file's content. Raises `CurriculumRefused`."""
    return from_document(_parsed(raw))


def from_document(document: object) -> Curriculum:
    """The curriculum in what JSON gave. Raises `CurriculumRefused`."""
    faults = refuse_the_impossible(document)
    if faults or not isinstance(document, dict):
        raise CurriculumRefused(faults)
    return Curriculum(
        key=document["key"],
        title=_plain(document["title"]),
        about=_plain(document.get("about", "")),
        kind=document["kind"],
        minutes=document["minutes"],
        in_order=document.get("in_order", False),
        source=_plain(document.get("source", "")),
        written=document.get("written", ""),
        weekly=tuple(_part_of(part) for part in document.get("weekly", ())),
        topics=tuple(_topic_of(one) for one in document["topics"]),
    )


def _topic_of(one: Mapping[str, Any]) -> Topic:
    return Topic(
        key=one["key"],
        title=_plain(one["title"]),
        aims=tuple(map(_plain, one["aims"])),
        shared=_plain(one["shared"]),
        handout=_plain(one["handout"]),
        homework=_plain(one["homework"]),
        skills=tuple(map(_plain, one["skills"])),
    )


def _part_of(part: Mapping[str, Any]) -> WeeklyPart:
    return WeeklyPart(
        part=_plain(part["part"]),
        kind=part["kind"],
        minutes=part["minutes"],
        first_week=part["first_week"],
        last_week=part["last_week"],
        days=tuple(part.get("days", ())),
        curriculum=part.get("curriculum", ""),
    )


def refuse_the_impossible(document: object) -> tuple[Fault, ...]:
    """Everything for which this cannot be a curriculum, at most twenty; nothing when it can."""
    if not isinstance(document, dict):
        return (Fault("", "The file holds no curriculum: it must be one object with the topics in it."),)
    found = []
    for fault in _faults(document):
        found.append(fault)
        if len(found) == _MOST_FAULTS:
            break
    return tuple(found)


def as_document(curriculum: Curriculum) -> dict[str, Any]:
    """What the file of this curriculum holds."""
    fields = asdict(curriculum)
    parts = [{k: v for k, v in part.items() if v not in ("", ())} for part in fields.pop("weekly")]
    topics = fields.pop("topics")
    for name in ("source", "written"):
        if not fields[name]:
            del fields[name]
    whole = {"format": FORMAT, **fields, **({"weekly": parts} if parts else {}), "topics": topics}
    document: dict[str, Any] = json.loads(json.dumps(whole))
    return document


def as_file(curriculum: Curriculum) -> str:
    """The file itself, as it is downloaded."""
    return json.dumps(as_document(curriculum), ensure_ascii=False, indent=2) + "\n"


@cache
def shipped() -> Mapping[str, Curriculum]:
    """The curricula that come with this version, by key, in the order of their titles."""
    folder = files("stepwell.clinic.timetable.curriculum").joinpath("data")
    found = [read(one.read_bytes()) for one in folder.iterdir() if one.name.endswith(".json")]
    return MappingProxyType({one.key: one for one in sorted(found, key=lambda c: c.title.lower())})


def load(key: str) -> Curriculum:
    """One that comes with this version. Raises `KeyError` for a key that none has."""
    return shipped()[key]


@cache
def schema() -> str:
    """The JSON Schema of a curriculum's file, as it is published."""
    place = files("stepwell.clinic.timetable.curriculum").joinpath("schema/curriculum.schema.json")
    return place.read_text("utf-8")


def _parsed(raw: bytes | str) -> object:
    if len(raw) > SIZE_LIMIT:
        raise CurriculumRefused(
            (
                Fault(
                    "",
                    f"The file is larger than {SIZE_LIMIT // 1000} kB. Take pictures and other files out of it.",
                ),
            )
        )
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CurriculumRefused(
            (Fault("", "The file is not text in UTF-8. Save it as UTF-8 and send it again."),)
        ) from None
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise CurriculumRefused((Fault(where, f"The file is not JSON: {fault.msg}."),)) from None
    except (RecursionError, ValueError):
        raise CurriculumRefused((Fault("", "The file is not JSON that can be read."),)) from None


def _no_number(word: str) -> float:
    raise ValueError(word)


def _faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _fields(document, _WHOLE, "")
    if document.get("format") != FORMAT and isinstance(document.get("format"), str):
        yield Fault("format", f"This must be “{FORMAT}”; files of another format are not read.")
    topics = document.get("topics")
    if isinstance(topics, list):
        for place, topic in enumerate(topics):
            yield from _object(topic, _TOPIC, f"topics[{place}]", "a topic")
        yield from _twice(topics, "key")
        yield from _twice(topics, "title")
    weekly = document.get("weekly", [])
    if isinstance(weekly, list):
        for place, part in enumerate(weekly):
            path = f"weekly[{place}]"
            yield from _object(part, _PART, path, "a part of the week")
            if isinstance(part, dict):
                yield from _weeks(part, path)


def _object(one: object, fields: Mapping[str, type], path: str, what: str) -> Iterator[Fault]:
    if isinstance(one, dict):
        yield from _fields(one, fields, f"{path}.")
    else:
        yield Fault(path, f"This must be an object that describes {what}.")


def _fields(one: Mapping[str, Any], fields: Mapping[str, type], before: str) -> Iterator[Fault]:
    for name in one:
        if name not in fields:
            known = ", ".join(fields)
            yield Fault(f"{before}{name[:60]}", f"Nothing of this name is known here. Known are: {known}.")
    for name, kind in fields.items():
        path = f"{before}{name}"
        if name not in one:
            if name not in _MAY_LACK:
                yield Fault(path, "This is missing.")
        elif type(one[name]) is not kind:
            yield Fault(path, f"This must be {_TYPES[kind]}.")
        elif kind is str:
            yield from _text(name, one[name], path)
        elif kind is int:
            least, most = _NUMBERS[name]
            if not least <= one[name] <= most:
                yield Fault(path, f"This must be between {least} and {most}.")
        elif kind is list:
            yield from _list(name, one[name], path)


def _text(name: str, value: str, path: str) -> Iterator[Fault]:
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        yield Fault(path, "This holds signs that cannot be stored.")
    elif not value.strip():
        if name not in _MAY_LACK:
            yield Fault(path, "This is empty.")
    elif len(value) > _LONGEST.get(name, 60):
        yield Fault(path, f"This has {len(value)} signs; at most {_LONGEST.get(name, 60)} are allowed.")
    elif name in ("key", "curriculum") and not _KEY.fullmatch(value):
        yield Fault(
            path, "A key is made of small letters a to z, figures and single hyphens, such as money-skills."
        )
    elif name == "written" and not _is_day(value):
        yield Fault(path, "This must be a day such as 2026-11-21.")
    elif name == "kind" and value not in {kind.value for kind in Kind}:
        yield Fault(path, f"This kind of treatment is not known. Known are: {', '.join(Kind)}.")


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _list(name: str, values: list[Any], path: str) -> Iterator[Fault]:
    least, most = _COUNTS[name]
    if not least <= len(values) <= most:
        yield Fault(path, f"There are {len(values)} here; {least} to {most} are allowed.")
    if name in ("aims", "skills"):
        for place, value in enumerate(values):
            if isinstance(value, str):
                yield from _text(name, value, f"{path}[{place}]")
            else:
                yield Fault(f"{path}[{place}]", "This must be text.")
    if name == "days":
        for place, value in enumerate(values):
            if value not in DAYS:
                yield Fault(f"{path}[{place}]", f"A day is one of {', '.join(DAYS)}.")


def _weeks(part: Mapping[str, Any], path: str) -> Iterator[Fault]:
    first, last = part.get("first_week"), part.get("last_week")
    if type(first) is int and type(last) is int and last < first:
        yield Fault(f"{path}.last_week", "The last week is before the first.")


def _twice(topics: list[Any], name: str) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for place, topic in enumerate(topics):
        value = topic.get(name) if isinstance(topic, dict) else None
        if not isinstance(value, str) or not value.strip():
            continue
        word = value.strip().casefold()
        if word in seen:
            yield Fault(
                f"topics[{place}].{name}", f"topics[{seen[word]}] has the same {name}; each needs its own."
            )
        else:
            seen[word] = place


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
