"""The hand-over packet: its parts, what of them may leave, and its lines in the patient's language."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.placement.rules import level_from, level_name
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class Part:
    """One part of a packet. ``category`` and ``also``: all that a consent must name before it may leave; '' always
    goes along."""

    code: str
    category: str
    title: Mapping[str, str]
    empty: Mapping[str, str]
    also: tuple[str, ...] = ()

    @property
    def categories(self) -> frozenset[str]:
        """What a consent must name, every one of them."""
        return frozenset((self.category, *self.also)) - {""}


Content = Mapping[str, Any]
"""What a packet holds, as JSON: `patient`, `program`, `made`, `recipient`, `notice`, `given` (codes of parts),
`withheld` (codes), and `parts`: code -> rows, each with `text` and what the FHIR bundle needs beside it."""


@cache
def _data() -> dict[str, Any]:
    path = files("stepwell.clinic.transition").joinpath("data", "packet.json")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


@cache
def parts() -> tuple[Part, ...]:
    """Every part, in the order of the packet."""
    return tuple(Part(**{**row, "also": tuple(row.get("also", ()))}) for row in _data()["sections"])


def given_and_withheld(categories: Collection[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes of the parts that may go along, and of those that stay. None: inside the program, everything goes."""
    if categories is None:
        return tuple(part.code for part in parts()), ()
    given = tuple(part.code for part in parts() if part.categories <= set(categories))
    return given, tuple(part.code for part in parts() if part.code not in given)


def packet_language(language: str) -> str:
    """The language a packet can be printed in: the patient's where there are words for it, else English."""
    return language if language in _data()["words"] else "en"


def level_said(code: str, language: str) -> str:
    """'2.1 Intensive outpatient', in the language."""
    if not code:
        return ""
    named = _data()["levels"].get(language, {}).get(code)
    return f"{code} {named or level_name(level_from(code))}"


def may_be_on(on: date | None, today: date) -> None:
    """Refused for a first appointment that is over or further away than anybody plans."""
    if on is not None and not today <= on <= date.fromordinal(today.toordinal() + 90):
        raise Refused("The first appointment lies today or within 90 days; correct the date.")


def late_appointment(on: date | None, today: date) -> bool:
    """Whether no appointment stands within the days that keep people in care."""
    return on is None or (on - today).days > _data()["appointment_days"]


def as_pages(content: Content) -> dict[str, Any]:
    """What the printed packet says, in its language: a pure function of what was kept."""
    language = content["language"]
    words = _data()["words"][language]
    shown = {part.code: part for part in parts()}
    return {
        "language": language,
        "date": [int(number) for number in content["made"]["at"][:10].split("-")],
        "title": words["title"],
        "page": words["page"],
        "patient": f"{content['patient']['name']}, {words['born']} {content['patient']['born']}",
        "lines": [
            [words["from"], content["program"]["name"]],
            [words["for"], content["recipient"]["name"] or words["inside"]],
            [words["made"], f"{content['made']['on']}, {content['made']['by']}"],
        ],
        "parts": [
            {
                "title": shown[code].title[language],
                "rows": [row["text"] for row in content["parts"].get(code, ())]
                or [shown[code].empty[language]],
            }
            for code in content["given"]
        ],
        "withheld": (
            f"{words['withheld']}: "
            + ", ".join(shown[code].title[language] for code in content["withheld"])
            + "."
            if content["withheld"]
            else ""
        ),
        "as_written": words["as_written"],
        "notice": content["notice"],
    }
