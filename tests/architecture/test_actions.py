"""Every write of the clinic: keyword-only, signed and dated, one transaction, one entry in the trail."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, get_type_hints

import pytest
from django.db.transaction import Atomic

from stepwell import clinic
from stepwell.accounts.actor import Actor


def modules_of_actions() -> Iterator[Any]:
    for found in pkgutil.walk_packages(clinic.__path__, "stepwell.clinic."):
        parts = found.name.split(".")
        # A step's own, or those of a package inside of it: `timetable.curriculum.actions`.
        if "actions" in parts[3:5]:
            yield importlib.import_module(found.name)


def public_actions() -> list[tuple[str, Callable[..., Any]]]:
    return [
        (f"{module.__name__.removeprefix('stepwell.clinic.')}.{name}", action)
        for module in modules_of_actions()
        for name, action in vars(module).items()
        if inspect.isfunction(action)
        and not name.startswith("_")
        and inspect.unwrap(action).__module__ == module.__name__
        and "by" in inspect.signature(action).parameters
    ]


MODULES = list(modules_of_actions())
ACTIONS = public_actions()
named = pytest.mark.parametrize(
    "action", [action for _, action in ACTIONS], ids=[name for name, _ in ACTIONS]
)


def test_there_are_actions_to_look_at():
    assert "people.actions.patients.register_patient" in dict(ACTIONS)


@named
def test_an_action_takes_only_named_arguments_and_cannot_be_called_without_who_and_when(action):
    parameters = inspect.signature(action).parameters
    by_name = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
    assert {p.kind for p in parameters.values()} <= by_name
    assert {"by", "at"} <= {name for name, p in parameters.items() if p.default is inspect.Parameter.empty}


@named
def test_an_action_says_that_an_actor_acts_at_an_instant(action):
    hints = get_type_hints(inspect.unwrap(action))
    assert (hints["by"], hints["at"]) == (Actor, datetime)


@named
def test_an_action_is_one_transaction(action):
    held = [cell.cell_contents for cell in action.__closure__ or ()]
    assert any(isinstance(each, Atomic) for each in held), "decorate it with @transaction.atomic"


@named
def test_an_action_leaves_an_entry_in_the_trail(action):
    assert writes_the_trail(inspect.unwrap(action)), "end it with audit.trail.record"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_what_writes_is_an_action_and_nothing_else_is_public(module):
    """A public function without `by` must not touch the database: it would be a write nobody signed."""
    loose = set()
    for name, thing in vars(module).items():
        if not inspect.isfunction(thing) or name.startswith("_") or thing.__module__ != module.__name__:
            continue
        if "by" not in inspect.signature(thing).parameters and _calls(thing) & _WRITES:
            loose.add(name)
    assert loose == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_an_action_never_looks_at_the_clock(module):
    asked = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    }
    assert asked & {"timezone.now", "datetime.now", "date.today", "time.time", "timezone.localdate"} == set()


_WRITES = {"create", "bulk_create", "save", "update", "delete", "update_or_create", "get_or_create"}


def writes_the_trail(function: Callable[..., Any], seen: frozenset[str] = frozenset()) -> bool:
    """Itself, or by a function of the step that it calls."""
    if {"record", "record_each", "record_access"} & _calls(function):
        return True
    module = inspect.getmodule(function)
    for name in _calls(function) - seen:
        called = getattr(module, name, None)
        ours = inspect.isfunction(called) and called.__module__.startswith("stepwell.clinic.")
        if ours and writes_the_trail(inspect.unwrap(called), seen | _calls(function)):
            return True
    # By another step's or another file's action: `plan.begin(...)`.
    for owner, name in _calls_on_modules(function):
        other = getattr(module, owner, None)
        called = getattr(other, name, None)
        if inspect.ismodule(other) and inspect.isfunction(called) and ".actions" in other.__name__:
            return True
    return False


def _calls(function: Callable[..., Any]) -> set[str]:
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(_tree(function))
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name))
    }


def _calls_on_modules(function: Callable[..., Any]) -> set[tuple[str, str]]:
    return {
        (node.func.value.id, node.func.attr)
        for node in ast.walk(_tree(function))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
    }


def _tree(function: Callable[..., Any]) -> ast.AST:
    return ast.parse(inspect.cleandoc("\n" + inspect.getsource(inspect.unwrap(function))))
