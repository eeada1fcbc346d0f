"""The process itself: one connection with the gateway, made again whenever it is lost, and what waits handed over."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from stepwell.project.janus import Event, GatewayFault, Janus
from stepwell.project.video_relay.people import People
from stepwell.project.video_relay.rooms import Rooms
from stepwell.project.video_relay.rows import Rows

LOOK_SECONDS = 5.0
"""How often what waits is looked for, should an announcement be lost."""

log = structlog.get_logger("stepwell.video")


class Relay:
    """Between the rows of the clinic and the gateway at `path`; `secret` is Stepwell's secret key."""

    def __init__(self, path: str, secret: str) -> None:
        self.path, self.secret = path, secret
        self.rows = Rows()
        self.reached: bool | None = None
        """Whether the gateway answers; None until it was asked once."""

    async def run(self) -> None:
        """Until told to stop; a gateway that went away is looked for again."""
        ear = asyncio.create_task(self.rows.hear())
        pulse = asyncio.create_task(self._say_how_it_is())
        pause = 0.5
        try:
            while True:
                try:
                    await self._with_gateway()
                    pause = 0.5
                except (GatewayFault, OSError) as fault:
                    log.warning("gateway_away", kind=type(fault).__name__)
                    self.reached = False
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
        finally:
            ear.cancel()
            pulse.cancel()
            self.rows.close()

    async def _with_gateway(self) -> None:
        events: asyncio.Queue[tuple[int, Event]] = asyncio.Queue()
        janus = await Janus.connect(self.path, lambda handle, event: events.put_nowait((handle, event)))
        log.info("gateway_reached")
        self.reached = True
        try:
            for presence_id in await self.rows.inside():
                await self.rows.tell(presence_id, "anew", {})
            people = People(janus, Rooms(janus, self.secret), self.rows)
            worker = asyncio.create_task(self._work(people))
            listener = asyncio.create_task(people.follow(events))
            try:
                done, _ = await asyncio.wait(
                    {worker, listener, janus.ended}, return_when=asyncio.FIRST_COMPLETED
                )
                for one in done:
                    one.result()
            finally:
                worker.cancel()
                listener.cancel()
        finally:
            self.reached = False
            await janus.close()

    async def _work(self, people: People) -> None:
        """Takes what waits, at each announcement and every few seconds."""
        while True:
            self.rows.news.clear()
            waiting = await self.rows.take()
            for asked in waiting:
                try:
                    await people.do(asked)
                except GatewayFault as fault:
                    log.warning("gateway_refused", what=asked.kind, said=str(fault)[:120])
                    if asked.presence_id is not None:
                        await self.rows.tell(asked.presence_id, "anew", {"later": True})
            if waiting:
                continue  # it is a short list: more may wait, and who was taken out meanwhile comes first
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.rows.news.wait(), LOOK_SECONDS)

    async def _say_how_it_is(self) -> None:
        """Says every few seconds whether the gateway answers, so that nobody is sent to one that does not."""
        from django.db import Error

        while True:
            if self.reached is not None:
                try:
                    await self.rows.gateway_is(self.reached)
                except Error as fault:  # the database is away: said again in a moment
                    log.warning("rows_away", kind=type(fault).__name__)
            await asyncio.sleep(LOOK_SECONDS if self.reached is not None else 0.2)
