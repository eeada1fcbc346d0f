"""The recommended level of care, why, what is missing, and what would change it."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from stepwell.clinic.assessment.rules import Edition, Ratings
from stepwell.clinic.placement.rules.editions import scale_of
from stepwell.clinic.placement.rules.levels import Level, level_name
from stepwell.clinic.placement.rules.nearest import Changed, Direction, nearest
from stepwell.clinic.placement.rules.reading import default_table
from stepwell.clinic.placement.rules.table import Rule, Table, Values, Variable


@dataclass(frozen=True)
class Facts:
    """What the safety gates ask. True, False, or None while nobody knows; None holds an admission up."""

    severe_withdrawal_risk: bool | None = None
    acute_medical_instability: bool | None = None
    psychosis_or_mania_preventing_groups: bool | None = None
    cssrs_high_without_safety_plan: bool | None = None
    needs_24h_supervision: bool | None = None


@dataclass(frozen=True)
class Measured:
    """The newest points of an instrument that a gate reads. ``when``: the day in words, '' while it is not known."""

    instrument: str
    points: int
    when: str = ""


@dataclass(frozen=True)
class Rated:
    """One dimension as it was rated: the place on the edition's scale, and why."""

    dimension: int
    rank: int
    because: str = ""


@dataclass(frozen=True)
class Case:
    """All that the rule looks at. ``answers``: code of a gate or of a table's fact -> yes, no, None for not known.
    ``open_dimensions``: those of which somebody wrote that they must still be looked at."""

    edition: Edition
    rated: tuple[Rated, ...]
    answers: Mapping[str, bool | None]
    scores: tuple[Measured, ...] = ()
    open_dimensions: tuple[int, ...] = ()


class GateState(StrEnum):
    """A gate that is open is not mentioned."""

    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Gate:
    """A safety fact that stands before admission to the levels in ``blocks``."""

    code: str
    state: GateState
    blocks: frozenset[Level]
    sentence: str


@dataclass(frozen=True)
class Reason:
    """Why this level: the rule's own sentence (neither dimension nor fact), then each rating and each fact that made
    it hold."""

    text: str
    dimension: int | None
    value: int | str | None
    fact: str = ""


@dataclass(frozen=True)
class Fired:
    """A rule of the table whose condition holds, with what made it hold. Only one ``decides``: the highest."""

    rule: str
    level: Level
    decides: bool
    because: str
    facts: tuple[Reason, ...]


@dataclass(frozen=True)
class Change:
    """One of the smallest sets of facts that together would lead to another level."""

    changed: tuple[Changed, ...]
    level: Level
    direction: Direction
    sentence: str

    @property
    def distance(self) -> int:
        """How many steps on the scales away."""
        return sum(one.distance for one in self.changed)


class Grade(StrEnum):
    """How sure the answer is of itself, by what is missing and by nothing else."""

    FULL = "full"
    SETTLED = "settled"
    OPEN = "open"


@dataclass(frozen=True)
class Confidence:
    """``answered`` of ``asked`` ratings and safety facts are known; the sentence says what that means."""

    grade: Grade
    answered: int
    asked: int
    sentence: str


@dataclass(frozen=True)
class Decision:
    """The recommendation.

    ``level`` and ``rule`` are None while something not known could change the answer; ``at_least`` and
    ``at_most`` then say how far it is narrowed down. ``missing`` names what is not rated or not answered.
    ``alongside`` is a second level to be given together with the first (a supportive home and treatment).
    """

    level: Level | None
    rule: str | None
    reasons: tuple[Reason, ...]
    fired: tuple[Fired, ...]
    gates: tuple[Gate, ...]
    missing: tuple[str, ...]
    confidence: Confidence
    what_would_change_it: tuple[Change, ...]
    advisory: str
    at_least: Level
    at_most: Level
    alongside: Level | None
    admit: bool
    table: str
    edition: Edition = Edition.THIRD

    @property
    def blocked(self) -> Gate | None:
        """The gate that stands before admission to the recommended level, or to the one beside it, the closed ones
        first; None: none does."""
        asked = {self.level, self.alongside} - {None}
        return next((gate for gate in self.gates if asked & gate.blocks), None)


