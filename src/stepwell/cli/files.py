"""What a command reads: a file, or standard input for a dash."""

from __future__ import annotations

import sys
from pathlib import Path

from stepwell.project.unready import Unready

STANDARD_INPUT = Path("-")


def content_of(path: Path, most: int) -> bytes:
    """Its first `most` bytes, and one more where there are more. Raises `Unready` with one sentence."""
    try:
        if path == STANDARD_INPUT:
            return sys.stdin.buffer.read(most + 1)
        with path.open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as fault:  # a name with a NUL in it is a ValueError
        why = (isinstance(fault, OSError) and fault.strerror) or fault
        raise Unready(f"{path} cannot be read: {why}.") from fault
