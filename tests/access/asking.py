"""A browser that remembers what it changed: one request, its answer, and the statements that wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from stepwell.accounts.actor import Actor
from stepwell.accounts.models import User
from stepwell.clinic.people.models import Patient, Staff
from tests.access.routes import Route
from tests.access.table import KINDS, Line
from tests.access.world import World
from tests.making import actor

_WRITES = re.compile(
    r'\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE)\s+"?(clinic_\w+|accounts_\w+)', re.I
)
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True)
class Answered:
    status: int
    body: str
    location: str
    cache: str
    kind: str
    wrote: tuple[str, ...]


def browser(world: World, who: str) -> Client:
    """`who` is a key of `world.logins`, or 'nobody'."""
    client = Client(raise_request_exception=False)
    if who != "nobody":
        client.force_login(User.objects.get(pk=world.logins[who]), backend=_BACKEND)
        client.get("/help-now/")  # the idle lock notes once a minute when somebody was last seen
    return client


def ask(client: Client, method: str, address: str, data: Any = None, **extra: Any) -> Answered:
    """One request whose writes are taken back afterwards; messages for a next page too."""
    with transaction.atomic(), _writes() as wrote:
        answer = getattr(client, method.lower())(address, data or {}, **extra)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies.pop("messages", None)
    return Answered(
        answer.status_code,
        body.decode(errors="replace"),
        answer.headers.get("Location", ""),
        answer.headers.get("Cache-Control", ""),
        answer.headers.get("Content-Type", ""),
        tuple(wrote),
    )


@contextmanager
def _writes() -> Iterator[list[str]]:
    """Tables of the clinic and of logins that a statement wrote to meanwhile."""
    found: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        match = _WRITES.match(sql) if isinstance(sql, str) else None
        if match:
            found.append(match.group(1))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


def address(world: World, route: Route, line: Line, person: str, rows_of: str = "") -> str:
    """The route for `person`; `rows_of` another person's rows below this person's code."""
    values: dict[str, Any] = {}
    for name in route.names_in_address:
        kind = line.kinds.get(name) or KINDS.get(name)
        assert kind, (
            f"{route.name} has {name!r} in its address, and nobody says which row that is: write "
            f'{name}="kind of row" into its line in tests/access/table.py.'
        )
        if kind.startswith("="):
            values[name] = kind[1:]
        else:
            whose = person if name in ("code", "member_id") or not rows_of else rows_of
            values[name] = world.value(kind, whose)
    return route.address(**values)


def names_rows(route: Route, line: Line) -> list[str]:
    """The names in the address that stand for rows."""
    return [n for n in route.names_in_address if not (line.kinds.get(n) or KINDS.get(n, "?")).startswith("=")]


def of(world: World, who: str) -> Patient:
    """The patient P, Q or S."""
    return Patient.objects.select_related("site", "user").get(code=world.codes[who])


def staff(world: World, who: str) -> Actor:
    """Who acts when this login of staff does."""
    return actor(Staff.objects.get(user_id=world.logins[who]))


def page_of(name: str, **values: Any) -> str:
    """The address of a route."""
    return reverse(name, kwargs=values)
