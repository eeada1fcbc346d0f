"""Which free seats would mend a week, the best first."""

from collections.abc import Collection, Iterable
from datetime import datetime

from .ledger import Opening, Session, Week


def mends(
    week: Week, sessions: Iterable[Session], openings: Iterable[Opening], now: datetime
) -> tuple[Opening, ...]:
    """Openings that the person could take: still to come and over nothing the person has.

    Best first: one that covers all that is missing before one that covers a part, the shorter before the
    longer of two that do, the earlier before the later of two alike. Nothing when nothing is missing.
    """
    missing = week.missing
    if missing == 0:
        return ()
    mine = [s for s in sessions if not s.cancelled]
    fitting = [o for o in openings if would_fit(o, mine, now)]

    def order(opening: Opening) -> tuple[bool, int, datetime]:
        minutes = int((opening.ends - opening.starts).total_seconds() // 60)
        covers = minutes >= missing
        return (not covers, minutes if covers else -minutes, opening.starts)

    return tuple(sorted(fitting, key=order))


def would_fit(opening: Opening, sessions: Collection[Session], now: datetime) -> bool:
    """Whether the opening is still to come and over none of the person's sessions."""
    return opening.starts > now and not any(
        opening.starts < s.ends and s.starts < opening.ends for s in sessions if not s.cancelled
    )
