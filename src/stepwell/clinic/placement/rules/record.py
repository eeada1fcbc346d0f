"""A decision as plain data and back: what is kept is what the clinician was shown, to the last sentence."""

from collections.abc import Mapping
from typing import Any

from stepwell.clinic.assessment.rules import Edition
from stepwell.clinic.placement.rules.levels import Level, level_name
from stepwell.clinic.placement.rules.nearest import Changed, Direction
from stepwell.clinic.placement.rules.recommend import (
    Change,
    Confidence,
    Decision,
    Facts,
    Fired,
    Gate,
    GateState,
    Grade,
    Reason,
    gate_codes,
)
from stepwell.clinic.refusal import Refused

DECISION_FORMAT = "stepwell-placement-decision-1"


def to_record(decision: Decision) -> dict[str, Any]:
    """The decision as JSON: levels by code, dimensions by number."""
    return {
        "level": decision.level.value if decision.level else None,
        "rule": decision.rule,
        "reasons": [_reason(r) for r in decision.reasons],
        "fired": [
            {
                "rule": f.rule,
                "level": f.level.value,
                "decides": f.decides,
                "because": f.because,
                "facts": [_reason(r) for r in f.facts],
            }
            for f in decision.fired
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
        "confidence": {
            "grade": decision.confidence.grade.value,
            "answered": decision.confidence.answered,
            "asked": decision.confidence.asked,
            "sentence": decision.confidence.sentence,
        },
        "what_would_change_it": [
            {
                "changed": [
                    {"what": c.what, "label": c.label, "now": c.now, "then": c.then, "distance": c.distance}
                    for c in change.changed
                ],
                "level": change.level.value,
                "direction": change.direction.value,
                "sentence": change.sentence,
            }
            for change in decision.what_would_change_it
        ],
        "advisory": decision.advisory,
        "at_least": decision.at_least.value,
        "at_most": decision.at_most.value,
        "alongside": decision.alongside.value if decision.alongside else None,
        "admit": decision.admit,
        "table": decision.table,
        "edition": decision.edition.value,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "text": reason.text,
        "dimension": reason.dimension,
        "value": reason.value,
        "fact": reason.fact,
    }


def from_record(record: Mapping[str, Any]) -> Decision:
    """The decision that `to_record` wrote. Refused when the record is not one."""
    try:
        return Decision(
            level=Level(record["level"]) if record["level"] else None,
            rule=record["rule"],
            reasons=tuple(Reason(**r) for r in record["reasons"]),
            fired=tuple(
                Fired(
                    f["rule"],
                    Level(f["level"]),
                    f["decides"],
                    f["because"],
                    tuple(Reason(**r) for r in f["facts"]),
                )
                for f in record["fired"]
            ),
            gates=tuple(
                Gate(g["code"], GateState(g["state"]), frozenset(map(Level, g["blocks"])), g["sentence"])
                for g in record["gates"]
            ),
            missing=tuple(record["missing"]),
            confidence=Confidence(**{**record["confidence"], "grade": Grade(record["confidence"]["grade"])}),
            what_would_change_it=tuple(
                Change(
                    tuple(Changed(**one) for one in c["changed"]),
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
            edition=Edition(record["edition"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("The recommendation on file cannot be read; make a new one.") from error


def as_document(decision: Decision) -> dict[str, Any]:
    """The decision as `stepwell place` prints it: the record, the level's name, whether the door to it is open, and
    the nearest steps by their direction."""
    whole = to_record(decision)
    changes = whole.pop("what_would_change_it")
    labels = gate_codes()
    name = level_name(decision.level, edition=decision.edition) if decision.level else None
    return {
        "format": DECISION_FORMAT,
        "edition": whole.pop("edition"),
        "level": whole.pop("level"),
        "name": name,
        "admission": _admission(decision),
        **whole,
        "unanswered": [labels[g.code] for g in decision.gates if g.state is GateState.UNKNOWN],
        "nearest": {
            side.value: [_step(one) for one in changes if one["direction"] == side.value]
            for side in (Direction.DOWN, Direction.UP)
        },
    }


def _step(change: Mapping[str, Any]) -> dict[str, Any]:
    changed = [
        {
            "path": f"{'facts' if isinstance(one['what'], str) else 'ratings'}.{one['what']}",
            "label": one["label"],
            "now": one["now"],
            "then": one["then"],
        }
        for one in change["changed"]
    ]
    return {"level": change["level"], "changed": changed, "sentence": change["sentence"]}


def _admission(decision: Decision) -> dict[str, Any]:
    """Whether a program that offers the level can admit to it now, and what stands before it."""
    gate = decision.blocked
    if decision.level is None:
        return {"open": False, "sentence": decision.reasons[0].text}
    if not decision.admit:
        return {"open": False, "sentence": decision.reasons[0].text}
    if gate is not None:
        return {"open": False, "sentence": gate.sentence}
    return {"open": True, "sentence": "Nothing that was asked stands before admission to this level."}


def facts_from(answers: Mapping[str, bool | None]) -> Facts:
    """What the gates ask, from the safety answers of an interview or rating; an absent one is not known."""
    return Facts(**{name: answers.get(name) for name in Facts.__dataclass_fields__})


def level_from(code: str) -> Level:
    """The level with this code. Refused for one that is not there."""
    try:
        return Level(code)
    except ValueError:
        raise Refused(f"There is no level {code}; choose one from the list.") from None
