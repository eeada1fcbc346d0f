"""Opening hours as people say them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from stepwell.front.saying import saying


def hours_said(rows: Any, language: str) -> list[tuple[str, str]]:
    """[('Monday to Friday', '8:00 am to 6:00 pm'), ...] from rows with weekday, opens and closes."""
    say = saying(language)
    of_day = {
        day: tuple(sorted((row.opens, row.closes) for row in rows if row.weekday == day)) for day in range(7)
    }
    said = []
    for hours, days in groupby(range(7), key=lambda day: of_day[day]):
        run = list(days)
        if hours:
            first, last = say.weekday(run[0]), say.weekday(run[-1])
            name = first if len(run) == 1 else say.words["run"].format(first=first, last=last)
            said.append((name[0].upper() + name[1:], say.listed(say.span(*each) for each in hours)))
    return said
