"""A folder that the clearinghouse's own program empties and fills: `out` for questions, `in` for answers."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .adapter import Came, Later

_STILL = 2.0
"""Seconds without a change after which a file counts as written to its end."""
_LARGEST = 8 * 1024 * 1024
_AT_ONCE = 200


class Folder:
    """Files are written aside and then renamed, so nobody finds half of one; what was taken goes to `in/taken`."""

    name = "folder"
    at_once = False

    def __init__(self, path: str | os.PathLike[str], *, still: float = _STILL) -> None:
        self.path, self.still = Path(path), still

    def send(self, payload: str, *, reference: str) -> list[Came]:
        """The same reference writes the same file again: nothing is doubled."""
        aside = self.path / "out" / f".{reference}.part"
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("w", encoding="ascii", newline="") as file:
                file.write(payload)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(aside.parent / f"{reference}.270")
        except OSError as fault:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            raise Later(_sentence("written to", fault)) from fault
        return []

    @contextmanager
    def collect(self) -> Iterator[Iterator[Came]]:
        """Each file that has not changed for a moment."""
        yield self._files()

    def _files(self) -> Iterator[Came]:
        try:
            inbox = self.path / "in"
            inbox.mkdir(parents=True, exist_ok=True)
            found = sorted(p for p in inbox.iterdir() if p.is_file() and not p.name.startswith("."))
        except OSError as fault:
            raise Later(_sentence("read", fault)) from fault
        for path in found[:_AT_ONCE]:
            try:
                if time.time() - path.stat().st_mtime < self.still:
                    continue
                with path.open("rb") as file:
                    content = file.read(_LARGEST + 1)
            except FileNotFoundError:
                continue  # another worker was quicker
            except OSError as fault:
                raise Later(_sentence("read", fault)) from fault
            yield Came(content, path.name, lambda path=path: self._put_away(path))  # type: ignore[misc] # bound now

    @staticmethod
    def _put_away(path: Path) -> None:
        """A file that stays is found again and known by its content, so a failure here costs nothing."""
        with contextlib.suppress(OSError):
            taken = path.parent / "taken"
            taken.mkdir(exist_ok=True)
            path.replace(taken / path.name)


def _sentence(verb: str, fault: OSError) -> str:
    return f"The clearinghouse's folder cannot be {verb} ({fault.strerror or 'no reason told'})."
