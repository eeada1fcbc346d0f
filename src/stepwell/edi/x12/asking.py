"""Writing a question about eligibility: a whole interchange with one 270 of 005010X279A1 in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stepwell.clinic.coverage.eligibility.rules.asked import Insured, Question
from stepwell.clinic.coverage.eligibility.rules.letters import without_accents

_PERMITTED = re.compile(r"[^A-Za-z0-9 !\"&'()+,\-./;?=%@_#$]")
"""Signs of X12 that no separator and no envelope around it uses."""
ORIGIN = "9STEPWELL0"
"""Who gave out the trace number: ten signs, 9 for one that is assigned by ourselves."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Sender and receiver as the clearinghouse knows them: qualifier and number of each."""

    sender_kind: str = "ZZ"
    sender: str = "STEPWELL"
    receiver_kind: str = "ZZ"
    receiver: str = "CLEARINGHOUSE"
    test: bool = False


def write_270(question: Question, envelope: Envelope) -> str:
    """The interchange, one segment a line. Times are those of `question.asked_at`, in UTC."""
    at = question.asked_at
    subscriber, patient = question.subscriber, question.patient
    trace = ("TRN", "1", question.trace, ORIGIN)
    body: list[tuple[str, ...]] = [
        ("BHT", "0022", "13", question.trace, f"{at:%Y%m%d}", f"{at:%H%M}"),
        ("HL", "1", "", "20", "1"),
        (
            "NM1",
            "PR",
            "2",
            plain(question.payer_name, 60),
            "",
            "",
            "",
            "",
            "PI",
            plain(question.payer_code, 80),
        ),
        ("HL", "2", "1", "21", "1"),
        ("NM1", "1P", "2", plain(question.provider_name, 60), "", "", "", "", "XX", question.provider_npi),
        ("HL", "3", "2", "22", "1" if patient else "0"),
    ]
    if patient is None:
        body.append(trace)
    body += _insured("IL", subscriber)
    if question.group_number:
        body.append(("REF", "6P", plain(question.group_number, 50)))
    if patient is None or subscriber.birth_date is not None:
        body += _born(subscriber)
    if patient is not None:
        body += [("HL", "4", "3", "23", "0"), trace, *_insured("03", patient), *_born(patient)]
    body.append(("DTP", "291", "D8", f"{question.on:%Y%m%d}"))
    body += [("EQ", code) for code in question.service_types]
    return interchange(
        envelope, at, question.control_number, group="HS", kind="270", guide="005010X279A1", body=body
    )


def interchange(
    envelope: Envelope,
    at: datetime,
    control_number: int,
    *,
    group: str,
    kind: str,
    guide: str,
    body: Sequence[tuple[str, ...]],
) -> str:
    """The envelope around one transaction. Raises `ValueError` for a number that has no place in nine digits."""
    if not 0 < control_number <= 999_999_999:
        raise ValueError("An envelope's number has at most nine digits.")
    nine = f"{control_number:09d}"
    segments: list[tuple[str, ...]] = [
        ("ISA", "00", " " * 10, "00", " " * 10,
         envelope.sender_kind, f"{plain(envelope.sender, 15):<15}",
         envelope.receiver_kind, f"{plain(envelope.receiver, 15):<15}",
         f"{at:%y%m%d}", f"{at:%H%M}", "^", "00501", nine, "0", "T" if envelope.test else "P", ":"),
        ("GS", group, plain(envelope.sender, 15), plain(envelope.receiver, 15), f"{at:%Y%m%d}", f"{at:%H%M}",
         str(control_number), "X", guide),
        ("ST", kind, "0001", guide),
        *body,
        ("SE", str(len(body) + 2), "0001"),
        ("GE", "1", str(control_number)),
        ("IEA", "1", nine),
    ]  # fmt: skip
    # An ISA keeps its blanks and its last separator; elsewhere empty ends are left out.
    return "".join("*".join(s if s[0] == "ISA" else _without_empty_end(s)) + "~\n" for s in segments)


def plain(text: str, longest: int) -> str:
    """The text in the signs that every payer reads: without accents, capital letters, no separators."""
    return " ".join(_PERMITTED.sub(" ", without_accents(text)).upper().split())[:longest].strip()


def _insured(kind: str, who: Insured) -> list[tuple[str, ...]]:
    number = ("MI", plain(who.member_id, 80)) if who.member_id else ()
    name = plain(who.family_name, 60), plain(who.given_name, 35)
    return [("NM1", kind, "1", *name, "", "", "", *number)]


def _born(who: Insured) -> list[tuple[str, ...]]:
    if who.birth_date is None:
        return []
    return [("DMG", "D8", f"{who.birth_date:%Y%m%d}", who.sex)]


def _without_empty_end(segment: tuple[str, ...]) -> tuple[str, ...]:
    last = len(segment)
    while last > 1 and not segment[last - 1]:
        last -= 1
    return segment[:last]
