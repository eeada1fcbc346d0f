"""Which of several reports about the same thing holds, whatever the order in which they came.

Everything here is a function of the set of reports: a final result is never replaced by a preliminary one, a newer
one replaces an older one, a correction wins over what is as new, and the key of the content decides what is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

from stepwell.clinic.drug_tests.rules.laboratory.codes import amount, answer, known, unverified, verified
from stepwell.clinic.drug_tests.rules.laboratory.told import Observation, Report
from stepwell.clinic.drug_tests.rules.reading import Method, Result

_FINAL, _TAKEN_BACK = frozenset({"F", "C", "X", "D", "W", "U"}), frozenset({"D", "W"})


@dataclass(frozen=True)
class Kept:
    """A report as it is on file: what it says, and the key of the message it came in."""

    report: Report
    key: str
    sent_at: str = ""


@dataclass(frozen=True)
class Findings:
    """What the laboratory says of one test now. `results`: class to answer, by method; `open`: some is to come.

    `unread`: lines that mean nothing here, each as a sentence in the laboratory's words.
    """

    results: dict[Method, dict[str, Result]] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    measured: dict[str, Decimal] = field(default_factory=dict)
    open: bool = False
    unread: tuple[str, ...] = ()


def same_thing(report: Report) -> str:
    """The key under which reports replace each other: laboratory, order number and service. SHA-256 in hex.

    Without an order number of either side a report stands alone with what it says.
    """
    number = report.filler or report.placer
    service = next((c.code or c.words for c in report.service), "")
    if not number:
        number = f"alone {report.person} {report.collected_at} {report.observations}"
    return sha256("\x1f".join((report.sender, number, service)).encode()).hexdigest()


def rank(one: Kept) -> tuple[bool, datetime, bool, str]:
    """The highest holds: final before preliminary, then the newer, then the corrected, then by the content's key."""
    return (_is_final(one.report), _when(one), _is_corrected(one.report), one.key)


def holding(reports: Iterable[Kept]) -> Kept | None:
    """The one that holds among reports about the same thing."""
    return max(reports, key=rank, default=None)


def current(reports: Iterable[Kept]) -> tuple[Observation, ...]:
    """The lines that hold, in the order of the report that holds.

    A correction may repeat only the lines that it corrects: lines it leaves out stay as they were told before.
    """
    lines: dict[tuple[str, str], Observation] = {}
    in_order = sorted(reports, key=rank)
    for one in in_order:
        for line in one.report.observations:
            place = _place(line)
            before = lines.get(place)
            if before is not None and _final_line(before) and not _final_line(line):
                continue
            lines[place] = line
    last = in_order[-1].report if in_order else None
    # What only a preliminary report spoke of is not waited for once the final one is there.
    left = (
        {_place(line) for line in last.observations} if last is not None and _is_final(last) else set(lines)
    )
    return tuple(
        line
        for place, line in lines.items()
        if line.status.upper() not in _TAKEN_BACK and (_final_line(line) or place in left)
    )


def findings(lines: Iterable[Observation]) -> Findings:
    """Results by method and class, amounts in ng/mL and what was measured of the specimen."""
    found = Findings()
    still_open = False
    unread: list[str] = []
    for line in lines:
        what = known(line)
        still_open = still_open or not _final_line(line)
        if what is None:
            unread.append(in_their_words(line))
            continue
        if what.measurement:
            number = amount(line)
            if number is not None:
                found.measured[what.measurement] = number
            continue
        said = answer(line, method=what.method, of=what.drug_class)
        if said is None:
            still_open = True  # words that only a person can read
            continue
        by_class = found.results.setdefault(what.method, {})
        by_class[what.drug_class] = _graver(by_class.get(what.drug_class), said)
        number = amount(line)
        if number is not None and line.units.casefold().replace(" ", "") == "ng/ml":
            found.amounts[what.drug_class] = number
    return Findings(found.results, found.amounts, found.measured, still_open, tuple(sorted(set(unread))))


def in_their_words(line: Observation) -> str:
    """A line that is not read here, as the laboratory says it; a code that fails its check digit is named so."""
    said = " ".join(
        f"{line.words or 'A line without a name'}: {line.value or 'no value'} {line.units}".split()
    )
    wrong = unverified(line)
    why = f"its code {wrong[0].code} is unverified" if wrong and verified(line) is None else "not read here"
    return f"In the laboratory's words: {said[:200]} ({why})."


def _graver(one: Result | None, other: Result) -> Result:
    """Two lines of one class, such as two opiates: one that was found is found."""
    order = (Result.POSITIVE, Result.PENDING, Result.INVALID, Result.NEGATIVE)
    return other if one is None else min(one, other, key=order.index)


def _place(line: Observation) -> tuple[str, str]:
    code = verified(line)
    first = (
        code.code if code is not None else next((f"{c.system} {c.code} {c.words}" for c in line.codes), "")
    )
    return first, line.sub


def _final_line(line: Observation) -> bool:
    return line.status.upper() in _FINAL


def _is_final(report: Report) -> bool:
    if report.status:
        return report.status.upper() in _FINAL
    return bool(report.observations) and all(_final_line(line) for line in report.observations)


def _is_corrected(report: Report) -> bool:
    return report.status.upper() == "C" or any(
        line.status.upper() in {"C", "D", "W"} for line in report.observations
    )


def _when(one: Kept) -> datetime:
    """A time without a zone counts as UTC here: it only puts reports of one laboratory in order."""
    for text in (one.report.reported_at, one.sent_at):
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            continue
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC)
