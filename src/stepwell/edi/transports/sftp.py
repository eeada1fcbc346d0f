"""A clearinghouse's SFTP server, with the same two folders: `out` for questions, `in` for answers.

The server is known by a host key in the file that the settings name; one that shows another key is not spoken to.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, TypeVar

from .adapter import Came, Later, Refused

_SECONDS = 30
_STILL = 2.0
"""Seconds in which a file must not change, or it counts as still being written."""
_LARGEST = 8 * 1024 * 1024
_AT_ONCE = 200
T = TypeVar("T")


class Sftp:
    """A connection for each errand; a clearinghouse closes idle ones."""

    name = "sftp"
    at_once = False

    def __init__(self, settings: Any, *, still: float = _STILL) -> None:
        if not settings.known_hosts:
            raise Refused(
                "STEPWELL_CLEARINGHOUSE_KNOWN_HOSTS is missing: the server's key must be known beforehand."
            )
        self.settings, self.still = settings, still
        self.folder = PurePosixPath(settings.path or ".")

    def send(self, payload: str, *, reference: str) -> list[Came]:
        """Written aside, then renamed. The same reference writes the same file again."""
        aside, target = self.folder / "out" / f".{reference}.part", self.folder / "out" / f"{reference}.270"

        async def errand(sftp: Any) -> None:
            async with sftp.open(str(aside), "wb") as file:
                await file.write(payload.encode("ascii"))
            if await sftp.exists(str(target)):
                await sftp.remove(str(target))
            await sftp.rename(str(aside), str(target))

        self._run(errand)
        return []

    @contextmanager
    def collect(self) -> Iterator[Iterator[Came]]:
        """Each file of `in` that does not change for a moment; what is kept moves to `in/taken`, all of it in one errand at the end."""
        inbox, taken = self.folder / "in", self.folder / "in" / "taken"
        settled: list[str] = []

        async def fetch(sftp: Any) -> list[tuple[str, bytes]]:
            before = await _there(sftp, inbox)
            if not before:
                return []
            await asyncio.sleep(self.still)
            after = await _there(sftp, inbox)
            found = []
            names = sorted(name for name, size_and_time in after.items() if before.get(name) == size_and_time)
            for name in names[:_AT_ONCE]:
                async with sftp.open(str(inbox / name), "rb") as file:
                    found.append((name, await file.read(_LARGEST + 1)))
            return found

        async def put_away(sftp: Any) -> None:
            await sftp.makedirs(str(taken), exist_ok=True)
            for name in settled:
                with contextlib.suppress(Exception):  # it stays, is found again and known by its content
                    if await sftp.exists(str(taken / name)):
                        await sftp.remove(str(taken / name))
                    await sftp.rename(str(inbox / name), str(taken / name))

        def files() -> Iterator[Came]:
            for name, content in self._run(fetch):
                yield Came(content, name, lambda name=name: settled.append(name))  # type: ignore[misc] # bound now

        yield files()
        if settled:
            with contextlib.suppress(Later):
                self._run(put_away)

    def _run(self, errand: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
        import asyncssh

        s = self.settings

        async def whole() -> T:
            async with (
                asyncssh.connect(
                    s.host,
                    port=s.port,
                    username=s.user,
                    password=s.password or None,
                    client_keys=[s.key] if s.key else None,
                    known_hosts=s.known_hosts,
                    config=None,
                    agent_path=None,
                    connect_timeout=_SECONDS,
                    login_timeout=_SECONDS,
                ) as connection,
                connection.start_sftp_client() as sftp,
            ):
                return await errand(sftp)

        async def in_time() -> T:
            return await asyncio.wait_for(whole(), _SECONDS * 3)

        try:
            return asyncio.run(in_time())
        except asyncssh.HostKeyNotVerifiable as fault:
            raise Refused("The clearinghouse's server shows another key than the one on file.") from fault
        except asyncssh.PermissionDenied as fault:
            raise Refused("The clearinghouse refuses our user name, password or key.") from fault
        except asyncssh.SFTPNoSuchFile as fault:
            raise Refused("The folders “out” and “in” are not on the clearinghouse's server.") from fault
        except asyncssh.SFTPPermissionDenied as fault:
            raise Refused("The clearinghouse does not let us write or read its folders.") from fault
        except (OSError, TimeoutError, asyncssh.Error) as fault:
            raise Later("The clearinghouse's SFTP server cannot be reached.") from fault


async def _there(sftp: Any, folder: PurePosixPath) -> dict[str, tuple[int, int]]:
    """Name -> size and time of the last change, of each file in the folder."""
    import asyncssh

    return {
        entry.filename: (entry.attrs.size or 0, entry.attrs.mtime or 0)
        for entry in await sftp.readdir(str(folder))
        if not entry.filename.startswith(".") and entry.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR
    }
