"""How often somebody, or some device, was wrong: counted across all server processes, forgotten after a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils.crypto import salted_hmac


@dataclass(frozen=True)
class Tries:
    """At most `most` wrong tries `within` that time of the first of them; then none is answered until it is over."""

    name: str
    most: int
    within: timedelta

    def too_many(self, who: int) -> bool:
        """Whether `who` is not answered for now."""
        found = cache.get(self._key(who))
        return found is not None and found[0] >= self.most

    def count(self, who: int, at: datetime) -> None:
        """One more wrong try. The time runs from the first one: a cache's own counting would begin it anew each time."""
        key = self._key(who)
        number, since = cache.get(key) or (0, at)
        left = self.within - max(at - since, timedelta())
        if left <= timedelta():
            number, since, left = 0, at, self.within
        cache.set(key, (number + 1, since), timeout=max(1, int(left.total_seconds())))

    def _key(self, who: int) -> str:
        return f"tries.{self.name}.{salted_hmac('stepwell.tries', str(who), algorithm='sha256').hexdigest()}"
