"""Answers about eligibility for tests: made here, and the real ones, where somebody has put them."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from stepwell.edi.x12 import Line, write_271

NOW = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)
BORN = date(1990, 5, 4)


def real_files() -> list[Path]:
    """X12 files that nobody here wrote; empty where the folder is absent."""
    told = os.environ.get("STEPWELL_SHARED_DATA")
    folder = Path(told) if told else Path(__file__).resolve().parents[2] / "shared" / "data"
    return sorted(p for p in (folder / "x12").glob("*") if p.suffix in (".270", ".271"))


def real_file_or_skip(name: str) -> bytes:
    """One real file, or a skip that tells why."""
    for path in real_files():
        if path.name == name:
            return path.read_bytes()
    pytest.skip("the folder of real X12 files is absent (set STEPWELL_SHARED_DATA to have them)")


def answer(
    *lines: Line, trace: str = "SW000000001", number: int = 1, born: date | None = BORN, **more: object
) -> str:
    """An answer about Ana Reyes with these lines."""
    facts: dict = {
        "control_number": number,
        "trace": trace,
        "at": NOW,
        "payer": ("Blue Lake Health", "SAMPLE1"),
        "provider": ("Peachtree", "1234567893"),
        "subscriber": ("Ana", "Reyes", "M-1", born),
        "lines": lines,
    }
    return write_271(**(facts | more))


RICH: tuple[Line, ...] = (
    ("REF", "6P", "G-77", "SAMPLE EMPLOYER"),
    ("DTP", "346", "D8", "20260101"),
    ("DTP", "347", "D8", "20261231"),
    ("EB", "1", "IND", "30", "PR", "GOLD 80"),
    ("EB", "1", "IND", "MH^AI^CJ", "PR", "GOLD 80"),
    ("EB", "C", "IND", "30", "", "", "23", "1500", "", "", "", "", "Y"),
    ("EB", "C", "IND", "30", "", "", "29", "600", "", "", "", "", "Y"),
    ("EB", "C", "IND", "30", "", "", "23", "4000", "", "", "", "", "N"),
    ("EB", "C", "FAM", "30", "", "", "23", "3000", "", "", "", "", "Y"),
    ("EB", "C", "FAM", "30", "", "", "24", "1250", "", "", "", "", "Y"),
    ("EB", "G", "IND", "30", "", "", "23", "6000", "", "", "", "", "Y"),
    ("EB", "G", "IND", "30", "", "", "24", "1350", "", "", "", "", "Y"),
    ("EB", "A", "IND", "CJ", "", "", "27", "", "0.2", "", "", "Y", "Y"),
    ("HSD", "VS", "3", "WK"),
    ("DTP", "292", "RD8", "20260101-20261231"),
    ("MSG", "APPROVAL BEFORE THE FIRST DAY"),
    ("III", "ZZ", "57"),
    ("EB", "A", "IND", "CJ", "", "", "27", "", "0.5", "", "", "Y", "Y"),
    ("III", "ZZ", "21"),
    ("EB", "A", "IND", "CJ", "", "", "27", "", "0.4", "", "", "Y", "N"),
    ("EB", "B", "IND", "98", "", "", "27", "30", "", "", "", "", "Y"),
    ("EB", "F", "IND", "CJ", "", "", "29", "", "", "VS", "52", "", "Y"),
    ("EB", "U", "IND", "A7"),
    ("LS", "2120"),
    ("NM1", "PR", "2", "SAMPLE BEHAVIORAL", "", "", "", "", "PI", "BH-9"),
    ("PER", "IC", "DESK", "TE", "4045550188"),
    ("LE", "2120"),
)
"""Everything that an answer may say about a program such as ours."""

OTHERS: dict[str, str] = {
    "835": "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260318*1000*^*00501*000000007*0*T*:~GS*HP*A*B*20260318*1000*7*X*005010X221A1~ST*835*0001*005010X221A1~BPR*I*0*C*NON************20260318~TRN*1*1*1~SE*4*0001~GE*1*7~IEA*1*000000007~",
    "999": "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260318*1000*^*00501*000000008*0*T*:~GS*FA*A*B*20260318*1000*8*X*005010X231A1~ST*999*0001*005010X231A1~AK1*HS*1*005010X279A1~AK2*270*0001*005010X279A1~IK5*R*I5~AK9*R*1*1*0~SE*6*0001~GE*1*8~IEA*1*000000008~",
    "TA1": "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260318*1000*^*00501*000000009*0*T*:~TA1*000000001*260318*1000*R*006~IEA*0*000000009~",
    "271 of 4010": "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260318*1000*U*00401*000000010*0*T*:~GS*HB*A*B*20260318*1000*10*X*004010X092A1~ST*271*0001~BHT*0022*11*1*20260318*1000~SE*3*0001~GE*1*10~IEA*1*000000010~",
}
