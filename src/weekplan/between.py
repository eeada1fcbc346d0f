"""What the solving process and its search processes say to each other, and how."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any

from weekplan.groups import Groups
from weekplan.linear import Floats, Ints, Matrix


@dataclass(slots=True)
class Task:
    """What a search process is given."""

    matrix: Matrix
    groups: Groups
    point: Ints
    seed: int
    seconds: float  # of the clock, at most
    work: float | None  # of deterministic time: then the clock decides nothing but the very end
    first: bool = True  # of several processes, the one that tries a small model as a whole


@dataclass(frozen=True, slots=True)
class Found:
    point: Ints
    cost: int
    proved: bool  # no better week exists


@dataclass(frozen=True, slots=True)
class Relaxed:
    """`bound`: whole points that no week undercuts. `point`: the relaxed week. `reduced`: what each variable
    would add to the bound if it were raised by one."""

    bound: int
    point: Floats
    reduced: Floats


@dataclass(slots=True)
class News:
    """What a search process has heard last: a better week of another, and the relaxed week."""

    better: Found | None
    relaxed: Relaxed | None


def send(stream: IO[bytes], value: Any) -> None:
    """Writes one value, with its length before it. Both ends are processes of the same program."""
    data = pickle.dumps(value, protocol=5)
    stream.write(struct.pack("<Q", len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next value, or None at the end."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    (length,) = struct.unpack("<Q", head)
    data = stream.read(length)
    return pickle.loads(data) if len(data) == length else None  # noqa: S301 - from our own process, never from outside
