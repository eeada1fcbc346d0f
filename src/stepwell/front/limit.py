"""Not more requests from one network address than people send: counted in the shared cache, by a keyed hash."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from stepwell.front.content import load_rule


def too_many(address: str) -> bool:
    """Counts one request from `address`; True when there were too many within the time of limits.toml.

    The address itself is not kept: only its keyed hash, until the time is over.
    """
    rule = load_rule("limits")
    key = "front.ask." + salted_hmac("stepwell.front.ask", address, algorithm="sha256").hexdigest()
    if cache.add(key, 1, timeout=rule["minutes"] * 60):
        return False
    try:
        return bool(cache.incr(key) > rule["requests"])
    except ValueError:  # the time ran out in between
        return False
