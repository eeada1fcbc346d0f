"""A process that is told to stop stops, whatever it is doing in that moment."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from stepwell.project.serving import stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_of_waiting_is_heard(number):
    stop, before = threading.Event(), {}
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        before[one] = signal.getsignal(one)
    try:
        stop_on_signals(stop)
        with stop._cond:  # as inside of `wait`, whose lock is this thread's
            os.kill(os.getpid(), number)
        assert stop.wait(5)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
