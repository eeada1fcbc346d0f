"""Invented laboratories: messages in their dialects, the same every time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

LOINC = {
    "opiates": "19295-5", "fentanyl": "59673-4", "methadone": "19550-3", "thc": "18282-4", "cocaine": "14314-9",
    "buprenorphine": "3414-0",
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """How one laboratory writes: its delimiters, line ends, character set, words."""

    sender: str
    marks: str = "|^~\\&"
    end: str = "\r"
    charset: str = ""
    encoding: str = "utf-8"
    negative: str = "Negative"
    positive: str = "POSITIVE"
    version: str = "2.5.1"


DIALECTS = (
    Dialect("QUEST"),
    Dialect("LABCO", end="\r\n", negative="NEG", positive="POS", version="2.3"),
    Dialect("NORTH", marks="#@!$%", negative="Not Detected", positive="Detected"),
    Dialect(
        "SUR", charset="8859/1", encoding="latin-1", negative="None Detected", positive="Presumptive Positive"
    ),
    Dialect("UNI", charset="UNICODE UTF-8", end="\n", version="2.4"),
)


@dataclass(frozen=True)
class Said:
    """One order group: whose, which order, what was found. `status` is OBR-25 and OBX-11."""

    code: str
    family: str
    given: str
    born: str
    placer: str = ""
    filler: str = "F1"
    results: dict[str, str] = field(default_factory=dict)
    status: str = "F"
    at: str = "20260318120000-0500"
    collected: str = "20260318093000-0500"
    note: str = ""


def message(
    dialect: Dialect, said: Sequence[Said], *, control: str, sent: str = "20260318121500-0500"
) -> bytes:
    """One ORU^R01 in the dialect."""
    bar, hat, _, _, _ = dialect.marks
    lines = [
        bar.join(
            ["MSH", dialect.marks[1:], "LIS", dialect.sender, "STEPWELL", "PEACHTREE", sent, "",
             hat.join(["ORU", "R01", "ORU_R01"]), control, "P", dialect.version, "", "", "", "", "", dialect.charset]
        )
    ]  # fmt: skip
    for number, one in enumerate(said, 1):
        lines.append(
            bar.join(["PID", str(number), "", hat.join([one.code, "", "", "SW"]), "", hat.join([one.family, one.given]), "", one.born, "F"])
        )  # fmt: skip
        lines.append(bar.join(["ORC", "RE", one.placer, one.filler]))
        obr = [
            "OBR",
            "1",
            one.placer,
            one.filler,
            hat.join(["UDS", "Drug screen", "L"]),
            "",
            "",
            one.collected,
        ]
        obr += [""] * 14 + [one.at, "", "", one.status]
        lines.append(bar.join(obr))
        for place, (name, found) in enumerate(sorted(one.results.items()), 1):
            what = hat.join([LOINC.get(name, name), name, "LN"])
            value = {"negative": dialect.negative, "positive": dialect.positive}.get(found, found)
            lines.append(bar.join(["OBX", str(place), "ST", what, "", value, "", "", "", "", "", one.status]))
            if one.note:
                lines.append(bar.join(["NTE", "1", "", one.note]))
    return (dialect.end.join(lines) + dialect.end).encode(dialect.encoding)


def many(
    people: Sequence[tuple[str, str, str, str, str]], *, count: int = 139, seed: int = 139
) -> list[bytes]:
    """`count` different messages about (code, family, given, born, placer): finals, corrections, preliminaries, older
    finals that come late, strangers, two people in one message, the same control id for different messages."""
    throw = random.Random(seed)
    made: list[bytes] = []
    while len(made) < count:
        dialect = DIALECTS[len(made) % len(DIALECTS)]
        known = [throw.choice(people) for _ in range(2 if throw.random() < 0.1 else 1)]
        said = []
        for code, family, given, born, placer in known:
            if throw.random() < 0.1:
                code, placer = "STRANGER"[:6], ""
            hour = throw.randrange(10, 20)
            said.append(
                Said(
                    code=code, family=family, given=given, born=born, placer=placer,
                    filler=f"{dialect.sender}-{placer or throw.randrange(99)}",
                    results={name: throw.choice(["negative", "negative", "positive"]) for name in LOINC},
                    status=throw.choice(["F", "F", "F", "C", "P"]), at=f"202603{throw.randrange(18, 22)}{hour}0000-0500",
                    note=throw.choice(["", "", "Repeated. Rang back."]),
                )
            )  # fmt: skip
        made.append(message(dialect, said, control=f"C{len(made) % 40}"))
    assert len(set(made)) == count
    return made
