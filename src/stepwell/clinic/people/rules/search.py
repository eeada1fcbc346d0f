"""What somebody typed into the search for a patient: names, a date of birth in any usual way, or a phone number."""

import re
from dataclasses import dataclass
from datetime import date

from .ages import birth_date_fault
from .likeness import folded, phone_digits

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ISO = re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})")
_FIGURES = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})")
_RUN = re.compile(r"(\d{2})(\d{2})(\d{4})|(\d{4})(\d{2})(\d{2})")
_WORDS = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]{3,9})\.?\s*(?:(\d{1,2})(?:st|nd|rd|th)?)?,?\s+(\d{4})"
)
_PHONE = re.compile(r"[\d\s()+./-]+")


@dataclass(frozen=True)
class Asked:
    """Every name must be part of a name; of the dates one must be the date of birth; the digits are part of a phone.

    Dates and digits may both be filled from one text (05041990): either may be meant.
    """

    names: tuple[str, ...] = ()
    birth_dates: tuple[date, ...] = ()
    digits: str = ""

    @property
    def nothing(self) -> bool:
        """Nothing that could be searched for."""
        return not (self.names or self.birth_dates or self.digits)


def read_search(text: str, *, today: date) -> Asked:
    """Read a line of search. Month before day, as in the United States, unless that is no date.

    Two-figure years lie in the hundred years before `today`.
    """
    line = " ".join(text.split())
    dates = birth_dates(line, today=today)
    digits = phone_digits(line) if _PHONE.fullmatch(line) else ""
    if dates or len(digits) >= 4:
        return Asked(birth_dates=dates, digits=digits if len(digits) >= 4 else "")
    return Asked(names=tuple(folded(line).split()))


def birth_dates(text: str, *, today: date) -> tuple[date, ...]:
    """The dates that the text can mean, likeliest first; () when it is no date."""
    line = " ".join(text.casefold().split())
    found: list[date | None] = []
    if match := _ISO.fullmatch(line):
        found.append(_date(int(match[1]), int(match[2]), int(match[3])))
    elif match := _FIGURES.fullmatch(line):
        year = _year(match[3], today)
        found += [_date(year, int(match[1]), int(match[2])), _date(year, int(match[2]), int(match[1]))]
    elif match := _RUN.fullmatch(line):
        if match[1]:
            found.append(_date(int(match[3]), int(match[1]), int(match[2])))
            found.append(_date(int(match[3]), int(match[2]), int(match[1])))
            found.append(_date(int(line[:4]), int(line[4:6]), int(line[6:])))
    elif match := _WORDS.fullmatch(line):
        day, month = match[1] or match[3], _MONTHS.get(match[2][:3])
        if day and month and not (match[1] and match[3]):
            found.append(_date(int(match[4]), month, int(day)))
    sensible = [d for d in found if d is not None and not birth_date_fault(d, today)]
    return tuple(dict.fromkeys(sensible))[:1] if _FIGURES.fullmatch(line) else tuple(dict.fromkeys(sensible))


def _year(figures: str, today: date) -> int:
    year = int(figures)
    if len(figures) == 4:
        return year
    this = today.year % 100
    return today.year - this + year - (100 if year > this else 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
