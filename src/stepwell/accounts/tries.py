"""How often somebody, some device or some network tried: counted across all server processes, forgotten after a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.core.cache import cache
from django.db import connection, transaction
from django.utils.crypto import salted_hmac


@dataclass(frozen=True)
class Tries:
    """At most `most` tries `within` that time of the first of them; then none is answered until it is over."""

    name: str
    most: int
    within: timedelta

    def too_many(self, who: int | str) -> bool:
        """Whether `who` is not answered for now."""
        found = cache.get(self._key(who))
        return found is not None and found[0] >= self.most

    def count(self, who: int | str, at: datetime) -> int:
        """One more try; how many that makes. The time runs from the first one: a cache's own counting would begin it
        anew each time. Tries at the same moment wait for each other, so that none goes uncounted.
        """
        key = self._key(who)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
            number, since = cache.get(key) or (0, at)
            left = self.within - max(at - since, timedelta())
            if left <= timedelta():
                number, since, left = 0, at, self.within
            cache.set(key, (number + 1, since), timeout=max(1, int(left.total_seconds())))
        return int(number) + 1

    def one_too_many(self, who: int | str, at: datetime) -> bool:
        """Counts one more; True when it is more than may be."""
        return self.count(who, at) > self.most

    def _key(self, who: int | str) -> str:
        return f"tries.{self.name}.{salted_hmac('stepwell.tries', str(who), algorithm='sha256').hexdigest()}"


def network_of(address: str) -> str:
    """Whose address it is: of IPv6 the first 64 bits, because one connection has all the others besides."""
    try:
        told = ip_address(address)
    except ValueError:
        return address
    if not isinstance(told, IPv6Address):
        return str(told)
    return str(told.ipv4_mapped or IPv6Address(int(told) >> 64 << 64))