@cache
def _gate_data() -> tuple[dict[str, Any], ...]:
    path = files("stepwell.clinic.placement").joinpath("data", "gates.json")
    return tuple(json.loads(path.read_text("utf-8"))["gates"])


def gate_codes() -> dict[str, str]:
    """The five safety facts: code -> what a yes means."""
    return {row["code"]: row["label"] for row in _gate_data()}


def gate_instruments() -> dict[str, int]:
    """The instruments whose newest points close a gate by themselves -> for how many days a reading counts."""
    return {one["instrument"]: one["days"] for row in _gate_data() for one in row.get("scores", ())}


def gates(answers: Facts | Mapping[str, bool | None], scores: Iterable[Measured] = ()) -> tuple[Gate, ...]:
    """The gates that are closed or not answered yet, closed ones first.

    A measured score closes its gate whatever was answered; a low one answers nothing: who has had seizures may
    be at risk with a low score today.
    """
    known = vars(answers) if isinstance(answers, Facts) else answers
    measured = tuple(scores)
    found = []
    for row in _gate_data():
        blocks, said = frozenset(map(Level, row["blocks"])), known.get(row["code"])
        high = _high(row, measured)
        if high:
            found.append(Gate(row["code"], GateState.CLOSED, blocks, f"{high} {row['closed']}"))
        elif said is not False:
            state = GateState.UNKNOWN if said is None else GateState.CLOSED
            found.append(Gate(row["code"], state, blocks, row[state.value]))
    return tuple(sorted(found, key=lambda gate: gate.state is GateState.UNKNOWN))


def _high(row: Mapping[str, Any], measured: Collection[Measured]) -> str:
    for rule in row.get("scores", ()):
        for one in measured:
            if one.instrument == rule["instrument"] and one.points >= rule["at_least"]:
                when = f" on {one.when}" if one.when else ""
                return f"{rule['title']} was {one.points}{when} ({rule['at_least']} or more)."
    return ""


def recommend(
    ratings: Ratings, facts: Facts, table: Table | None = None, scores: Iterable[Measured] = ()
) -> Decision:
    """The level that the table gives for these ratings, with everything a clinician needs to disagree.

    ``ratings`` may be partial: then there is a level only if what is missing cannot change it.
    ``table`` is Stepwell's own unless the site has loaded another. Never raises.
    """
    rated = tuple(Rated(r.dimension.value, r.value, r.because) for r in ratings.rated)
    return decide(Case(ratings.edition, rated, vars(facts), tuple(scores)), table)


def decide(case: Case, table: Table | None = None) -> Decision:
    """As `recommend`, for a case of either edition. The table must be of the case's edition."""
    table = table or default_table(case.edition)
    scale = scale_of(case.edition)
    values: dict[Variable, int] = {one.dimension: one.rank for one in case.rated}
    for code in table.facts:
        answer = case.answers.get(code)
        if answer is not None:
            values[code] = int(answer)
    lows: dict[Variable, int] = dict.fromkeys((*scale.dimensions, *table.facts), 0)
    highs: dict[Variable, int] = dict.fromkeys(scale.dimensions, scale.most) | dict.fromkeys(table.facts, 1)
    rule, lowest, highest = table.rule(values), table.decided(lows | values), table.decided(highs | values)
    stand = gates(case.answers, case.scores)
    missing = (*_unrated(case), *_unanswered(case, table))
    return Decision(
        level=rule.level if rule else None,
        rule=rule.id if rule else None,
        reasons=_reasons(rule, case, table, values) if rule else _still_open(case, table, lowest, highest),
        fired=_fired(rule, case, table, values),
        gates=stand,
        missing=missing,
        confidence=_confidence(case, table, rule, stand, lowest, highest),
        what_would_change_it=_changes(case, table, values, rule) if rule else (),
        advisory=table.advisory,
        at_least=lowest.level,
        at_most=highest.level,
        alongside=rule.alongside if rule else None,
        admit=rule.admit if rule else False,
        table=f"{table.name} {table.version}",
        edition=case.edition,
    )


