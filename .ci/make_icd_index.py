"""Makes the carried list of ICD-10-CM codes out of releases of the library simple-icd-10-cm (MIT; the codes are public).

    python .ci/make_icd_index.py 2021-01-01=ORDER_FILE 2025-04-01=LIBRARY_1.4.0 2026-04-01=LIBRARY_1.5.0

Each argument is the first day of a release and where it stands: an order file of CMS, or a folder into which that version
of the library was unpacked. The library itself takes seconds and 190 MB to load, too much for a page; this list takes neither.
A line holds code, last release without it, first release without it any more, and description.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "src/stepwell/clinic/assessment/data/icd-10-cm.tsv.gz"
_ASK = """
import json, sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
import simple_icd_10_cm as icd
print(json.dumps({c: icd.get_description(c) for c in icd.get_all_codes(True) if icd.is_leaf(c)}))
"""


def release(place: Path) -> dict[str, str]:
    """Billable code -> description."""
    if place.is_file():
        rows = place.read_text("utf-8").splitlines()
        return {_dotted(r[6:14].strip()): r[77:].strip() for r in rows if r[14] == "1"}
    asked = subprocess.run(
        [sys.executable, "-c", _ASK, str(place)], capture_output=True, check=True, text=True
    )
    found: dict[str, str] = json.loads(asked.stdout)
    return found


def _dotted(code: str) -> str:
    return code if len(code) < 4 or "." in code else f"{code[:3]}.{code[3:]}"


def main(given: list[str]) -> None:
    """Writes the list, the same bytes for the same releases."""
    releases = sorted((part.split("=")[0], release(Path(part.split("=")[1]))) for part in given)
    text: dict[str, str] = {}  # one line each: a few descriptions of a release run over several
    for _, codes in releases:
        text |= {code: " ".join(said.split()) for code, said in codes.items()}
    lines = []
    for code in sorted(text):
        there = [day for day, codes in releases if code in codes]
        before = [day for day, _ in releases if day < there[0]]
        after = [day for day, _ in releases if day > there[-1]]
        lines.append("\t".join([code, before[-1] if before else "", after[0] if after else "", text[code]]))
    body = ("\n".join(["# " + " ".join(day for day, _ in releases), *lines]) + "\n").encode()
    OUT.write_bytes(gzip.compress(body, 9, mtime=0))
    sys.stdout.write(f"{len(lines)} codes, {OUT.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
