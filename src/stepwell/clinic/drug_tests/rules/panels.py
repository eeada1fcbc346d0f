"""Panels as data: which classes are looked for, how long each can be seen, and at what cut-off."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.refusal import Refused


@dataclass(frozen=True)
class DetectionWindow:
    """How long after use a class can be seen in urine, in hours, roughly."""

    what: str
    from_hours: int
    to_hours: int


@dataclass(frozen=True)
class DrugClass:
    """One class of a panel. Cut-offs in ng/mL, None where the laboratory's own holds."""

    code: str
    label: str
    windows: tuple[DetectionWindow, ...]
    mark: str
    screen_ng_ml: int | None
    confirm_ng_ml: int | None
    cutoff_source: str | None
    cross_reactants: tuple[str, ...]
    medicines: tuple[str, ...] = ()
    """Medicines that contain it or become it: a positive is what they do."""

    def is_in(self, name: str) -> bool:
        """Does the name of a medicine say that it contains this class?"""
        words = name.casefold().replace("/", " ").replace("-", " ").replace(",", " ").split()
        return any(medicine in words for medicine in self.medicines)


@dataclass(frozen=True)
class Panel:
    """A named list of classes."""

    code: str
    label: str
    classes: tuple[DrugClass, ...]


@cache
def data() -> dict[str, Any]:
    """The data file as it stands; the other rules of this step read their own part of it."""
    path = files("stepwell.clinic.drug_tests").joinpath("data", "panels.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


@cache
def _classes() -> dict[str, DrugClass]:
    return {
        row["code"]: DrugClass(
            **{
                **row,
                "windows": tuple(DetectionWindow(**window) for window in row["windows"]),
                "cross_reactants": tuple(row["cross_reactants"]),
                "medicines": tuple(row["medicines"]),
            }
        )
        for row in data()["classes"]
    }


def drug_class(code: str) -> DrugClass:
    """The class with this code. Refused when no panel knows it."""
    if code not in _classes():
        raise Refused(f"There is no drug class called {code}; choose one from the list.")
    return _classes()[code]


@cache
def panels() -> tuple[Panel, ...]:
    """All panels on hand."""
    return tuple(
        Panel(row["code"], row["label"], tuple(drug_class(code) for code in row["classes"]))
        for row in data()["panels"]
    )


def panel(code: str) -> Panel:
    """The panel with this code. Refused for an unknown one."""
    for one in panels():
        if one.code == code:
            return one
    raise Refused(
        f"There is no test panel called {code}; choose one of {', '.join(p.code for p in panels())}."
    )


def classes_of(names: Iterable[str]) -> frozenset[str]:
    """The classes that medicines of these names turn positive."""
    every = tuple(names)
    return frozenset(one.code for one in _classes().values() if any(one.is_in(name) for name in every))
