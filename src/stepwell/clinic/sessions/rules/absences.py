"""Why somebody did not come, in taps; who may be a guest; how long a browser keeps what was not sent."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class AbsenceReason:
    """One tap: `words` stand in the record; `excused` is what the program says of it as a rule."""

    key: str
    words: str
    excused: bool

    @property
    def outcome(self) -> str:
        return "excused" if self.excused else "unexcused"


@dataclass(frozen=True, kw_only=True)
class Absences:
    """The taps in their order, the sessions with guests, what a guest learns, and how long text is kept."""

    reasons: tuple[AbsenceReason, ...]
    guest_kinds: frozenset[str]
    guest_treatments: frozenset[str]
    guest_category: str
    kept: timedelta

    def reason(self, key: str) -> AbsenceReason | None:
        """The tap of that key; None for one that is not offered."""
        return next((one for one in self.reasons if one.key == key), None)


@dataclass(frozen=True, kw_only=True)
class GuestDecision:
    """May the guest's presence be recorded; on what ground ("consent", "say_so" or ""), and the sentence."""

    allowed: bool
    ground: str
    sentence: str


@cache
def load_absences() -> Absences:
    """The ones that ship with this version."""
    raw = json.loads(files("stepwell.clinic.sessions").joinpath("data/absences.json").read_text("utf-8"))
    return Absences(
        reasons=tuple(AbsenceReason(**row) for row in raw["reasons"]),
        guest_kinds=frozenset(raw["guests"]["kinds"]),
        guest_treatments=frozenset(raw["guests"]["treatments"]),
        guest_category=raw["guests"]["category"],
        kept=timedelta(hours=raw["kept_hours"]),
    )


def reason_in_words(reason: AbsenceReason | None, words: str) -> str:
    """What is recorded as the reason: the tap, then what was typed."""
    typed = words.strip()
    if reason is None:
        return typed
    if not typed or typed == reason.words or typed.startswith(f"{reason.words}: "):
        return typed or reason.words
    return f"{reason.words}: {typed}"


def takes_guests(kind: str, treatment: str, absences: Absences) -> bool:
    """Family members come to family sessions and to groups for families, to no other."""
    return kind in absences.guest_kinds or treatment in absences.guest_treatments


def may_be_guest(
    *,
    guest: str,
    patient: str,
    kind: str,
    treatment: str,
    consented: bool,
    why_not: Iterable[str],
    patient_here: bool,
    patient_agrees: bool,
    absences: Absences,
) -> GuestDecision:
    """Whether `guest` may be in a session of `patient`.

    Who sits in the room learns that the patient is treated, so a live consent is asked for (42 CFR 2.13, 2.31).
    Without one, only in a family session, where nobody else is a patient, and only while the patient is there and
    says so: then it is the patient who tells, not the program.
    """
    if not takes_guests(kind, treatment, absences):
        return _no("Guests come to family sessions and family groups only.")
    if consented:
        return GuestDecision(
            allowed=True, ground="consent", sentence=f"{patient}'s consent lets {guest} come."
        )
    reason = next(iter(why_not), "There is no consent on file.")
    if kind not in absences.guest_kinds:
        return _no(f"{guest} cannot stay in a group with others. {reason} Have {patient} sign one first.")
    if not patient_here:
        return _no(f"{guest} cannot be recorded as here. {reason} Record first that {patient} is here.")
    if not patient_agrees:
        return _no(
            f"{guest} cannot be recorded as here. {reason} {patient} can say in the room that it is all right; "
            "mark that, or have a consent signed."
        )
    return GuestDecision(
        allowed=True,
        ground="say_so",
        sentence=f"{patient} is here and says that {guest} may stay. Tell {guest} nothing beyond this session.",
    )


def _no(sentence: str) -> GuestDecision:
    return GuestDecision(allowed=False, ground="", sentence=sentence)
