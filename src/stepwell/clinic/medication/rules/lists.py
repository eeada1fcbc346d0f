"""Going through the list of medicines line by line: at admission, at each change of care, at the end."""

from enum import StrEnum

from stepwell.clinic.medication.rules.drugs import data
from stepwell.clinic.refusal import Refused


class LineDecision(StrEnum):
    """What becomes of a line."""

    CONTINUE = "continue"
    CHANGE = "change"
    STOP = "stop"
    NOT_TAKING = "not_taking"


class LineKind(StrEnum):
    """What a line is about: an entry of the list, an order of this clinic, or a fact of a hand-off."""

    LISTED = "listed"
    ORDERED = "ordered"
    HANDED = "handed"
    ALLERGY = "allergy"


def occasions() -> tuple[tuple[str, str], ...]:
    """(code, words) of the occasions for going through the list."""
    return tuple((code, label) for code, label in data("watching")["reconciliation"]["occasions"])


def may_decide(kind: LineKind, decision: LineDecision, *, name: str, to: str, because: str) -> None:
    """Refused for a decision that the line does not know, and for one without its reason."""
    if decision is LineDecision.CONTINUE:
        return
    if kind is LineKind.ORDERED and decision is LineDecision.CHANGE:
        raise Refused(f"{name} is ordered here: the prescriber writes a new order that replaces it.")
    if kind is LineKind.ALLERGY and decision is not LineDecision.STOP:
        raise Refused(f"{name}: say whether it is an allergy or not.")
    if not because.strip():
        raise Refused(f"{name}: write why; the next person needs it.")
    if decision is LineDecision.CHANGE and not to.strip():
        raise Refused(f"{name}: write how it is taken from now on.")
