"""Where an inquiry stands, read from the rows of what happened to it; and what may happen next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class InquiryEventKind(StrEnum):
    """What can happen to an inquiry after it came in."""

    ATTEMPTED = "attempted"
    ANSWERED = "answered"
    BOOKED = "booked"
    SCREENED_OUT = "screened_out"
    CLOSED = "closed"
    REOPENED = "reopened"
    DANGER = "danger"
    SAFETY = "safety"


class InquiryState(StrEnum):
    """New: nobody tried. Trying: not reached yet. Answered: spoken with. Then an intake, elsewhere, or closed."""

    NEW = "new"
    TRYING = "trying"
    ANSWERED = "answered"
    BOOKED = "booked"
    SCREENED_OUT = "screened_out"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class InquiryEvent:
    """One row: what and when."""

    kind: InquiryEventKind
    at: datetime


@dataclass(frozen=True, kw_only=True)
class InquiryStanding:
    """The state, since when, how often it was tried without reaching anybody since it (re)opened, and whether open.

    `first_answered_at` is when somebody was first spoken with, for the time to answer.
    """

    state: InquiryState
    since: datetime
    attempts: int
    open: bool
    first_answered_at: datetime | None
    sentence: str


_AFTER = {
    InquiryEventKind.ANSWERED: InquiryState.ANSWERED,
    InquiryEventKind.BOOKED: InquiryState.BOOKED,
    InquiryEventKind.SCREENED_OUT: InquiryState.SCREENED_OUT,
    InquiryEventKind.CLOSED: InquiryState.CLOSED,
}
_ASIDE = frozenset({InquiryEventKind.DANGER, InquiryEventKind.SAFETY})
_DONE = frozenset({InquiryState.BOOKED, InquiryState.SCREENED_OUT, InquiryState.CLOSED})


def state_of(received_at: datetime, events: Iterable[InquiryEvent]) -> InquiryStanding:
    """Read the rows in the order they happened; rows of one instant keep the order given."""
    state, since, attempts = InquiryState.NEW, received_at, 0
    first_answered_at = None
    for event in sorted(events, key=lambda e: e.at):
        if event.kind is InquiryEventKind.REOPENED:
            state, since, attempts = InquiryState.NEW, event.at, 0
        elif event.kind in _ASIDE:
            continue
        elif event.kind is InquiryEventKind.ATTEMPTED:
            attempts += 1
            # One more call to somebody already spoken with does not make them unreached.
            if state is InquiryState.NEW:
                state, since = InquiryState.TRYING, event.at
        else:
            if _AFTER[event.kind] is not state:
                state, since = _AFTER[event.kind], event.at
            if event.kind in (InquiryEventKind.ANSWERED, InquiryEventKind.BOOKED):
                first_answered_at = first_answered_at or event.at
    return InquiryStanding(
        state=state,
        since=since,
        attempts=attempts,
        open=state not in _DONE,
        first_answered_at=first_answered_at,
        sentence=_sentence(state, attempts),
    )


def objection_to(state: InquiryState, event: InquiryEventKind) -> str | None:
    """Why this may not happen to an inquiry in this state; None when it may."""
    if event in _ASIDE:
        return None
    if event is InquiryEventKind.REOPENED:
        return None if state in _DONE else "This inquiry is still open."
    if state is InquiryState.BOOKED and event is InquiryEventKind.BOOKED:
        return "An intake is already booked; move or cancel that one."
    if state is InquiryState.BOOKED and event is InquiryEventKind.ANSWERED:
        # Else it would wait for an intake again while it has one.
        return "An intake was booked in the meantime, so this person is answered. Nothing was saved."
    if state is InquiryState.BOOKED and event is not InquiryEventKind.CLOSED:
        return None
    if state in (InquiryState.SCREENED_OUT, InquiryState.CLOSED):
        return "This inquiry is closed; open it again first."
    if state is InquiryState.BOOKED:
        return "An intake is booked; cancel it before you close the inquiry."
    return None


def danger_stands(danger_now: bool, received_at: datetime, events: Iterable[InquiryEvent]) -> bool:
    """Was danger to life told, and has nobody yet written down what was done about it?

    What was done stands behind the last time danger was told: with the request, or later in the papers.
    """
    told, acted = received_at, None
    for event in sorted(events, key=lambda e: e.at):
        if event.kind is InquiryEventKind.DANGER:
            told, acted = event.at, None
        elif event.kind is InquiryEventKind.SAFETY and event.at >= told:
            acted = event.at
    return danger_now and acted is None


def danger_unanswered(events: Iterable[InquiryEvent]) -> bool:
    """Was danger of any kind told in the papers, and has nobody written down since what was done?"""
    unanswered = False
    for event in sorted(events, key=lambda e: e.at):
        if event.kind in _ASIDE:
            unanswered = event.kind is InquiryEventKind.DANGER
    return unanswered


DANGER_FIRST = (
    "Danger to life was told, and nobody has written down what was done about it. Act first, then write it "
    "down; nothing else was saved."
)


def _sentence(state: InquiryState, attempts: int) -> str:
    tried = "once" if attempts == 1 else f"{attempts} times"
    return {
        InquiryState.NEW: "Nobody has called back yet.",
        InquiryState.TRYING: f"Tried {tried}, not reached yet.",
        InquiryState.ANSWERED: "Answered; an intake is to be booked.",
        InquiryState.BOOKED: "An intake is booked.",
        InquiryState.SCREENED_OUT: "Referred elsewhere.",
        InquiryState.CLOSED: "Closed.",
    }[state]
