"""Tries are counted from the first one on, all of them, and an IPv6 connection is one network."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections

from stepwell.accounts.tries import Tries, network_of
from tests.making import NOW

THREE = Tries("test", 3, timedelta(minutes=60))


@pytest.fixture
def nothing_counted(db):
    cache.clear()


def test_the_time_runs_from_the_first_try(nothing_counted):
    found = []
    for minutes in (0, 20, 40, 59, 61):
        at = NOW + timedelta(minutes=minutes)
        with time_machine.travel(at, tick=False):
            found.append(THREE.one_too_many("ana", at))
    assert found == [False, False, False, True, False]


def test_everybody_is_counted_apart(nothing_counted):
    assert [THREE.count(who, NOW) for who in ("ana", "ana", "ben", 7, 7)] == [1, 2, 1, 1, 2]


def test_of_tries_at_the_same_moment_none_goes_uncounted(committed_database):
    barrier, counted = threading.Barrier(4), []

    def tries():
        try:
            barrier.wait(10)
            counted.extend(THREE.count("ana", NOW) for _ in range(5))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tries) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counted) == list(range(1, 21))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_an_ipv6_connection_is_one_network(address, network):
    assert network_of(address) == network
