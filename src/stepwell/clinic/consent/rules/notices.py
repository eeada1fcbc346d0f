"""The statement that travels with every disclosure made with consent (42 CFR 2.32), as dated data."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

from stepwell.clinic.saying import date_words


class NoticeLength(StrEnum):
    """2.32 offers a long and a one-line statement; either suffices."""

    LONG = "long"
    SHORT = "short"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One edition of the statement; it may be used on days in [usable_from, usable_until)."""

    key: str
    length: NoticeLength
    usable_from: date
    usable_until: date | None
    text: str
    source: str


@cache
def load_notices() -> tuple[Notice, ...]:
    """The notices that ship with this version, oldest first."""
    raw = json.loads(files("stepwell.clinic.consent").joinpath("data/notices.json").read_text("utf-8"))
    return tuple(
        Notice(
            key=row["key"],
            length=NoticeLength(row["length"]),
            usable_from=date.fromisoformat(row["usable_from"]),
            usable_until=date.fromisoformat(row["usable_until"]) if row["usable_until"] else None,
            text=row["text"],
            source=row["source"],
        )
        for row in raw["notices"]
    )


def notice_for(on: date, length: NoticeLength, notices: Iterable[Notice] | None = None) -> Notice:
    """The newest notice of that length usable on a day. Raises LookupError when none is."""
    usable = [
        notice
        for notice in (load_notices() if notices is None else notices)
        if notice.length is length
        and notice.usable_from <= on
        and (notice.usable_until is None or on < notice.usable_until)
    ]
    if not usable:
        raise LookupError(f"No {length.value} notice for a disclosure is on file for {date_words(on)}.")
    return max(usable, key=lambda notice: notice.usable_from)
