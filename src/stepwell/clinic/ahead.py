"""Statements that are sent ahead: PostgreSQL works on them while the page is being made.

Inside `together()` a statement given to `send` leaves at once and its answer is fetched when somebody reads it.
Each is its own transaction, and they are answered in the order in which they were sent. Any other use of the
database first fetches all that is still under way, so nobody has to know. Where statements are not planned once
(no pool), inside a transaction, or when somebody listens to the statements, each is asked and answered at once.
"""

from __future__ import annotations

import itertools
import select
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus

Row = tuple[Any, ...]
Values = Sequence[Any] | Mapping[str, Any]


def planned_once() -> Any:
    """A cursor for statements that are always the same text: PostgreSQL keeps their plan with the connection.

    The parameters travel beside the statement; each must have a type that PostgreSQL can tell.
    Without a pool (STEPWELL_DATABASE_POOL=0) a connection does not live long enough, and nothing is kept.
    """
    here = connections[DEFAULT_DB_ALIAS]
    if here.queries_logged:
        return here.cursor()  # whoever looks on wants to read the statement with its values
    here.close_if_health_check_failed()
    here.ensure_connection()
    return here.make_cursor(cast(Any, ServerBindingCursor)(here.connection))


@contextmanager
def all_planned_once(most: int) -> Iterator[None]:
    """Inside, the database plans every statement once, also those that the ORM writes; up to `most` are kept.

    For one transaction of thousands of actions, which asks the same few hundred statements again and again. What
    was planned is forgotten at the end: the connection may serve others afterwards.
    """
    link: Any = connection.connection
    before = link.cursor_factory, link.prepare_threshold, link.prepared_max
    link.cursor_factory, link.prepare_threshold, link.prepared_max = ServerBindingCursor, _ASKED_BEFORE, most
    try:
        yield
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        _NAMES.pop(link, None)
    finally:
        link.cursor_factory, link.prepare_threshold, link.prepared_max = before


@contextmanager
def unanswered() -> Iterator[None]:
    """Statements inside leave without waiting for each other; what the database refuses is raised at the end.

    For the writes at the end of a transaction, whose answers nobody reads.
    """
    here = connections[DEFAULT_DB_ALIAS]
    if here.queries_logged:
        yield  # whoever looks on wants to see what each one takes
        return
    with here.wrap_database_errors, here.connection.pipeline():
        yield


_ASKED_BEFORE = 2
"""How often a statement was asked before planning it for good pays."""


class Answer:
    """The answer to one statement; `rows` waits for it if need be."""

    def __init__(self, sql: str, values: Values) -> None:
        self._sql, self._values = sql, values
        self._block: _Block | None = None
        self._rows: Callable[[], list[Row]] | None = None

    def rows(self) -> list[Row]:
        """All rows; an empty list for a statement that answers none. Raises what the database refused."""
        if self._rows is None and self._block is not None:
            self._block.fetch(self)
        return (self._rows or self.ask())()

    def ask(self) -> Callable[[], list[Row]]:
        """Asks the plain way, and waits."""
        with planned_once() as cursor:
            cursor.execute(self._sql, self._values)
            found = cursor.fetchall() if cursor.pgresult.nfields else []
        self._rows = lambda: found
        return self._rows

    def came(self, rows: Callable[[], list[Row]]) -> None:
        """`rows` reads what the database has answered."""
        self._rows = rows

    @property
    def answered(self) -> bool:
        return self._rows is not None

    def wire(self, block: _Block) -> tuple[bytes, Sequence[Any]]:
        """The statement with numbered parameters, and its values in their order."""
        self._block = block
        if isinstance(self._values, Mapping):
            sql, names = _named(self._sql, tuple(self._values))
            return sql, [self._values[name] for name in names]
        return _numbered(self._sql, len(self._values)), self._values


def send(sql: str, values: Values) -> Answer:
    """Sends a statement with `%s` or `%(name)s` for its values; each value has a type that PostgreSQL can tell."""
    answer = Answer(sql, values)
    block = _OPEN.get()
    if block is None or not block.send(answer):
        answer.ask()
    return answer


@contextmanager
def together() -> Iterator[None]:
    """Statements sent inside are under way side by side with the page; all are answered at the end of the block."""
    block = _Block()
    token = _OPEN.set(block)
    try:
        yield
    finally:
        _OPEN.reset(token)
        block.end()


