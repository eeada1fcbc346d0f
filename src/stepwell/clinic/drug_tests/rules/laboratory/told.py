"""What a laboratory tells, as plain values: one report is one order group about one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Coded:
    """A code with its words and the system it is from, as it was sent: LN is LOINC, L the laboratory's own."""

    code: str
    words: str
    system: str


@dataclass(frozen=True)
class Observation:
    """One line of a result (OBX). `status` is OBX-11: F final, C corrected, P preliminary, D or W taken back."""

    position: int
    codes: tuple[Coded, ...]
    value: str
    kind: str = ""
    sub: str = ""
    units: str = ""
    range: str = ""
    flags: tuple[str, ...] = ()
    status: str = "F"
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The laboratory's own words for what was tested."""
        return next((c.words for c in self.codes if c.words), "") or next((c.code for c in self.codes), "")


@dataclass(frozen=True)
class PersonTold:
    """Who the laboratory says it is about. `birth_date` is ISO, empty when not told or not a date."""

    identifiers: tuple[str, ...] = ()
    family: str = ""
    given: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True)
class Report:
    """One order group: OBR with what belongs to it. Times are ISO texts, empty when not told.

    `placer` and `filler` are the order numbers of whoever ordered and of the laboratory; `specimens` every
    number under which the specimen may be known.
    """

    position: int
    person: PersonTold
    observations: tuple[Observation, ...]
    sender: str = ""
    placer: str = ""
    filler: str = ""
    service: tuple[Coded, ...] = ()
    status: str = ""
    collected_at: str = ""
    reported_at: str = ""
    specimens: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """One message: its envelope and the reports in it; `problem` is why nothing could be read, in a sentence."""

    control_id: str = ""
    kind: str = ""
    sender: str = ""
    receiver: str = ""
    version: str = ""
    sent_at: str = ""
    reports: tuple[Report, ...] = ()
    problem: str = ""
    foreign: bool = False


@dataclass(frozen=True)
class Piece:
    """A message, or a part that is none, within what came: bytes [starts, ends), known by `key` of its content."""

    starts: int
    ends: int
    key: str
    message: Message


def plain(report: Report) -> dict[str, Any]:
    """As JSON keeps it."""
    return asdict(report)


def report_from(told: Mapping[str, Any]) -> Report:
    """The report that `plain` was made of."""
    return Report(
        **{
            **told,
            "person": PersonTold(**{**told["person"], "identifiers": tuple(told["person"]["identifiers"])}),
            "observations": tuple(
                Observation(
                    **{
                        **one,
                        "codes": _codes(one["codes"]),
                        "flags": tuple(one["flags"]),
                        "notes": tuple(one["notes"]),
                    }
                )
                for one in told["observations"]
            ),
            "service": _codes(told["service"]),
            "specimens": tuple(told["specimens"]),
            "notes": tuple(told["notes"]),
        }
    )


def _codes(rows: Any) -> tuple[Coded, ...]:
    return tuple(Coded(**row) for row in rows)
