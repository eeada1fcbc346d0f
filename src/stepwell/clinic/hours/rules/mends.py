"""Which free seats would mend a week, the best first."""

from collections.abc import Iterable
from datetime import datetime

from .ledger import Opening, Session, Week


def mends(
    week: Week, sessions: Iterable[Session], openings: Iterable[Opening], now: datetime
) -> tuple[Opening, ...]:
    """Openings that the person could take: still to come and over nothing the person has.

    Best first: one that covers all that is missing before one that covers a part, the shorter before the
    longer of two that do, the earlier before the later of two alike. Nothing when nothing is missing.
    """
    missing = max(0, week.ordered - week.delivered - week.booked)
    if missing == 0:
        return ()
    mine = [s for s in sessions if not s.cancelled]
    fitting = [
        o
        for o in openings
        if o.starts > now and not any(o.starts < s.ends and s.starts < o.ends for s in mine)
    ]

    def order(opening: Opening) -> tuple[bool, int, datetime]:
        minutes = int((opening.ends - opening.starts).total_seconds() // 60)
        covers = minutes >= missing
        return (not covers, minutes if covers else -minutes, opening.starts)

    return tuple(sorted(fitting, key=order))