class _Block:
    """The pipeline of one connection, entered with the first statement that is sent."""

    def __init__(self) -> None:
        self.link: Any = None
        self._waiting: deque[Answer] = deque()
        self._failed: list[Answer] = []

    def send(self, answer: Answer) -> bool:
        """False when it must be asked the plain way."""
        if self.link is None and not self._enter():
            return False
        sql, values = answer.wire(self)
        told = Transformer(self.link)
        texts = told.dump_sequence(values, [PyFormat.AUTO] * len(values))
        known = _NAMES.setdefault(self.link, {})
        wire = self.link.pgconn
        with connection.wrap_database_errors:
            name = known.get((sql, told.types))
            if name is None:
                name = known[sql, told.types] = b"ahead_%d" % next(_NUMBERS)
                wire.send_prepare(name, sql, told.types)
            wire.send_query_prepared(name, texts, told.formats)
            wire.pipeline_sync()
            while wire.flush():
                _wait(wire, select.POLLIN | select.POLLOUT)
        self._waiting.append(answer)
        return True

    def fetch(self, wanted: Answer) -> None:
        """Takes what comes until `wanted` is answered, or has failed: then nothing is under way any more."""
        while self._waiting and not wanted.answered:
            self._take(self._waiting.popleft())
        if not wanted.answered:
            self._leave()

    def end(self) -> None:
        """Everything is answered; what failed is asked once more."""
        self._leave()
        for answer in self._failed:
            if not answer.answered:
                answer.ask()

    def _take(self, answer: Answer) -> None:
        with connection.wrap_database_errors:
            results = self._until_sync()
        if all(result.status in _FINE for result in results):
            answer.came(partial(_loaded, results[-1], self.link))
        else:  # asked again the plain way, which tells what is wrong with it
            self._failed.append(answer)
            _NAMES.pop(self.link, None)

    def _enter(self) -> bool:
        pooled = "pool" in connection.settings_dict.get("OPTIONS", {})
        if (
            not pooled
            or connection.in_atomic_block
            or connection.queries_logged
            or connection.execute_wrappers
        ):
            return False
        connection.ensure_connection()
        self.link = connection.connection
        self.link.pgconn.enter_pipeline_mode()
        connection.execute_wrappers.append(self._fetch_first)
        return True

    def _leave(self) -> None:
        """Back to one statement at a time, with all that is under way fetched. A later one enters anew."""
        if self.link is None:
            return
        connection.execute_wrappers.remove(self._fetch_first)
        while self._waiting:
            self._take(self._waiting.popleft())
        self.link.pgconn.exit_pipeline_mode()
        self.link = None

    def _fetch_first(self, execute: Callable[..., Any], *asked: Any) -> Any:
        self._leave()
        return execute(*asked)

    def _until_sync(self) -> list[Any]:
        wire = self.link.pgconn
        found: list[Any] = []
        while True:
            while wire.is_busy():
                _wait(wire, select.POLLIN)
                wire.consume_input()
            result = wire.get_result()
            if result is None:
                if wire.status != ConnStatus.OK:
                    raise psycopg.OperationalError("The connection to the database broke.")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return found
            else:
                found.append(result)


_OPEN: ContextVar[_Block | None] = ContextVar("together", default=None)
_FINE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_NUMBERS = itertools.count(1)
_NAMES: WeakKeyDictionary[Any, dict[tuple[bytes, Any], bytes]] = WeakKeyDictionary()
"""For each connection the statements it has planned."""


def _wait(wire: Any, events: int) -> None:
    poll = select.poll()
    poll.register(wire.socket, events)
    poll.poll()


def _loaded(result: Any, link: Any) -> list[Row]:
    if result.status != ExecStatus.TUPLES_OK:
        return []
    told = Transformer(link)
    told.set_pgresult(result)
    return told.load_rows(0, result.ntuples, tuple)


@lru_cache(maxsize=500)
def _numbered(sql: str, count: int) -> bytes:
    return (sql % tuple(f"${n}" for n in range(1, count + 1))).encode()


@lru_cache(maxsize=500)
def _named(sql: str, names: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
    used = tuple(name for name in names if f"%({name})s" in sql)
    return (sql % {name: f"${n}" for n, name in enumerate(used, 1)}).encode(), used
