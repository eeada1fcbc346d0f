"""Sessions that overlap: a minute counts once, however many sessions cover it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .chances import Span, minutes_of

if TYPE_CHECKING:
    from .ledger import Session


def overlapping(sessions: Iterable["Session"]) -> bool:
    """Whether any session begins before the one listed before it has ended (or stands out of order)."""
    until: datetime | None = None
    for session in sessions:
        if until is not None and session.starts < until:
            return True
        until = session.ends
    return False


def counted_once(sessions: Iterable["Session"], now: datetime) -> list["Session"]:
    """The sessions with `counted`: of each only the minutes that none before it covers.

    What was attended goes first, then what is safely booked, then what is endangered; alike, the earlier one. An
    absence covers nothing. The same session given twice, such as a make-up entered by two people, counts once.
    """

    def rank(session: "Session") -> tuple[int, datetime, datetime, str]:
        if session.minutes_attended is not None:
            place = 0
        else:
            place = 1 if now < session.ends and not session.trouble else 2
        return place, session.starts.astimezone(UTC), session.ends.astimezone(UTC), str(session.id)

    covered: list[Span] = []
    found = []
    for session in sorted(sessions, key=rank):
        span = (session.starts.astimezone(UTC), session.ends.astimezone(UTC))
        free = minutes_of(span) - _covered(span, covered)
        came = session.minutes_attended
        if came is not None:
            session = replace(session, minutes_attended=min(came, free))
        else:
            session = replace(session, counted=free)
        if came is None or came > 0:
            covered = _with(covered, span)
        found.append(session)
    return sorted(found, key=lambda s: (s.starts.astimezone(UTC), str(s.id)))


def _covered(span: Span, covered: Iterable[Span]) -> int:
    return sum(
        minutes_of((max(span[0], start), min(span[1], end)))
        for start, end in covered
        if start < span[1] and span[0] < end
    )


def _with(covered: Iterable[Span], span: Span) -> list[Span]:
    """Disjoint spans that cover the same and `span`."""
    apart = [other for other in covered if other[1] < span[0] or span[1] < other[0]]
    touching = [other for other in covered if other not in apart]
    start = min([span[0], *(other[0] for other in touching)])
    end = max([span[1], *(other[1] for other in touching)])
    return [*apart, (start, end)]
