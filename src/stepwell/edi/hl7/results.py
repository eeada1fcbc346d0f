"""What a message of results tells: whose they are, each order group, each line. Never raises over what is inside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from stepwell.clinic.drug_tests.rules.laboratory import Coded, Message, Observation, PersonTold, Report
from stepwell.edi.hl7.segments import Segment, decoded, segments

_TIME = re.compile(
    r"(?P<day>[0-9]{8})(?P<hour>[0-9]{2})?(?P<minute>[0-9]{2})?(?P<second>[0-9]{2})?(?:\.[0-9]{1,6})?(?P<zone>[+-][0-9]{4})?"
)
LINES_AT_MOST = 5000
"""Lines of one message that are read; a drug test has some thirty."""


def read_message(content: bytes) -> Message:
    """One message. `problem` says why nothing can be read from it; the bytes stay as they came."""
    try:
        parts = segments(decoded(content))
    except (ValueError, IndexError, RecursionError):
        return Message(problem="The message cannot be taken apart.")
    if not parts or parts[0].name != "MSH" or len(parts[0].fields) < 2:
        return Message(problem="The message has no readable header (MSH).")
    head = parts[0]
    kind = "^".join(part for part in head.parts(9)[:2] if part)
    known = Message(
        control_id=head.part(10)[:200],
        kind=kind[:20],
        sender=_joined(head.part(3), head.part(4)),
        receiver=_joined(head.part(5), head.part(6)),
        version=head.part(12)[:10],
        sent_at=moment(head.part(7)),
    )
    if head.part(9).upper() != "ORU" or head.part(9, 2).upper() not in ("R01", ""):
        words = f"This is {kind or 'a message without a kind'}, not a result (ORU^R01)."
        return replace(known, problem=words, foreign=True)
    if not head.part(10):
        return replace(known, problem="The message has no control id (MSH-10), so it cannot be answered.")
    if len(parts) > LINES_AT_MOST:
        return replace(known, problem="The message has more lines than a result has.")
    reports = tuple(_reports(parts, known.sender))
    if not reports:
        return replace(known, problem="The message holds no order group (OBR) and no result (OBX).")
    return replace(known, reports=reports)


def moment(told: str) -> str:
    """An HL7 time as ISO text, with its offset when it has one; empty when it is none."""
    found = _TIME.fullmatch(told.strip())
    if found is None:
        return ""
    text = found["day"] + (found["hour"] or "00") + (found["minute"] or "00") + (found["second"] or "00")
    try:
        form = "%Y%m%d%H%M%S%z" if found["zone"] else "%Y%m%d%H%M%S"
        when = datetime.strptime(text + (found["zone"] or ""), form)  # noqa: DTZ007 -- a time told without a zone stays without one
        when.utctimetuple()
    except (ValueError, OverflowError):
        return ""
    return when.isoformat()


def day(told: str) -> str:
    """The day of an HL7 date or time as ISO text; empty when it is none."""
    return moment(told[:8])[:10] if len(told.strip()) >= 8 else ""


@dataclass
class _Open:
    """The group that is being read."""

    obr: Segment | None = None
    orc: Segment | None = None
    lines: list[Observation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    specimens: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.obr is not None or bool(self.lines)


def _reports(parts: Iterable[Segment], sender: str) -> Iterable[Report]:
    """Each OBR with its lines; an OBX before any OBR makes a group of its own. A new PID is another person."""
    person, group, place = PersonTold(), _Open(), 0
    after = ""
    for one in parts:
        if (
            one.name in ("PID", "OBR", "ORC")
            and group.holds
            and not (one.name == "OBR" and group.obr is None)
        ):
            place += 1
            yield _report(group, person, sender, place)
            group = _Open()
        match one.name:
            case "PID":
                person, group = _person(one), _Open()
            case "ORC":
                group.orc = one
            case "OBR":
                group.obr = one
            case "OBX":
                group.lines.append(_line(one, len(group.lines) + 1))
            case "SPM":
                group.specimens += [n for c in (2, 3) for reps in one.repetitions(c) for part in reps for n in part.split("&") if n]  # fmt: skip
            case "NTE":
                _note(group, one.whole(3), after)
                continue
            case _:
                pass
        after = one.name
    if group.holds:
        yield _report(group, person, sender, place + 1)


def _note(group: _Open, said: str, after: str) -> None:
    if not said.strip():
        return
    if after == "OBX" and group.lines:
        last = group.lines[-1]
        group.lines[-1] = replace(last, notes=(*last.notes, said))
    else:
        group.notes.append(said)


def _report(group: _Open, person: PersonTold, sender: str, place: int) -> Report:
    obr, orc = group.obr or Segment("OBR", ()), group.orc or Segment("ORC", ())
    return Report(
        position=place,
        person=person,
        observations=tuple(group.lines),
        sender=sender,
        placer=obr.part(2) or orc.part(2),
        filler=obr.part(3) or orc.part(3),
        service=_codes(obr.parts(4)),
        status=obr.part(25).upper()[:2],
        collected_at=moment(obr.part(7)),
        reported_at=moment(obr.part(22)),
        specimens=tuple(dict.fromkeys(group.specimens)),
        notes=tuple(group.notes),
    )


def _person(pid: Segment) -> PersonTold:
    numbers = [reps[0] for n in (3, 2, 4) for reps in pid.repetitions(n) if reps and reps[0]]
    name = pid.parts(5)
    return PersonTold(
        identifiers=tuple(dict.fromkeys(numbers)),
        family=(name[0] if name else "").split(pid.marks.sub or "\0")[0].strip(),
        given=(name[1] if len(name) > 1 else "").strip(),
        birth_date=day(pid.part(7)),
        sex=pid.part(8)[:2],
    )


def _line(obx: Segment, place: int) -> Observation:
    kind = obx.part(2).upper()[:3]
    values = obx.repetitions(5)
    if kind in ("CE", "CWE", "CNE", "CF"):
        value = "\n".join(_coded_value(one) for one in values)
    elif kind == "SN":
        value = "\n".join("".join(part.strip() for part in one) for one in values)
    else:
        value = obx.whole(5)
    return Observation(
        position=place,
        codes=_codes(obx.parts(3)),
        value=value,
        kind=kind,
        sub=obx.part(4),
        units=obx.part(6) or obx.part(6, 2),
        range=obx.whole(7),
        flags=tuple(one[0] for one in obx.repetitions(8) if one and one[0]),
        status=(obx.part(11) or "F").upper()[:2],
    )


def _coded_value(parts: list[str]) -> str:
    """The words of a coded value, else its code."""
    return (parts[1] if len(parts) > 1 and parts[1] else parts[0] if parts else "").strip()


def _codes(parts: list[str]) -> tuple[Coded, ...]:
    """Both triples of a coded element: the code of the standard and the laboratory's own, in either order."""
    found = []
    for start in (0, 3):
        three = [*parts[start : start + 3], "", "", ""][:3]
        if any(three[:2]):
            found.append(Coded(three[0].strip(), three[1].strip(), three[2].strip()))
    return tuple(found)


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)[:200]
