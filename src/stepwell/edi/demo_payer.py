"""The demo's payer: reads the question that was put into its folder and answers there, as a real one would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from stepwell.edi.transports import Came
from stepwell.edi.transports.folder import Folder
from stepwell.edi.x12 import Line, NotX12, write_271
from stepwell.edi.x12.segments import Segment, interchanges
from stepwell.edi.x12.values import day

IN_THE_DEMO = "SAMPLE-PAYER"
"""The payer's number in the demo: others are asked by phone."""


class DemoPayer(Folder):
    """A folder with somebody behind it."""

    name = "demo"

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, still=0)

    def send(self, payload: str, *, reference: str) -> list[Came]:
        super().send(payload, reference=reference)
        answer = answer_to(payload, at=datetime.now(UTC))
        (self.path / "in").mkdir(parents=True, exist_ok=True)
        aside = self.path / "in" / f".{reference}.part"
        aside.write_text(answer, encoding="ascii", newline="")
        aside.rename(self.path / "in" / f"{reference}.271")
        return []


def answer_to(question: str, *, at: datetime, lines: Sequence[Line] | None = None) -> str:
    """The 271 to a 270 of ours. Raises `NotX12` for anything else."""
    transaction = interchanges(question.encode())[0].transactions[0]
    if transaction.kind != "270":
        raise NotX12("This is not a question about eligibility.")
    named = {s[1]: s for s in transaction.segments if s.name == "NM1"}
    trace = next(s for s in transaction.segments if s.name == "TRN")[2]
    born = [day(s[2]) for s in transaction.segments if s.name == "DMG"]
    holder, patient = named["IL"], named.get("03")
    on = next(s[3] for s in transaction.segments if s.name == "DTP")
    return write_271(
        control_number=int(trace.removeprefix("SW")),
        trace=trace,
        at=at,
        payer=_name(named["PR"]),
        provider=_name(named["1P"]),
        subscriber=(
            holder[4],
            holder[3],
            holder[9],
            born[0] if born and (patient is None or len(born) > 1) else None,
        ),
        dependent=(patient[4], patient[3], born[-1] if born else None) if patient is not None else None,
        lines=usual_benefits(on[:4]) if lines is None else lines,
    )


def usual_benefits(year: str) -> list[Line]:
    """What the demo's plan pays for: everything an answer may say about a program such as ours, once."""
    return [
        ("DTP", "346", "D8", f"{year}0101"),
        ("DTP", "347", "D8", f"{year}1231"),
        ("EB", "1", "IND", "30", "PR", "SAMPLE CHOICE 1500"),
        ("EB", "1", "IND", "MH^AI^CJ", "PR", "SAMPLE CHOICE 1500"),
        ("EB", "C", "IND", "30", "", "", "23", "1500", "", "", "", "", "Y"),
        ("EB", "C", "IND", "30", "", "", "24", "900", "", "", "", "", "Y"),
        ("EB", "C", "IND", "30", "", "", "29", "600", "", "", "", "", "Y"),
        ("EB", "C", "IND", "30", "", "", "23", "4000", "", "", "", "", "N"),
        ("EB", "C", "FAM", "30", "", "", "23", "3000", "", "", "", "", "Y"),
        ("EB", "C", "FAM", "30", "", "", "24", "1250", "", "", "", "", "Y"),
        ("EB", "G", "IND", "30", "", "", "23", "6000", "", "", "", "", "Y"),
        ("EB", "G", "IND", "30", "", "", "24", "1350", "", "", "", "", "Y"),
        ("EB", "G", "FAM", "30", "", "", "23", "12000", "", "", "", "", "Y"),
        ("EB", "G", "FAM", "30", "", "", "29", "9400", "", "", "", "", "Y"),
        ("EB", "A", "IND", "CJ", "", "", "27", "", "0.2", "", "", "Y", "Y"),
        ("MSG", "DAYS OF INTENSIVE OUTPATIENT TREATMENT NEED APPROVAL BEFORE THE FIRST DAY"),
        ("EB", "A", "IND", "CJ", "", "", "27", "", "0.4", "", "", "Y", "N"),
        ("EB", "B", "IND", "98", "", "", "27", "30", "", "", "", "", "Y"),
        ("EB", "F", "IND", "CJ", "", "", "29", "", "", "VS", "52", "", "Y"),
        ("EB", "U", "IND", "A7"),
        ("LS", "2120"),
        ("NM1", "PR", "2", "SAMPLE BEHAVIORAL INPATIENT", "", "", "", "", "PI", "SAMPLE-BH"),
        ("PER", "IC", "INPATIENT DESK", "TE", "4045550188"),
        ("LE", "2120"),
    ]


def _name(s: Segment) -> tuple[str, str]:
    return s[3], s[9]
