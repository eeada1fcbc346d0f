"""`python -m stepwell.project.video_relay` relays until told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from stepwell.project.environment import Environment
from stepwell.project.unready import Unready
from stepwell.project.video_relay.relay import Relay


def main() -> None:
    """Relays until told to stop."""
    import django

    environment = Environment.read()
    if not environment.janus:
        raise Unready("STEPWELL_JANUS is not set; name the gateway's Unix socket.")
    django.setup()
    asyncio.run(Relay(environment.janus, environment.secret_key).run())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.project.settings")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    main()
