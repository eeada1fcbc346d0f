"""Twelve people in one room of the gateway: each hears the eleven others."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psutil
import pytest

from tests.video.gateway import Gateway, running, say, why_not
from tests.video.ground import AT_THE_DOOR, Held, cookie_of, held
from tests.video.light import Client

pytestmark = pytest.mark.processes

PACKETS = 20
"""Of each of the eleven others: two seconds of what a light client sends."""


@pytest.mark.filterwarnings("ignore")  # of the light client's library, not ours
def test_twelve_people_in_one_room_hear_each_other(committed_database: None, tmp_path: Path) -> None:
    lacking = why_not()
    if lacking:
        pytest.skip(lacking)
    with (
        running(tmp_path / "j") as gateway,
        held(tmp_path, people=11, group=True, further={"STEPWELL_JANUS": str(gateway.socket)}) as where,
    ):
        clients = [
            Client(
                where.clinic.port,
                f"/sessions/{where.session.pk}/video/",
                where.session.pk,
                cookie_of(where.leader.user),
                {},
            )
        ]
        clients += [
            Client(
                where.clinic.port,
                f"/my/sessions/{where.seats[one.pk].pk}/video/",
                where.session.pk,
                cookie_of(one.user),
                AT_THE_DOOR,
            )
            for one in where.patients
        ]
        asyncio.run(_together(clients, where, gateway))


async def _together(clients: list[Client], where: Held, gateway: Gateway) -> None:
    for client in clients:
        await client.come()
    began, before = time.monotonic(), (gateway.seconds(), _stepwell(where))
    await clients[0].post("door", {"do": "admit-all"})
    beats = [asyncio.create_task(client.live()) for client in clients]
    everybody = {client.presence for client in clients}
    try:
        deadline = time.monotonic() + 120
        while True:
            heard = {client.presence: await client.packets() for client in clients}
            lacking = [
                (mine, other)
                for mine, received in heard.items()
                for other in everybody - {mine}
                if received.get(other, 0) < PACKETS
            ]
            if not lacking:
                break
            for beat in beats:
                if beat.done():
                    beat.result()
            assert time.monotonic() < deadline, f"{len(lacking)} of 132 are not heard: {lacking[:5]}"
            await asyncio.sleep(0.5)
        together = time.monotonic() - began
        start, since = time.monotonic(), (gateway.seconds(), _stepwell(where))
        await asyncio.sleep(10)
        took = time.monotonic() - start
        say(
            f"twelve hear each other after {together:.1f} s (until then Janus {since[0] - before[0]:.1f} s of processor,"
            f" Stepwell {since[1] - before[1]:.1f} s); then of a core: Janus {(gateway.seconds() - since[0]) / took:.0%},"
            f" Stepwell {(_stepwell(where) - since[1]) / took:.0%}, with a beat of each a second"
        )
        later = {client.presence: await client.packets() for client in clients}
        for mine, received in later.items():
            assert set(received) == everybody - {mine}
            assert all(received[other] > heard[mine][other] for other in received)
    finally:
        for beat in beats:
            beat.cancel()
        await asyncio.gather(*beats, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in clients))


def _stepwell(where: Held) -> float:
    """Processor seconds of all its processes but the database."""
    assert where.clinic.process is not None
    whole = psutil.Process(where.clinic.process.pid)
    return sum(sum(p.cpu_times()[:2]) for p in [whole, *whole.children(recursive=True)])
