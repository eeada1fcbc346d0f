"""Which holidays to propose as days on which a site is closed."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays

CLOSED = "Site closed: "
"""How the reason of every session begins that a closure has cancelled; the hours ledger counts them by it."""

_STATES = frozenset(holidays.country_holidays("US").subdivisions)
_LAST_STATE = re.compile(r"\b([A-Z]{2})\b(?:\s+\d{5}(?:-\d{4})?)?\s*$")


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """A public holiday; `federal` when it is one in every state."""

    on: date
    name: str
    federal: bool


def state_of(address: str) -> str:
    """The state at the end of a postal address: "GA" of "1200 Sample Street, Atlanta, GA 30303"; "" if none is."""
    found = _LAST_STATE.search(address.strip())
    return found[1] if found and found[1] in _STATES else ""


def holidays_between(first: date, last: date, state: str = "") -> tuple[Holiday, ...]:
    """Federal holidays, and those of the state, from `first` to `last`, both included, by day."""
    years = range(first.year, last.year + 1)
    federal = _calendar(years)
    here = _calendar(years, state) if state in _STATES else federal
    return tuple(
        Holiday(on=on, name=str(federal.get(on) or here.get(on)), federal=on in federal)
        for on in sorted({*federal, *here})
        if first <= on <= last
    )


@cache
def _calendar(years: range, state: str | None = None) -> Mapping[date, str]:
    """Holidays of these years; working them out takes longer than any list of closed days."""
    return dict(holidays.country_holidays("US", subdiv=state, years=years))


def proposed(first: date, last: date, state: str = "", decided: Collection[date] = ()) -> tuple[Holiday, ...]:
    """Those of `holidays_between` about which nobody has said anything yet."""
    return tuple(day for day in holidays_between(first, last, state) if day.on not in decided)
