"""`stepwell doctor`: what is fine and what is not, one line each."""

import argparse
import asyncio
import importlib.util
import os
import platform
import sys
import time

import psycopg

from stepwell.project.carried_postgres import CarriedPostgres, carried_binaries
from stepwell.project.environment import Environment
from stepwell.project.janus import GatewayFault, Janus
from stepwell.project.relay import RelayFault, credentials, try_relay
from stepwell.project.serving import check_home
from stepwell.project.unready import Unready

HELP = "Tell what is fine and what is not: settings, folder, database, migrations, job worker, gateway and relay of video."


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(_options: argparse.Namespace) -> int:
    """Prints one line for each finding; exit code 1 when anything needs mending. Starts nothing."""
    environment = Environment.read()
    findings = [python(), home(environment), database(environment)]
    if findings[-1][0]:
        import django

        django.setup()
        findings += [migrations(), worker()]
    findings += video(environment)
    for fine, sentence in findings:
        print(f"{'ok    ' if fine else 'MEND  '} {sentence}")
    return 0 if all(fine for fine, _ in findings) else 1


Finding = tuple[bool, str]


def python() -> Finding:
    """Python's version, and whether the parts Stepwell leans on are installed."""
    missing = [
        name
        for name in ("django", "psycopg", "procrastinate", "granian", "uvicorn")
        if not importlib.util.find_spec(name)
    ]
    if missing:
        return False, f"Missing Python packages: {', '.join(missing)}. Install Stepwell again."
    return True, f"Python {platform.python_version()} at {sys.prefix}"


def home(environment: Environment) -> Finding:
    """Whether the home folder can be written and the secret key is closed to others."""
    try:
        check_home(environment)
        environment.secret_key  # noqa: B018 -- reading it makes and checks it
    except Unready as fault:
        return False, str(fault)
    key = environment.home / "secret-key"
    if key.exists() and key.stat().st_mode & 0o077:
        return False, f"{key} can be read by others; run chmod 600 on it."
    return True, f"Folder {environment.home}"


def database(environment: Environment) -> Finding:
    """Whether the database answers, and which version it is."""
    name = "The database of DATABASE_URL" if environment.database_url else "The carried PostgreSQL"
    try:
        with psycopg.connect(**environment.connection_parameters, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error:
        if environment.database_url:
            return False, f"{name} does not answer; check address, password and firewall."
        if not os.access(carried_binaries() / "postgres", os.X_OK):
            return (
                False,
                "The carried PostgreSQL is not installed; install Stepwell again or set DATABASE_URL.",
            )
        running = CarriedPostgres(environment).is_running()
        state = "does not answer" if running else "does not run; stepwell demo or stepwell serve starts it"
        return False, f"{name} {state}."
    if version < 16:
        return False, f"{name} is PostgreSQL {version}; Stepwell needs 16 or newer."
    return True, f"{name} answers (PostgreSQL {version})"


def migrations() -> Finding:
    """Whether the database has every table this version expects."""
    from stepwell.project.health import unapplied_migrations

    missing = unapplied_migrations()
    if missing:
        return False, f"{len(missing)} migrations are not applied; run stepwell migrate."
    return True, "All migrations are applied"


def worker() -> Finding:
    """Whether a job worker is alive."""
    from stepwell.jobs.worker import living_workers

    alive = living_workers()
    if not alive:
        return False, "No job worker runs; stepwell serve starts one, stepwell worker another."
    return True, f"{alive} job worker{'s' if alive > 1 else ''} alive"


def video(environment: Environment) -> list[Finding]:
    """Whether the gateway of groups by video answers, and whether each relay lets browsers in; nothing where none is set."""
    found = []
    if environment.janus:
        found.append(_gateway(environment.janus))
    if environment.turn_urls and not environment.turn_secret:
        found.append(
            (False, "STEPWELL_TURN_URL is set without STEPWELL_TURN_SECRET, so no relay is offered.")
        )
    elif environment.turn_secret:
        if not environment.turn_urls:
            found.append(
                (False, "STEPWELL_TURN_SECRET is set without STEPWELL_TURN_URL, so no relay is offered.")
            )
        who = credentials(environment.turn_secret, int(time.time()) + 60, "doctor")
        for url in environment.turn_urls:
            try:
                try_relay(url, *who)
                found.append((True, f"The relay {url} lets browsers in"))
            except RelayFault as fault:
                found.append((False, f"The relay {url} {fault}."))
    return found


def _gateway(path: str) -> Finding:
    async def greet() -> None:
        janus = await Janus.connect(path, lambda _handle, _event: None)
        try:
            await janus.detach(await janus.attach())
        finally:
            await janus.close()

    try:
        asyncio.run(greet())
    except (GatewayFault, OSError):
        return (
            False,
            f"The video gateway does not answer at {path}; start it, as the user that runs Stepwell.",
        )
    return True, f"The video gateway answers at {path}"
