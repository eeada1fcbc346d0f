"""What the optimiser says of a week, in the clinic's words: its numbers become names, its days dates."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from stepwell.clinic.saying import day_words

_NAME = re.compile(r"\b(?:[prsc]\d+|g\d+-\d+|x[cn]\d+|n\d+|o\d+-([a-z_]+)-\d+)\b")
_TIME = re.compile(r"on day (\d) at (\d\d):(\d\d)-(\d\d):(\d\d)")
_KIND = re.compile(r"minutes of ([a-z_]+)")
_FOUND = re.compile(r"(\d+) minutes are ordered and (\d+) found")
_MINUTES = re.compile(r"\b(\d+) minutes\b")


def numbers_in(texts: Iterable[str]) -> frozenset[str]:
    """Everybody and everything that the texts name by number."""
    return frozenset(found.group(0) for text in texts for found in _NAME.finditer(text))


def in_words(text: str, names: Mapping[str, str], kinds: Mapping[str, str], starts_on: date) -> str:
    """The sentence with names, kinds of treatment and times as people say them; unknown numbers are 'somebody'."""

    def name(found: re.Match[str]) -> str:
        if found.group(1):
            return f"{_a(kinds.get(found.group(1), found.group(1)).lower())} session"
        return names.get(found.group(0), "somebody")

    said = _NAME.sub(name, text)
    said = _KIND.sub(lambda found: f"minutes of {kinds.get(found.group(1), found.group(1)).lower()}", said)
    said = _TIME.sub(lambda found: _moment(found, starts_on), said)
    said = _FOUND.sub(r"\1 minutes are ordered and \2 minutes found", said)
    said = _MINUTES.sub(lambda found: _length(int(found.group(1))), said)
    return said[:1].upper() + said[1:]


def _length(minutes: int) -> str:
    """'45 minutes', '3 h', '1 h 30 min'."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} minutes"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _a(word: str) -> str:
    return f"an {word}" if word[:1] in "aeiou" else f"a {word}"


def _moment(found: re.Match[str], starts_on: date) -> str:
    """'on Wed 25 Nov, 6:00 – 7:30 pm'."""
    day, *clock = (int(part) for part in found.groups())
    starts, ends = time(clock[0] % 24, clock[1]), time(clock[2] % 24, clock[3])
    half = "" if (starts.hour < 12) == (ends.hour < 12) else f" {_half(starts)}"
    return (
        f"on {day_words(starts_on + timedelta(days=day - 1))}, "
        f"{_clock(starts)}{half} – {_clock(ends)} {_half(ends)}"
    )


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02}"


def _half(at: time) -> str:
    return "am" if at.hour < 12 else "pm"


def gap_of(cost: int | None, bound: int | None) -> int | None:
    """By how many parts of a hundred a week could still be better at most; None while nobody knows."""
    if cost is None or bound is None or cost <= 0:
        return None
    return max(0, min(100, -(-(cost - bound) * 100 // cost)))


def seconds_since(then: datetime | None, now: datetime) -> int:
    """Whole seconds that have passed; 0 before it began."""
    return max(0, int((now - then).total_seconds())) if then is not None else 0
