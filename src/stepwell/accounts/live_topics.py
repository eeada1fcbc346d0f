"""Live updates: saying that something changed, and who may listen to what.

A topic names what changed, never whom: `attendance:812`, `board:3`. A page is given a signed token of
the topics its reader may hear (`sign_topics`); the live stream (`stepwell.project.live`) accepts no
other word for it. What travels is a topic and a number; the page then fetches the news itself, through
the usual checks.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256

from django.core import signing
from django.db import connection

CHANNEL = "stepwell_live"
"""The PostgreSQL channel that every process of the live stream listens on."""

LONGEST_LISTENING = 12 * 60 * 60
"""Seconds a token is good for; a page open longer is loaded again."""

_SALT = "stepwell.live"
_TOPIC = re.compile(r"[a-z][a-z_-]{0,40}(:[0-9a-z-]{1,40}){0,2}")


class NotYours(Exception):
    """The token is forged, too old, or made for another session; the text is one plain sentence."""


@dataclass(frozen=True)
class Listening:
    """What a token grants: to this user, in this session, these topics."""

    user_id: str
    session_digest: str
    topics: frozenset[str]


def sign_topics(*, user_id: object, session_key: str, topics: Iterable[str]) -> str:
    """The token for one page. Raises `ValueError` for a topic that is not kind:number-like."""
    claim = [str(user_id), session_digest(session_key), sorted({_checked(topic) for topic in topics})]
    return signing.dumps(claim, salt=_SALT, compress=True)


def read_topics(token: str) -> Listening:
    """What a token grants. Raises `NotYours`."""
    try:
        user_id, digest, topics = signing.loads(token, salt=_SALT, max_age=LONGEST_LISTENING)
    except signing.SignatureExpired as fault:
        raise NotYours("This page has been open too long; load it again.") from fault
    except (signing.BadSignature, ValueError, TypeError) as fault:
        raise NotYours("This is not an address that Stepwell gave out.") from fault
    return Listening(user_id, digest, frozenset(topics))


def session_digest(session_key: str) -> str:
    """A name for a session that does not let anybody into it."""
    return sha256(f"{_SALT}:{session_key}".encode()).hexdigest()[:32]


def announce(*topics: str) -> None:
    """Tells every open page that listens to one of these topics that there is news.

    Runs inside the current transaction: it is heard when that commits, and never when it rolls back.
    """
    if not topics or _UNHEARD.get():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify(%s, json_build_object('topic', topic,"
            " 'n', pg_current_xact_id()::text::bigint)::text) FROM unnest(%s::text[]) AS topic",
            [CHANNEL, sorted({_checked(topic) for topic in topics})],
        )


@contextmanager
def unheard() -> Iterator[None]:
    """Nobody is told what happens inside: of a clinic that is filled before anybody has a page open."""
    token = _UNHEARD.set(True)
    try:
        yield
    finally:
        _UNHEARD.reset(token)


_UNHEARD: ContextVar[bool] = ContextVar("unheard", default=False)


def _checked(topic: str) -> str:
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"A topic is a kind and at most two numbers, like attendance:812; not {topic!r}.")
    return topic