def _unrated(case: Case) -> tuple[str, ...]:
    rated = {one.dimension for one in case.rated}
    return tuple(label for n, label in scale_of(case.edition).dimensions.items() if n not in rated)


def _unanswered(case: Case, table: Table) -> tuple[str, ...]:
    return tuple(label for code, label in table.facts.items() if case.answers.get(code) is None)


def _reasons(rule: Rule, case: Case, table: Table, values: Values) -> tuple[Reason, ...]:
    return (Reason(rule.because, None, None), *_facts_of(rule, case, table, values))


def _facts_of(rule: Rule, case: Case, table: Table, values: Values) -> tuple[Reason, ...]:
    scale = scale_of(case.edition)
    why = {one.dimension: one.because for one in case.rated}
    found = []
    for what in sorted(rule.when.fired_by(values), key=lambda v: (isinstance(v, str), str(v))):
        if isinstance(what, str):
            found.append(Reason(f"{table.facts[what]}: yes", None, "yes", what))
            continue
        shown = scale.shown(values[what])
        told = f": {why[what]}" if why[what] else ""
        found.append(Reason(f"{scale.dimensions[what]} is rated {shown}{told}", what, shown))
    return tuple(found)


def _fired(decides: Rule | None, case: Case, table: Table, values: Values) -> tuple[Fired, ...]:
    return tuple(
        Fired(
            rule.id,
            rule.level,
            rule is decides,
            _because(rule, decides),
            _facts_of(rule, case, table, values),
        )
        for rule in table.rules
        if rule is decides or (rule.when.holds(values) and rule.when.bounds())
    )


def _because(rule: Rule, decides: Rule | None) -> str:
    """The rule's own sentence is written for when it decides; below that it only says what it would mean alone."""
    return rule.because if rule is decides else f"This alone would mean level {rule.level} at least."


def _still_open(case: Case, table: Table, lowest: Rule, highest: Rule) -> tuple[Reason, ...]:
    names = ", ".join((*_unrated(case), *_unanswered(case, table)))
    between = (
        f"The level is {lowest.level}, but the rule behind it is open"
        if lowest.level is highest.level
        else f"The level is open between {lowest.level} and {highest.level}"
    )
    looked = [scale_of(case.edition).dimensions[n] for n in case.open_dimensions]
    first = f" {', '.join(looked)}: a medical evaluation was asked for." if looked else ""
    return (Reason(f"{between} until these are rated: {names}.{first}", None, None),)


def _confidence(
    case: Case, table: Table, rule: Rule | None, stand: Collection[Gate], lowest: Rule, highest: Rule
) -> Confidence:
    unknown = [gate for gate in stand if gate.state is GateState.UNKNOWN]
    open_gates = {gate.code for gate in unknown}
    extra = [code for code in table.facts if code not in gate_codes()]
    asked = len(scale_of(case.edition).dimensions) + len(gate_codes()) + len(extra)
    lacking = len(_unrated(case)) + len(
        open_gates | {code for code in table.facts if case.answers.get(code) is None}
    )
    count = f"{asked - lacking} of {asked} ratings and safety facts are known"
    if rule is None:
        sentence = (
            f"{count}: what is missing can still move the level between {lowest.level} and {highest.level}."
        )
        return Confidence(Grade.OPEN, asked - lacking, asked, sentence)
    if lacking:
        sentence = f"{count}: whatever is missing, the level stays {rule.level}" + (
            ", but admission waits for the safety facts." if unknown else "."
        )
        return Confidence(Grade.SETTLED, asked - lacking, asked, sentence)
    return Confidence(Grade.FULL, asked, asked, f"{count}: nothing is missing.")


def _changes(case: Case, table: Table, values: Values, rule: Rule) -> tuple[Change, ...]:
    found = []
    for direction, changed, other in nearest(table, values, rule, scale_of(case.edition)):
        name = level_name(other.level, edition=case.edition).lower()
        parts = [one.words for one in changed]
        parts[1:] = [part[0].lower() + part[1:] for part in parts[1:]]
        together = "together would" if len(parts) > 1 else "would"
        sentence = f"{' and '.join(parts)} {together} mean level {other.level}, {name}."
        found.append(Change(changed, other.level, direction, sentence))
    return tuple(found)
