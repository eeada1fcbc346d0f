"""What a result says, read against what is prescribed.

A screening result that nobody expected is confirmed first. Nothing here ever advises to end treatment.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from stepwell.clinic.drug_tests.rules.panels import DrugClass, drug_class
from stepwell.clinic.drug_tests.rules.specimen import Validity, ValidityState

CONFIRM_FIRST = "Send it for confirmation before anything follows from it."


class Method(StrEnum):
    """Presumptive: a screen, may be wrong. Definitive: confirmed by mass spectrometry."""

    PRESUMPTIVE = "presumptive"
    DEFINITIVE = "definitive"


class Result(StrEnum):
    """What the laboratory or the cup says of one class."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    PENDING = "pending"
    INVALID = "invalid"


class FindingState(StrEnum):
    """What that means for this person."""

    NEGATIVE = "negative"
    EXPECTED = "expected"
    UNEXPECTED_POSITIVE = "unexpected positive"
    UNEXPECTED_NEGATIVE = "unexpected negative"
    PENDING = "pending"
    UNREADABLE = "unreadable"


class Outcome(StrEnum):
    """The test as a whole, in one word."""

    REFUSED = "refused"
    SUBSTITUTED = "substituted"
    TAMPERED = "tampered"
    INVALID = "invalid"
    PENDING = "pending"
    UNEXPECTED = "unexpected"
    DILUTE = "dilute"
    AS_EXPECTED = "as expected"


@dataclass(frozen=True)
class Finding:
    """One class read: its state, a sentence, and what to do next (None when nothing)."""

    drug_class: str
    state: FindingState
    sentence: str
    next_step: str | None


@dataclass(frozen=True)
class Reading:
    """The whole test read. A refusal is its own outcome and never counts as a positive."""

    outcome: Outcome
    sentence: str
    findings: tuple[Finding, ...]


def interpret(
    results: Mapping[str, Result],
    *,
    prescribed: Collection[str] = (),
    method: Method = Method.PRESUMPTIVE,
    validity: Validity | None = None,
    refused: bool = False,
    taking: Collection[str] = (),
) -> Reading:
    """Read the results (class code -> result) against the classes that are prescribed.

    ``validity``: of the specimen, None while not checked. ``taking``: names of other medicines, to name one that
    may mislead a screen. Refused (the exception) for a class that no panel knows.
    """
    if refused:
        return Reading(
            Outcome.REFUSED,
            "The person gave no specimen; ask why, and offer another day. It is not a positive.",
            (),
        )
    state = validity.state if validity else ValidityState.UNCHECKED
    findings = tuple(
        _finding(drug_class(code), result, code in prescribed, method, state, taking)
        for code, result in results.items()
    )
    outcome = _outcome(findings, state)
    return Reading(outcome, _SENTENCES[outcome], findings)


_SENTENCES = {
    Outcome.SUBSTITUTED: "The specimen was substituted; nothing can be read from it. Talk about it, collect again.",
    Outcome.TAMPERED: "The specimen was tampered with; nothing can be read from it. Talk about it, collect again.",
    Outcome.INVALID: "The specimen is invalid; nothing can be read from it. Collect again.",
    Outcome.PENDING: "Results are still to come.",
    Outcome.UNEXPECTED: "Something was not as expected; see each class, and talk with the person.",
    Outcome.DILUTE: "The specimen is dilute, so a negative proves nothing; collect again, early in the day.",
    Outcome.AS_EXPECTED: "Everything is as expected.",
}


_UNREADABLE = (ValidityState.SUBSTITUTED, ValidityState.TAMPERED, ValidityState.INVALID)


def _outcome(findings: tuple[Finding, ...], state: ValidityState) -> Outcome:
    states = {finding.state for finding in findings}
    if state is ValidityState.SUBSTITUTED:
        return Outcome.SUBSTITUTED
    if state is ValidityState.TAMPERED:
        return Outcome.TAMPERED
    if state is ValidityState.INVALID:
        return Outcome.INVALID
    if states & {FindingState.UNEXPECTED_POSITIVE, FindingState.UNEXPECTED_NEGATIVE}:
        return Outcome.UNEXPECTED
    if FindingState.PENDING in states or not findings:
        return Outcome.PENDING
    if state is ValidityState.DILUTE:
        return Outcome.DILUTE
    return Outcome.INVALID if FindingState.UNREADABLE in states else Outcome.AS_EXPECTED


def _finding(
    one: DrugClass,
    result: Result,
    prescribed: bool,
    method: Method,
    state: ValidityState,
    taking: Collection[str],
) -> Finding:
    if state in _UNREADABLE or result is Result.INVALID:
        return Finding(one.code, FindingState.UNREADABLE, f"{one.label}: cannot be read.", "Collect again.")
    if result is Result.PENDING:
        return Finding(one.code, FindingState.PENDING, f"{one.label}: result still to come.", None)
    if result is Result.NEGATIVE and state is ValidityState.DILUTE:
        sentence = f"{one.label}: negative in a dilute specimen, which proves nothing."
        return Finding(one.code, FindingState.UNREADABLE, sentence, "Collect again.")
    match (result, prescribed):
        case (Result.NEGATIVE, False):
            return Finding(one.code, FindingState.NEGATIVE, f"{one.label}: negative.", None)
        case (Result.POSITIVE, True):
            return Finding(one.code, FindingState.EXPECTED, f"{one.label}: positive, as prescribed.", None)
        case (Result.POSITIVE, _):
            sentence = f"{one.label}: positive, not prescribed.{_misleading(one, taking)}"
            return Finding(one.code, FindingState.UNEXPECTED_POSITIVE, sentence, _next_step(method))
        case _:
            sentence = f"{one.label}: prescribed, but not found."
            return Finding(one.code, FindingState.UNEXPECTED_NEGATIVE, sentence, _next_step(method))


def _misleading(one: DrugClass, taking: Collection[str]) -> str:
    """Medicines taken that would be a good reason for it, or that are known to turn this screen positive."""
    reasons = list(dict.fromkeys(name for name in taking if one.is_in(name)))
    if reasons:
        return (
            f" {' and '.join(reasons)} on the medication list would explain it: ask to see the prescription."
        )
    suspects = [s for s in one.cross_reactants if any(s in name.casefold() for name in taking)]
    return f" {' and '.join(suspects).capitalize()} can cause this on a screen." if suspects else ""


def _next_step(method: Method) -> str:
    if method is Method.PRESUMPTIVE:
        return CONFIRM_FIRST
    return (
        "Talk it over with the person, then with the prescriber and the team, and look at the plan together."
    )
