"""What the database refuses, in the few shapes that come again in every step."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import Expression


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """The column holds one of the choices and nothing else."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(choices.values)}), name=name)


def filled(field: str, name: str) -> models.CheckConstraint:
    """A text that must not be blank: a blank form is never complete."""
    return models.CheckConstraint(condition=~Q(**{f"{field}__regex": r"^\s*$"}), name=name)


def ordered(first: str, last: str, name: str, *, equal: bool = False) -> models.CheckConstraint:
    """`first` before `last`; a missing end is open."""
    lookup = "gte" if equal else "gt"
    return models.CheckConstraint(
        condition=Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__{lookup}": F(first)}), name=name
    )


def within(field: str, least: float, most: float, name: str) -> models.CheckConstraint:
    """A number between `least` and `most`, both allowed; NULL is unknown."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": least, f"{field}__lte": most}),
        name=name,
    )


def never_two_at_once(resource: str, name: str, *, when: Q) -> ExclusionConstraint:
    """No two rows of the same resource whose `during` overlaps.

    The carried PostgreSQL has no btree_gist, so equality of the id is an overlap of one-id ranges.
    """
    one_id: Expression = _IdRange(F(f"{resource}_id"), F(f"{resource}_id"), Value("[]"))
    parts: list[tuple[Any, str]] = [(one_id, RangeOperators.OVERLAPS), ("during", RangeOperators.OVERLAPS)]
    return ExclusionConstraint(name=name, expressions=parts, condition=when)


class _IdRange(Func):
    function = "int8range"
