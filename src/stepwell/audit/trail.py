"""Writing the trail, reading it back, and proving that nobody changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import connection


class Agent(Protocol):
    """What the trail needs to know of whoever acts (`accounts.actor.Actor` is one)."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def request_id(self) -> str: ...
    @property
    def purpose(self) -> str: ...


Send = Callable[[str, Sequence[Any]], object]


def record(
    *,
    by: Agent,
    at: datetime,
    action: str,
    subject: str,
    patient_id: int | None = None,
    why: str = "",
    detail: Mapping[str, Any] | None = None,
    kind: str = "write",
    send: Send | None = None,
) -> None:
    """Append one entry in the caller's transaction.

    `detail` holds ids, codes and counts, never free text about a person. Call it last in the
    transaction: the chain is locked from here to the commit.
    """
    of = [(patient_id, subject, detail or {})]
    record_each(by=by, at=at, action=action, kind=kind, why=why, of=of, send=send)


def record_each(
    *,
    by: Agent,
    at: datetime,
    action: str,
    of: Sequence[tuple[int | None, str, Mapping[str, Any]]],
    why: str = "",
    kind: str = "write",
    send: Send | None = None,
) -> None:
    """One entry for each (patient id, subject, detail) in `of`: a group note stands in many charts."""
    header = (at, by.user_id, by.name, action, kind, why or by.purpose, by.address, by.request_id)
    rows = [
        (*header, patient_id, subject, json.dumps(detail, sort_keys=True, default=str))
        for patient_id, subject, detail in of
    ]
    kept = _KEPT.get()
    if kept is None:
        _append(rows, send or _execute)
    else:
        kept += rows


@contextmanager
def kept_together() -> Iterator[None]:
    """Entries recorded inside are appended at its end, in the order in which they were made.

    For one transaction that holds thousands of actions: it must be open, or an action could stay without its entry.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Entries are kept only within a transaction.")
    kept: list[tuple[Any, ...]] = []
    token = _KEPT.set(kept)
    try:
        yield
    finally:
        _KEPT.reset(token)
    for start in range(0, len(kept), _AT_ONCE):
        _append(kept[start : start + _AT_ONCE], _execute)


_KEPT: ContextVar[list[tuple[Any, ...]] | None] = ContextVar("kept", default=None)
_AT_ONCE = 1000


def _append(rows: Sequence[tuple[Any, ...]], send: Send) -> None:
    if rows:
        send(_APPEND, [list(column) for column in zip(*rows, strict=True)])


def _execute(sql: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


_APPEND = """
INSERT INTO audit_entry
    (at, actor_id, actor_name, action, kind, why, address, request_id, patient_id, subject, detail)
SELECT at, actor_id, actor_name, action, kind, why, address, request_id, patient_id, subject, detail::jsonb
FROM unnest(%s::timestamptz[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::bigint[], %s::text[], %s::text[])
    WITH ORDINALITY AS entries(at, actor_id, actor_name, action, kind, why, address, request_id,
                               patient_id, subject, detail, place)
ORDER BY place
"""


def record_access(
    *,
    by: Agent,
    at: datetime,
    patient_id: int,
    subject: str,
    why: str = "",
    detail: Mapping[str, Any] | None = None,
    send: Send | None = None,
) -> None:
    """Append one entry for a look into a patient's record, before the page is answered.

    `send` is how the statement goes to the database when it is not to be waited for here; whoever gives it waits
    for its answer before the page leaves (`clinic.ahead`).
    """
    record(
        by=by, at=at, action="chart.access", subject=subject, patient_id=patient_id, why=why,
        detail=detail, kind="access", send=send,
    )  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """`ok`, how many entries were read, and where the chain first breaks."""

    ok: bool
    entries: int
    first_broken_seq: int | None = None
    why: str = ""


def verify(*, batch: int = 2000) -> Verdict:
    """Recompute every hash outside the database; name the first entry that does not fit."""
    count, previous, expected = 0, "", 1
    for row in _entries(batch):
        (seq, stored_previous, stored_hash, *fields) = row
        if seq != expected:
            return Verdict(False, count, seq, f"Entry {expected} is missing; the next one found is {seq}.")
        if stored_previous != previous:
            return Verdict(False, count, seq, f"Entry {seq} does not follow from entry {seq - 1}.")
        if seal(seq, previous, fields) != stored_hash:
            return Verdict(False, count, seq, f"Entry {seq} was changed after it was written.")
        count, previous, expected = count + 1, stored_hash, seq + 1
    return Verdict(True, count)


def seal(seq: int, previous: str, fields: Iterable[object]) -> str:
    """SHA-256 over the length-prefixed fields, exactly as the database's trigger computes it."""
    texts = [str(seq), previous, *("" if f is None else str(f) for f in fields)]
    joined = "".join(f"{len(text)}:{text}" for text in texts)
    return hashlib.sha256(joined.encode()).hexdigest()


def _entries(batch: int) -> Iterable[tuple[Any, ...]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seq, prev_hash, hash, (extract(epoch from at) * 1000000)::bigint, actor_id,"
                " actor_name, action, kind, patient_id, subject, why, address, request_id, detail::text"
                " FROM audit_entry WHERE seq > %s ORDER BY seq LIMIT %s",
                [after, batch],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield from rows
        after = rows[-1][0]
