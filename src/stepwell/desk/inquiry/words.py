"""How an inquiry is said on the staff's pages: ways to be reached, free times, and what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stepwell.clinic.inquiry.rules import (
    PacketState,
    Question,
    load_day_parts,
    load_intake_rule,
    load_red_flags,
    load_screen_out_reasons,
    load_sources,
)
from stepwell.clinic.inquiry.rules.free_times import WEEKDAYS
from stepwell.clinic.people.rules import Channel, contact_rules_of, may_contact, parse_safe_times
from stepwell.ui.filters import date_full, moment

HOW = {"call": "Called", "voicemail": "Left a voicemail", "text": "Sent a text", "email": "Sent an e-mail"}
ASKING_FOR = {"self": "for themselves", "family": "for somebody close", "professional": "for a client"}
_CHANNELS = (
    (Channel.CALL, "Call", "phone", "may_call"),
    (Channel.VOICEMAIL, "Voicemail", "phone", "may_voicemail"),
    (Channel.TEXT, "Text", "phone", "may_text"),
    (Channel.EMAIL, "E-mail", "email", "may_email"),
)


@dataclass(frozen=True)
class Way:
    """One way to be reached: is it safe now, why, and the neutral words to begin with."""

    key: str
    label: str
    address: str
    allowed: bool
    permitted: bool
    reason: str
    wording: str


def ways_of(row: Any, now_local: datetime) -> list[Way]:
    """Call, voicemail, text and e-mail, each decided by the rule of contact for this minute."""
    rules = contact_rules_of(row)
    found = []
    for channel, label, column, permission in _CHANNELS:
        decision = may_contact(rules, channel, now_local)
        address = getattr(row, column)
        permitted = bool(address) and getattr(row, permission)
        if channel is Channel.VOICEMAIL:
            permitted = permitted and row.may_call
        allowed = decision.allowed and bool(address)
        found.append(
            Way(channel.value, label, address, allowed, permitted, decision.reason, decision.wording)
        )
    return found


def reach_sentence(row: Any, ways: list[Way]) -> str:
    """How this person may be reached now, in a sentence."""
    allowed = [way.label.lower() for way in ways if way.permitted]
    never = [way.label.lower() for way in ways if not way.permitted]
    if not allowed:
        return "Nobody has asked yet how this person may be reached safely."
    said = f"Safe: {_list(allowed)}."
    if never:
        said += f" Not allowed: {_list(never)}."
    times = row.safe_times.strip()
    if times and parse_safe_times(times) is None:
        return f"{said} They wrote about when: “{times}”. Read it before you call."
    if times and not any(way.allowed for way in ways):
        return f"{said} Not now: it is safe only {times}."
    return f"{said} Safe times: {times}." if times else said


def short_reach(row: Any) -> str:
    """For the queue: 'call, text · mon-fri 12:00-13:00'."""
    ways = [
        label.lower()
        for _, label, column, permission in _CHANNELS
        if getattr(row, permission) and getattr(row, column)
    ]
    return " · ".join(part for part in (", ".join(ways) or "not asked yet", row.safe_times.strip()) if part)


def free_words(keys: Iterable[str]) -> str:
    """'Mornings Mon, Wed · Evenings Tue'; empty when nothing was ticked."""
    ticked = set(keys)
    found = []
    for part in load_day_parts().values():
        days = [day.title() for day in WEEKDAYS if f"{day}-{part.key}" in ticked]
        if days:
            found.append(f"{part.title}s {'every day' if len(days) == 7 else ', '.join(days)}")
    return " · ".join(found)


_OUTCOMES = {
    "arrived": "Arrived there",
    "not_gone": "Did not go there",
    "not_reached": "Not reached; asked again",
}
_ACCESS = {
    "step_free": "a way without steps", "hearing": "help with hearing", "sight": "help with seeing",
    "reading": "help with reading and writing", "other": "something else",
    "yes": "yes", "no": "no", "unsure": "not sure", "en": "English", "es": "Spanish",
    "call": "call", "voicemail": "voicemail", "text": "text", "email": "e-mail", "mail": "letter",
    "car": "by car", "ride": "somebody drives", "bus": "by bus or train", "walk": "on foot or by bicycle",
    "hard": "it is hard", "own": "own home", "rent": "rents", "with_others": "with family or friends",
    "shelter": "shelter or sober home", "none": "no place now",
}  # fmt: skip


def answer_words(question: Question, answers: Any) -> str:
    """One answer of the papers, in words for staff; empty when there is none."""
    value = answers.get(question.key, "")
    flags = load_red_flags()
    if isinstance(value, list):
        return ", ".join(flags[v].words if v in flags else _ACCESS.get(v, str(v)) for v in value)
    return _ACCESS.get(str(value), str(value)) if question.choices else str(value)


def packet_words(shown: Any) -> str:
    """Where the papers stand, in a sentence."""
    row = shown.row
    until = f"good until {moment(row.expires_at)}"
    sent = {"text": " by text", "email": " by e-mail", "shown": " on a screen"}.get(row.sent_how, "")
    return {
        PacketState.WAITING: f"Sent{sent} {moment(row.sent_at)}, not opened yet; {until}."
        if row.sent_at
        else f"Made, not sent yet; {until}.",
        PacketState.OPENED: f"Opened {moment(row.opened_at) if row.opened_at else ''}; {len(shown.signatures)} of "
        f"{len(row.papers)} papers signed; {until}.",
        PacketState.SENT_IN: f"Came back {moment(row.sent_in_at) if row.sent_in_at else ''}; to be looked at.",
        PacketState.ACCEPTED: f"Accepted {moment(row.accepted_at) if row.accepted_at else ''}.",
        PacketState.EXPIRED: "The address has expired; make new papers, the answers are kept.",
        PacketState.LOCKED: "Locked after too many wrong dates of birth; make new papers once you know who tried.",
        PacketState.ENDED: f"Ended: {row.ended_because}.",
    }[shown.state]


def heard_words(row: Any) -> str:
    """How they heard of the program."""
    said = load_sources().get(row.heard_from, "")
    return ": ".join(part for part in (said, row.heard_detail) if part) or "not asked"


def follow_up_title(row: Any) -> str:
    """What is asked, or what came of it."""
    if row.done_at is None:
        who = row.who.short_name if row.who else "anybody"
        return f"To ask on {date_full(row.due_on)} ({who})"
    by = f" ({row.done_by.short_name})" if row.done_by else ""
    return f"{_OUTCOMES.get(row.outcome, row.outcome)}{by}"


def story_of(row: Any) -> list[dict[str, Any]]:
    """The timeline of an inquiry, newest first."""
    told: list[dict[str, Any]] = [
        {"at": moment(event.at), "by": event.by.name if event.by else None, **_event(event)}
        for event in row.events.all()
    ]
    came = {"web": "on the public page", "phone": "by phone", "referral": "by referral"}.get(
        row.source, "as a hand-off"
    )
    told.insert(
        0, {"at": moment(row.received_at), "by": None, "title": f"Asked for help {came}", "tone": "water"}
    )
    return told[::-1]


def _event(event: Any) -> dict[str, Any]:
    found: dict[str, Any]
    if event.kind == "attempted":
        found = {"title": f"{HOW.get(event.reason, 'Tried')}, not reached", "tone": "warn"}
    elif event.kind == "answered":
        found = {"title": "Spoken with", "tone": "good"}
    elif event.kind == "booked":
        found = {"title": "Intake booked", "tone": "good"}
    elif event.kind == "screened_out":
        reason = load_screen_out_reasons().get(event.reason)
        who = f", {event.referral_contact}" if event.referral_contact else ""
        found = {
            "title": f"Referred to {event.referred_to}{who}",
            "text": reason.words if reason else "",
            "tone": "water",
        }
    elif event.kind == "danger":
        found = {"title": "Danger told in the papers", "tone": "bad"}
    elif event.kind == "safety":
        found = {"title": "Danger acted on", "tone": "good"}
    elif event.kind == "closed":
        why = load_intake_rule().closing_reasons.get(event.reason)
        found = {"title": f"Closed: {why.words[0].lower()}{why.words[1:]}" if why else "Closed"}
    else:
        reopened = {
            "intake_cancelled": "Intake cancelled; open again",
            "did_not_come": "Did not come to the intake; open again",
        }
        found = {"title": reopened.get(event.reason, "Opened again"), "tone": "warn"}
    found["text"] = " ".join(part for part in (found.get("text", ""), event.note) if part) or None
    return found


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
