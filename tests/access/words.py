"""Which permission a word about a person asks for: what a page says is held against the role that reads it."""

from __future__ import annotations

import re

from stepwell.accounts.permissions import Permission as P
from stepwell.accounts.permissions import allows
from stepwell.accounts.roles import Role

NEEDED: dict[P, tuple[str, ...]] = {
    P.ASSESSMENT_READ: (
        "interview-", "intake-", "diagnosis-ended", "rater", "outside-document", "outside-note", "review-summary",
        "placement-because",
    ),
    P.PLAN_READ: (
        "strengths", "problem", "goal", "measure", "target", "intervention", "deferral", "verdict", "review",
    ),
    P.MEDICATION_READ: (
        "instructions", "passed-over", "dose-note", "dose-lot", "lasting", "home-lot", "medication", "earlier-medication",
        "stopped-because", "substance", "reaction", "effect", "follow-up", "lot", "offer", "fact-note", "home",
        "pharmacy", "reading-note", "watch-over",
    ),
    P.DRUG_TEST_READ: (
        "lab-told", "specimen", "collected", "clean", "voucher", "courier", "seal", "excused", "report", "control", "lab-file",
    ),
    P.NOTE_READ: ("note-part", "addendum"),
    P.NOTE_KEEP_APART: ("kept-apart-note",),
    P.RECOVERY_READ: ("check-in-note", "used", "homework", "safety", "relapse_prevention"),
}  # fmt: skip
"""Permission -> how the words behind the canary begin that only it opens."""


_CANARY = re.compile(r"quokka[pqsb](?:-[a-z0-9_-]*[a-z0-9])?", re.I)


def read_in(body: str) -> set[str]:
    """The canaries in a body, whole words."""
    return {word.lower() for word in _CANARY.findall(body)}


def asked_by(word: str) -> P | None:
    """The permission for 'quokkap-interview-goals'; None for words that the office reads too."""
    behind = word.partition("-")[2]
    found = [
        (len(stem), permission)
        for permission, stems in NEEDED.items()
        for stem in stems
        if behind == stem.rstrip("-") or behind.startswith(stem if stem.endswith("-") else f"{stem}-")
    ]
    return max(found)[1] if found else None


def too_much(words: set[str], role: Role) -> list[str]:
    """Words in a page that this role may read nowhere."""
    asked = {word: asked_by(word) for word in words}
    return sorted(word for word, needed in asked.items() if needed and not allows({role}, needed))
