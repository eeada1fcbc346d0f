"""Random test days: the same seed gives the same days, and without the seed nobody can foresee them."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from stepwell.clinic.drug_tests.rules.panels import data
from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class Window:
    """The days on which the site can collect, and how many tests to place among them."""

    days: tuple[date, ...]
    tests: int


@dataclass(frozen=True)
class TestRate:
    """So many tests in so many days."""

    __test__ = False  # not a pytest class

    tests: int
    days: int


def rate_of_phase(phase: int) -> TestRate:
    """How often to test in a phase of the program. Refused for a phase that the schedule does not know."""
    for row in data()["schedule"]["phases"]:
        if row["phase"] == phase:
            return TestRate(row["tests"], row["days"])
    raise Refused(f"There is no phase {phase} in the test schedule.")


def least_gap_days() -> int:
    """Days from one test to the next, at least; 1 means that the day after a test is never safe."""
    return int(data()["schedule"]["least_gap_days"])


def draw(window: Window, patient_key: str, seed: bytes, least_gap: int) -> tuple[date, ...]:
    """The test days, in order. Every set of days that keeps the gap is equally likely.

    ``least_gap``: days from one test to the next at least (1: consecutive days are allowed). ``seed``: the site's
    secret of at least 16 bytes. Refused when the tests do not fit into the window.
    """
    if len(seed) < 16:
        raise Refused("The seed of the random draw is too short; set a secret of at least 16 bytes.")
    if least_gap < 1 or window.tests < 0:
        raise Refused("The gap must be one day or more and the number of tests zero or more.")
    days = tuple(sorted(set(window.days)))

    @cache
    def next_after(index: int) -> int:
        return next(
            (j for j in range(index + 1, len(days)) if (days[j] - days[index]).days >= least_gap), len(days)
        )

    @cache
    def ways(index: int, tests: int) -> int:
        """How many sets of so many test days lie in days[index:]."""
        if tests == 0:
            return 1
        if index >= len(days):
            return 0
        return ways(index + 1, tests) + ways(next_after(index), tests - 1)

    if ways(0, window.tests) == 0:
        raise Refused(
            f"{window.tests} tests at least {least_gap} days apart do not fit into {len(days)} open days; "
            "widen the window or test less often."
        )
    chance = _stream(
        seed, f"{patient_key}|{days[0] if days else ''}|{days[-1] if days else ''}|{window.tests}"
    )
    chosen, index, left = [], 0, window.tests
    while left:
        # 256 random bits against counts of a few million: the remainder's bias is beyond measuring
        if next(chance) % ways(index, left) < ways(next_after(index), left - 1):
            chosen.append(days[index])
            index, left = next_after(index), left - 1
        else:
            index += 1
    return tuple(chosen)


def ways_to_place(window: Window, least_gap: int) -> int:
    """How many sets of test days keep the gap."""
    days = tuple(sorted(set(window.days)))
    counts = {(index, 0): 1 for index in range(len(days) + 1)}
    for tests in range(1, window.tests + 1):
        counts[len(days), tests] = 0
        for index in reversed(range(len(days))):
            after = next(
                (j for j in range(index + 1, len(days)) if (days[j] - days[index]).days >= least_gap),
                len(days),
            )
            counts[index, tests] = counts[index + 1, tests] + counts[after, tests - 1]
    return counts[0, window.tests]


def _stream(seed: bytes, label: str) -> Iterator[int]:
    counter = 0
    while True:
        block = hmac.new(seed, f"{label}|{counter}".encode(), "sha256").digest()
        yield int.from_bytes(block, "big")
        counter += 1


def appear_within_hours() -> int:
    """Hours in which somebody who was told of a test comes to give it."""
    return int(data()["schedule"]["appear_within_hours"])
