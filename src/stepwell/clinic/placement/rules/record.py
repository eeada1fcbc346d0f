"""A decision as plain data and back: what is kept is what the clinician was shown, to the last sentence."""

from collections.abc import Mapping
from typing import Any

from stepwell.clinic.assessment.rules import Dimension
from stepwell.clinic.placement.rules.levels import Level
from stepwell.clinic.placement.rules.recommend import (
    Change,
    Decision,
    Direction,
    Facts,
    Gate,
    GateState,
    Reason,
)
from stepwell.clinic.refusal import Refused


def to_record(decision: Decision) -> dict[str, Any]:
    """The decision as JSON: levels by code, dimensions by number."""
    return {
        "level": decision.level.value if decision.level else None,
        "rule": decision.rule,
        "reasons": [
            {"text": r.text, "dimension": r.dimension.value if r.dimension else None, "value": r.value}
            for r in decision.reasons
        ],
        "gates": [
            {
                "code": g.code,
                "state": g.state.value,
                "blocks": [level.value for level in sorted(g.blocks)],
                "sentence": g.sentence,
            }
            for g in decision.gates
        ],
        "missing": list(decision.missing),
        "what_would_change_it": [
            {
                "dimension": c.dimension.value,
                "now": c.now,
                "then": c.then,
                "level": c.level.value,
                "direction": c.direction.value,
                "sentence": c.sentence,
            }
            for c in decision.what_would_change_it
        ],
        "advisory": decision.advisory,
        "at_least": decision.at_least.value,
        "at_most": decision.at_most.value,
        "alongside": decision.alongside.value if decision.alongside else None,
        "admit": decision.admit,
        "table": decision.table,
    }


def from_record(record: Mapping[str, Any]) -> Decision:
    """The decision that `to_record` wrote. Refused when the record is not one."""
    try:
        return Decision(
            level=Level(record["level"]) if record["level"] else None,
            rule=record["rule"],
            reasons=tuple(
                Reason(r["text"], Dimension(r["dimension"]) if r["dimension"] else None, r["value"])
                for r in record["reasons"]
            ),
            gates=tuple(
                Gate(g["code"], GateState(g["state"]), frozenset(map(Level, g["blocks"])), g["sentence"])
                for g in record["gates"]
            ),
            missing=tuple(record["missing"]),
            what_would_change_it=tuple(
                Change(
                    Dimension(c["dimension"]),
                    c["now"],
                    c["then"],
                    Level(c["level"]),
                    Direction(c["direction"]),
                    c["sentence"],
                )
                for c in record["what_would_change_it"]
            ),
            advisory=record["advisory"],
            at_least=Level(record["at_least"]),
            at_most=Level(record["at_most"]),
            alongside=Level(record["alongside"]) if record["alongside"] else None,
            admit=record["admit"],
            table=record["table"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("The recommendation on file cannot be read; make a new one.") from error


def facts_from(answers: Mapping[str, bool | None]) -> Facts:
    """What the gates ask, from the safety answers of an interview or rating; an absent one is not known."""
    return Facts(**{name: answers.get(name) for name in Facts.__dataclass_fields__})


def level_from(code: str) -> Level:
    """The level with this code. Refused for one that is not there."""
    try:
        return Level(code)
    except ValueError:
        raise Refused(f"There is no level {code}; choose one from the list.") from None
