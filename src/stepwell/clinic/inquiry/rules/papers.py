"""The intake papers on somebody's own phone: what is asked, what must be signed, what each paper permits.

Words for the person stand in the public's content files; here are keys only, and labels for staff.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from .screening import Danger, load_red_flags, red_flags

Answer = str | int | list[str]
Answers = Mapping[str, Answer]

FIELD = (600, 200)
"""Width and height of the field one signs in."""

_MOST_POINTS = 6_000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class QuestionKind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    LONG = "long"
    PHONE = "phone"
    EMAIL = "email"
    NUMBER = "number"
    CHOICE = "choice"
    SEVERAL = "several"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question; `most` is the longest text or the largest number. `label` is for staff."""

    key: str
    label: str
    kind: QuestionKind
    required: bool
    least: int
    most: int
    choices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Questions on one page."""

    key: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentTerms:
    """What a paper permits when it is signed; no recipient means the emergency contact that was named."""

    kind: str
    information: tuple[str, ...]
    recipient_kind: str
    recipient_key: str
    recipient_name: str
    purposes: tuple[str, ...]
    expiry: str
    expires_after_days: int | None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper to read and sign; `terms` when it is a consent in the sense of 42 CFR 2.31."""

    key: str
    edition: str
    title: str
    required: bool
    may_wait: bool
    terms: ConsentTerms | None


@dataclass(frozen=True, kw_only=True)
class Together:
    """When one question is answered (or answered so), these are needed too."""

    when: str
    answer: str | None
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PapersRule:
    """How long the address is good for, how long it stays open after the date of birth, the neutral words with
    which it is sent (by language, with {address}), and what is in it."""

    valid: timedelta
    open_for: timedelta
    wrong_tries: int
    adult_from: int
    message: Mapping[str, str]
    papers: tuple[Paper, ...]
    parts: tuple[Part, ...]
    together: tuple[Together, ...]

    def paper(self, key: str) -> Paper | None:
        """The paper with this key; None when there is none."""
        return next((p for p in self.papers if p.key == key), None)

    def part(self, key: str) -> Part | None:
        """The part with this key; None when there is none."""
        return next((p for p in self.parts if p.key == key), None)


class PacketState(StrEnum):
    """Where the papers of one person stand."""

    WAITING = "waiting"
    OPENED = "opened"
    SENT_IN = "sent_in"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    LOCKED = "locked"
    ENDED = "ended"


