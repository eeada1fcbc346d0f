"""Results from laboratories: what was told, whose it is, which of several holds, and what it means here."""

from stepwell.clinic.drug_tests.rules.laboratory.codes import (
    Known,
    amount,
    answer,
    known,
    loinc_holds,
    unverified,
    verified,
)
from stepwell.clinic.drug_tests.rules.laboratory.matching import (
    Match,
    Person,
    agrees,
    match,
    order_number,
    order_of,
)
from stepwell.clinic.drug_tests.rules.laboratory.standing import (
    Findings,
    Kept,
    current,
    findings,
    holding,
    rank,
    same_thing,
)
from stepwell.clinic.drug_tests.rules.laboratory.told import (
    Coded,
    Message,
    Observation,
    PersonTold,
    Piece,
    Report,
    plain,
    report_from,
)

__all__ = [
    "Coded", "Findings", "Kept", "Known", "Match", "Message", "Observation", "Person", "PersonTold", "Piece", "Report",
    "agrees", "amount", "answer", "current", "findings", "holding", "known", "loinc_holds", "match", "order_number",
    "order_of", "plain", "rank", "report_from", "same_thing", "unverified", "verified",
]  # fmt: skip
