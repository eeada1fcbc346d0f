"""What every transport can do, and which one the settings name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol


class Later(Exception):
    """The clearinghouse cannot be reached or did not answer well; the same question may be sent again."""


class Refused(Exception):
    """The clearinghouse does not take it, or the settings are wrong; sending again is of no use."""


@dataclass(frozen=True)
class Came:
    """Something that came back. `settle` is called once it is kept: the clearinghouse's copy is put away."""

    content: bytes
    name: str = ""
    settle: Callable[[], None] = field(default=lambda: None)


class Transport(Protocol):
    """A way to the clearinghouse. `name` is kept with every file that came by it."""

    name: str
    at_once: bool
    """Whether `send` brings the answer itself; else `collect` finds it later."""

    def send(self, payload: str, *, reference: str) -> list[Came]:
        """Hands over one question; what came back with it. Raises `Later` or `Refused`."""
        ...

    def collect(self) -> AbstractContextManager[Iterator[Came]]:
        """What lies there for us. Raises `Later` or `Refused`."""
        ...


def transport_for(settings: Any, *, demo_home: Any = None) -> Transport:
    """The transport that `settings` (`project.outside.Clearinghouse`) name. Raises `Refused`.

    With `demo_home` the demo's own payer answers in a folder there.
    """
    if demo_home is not None:
        from stepwell.edi.demo_payer import DemoPayer

        return DemoPayer(demo_home)
    if settings is None:
        raise Refused("No clearinghouse is set up (STEPWELL_CLEARINGHOUSE).")
    if settings.kind == "folder":
        from .folder import Folder

        return Folder(settings.path)
    if settings.kind == "sftp":
        from .sftp import Sftp

        return Sftp(settings)
    from .core_https import CoreHttps

    return CoreHttps(settings)
