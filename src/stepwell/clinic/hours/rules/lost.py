"""Where the ordered hours of a week went: each minute that was not delivered has one cause."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Causes:
    """Minutes of one person's booked sessions that were not attended, by what became of them."""

    left_early: int = 0
    unexcused: int = 0
    excused: int = 0
    given_back: int = 0
    cancelled: int = 0
    closed: int = 0
    unrecorded: int = 0
    to_come: int = 0


@dataclass(frozen=True, kw_only=True)
class WeekAccount:
    """Minutes of one or many weeks of people: what was ordered is delivered or has one cause, to the minute.

    `extra`: delivered above the order. `left_early` is arriving late too: attended less than the session lasted.
    """

    people: int = 0
    ordered: int = 0
    delivered: int = 0
    extra: int = 0
    left_early: int = 0
    unexcused: int = 0
    excused: int = 0
    given_back: int = 0
    cancelled: int = 0
    closed: int = 0
    unrecorded: int = 0
    to_come: int = 0
    not_booked: int = 0

    @property
    def lost(self) -> int:
        """Minutes ordered that were not delivered and will not be."""
        return self.ordered - (self.delivered - self.extra) - self.to_come

    def __add__(self, other: "WeekAccount") -> "WeekAccount":
        return WeekAccount(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


_TURN = (
    "to_come",
    "unrecorded",
    "cancelled",
    "closed",
    "unexcused",
    "excused",
    "given_back",
    "left_early",
)


def account(ordered: int, delivered: int, causes: Causes) -> WeekAccount:
    """One person's week. What is missing is laid to the causes in a fixed turn, the rest was not booked.

    Booked minutes that were lost and made up elsewhere are no loss: so no cause gets more than is still missing.
    First what is yet to come or not yet written down, then what the site did, then what the person did.
    """
    missing = max(0, ordered - delivered)
    laid = {}
    for name in _TURN:
        laid[name] = min(missing, getattr(causes, name))
        missing -= laid[name]
    return WeekAccount(
        people=1,
        ordered=ordered,
        delivered=delivered,
        extra=max(0, delivered - ordered),
        not_booked=missing,
        **laid,
    )


def together(accounts: Iterable[WeekAccount]) -> WeekAccount:
    """All of them added up."""
    total = WeekAccount()
    for one in accounts:
        total += one
    return total
