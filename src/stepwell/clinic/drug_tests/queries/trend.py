"""Results over time, class by test: what was found, what was not, and every test that gave no result as itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stepwell.clinic.drug_tests import rules
from stepwell.clinic.drug_tests.models import PanelResult, TestOrder

UNREADABLE = ("refused", "substituted", "tampered", "invalid")


@dataclass(frozen=True)
class Column:
    """One test: its day, the result row if there is one, and the word that heads it."""

    test: TestOrder
    result: PanelResult | None
    word: str

    @property
    def on(self) -> date:
        return self.test.due_on

    @property
    def how(self) -> str:
        """Screen or confirmed; empty without a result."""
        return "" if self.result is None else "screen" if self.result.method == "presumptive" else "confirmed"


@dataclass(frozen=True)
class Cell:
    """One class in one test: the state as the rules read it, and for a positive whether it is new use."""

    state: str
    use: rules.UseReading | None = None


@dataclass(frozen=True)
class Grid:
    """Results of one patient, class by test, the oldest first. `cells`: class code -> one a column, None: not tested."""

    columns: tuple[Column, ...]
    classes: tuple[rules.DrugClass, ...]
    cells: dict[str, tuple[Cell | None, ...]]


def grid(tests: Iterable[TestOrder], *, today: date, columns: int = 12) -> Grid:
    """The newest tests as a grid; one whose day is over without specimen or excuse is missed. `tests` as `tests_of`
    gives them. No query of its own."""
    every = [column for test in tests for column in _columns(test, today)]
    every.sort(key=lambda c: (c.on, c.result.at if c.result else c.test.at, c.result.pk if c.result else 0))
    shown = every[-columns:]
    tested = {code for c in every if c.result is not None for code in c.result.analytes}
    order = [c.code for p in rules.panels() for c in p.classes]
    codes = sorted(tested, key=lambda code: order.index(code) if code in order else len(order))
    return Grid(
        columns=tuple(shown),
        classes=tuple(rules.drug_class(code) for code in codes),
        cells={code: tuple(_cell(code, column, every) for column in shown) for code in codes},
    )


def stands(result: PanelResult) -> bool:
    """No later row replaces it. `result` comes with `corrected_by`."""
    return getattr(result, "corrected_by", None) is None


def _columns(test: TestOrder, today: date) -> list[Column]:
    results = [one for one in test.results.all() if stands(one)]
    if results:
        return [Column(test, one, str(one.reading.get("outcome", ""))) for one in results]
    taken = getattr(test, "collection", None)
    if taken is not None and taken.refused:
        return [Column(test, None, "refused")]
    if getattr(test, "excuse", None) is not None:
        return [Column(test, None, "excused")]
    if taken is not None and taken.tampered:
        return [Column(test, None, "tampered")]
    if taken is None and test.due_on < today:
        return [Column(test, None, "missed")]
    return []


def _cell(code: str, column: Column, every: list[Column]) -> Cell | None:
    if column.result is None:
        return None
    states = {f["class"]: f["state"] for f in column.result.reading.get("findings", ())}
    state = states.get(code)
    if state is None:
        return None
    if state not in (rules.FindingState.UNEXPECTED_POSITIVE, rules.FindingState.EXPECTED):
        return Cell(state)
    if state == rules.FindingState.EXPECTED:
        return Cell(state)
    now = _tested(code, column)
    before = _one_a_test(code, [other for other in every if other is not column])
    return Cell(state, rules.read_use(code, now, before) if now is not None else None)


def _one_a_test(code: str, columns: Iterable[Column]) -> list[rules.Tested]:
    """What each test says of a class: what was confirmed, where it was, instead of the screen."""
    said: dict[int, tuple[bool, rules.Tested]] = {}
    for column in columns:
        tested = _tested(code, column)
        if tested is None or tested.result not in (rules.Result.POSITIVE, rules.Result.NEGATIVE):
            continue
        confirmed = column.how == "confirmed"
        if column.test.pk not in said or confirmed >= said[column.test.pk][0]:
            said[column.test.pk] = (confirmed, tested)
    return [tested for _, tested in said.values()]


def _tested(code: str, column: Column) -> rules.Tested | None:
    row = column.result
    if row is None or code not in row.analytes:
        return None
    numbers, measured = row.reading.get("amounts", {}), row.reading.get("measured", {})
    return rules.Tested(
        on=column.on,
        result=rules.Result(row.analytes[code]),
        amount=Decimal(numbers[code]) if code in numbers else None,
        creatinine=Decimal(measured["creatinine"]) if "creatinine" in measured else None,
        readable=row.validity in ("valid", "unchecked"),
    )
