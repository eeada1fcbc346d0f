"""ICD-10-CM codes: what they mean, whether one may be used on a day, and finding one by words.

The list is carried with the product and read when it is first asked for: some 75,000 lines, a few hundredths of a
second, and none of it when a page opens that asks for no code.
"""

import gzip
import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.refusal import Refused

_SHAPE = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
_CLOSE = ("F1", "Z", "R45", "G47", "B18")
_LOOKED_AT = 4000


@dataclass(frozen=True)
class IcdCode:
    """A code that can be billed. ``not_before``: surely not valid on or before that day; ``ended``: not from then on.

    Both None where every carried release has the code.
    """

    code: str
    text: str
    begun: date | None
    not_before: date | None
    ended: date | None

    def valid_on(self, day: date) -> bool:
        """Whether nothing known speaks against the code on that day."""
        if self.begun is not None and day < self.begun:
            return False
        if self.not_before is not None and day <= self.not_before:
            return False
        return self.ended is None or day < self.ended


@dataclass(frozen=True)
class _List:
    text: str
    folded: str
    releases: tuple[date, ...]


@cache
def _facts() -> dict[str, Any]:
    path = files("stepwell.clinic.assessment").joinpath("data", "icd-10-cm.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@cache
def _list() -> _List:
    path = files("stepwell.clinic.assessment").joinpath("data", "icd-10-cm.tsv.gz")
    head, _, body = gzip.decompress(path.read_bytes()).decode("utf-8").partition("\n")
    body = "\n" + body
    return _List(
        body, body.lower(), tuple(date.fromisoformat(day) for day in head.removeprefix("# ").split())
    )


@cache
def _dates(which: str) -> dict[str, date]:
    return {code: date.fromisoformat(day) for day, codes in _facts()[which].items() for code in codes}


def icd_releases() -> tuple[date, ...]:
    """First days of the releases from which the list was made, oldest first."""
    return _list().releases


def find_icd(code: str) -> IcdCode | None:
    """The code that can be billed under exactly these letters, or None."""
    start = _list().text.find(f"\n{code}\t")
    return _read(start) if start >= 0 else None


def icd_on(code: str, day: date) -> IcdCode:
    """The code as it may be used on a day. Refused, with what to do, for every other one."""
    code = tidy_icd(code)
    found = find_icd(code)
    if found is None:
        longer = [one.code for one in _starting(code, 4)]
        if longer:
            raise Refused(f"{code} is a heading; choose a code beneath it, such as {', '.join(longer[:3])}.")
        raise Refused(f"{code} is not in ICD-10-CM; look for the diagnosis by its words.")
    if found.valid_on(day):
        return found
    if found.ended is not None and day >= found.ended:
        raise Refused(
            f"{code} is not valid on {day:%-d %b %Y}: it ended by {found.ended:%-d %b %Y}; "
            "choose the code that replaced it."
        )
    since = found.begun or found.not_before
    raise Refused(
        f"{code} is not valid on {day:%-d %b %Y}: it began "
        f"{'on' if found.begun else 'after'} {since:%-d %b %Y}; choose one that held then."
    )


def tidy_icd(code: str) -> str:
    """Capital letters, with the point. Refused for what has not the shape of a code."""
    tidy = re.sub(r"\s", "", code).upper()
    if "." not in tidy and len(tidy) > 3:
        tidy = f"{tidy[:3]}.{tidy[3:]}"
    if not _SHAPE.fullmatch(tidy):
        raise Refused(f"{code.strip()[:20] or 'The code'} is not an ICD-10-CM code; write it like F10.20.")
    return tidy


def search_icd(asked: str, day: date, most: int = 30) -> tuple[IcdCode, ...]:
    """Codes valid on a day that fit the words or begin with the letters, the program's own chapters first."""
    asked = " ".join(asked.replace("\x00", " ").lower().split())[:100]
    if len(asked) < 2:
        return ()
    compact = asked.replace(".", "").upper()
    if re.fullmatch(r"[A-Z][0-9][0-9A-Z]{0,5}", compact):
        dotted = compact if len(compact) <= 3 else f"{compact[:3]}.{compact[3:]}"
        return tuple(c for c in _starting(dotted, most * 2) if c.valid_on(day))[:most]
    words, own = _words(asked)
    if not words:
        return ()
    longest = max(words, key=len)
    found: list[IcdCode] = []
    folded, place = _list().folded, 0
    for _ in range(_LOOKED_AT):
        place = folded.find(longest, place)
        if place < 0:
            break
        start = folded.rfind("\n", 0, place)
        end = folded.find("\n", place)
        line = folded[start + 1 : end]
        if all(word in line for word in words) and (not own or line.startswith("f1")):
            found.append(_read(start))
        place = end
    fitting = [one for one in found if one.valid_on(day)]

    def order(one: IcdCode) -> tuple[bool, int, int, str]:
        plain = not one.text.lower().startswith(
            words[0]
        )  # "anxiety disorder" before "cocaine use with anxiety"
        return plain, _far(one.code), len(one.text), one.code

    return tuple(sorted(fitting, key=order)[:most])


def _words(asked: str) -> tuple[list[str], bool]:
    """The words to look for, and whether only use disorders are meant."""
    facts = _facts()
    use = facts["use_disorder"]
    own = False
    for phrase in use["phrases"]:
        if phrase in asked:
            asked, own = asked.replace(phrase, " "), True
    words: list[str] = []
    for word in re.findall(r"[a-z0-9'-]+", asked):
        if own and word in use:
            words.append(use[word])
        else:
            words += facts["words"].get(word, word).split()
    return words, own


def _far(code: str) -> int:
    """Mental health first, then substance use, then what an intake often finds besides."""
    if code.startswith("F") and not code.startswith("F1"):
        return 0
    return next((n for n, prefix in enumerate(_CLOSE, 1) if code.startswith(prefix)), len(_CLOSE) + 1)


def _starting(code: str, most: int) -> list[IcdCode]:
    text, place = _list().text, 0
    found: list[IcdCode] = []
    while len(found) < most and (place := text.find(f"\n{code}", place)) >= 0:
        found.append(_read(place))
        place += 1
    return found


def _read(start: int) -> IcdCode:
    """The line that begins after the line break at `start`."""
    text = _list().text
    code, before, after, said = text[start + 1 : text.find("\n", start + 1)].split("\t")
    ended = _dates("ended").get(code) or (date.fromisoformat(after) if after else None)
    begun = _dates("begun").get(code)
    return IcdCode(code, said, begun, date.fromisoformat(before) if before and begun is None else None, ended)