class GapKind(StrEnum):
    """Why papers cannot be sent in yet."""

    MISSING = "missing"
    UNSIGNED = "unsigned"
    DANGER = "danger"


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One thing that is missing: the key of the part or paper, and of the question."""

    kind: GapKind
    where: str
    question: str = ""


@dataclass(frozen=True, kw_only=True)
class PacketFacts:
    """The dates of one packet."""

    expires_at: datetime
    wrong_tries: int
    opened_at: datetime | None
    sent_in_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None


@cache
def load_papers() -> PapersRule:
    """The papers that ship with this version."""
    raw = json.loads(files("stepwell.clinic.inquiry").joinpath("data/packet.json").read_text("utf-8"))
    return PapersRule(
        valid=timedelta(hours=raw["valid_hours"]),
        open_for=timedelta(minutes=raw["open_minutes"]),
        wrong_tries=raw["wrong_tries"],
        adult_from=raw["adult_from"],
        message=raw["message"],
        papers=tuple(_paper(row) for row in raw["papers"]),
        parts=tuple(
            Part(key=row["key"], title=row["title"], questions=tuple(_question(q) for q in row["questions"]))
            for row in raw["parts"]
        ),
        together=tuple(
            Together(when=row["when"], answer=row.get("is"), needs=tuple(row["needs"]))
            for row in raw["together"]
        ),
    )


def packet_state(facts: PacketFacts, at: datetime, rule: PapersRule) -> PacketState:
    """Where the papers stand at `at`. What was sent in does not expire; a lock does not outlive the papers."""
    if facts.accepted_at is not None:
        return PacketState.ACCEPTED
    if facts.ended_at is not None:
        return PacketState.ENDED
    if facts.sent_in_at is not None:
        return PacketState.SENT_IN
    if at >= facts.expires_at:
        return PacketState.EXPIRED
    if facts.wrong_tries >= rule.wrong_tries:
        return PacketState.LOCKED
    return PacketState.WAITING if facts.opened_at is None else PacketState.OPENED


def read_answers(raw: Mapping[str, Any], rule: PapersRule) -> dict[str, Answer]:
    """What of `raw` can be kept: known questions with answers of their kind. The rest is left out, never guessed.

    An empty answer is kept as empty: it takes the place of what was answered before.
    """
    kept: dict[str, Answer] = {}
    for question in (q for part in rule.parts for q in part.questions):
        if question.key in raw:
            found = _read(question, raw[question.key])
            if found is not None:
                kept[question.key] = found
    return kept


def gaps(
    answers: Answers, signed: Collection[str], later: Collection[str], asked: Iterable[str], rule: PapersRule
) -> tuple[Gap, ...]:
    """Everything that keeps the papers from being sent in; empty when nothing does. Danger comes first."""
    found: list[Gap] = []
    if danger_in(answers) is Danger.NOW:
        found.append(Gap(kind=GapKind.DANGER, where="safety", question="red_flags"))
    needed = {q for one in rule.together if _applies(one, answers) for q in one.needs}
    for part in rule.parts:
        for question in part.questions:
            wanted = question.required or question.key in needed
            if wanted and not answers.get(question.key):
                found.append(Gap(kind=GapKind.MISSING, where=part.key, question=question.key))
    for key in asked:
        paper = rule.paper(key)
        if paper is None or key in signed or not paper.required:
            continue
        if not (paper.may_wait and key in later):
            found.append(Gap(kind=GapKind.UNSIGNED, where=key))
    return tuple(found)


def danger_in(answers: Answers) -> Danger:
    """The soonest danger that was ticked in the papers."""
    ticked = answers.get("red_flags", [])
    return red_flags(ticked if isinstance(ticked, list) else []).danger


def recipient_named(answers: Answers) -> str:
    """Whom the person named as emergency contact; empty when nobody."""
    return str(answers.get("emergency_name") or "").strip()


def may_be_signed(paper: Paper, answers: Answers) -> bool:
    """A consent that tells somebody can be signed once it is known whom."""
    if paper.terms is None or paper.terms.recipient_name:
        return True
    return bool(recipient_named(answers))


def signature_fault(name: str, typed: str, drawing: list[list[tuple[int, int]]]) -> str:
    """What is missing: "name", "signature", or empty. A mark that is no more than a dot is no signature."""
    if len(re.sub(r"[\W\d_]+", "", name)) < 2:
        return "name"
    drawn = sum(len(stroke) for stroke in drawing) >= 8
    if not drawn and len(re.sub(r"[\W\d_]+", "", typed)) < 2:
        return "signature"
    return ""


def read_drawing(raw: object) -> list[list[tuple[int, int]]]:
    """The strokes of a drawn signature within its field; empty for anything that is none."""
    if not isinstance(raw, list):
        return []
    strokes: list[list[tuple[int, int]]] = []
    points = 0
    for stroke in raw:
        if not isinstance(stroke, list):
            return []
        line = []
        for point in stroke:
            if (
                not isinstance(point, (list, tuple))
                or len(point) != 2
                or not all(isinstance(n, int) and not isinstance(n, bool) for n in point)
            ):
                return []
            x, y = point
            line.append((min(max(x, 0), FIELD[0]), min(max(y, 0), FIELD[1])))
        points += len(line)
        if points > _MOST_POINTS:
            return []
        if line:
            strokes.append(line)
    return strokes


def consent_facts(paper: Paper, answers: Answers, discloser: str, signed_on: date) -> dict[str, Any] | None:
    """The columns of the consent that this paper gives; None for a paper that is none. Raises ValueError without
    a recipient.

    The three statements of 42 CFR 2.31 are true because the words of the paper make them; a test reads the words.
    """
    terms = paper.terms
    if terms is None:
        return None
    name = terms.recipient_name or recipient_named(answers)
    if not name:
        raise ValueError("The paper names nobody who may be told.")
    return {
        "kind": terms.kind,
        "discloser": discloser,
        "information": list(terms.information),
        "recipient_kind": terms.recipient_kind,
        "recipient_name": name,
        "recipient_key": terms.recipient_key,
        "purposes": list(terms.purposes),
        "expiry": terms.expiry,
        "expires_on": (
            signed_on + timedelta(days=terms.expires_after_days) if terms.expires_after_days else None
        ),
        "right_to_revoke_stated": True,
        "redisclosure_stated": True,
        "consequences_stated": True,
    }


def _applies(one: Together, answers: Answers) -> bool:
    found = answers.get(one.when)
    return bool(found) if one.answer is None else found == one.answer


def _read(question: Question, raw: Any) -> Answer | None:
    if question.kind is QuestionKind.SEVERAL:
        if not isinstance(raw, list):
            return None
        return [choice for choice in question.choices if choice in raw]
    text = str(raw).replace("\0", "").strip() if isinstance(raw, (str, int)) else ""
    if not text:
        return "" if raw in ("", None) or isinstance(raw, str) else None
    if question.kind is QuestionKind.CHOICE:
        return text if text in question.choices else None
    if question.kind is QuestionKind.NUMBER:
        if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not question.least <= int(text) <= question.most:
            return None
        return int(text)
    if len(text) > question.most:
        return None
    if question.kind is QuestionKind.PHONE and len(re.sub(r"\D", "", text)) < 7:
        return None
    if question.kind is QuestionKind.EMAIL and not _EMAIL.fullmatch(text):
        return None
    return text


def _paper(row: Mapping[str, Any]) -> Paper:
    terms = row.get("consent")
    return Paper(
        key=row["key"],
        edition=row["edition"],
        title=row["title"],
        required=row["required"],
        may_wait=row["may_wait"],
        terms=None
        if terms is None
        else ConsentTerms(
            kind=terms["kind"],
            information=tuple(terms["information"]),
            recipient_kind=terms["recipient_kind"],
            recipient_key=terms["recipient_key"],
            recipient_name=terms["recipient_name"],
            purposes=tuple(terms["purposes"]),
            expiry=terms["expiry"],
            expires_after_days=terms.get("expires_after_days"),
        ),
    )


def _question(row: Mapping[str, Any]) -> Question:
    choices = row.get("choices", ())
    return Question(
        key=row["key"],
        label=row["label"],
        kind=QuestionKind(row["kind"]),
        required=row.get("required", False),
        least=row.get("least", 0),
        most=row.get("most", 0),
        choices=tuple(load_red_flags()) if choices == "red_flags" else tuple(choices),
    )
