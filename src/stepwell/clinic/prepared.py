"""The statements that nearly every page asks: written by the ORM once, planned by PostgreSQL once, run often.

Django writes a queryset's SQL anew each time it is read, and PostgreSQL plans it anew. For a statement over many
tables both take longer than running it. `Prepared` keeps the text of the statement, never a row of its answer:
what differs from one reading to the next (who asks, which patient, which instant) is a parameter.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import prefetch_related_objects

from stepwell.accounts.actor import Actor
from stepwell.clinic.ahead import Answer, planned_once, send

__all__ = ["MOST_TEXTS", "Prepared", "numbered", "planned_once"]

MOST_TEXTS = 200
"""Texts that one `Prepared` keeps; one for each set of roles, day and other constant it is asked with."""

_INT, _YEAR, _WORD = 7_000_000_000_000_000_000, 8000, "MARK7F3A"
_OWN = ("user_id", "staff_id", "patient_id")
_PLACES, _PLAIN_WORD = re.compile("(%%|%s)"), re.compile("[a-z][a-z_]*")
_Slot = tuple[str | None, Any]


class Prepared:
    """`write` makes the queryset; it must pass each named value on to the statement as it is.

    A named value is an int, a text, a day or an aware datetime. While the text is written `write` gets a mark in its place,
    so it must not compute with it: a value that does not arrive in the statement unchanged raises TypeError then.
    Whatever has to be computed with (the roles) is a constant, and each constant has its own text. Of an
    `Actor` the roles and the site are constants, the ids are values, and name and address are not to be used.
    """

    def __init__(self, write: Callable[..., Any]) -> None:
        self._write = write
        self._texts: OrderedDict[Hashable, _Text | None] = OrderedDict()

    def rows(self, *constants: Any, **values: Any) -> list[Any]:
        """What `list(write(*constants, **values))` would give."""
        return self.ahead(*constants, **values)()

    def ahead(self, *constants: Any, **values: Any) -> Callable[[], list[Any]]:
        """Sends the statement (`clinic.ahead`); what is given back waits for `rows`."""
        asking = next((c for c in constants if isinstance(c, Actor)), None)
        if asking is not None and asking.user_id is None:
            # Stepwell itself or the public: known by name
            return lambda: list(self._write(*constants, **values))
        own = {f"by.{k}": v for k in _OWN if asking and (v := getattr(asking, k)) is not None}
        key = (*map(_key, constants), *values)
        if key not in self._texts:
            self._texts[key] = self._text(constants, own, values)
            if len(self._texts) > MOST_TEXTS:
                self._texts.popitem(last=False)
        text = self._texts[key]
        return list if text is None else text.ahead({**own, **values})

    def one(self, missing: type[Exception], *constants: Any, **values: Any) -> Any:
        """The one row there can be; raises `missing` (a model's DoesNotExist) when there is none."""
        found = self.rows(*constants, **values)
        if not found:
            raise missing
        return found[0]

    def _text(
        self, constants: Sequence[Any], own: Mapping[str, Any], values: Mapping[str, Any]
    ) -> _Text | None:
        marks = {name: _mark(number, value) for number, (name, value) in enumerate({**own, **values}.items())}
        stand_ins = [_marked(c, marks) if isinstance(c, Actor) else c for c in constants]
        queryset = self._write(*stand_ins, **{name: marks[name] for name in values})
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:  # the roles see nothing: no statement at all
            return None
        places = {mark: name for name, mark in marks.items()}
        slots = tuple((places.get(p) if isinstance(p, int | str | date) else None, p) for p in parameters)
        if any(name is None and _holds_mark(p) for name, p in slots):
            raise TypeError(
                "A prepared statement computes with a value that differs from reading to reading."
            )
        if missing := set(values) - {name for name, _ in slots}:
            raise TypeError(f"A prepared statement does not use {', '.join(sorted(missing))}.")
        return _Text(queryset, compiler, *_with_words(sql, slots))


@dataclass(frozen=True)
class _Text:
    """A statement as it was written: `slots` are its parameters, each with the name of the value or a constant."""

    queryset: Any
    compiler: Any
    sql: str
    slots: tuple[_Slot, ...]
    converters: list[dict[int, Any]] = field(default_factory=list)
    """How Django turns each column into Python: the same for every reading, found out at the first."""

    def ahead(self, values: Mapping[str, Any]) -> Callable[[], list[Any]]:
        # type(p): Django marks an integer as that of its column, which fixes the parameter's type.
        parameters = tuple(
            p if name is None else type(p)(values[name]) if isinstance(p, int) else values[name]
            for name, p in self.slots
        )
        return partial(self._rows, send(self.sql, parameters))

    def _rows(self, answer: Answer) -> list[Any]:
        answered = answer.rows()
        compiler = copy(self.compiler)
        compiler.execute_sql = lambda *_, **__: [answered]
        compiler.get_converters = self._converters
        queryset = self.queryset.all()
        queryset.query.get_compiler = lambda *_, **__: compiler
        found = list(queryset._iterable_class(queryset))
        if found and queryset._prefetch_related_lookups:
            prefetch_related_objects(found, *queryset._prefetch_related_lookups)
        return found

    def _converters(self, columns: Any) -> Any:
        if not self.converters:
            self.converters.append(self.compiler.get_converters(columns))
        return self.converters[0]


def numbered(ids: Iterable[int], most: int = 64) -> dict[str, int] | None:
    """The ids as named values, so many that few texts serve all: a power of two, filled with 0, which no row has.

    None for more than `most`: that many are no list of one page, and are asked the plain way.
    """
    found = sorted(set(ids))
    if len(found) > most:
        return None
    places = 1 << max(2, (len(found) - 1).bit_length())
    return {f"id{n}": pk for n, pk in enumerate(found + [0] * (places - len(found)))}


def _key(constant: Any) -> Hashable:
    if not isinstance(constant, Actor):
        return constant  # type: ignore[no-any-return] # whoever asks passes what can be a key
    by = constant
    return frozenset(by.roles.items()), by.home, tuple(getattr(by, k) is None for k in _OWN), by.family_ids


def _marked(by: Actor, marks: Mapping[str, Any]) -> Actor:
    own = {k: marks[f"by.{k}"] for k in _OWN if f"by.{k}" in marks}
    words = dict.fromkeys(("name", "credential", "address", "request_id"), _WORD)
    # Not `replace`: a request's actor is a lazy stand-in for one.
    return Actor(**({f.name: getattr(by, f.name) for f in fields(Actor)} | words | own))


def _mark(number: int, value: Any) -> Any:
    if isinstance(value, int):
        return _INT + number
    if isinstance(value, datetime):
        return datetime(_YEAR + number, 7, 1, tzinfo=UTC)
    if isinstance(value, date):
        return date(_YEAR + number, 7, 1)
    return f"{_WORD}{number}"


def _with_words(sql: str, slots: tuple[_Slot, ...]) -> tuple[str, tuple[_Slot, ...]]:
    """The statement with its constant words written out, and the slots that are left.

    An index of some rows only ("absences") is used for a statement whose plan is known to ask for those rows:
    of a parameter PostgreSQL does not know it.
    """
    pieces = _PLACES.split(sql)
    kept, place = [], iter(slots)
    for number, piece in enumerate(pieces):
        if piece != "%s":
            continue
        name, value = slot = next(place)
        if name is None and type(value) is str and _PLAIN_WORD.fullmatch(value):
            pieces[number] = f"'{value}'"
        else:
            kept.append(slot)
    return "".join(pieces), tuple(kept)


def _holds_mark(value: Any) -> bool:
    if isinstance(value, list | tuple | set):
        return any(map(_holds_mark, value))
    if isinstance(value, int):
        return value >= _INT - 10**12
    return str(_YEAR)[:2] == str(getattr(value, "year", ""))[:2] or _WORD in str(value)
