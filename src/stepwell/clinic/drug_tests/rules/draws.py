"""Who is tested on which days: a pure function of a seed sealed beforehand and a pool that is written down.

1. A seed of 32 bytes is made and sealed: its commitment, the SHA-256 of the seed, is written down for all to see.
2. Then, and not before, the pool is fixed: who, which days, how many tests, which panel.
3. The key of the draw is HMAC-SHA256(seed, pool). Whoever sets the pool does not know the seed, and whoever made the seed
   did so before the pool: neither can steer.
4. Who is drawn: those with the lowest ranks, rank = HMAC-SHA256(key, "person|" + code).
5. On which days: every set of days that keeps the gap is equally likely (`draw`).
6. After the last day the seed is shown. Anybody can then check commitment, pool and days.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from stepwell.clinic.drug_tests.rules.draw import Window, draw, ways_to_place
from stepwell.clinic.refusal import Refused

SEED_BYTES = 32


@dataclass(frozen=True)
class Pool:
    """Who may be drawn and how. `people` are codes; `chosen` how many of them, `tests` for each of those."""

    people: tuple[str, ...]
    days: tuple[date, ...]
    tests: int
    least_gap: int
    panel: str
    chosen: int

    def written(self) -> dict[str, Any]:
        """As it is kept, in one order whatever the order it was given in."""
        return {
            "chosen": self.chosen,
            "days": [one.isoformat() for one in sorted(set(self.days))],
            "least_gap": self.least_gap,
            "panel": self.panel,
            "people": sorted(set(self.people)),
            "tests": self.tests,
        }

    def text(self) -> bytes:
        """The bytes that are hashed: JSON with sorted keys and no spaces."""
        return json.dumps(self.written(), sort_keys=True, separators=(",", ":")).encode()

    @property
    def hash(self) -> str:
        """SHA-256 of the text, in hex."""
        return sha256(self.text()).hexdigest()


@dataclass(frozen=True)
class Check:
    """Does a draw hold? `reasons` says what does not."""

    holds: bool
    reasons: tuple[str, ...]


def commitment(seed: bytes) -> str:
    """What is written down when a seed is sealed: its SHA-256 in hex."""
    return sha256(seed).hexdigest()


def draw_key(seed: bytes, pool: Pool) -> bytes:
    """The key of one draw. Refused for a seed that is too short to be a secret."""
    if len(seed) < SEED_BYTES:
        raise Refused("The seed of the random draw is too short; it needs 32 bytes.")
    return hmac.new(seed, pool.text(), "sha256").digest()


def rank_of(key: bytes, code: str) -> str:
    """The place of a person in a draw, in hex; the lowest are drawn."""
    return hmac.new(key, f"person|{code}".encode(), "sha256").hexdigest()


def drawn(seed: bytes, pool: Pool) -> dict[str, tuple[date, ...]]:
    """Code to test days, for those who are drawn. Refused when the tests do not fit into the days."""
    key = draw_key(seed, pool)
    people = sorted(set(pool.people), key=lambda code: rank_of(key, code))[: pool.chosen]
    window = Window(tuple(pool.days), pool.tests)
    return {code: draw(window, code, key, pool.least_gap) for code in sorted(people)}


def leaves_nothing_to_chance(pool: Pool) -> bool:
    """Everybody is drawn, and there is one way only to place the tests: no seed makes a difference."""
    everybody = pool.chosen >= len(set(pool.people))
    return everybody and ways_to_place(Window(tuple(pool.days), pool.tests), pool.least_gap) == 1


def check_draw(
    *, seed: bytes, committed: str, pool: Pool, pool_hash: str, days: Mapping[str, tuple[date, ...]]
) -> Check:
    """Seed against commitment, pool against its hash, and the days against what the two give."""
    reasons = []
    if commitment(seed) != committed:
        reasons.append("The seed is not the one that was sealed.")
    if pool.hash != pool_hash:
        reasons.append("The pool is not the one that was written down.")
    try:
        right = drawn(seed, pool)
    except Refused as no:
        return Check(False, (*reasons, no.sentence))
    for code in sorted(set(right) | set(days)):
        if tuple(sorted(days.get(code, ()))) != right.get(code, ()):
            reasons.append(f"The days of {code} are not the ones that were drawn.")
    return Check(not reasons, tuple(reasons))


def pool_from(kept: Mapping[str, Any]) -> Pool:
    """The pool as `Pool.written` kept it. Refused when it is none."""
    try:
        return Pool(
            people=tuple(str(one) for one in kept["people"]),
            days=tuple(date.fromisoformat(one) for one in kept["days"]),
            tests=int(kept["tests"]),
            least_gap=int(kept["least_gap"]),
            panel=str(kept["panel"]),
            chosen=int(kept["chosen"]),
        )
    except (KeyError, TypeError, ValueError) as no:
        raise Refused("This is not the pool of a draw.") from no
