"""Not more requests from one network than people send: counted in the shared cache, by a keyed hash."""

from __future__ import annotations

from datetime import datetime, timedelta

from stepwell.accounts.tries import Tries, network_of
from stepwell.front.content import load_rule


def too_many(address: str, at: datetime, *, rule: str = "ask") -> bool:
    """Counts one request from `address`; True when there were too many within the time of limits.toml under `rule`.

    The address itself is not kept: only the keyed hash of its network, until the time is over.
    """
    limit = load_rule("limits")[rule]
    return Tries(rule, limit["requests"], timedelta(minutes=limit["minutes"])).one_too_many(
        network_of(address), at
    )
