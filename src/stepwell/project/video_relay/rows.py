"""Rows and announcements: what browsers and gateway have for each other waits in the database for seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg

from stepwell.accounts.live_topics import CHANNEL
from stepwell.project.environment import Environment
from stepwell.project.janus import Event


class Rows:
    """What waits for the gateway, what it says to browsers, and the news that something waits."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rows")

    async def inside(self) -> Any:
        """The presences of everybody who is inside by the gateway."""
        return await self._row(_signalling().inside_by_gateway)

    async def take(self) -> Any:
        """What waits for the gateway, taken once."""
        return await self._row(_signalling().take_for_gateway)

    async def tell(self, presence_id: int, kind: str, body: Event) -> None:
        """Says something to one browser."""
        await self._row(
            lambda: _signalling().tell_from_gateway(
                at=datetime.now(UTC), presence_id=presence_id, kind=kind, body=body
            )
        )

    async def gateway_is(self, reached: bool) -> None:
        """Says whether the gateway answers."""
        await self._row(lambda: _signalling().gateway_is(reached))

    async def hear(self) -> None:
        """One connection that hears when something waits; broken, it is opened again."""
        parameters = Environment.read().connection_parameters
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as line:
                    await line.execute(f"LISTEN {CHANNEL}")
                    self.news.set()
                    async for notice in line.notifies():
                        if '"video-gateway"' in notice.payload:
                            self.news.set()
            except (psycopg.Error, OSError):
                await asyncio.sleep(1)

    def close(self) -> None:
        """Nothing is read or written any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _row(self, function: Callable[[], Any]) -> Any:
        def call() -> Any:
            from django.db import close_old_connections

            close_old_connections()
            try:
                return function()
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _signalling() -> Any:
    from stepwell.clinic.sessions.video import signalling

    return signalling
