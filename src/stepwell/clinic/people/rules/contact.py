"""May we reach this person on this channel, now, and in which words? Doubt means no.

Nothing we say or leave behind names the program or what it treats (42 CFR Part 2: a caller may not learn that
a person is a patient).
"""

import json
import re
from dataclasses import dataclass, fields
from datetime import datetime, time
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Channel(StrEnum):
    """How somebody is reached."""

    CALL = "call"
    VOICEMAIL = "voicemail"
    TEXT = "text"
    EMAIL = "email"
    MAIL = "mail"


@dataclass(frozen=True, kw_only=True)
class SafeHours:
    """Weekdays (Monday is 0) and wall times [starts, ends) within which it is safe."""

    weekdays: frozenset[int]
    starts: time
    ends: time


@dataclass(frozen=True, kw_only=True)
class ContactRules:
    """What the person allowed. `safe_times` is in their words; when it can be read it is also enforced."""

    may_call: bool = False
    may_voicemail: bool = False
    may_text: bool = False
    may_email: bool = False
    may_mail: bool = False
    safe_times: str = ""
    contact_warning: str = ""


def contact_rules_of(row: object) -> ContactRules:
    """What a record says, from whatever has columns of these names; what it has no column for is not allowed."""
    said: dict[str, Any] = {one.name: getattr(row, one.name, one.default) for one in fields(ContactRules)}
    return ContactRules(**said)


@dataclass(frozen=True, kw_only=True)
class ContactDecision:
    """The answer, its reason, and the neutral words to use; `wording` is empty when it is not allowed."""

    allowed: bool
    reason: str
    wording: str


_DAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_ANY_TIME = frozenset({"", "any time", "anytime", "always"})
_PART = re.compile(
    r"(?P<first>[a-z]{3})[a-z]*(?:\s*-\s*(?P<last>[a-z]{3})[a-z]*)?\s+"
    r"(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})"
)


def parse_safe_times(text: str) -> tuple[SafeHours, ...] | None:
    """Read "mon-fri 17:00-20:00; sat 10:00-12:00". None when the text is anything else; () for any time."""
    if text.casefold().strip() in _ANY_TIME:
        return ()
    hours = []
    for part in (p.strip() for p in text.casefold().replace("–", "-").split(";")):
        if not part:
            continue
        found = _PART.fullmatch(part)
        if found is None or found["first"] not in _DAYS or (found["last"] or "mon") not in _DAYS:
            return None
        first, last = _DAYS[found["first"]], _DAYS[found["last"] or found["first"]]
        try:
            starts = time.fromisoformat(found["start"].zfill(5))
            ends = time.fromisoformat(found["end"].zfill(5))
        except ValueError:
            return None
        if starts >= ends:
            return None
        days = frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
        hours.append(SafeHours(weekdays=days, starts=starts, ends=ends))
    return tuple(hours)


def may_contact(rules: ContactRules, channel: Channel, at_local: datetime) -> ContactDecision:
    """May we use this channel at this wall time of the person's? Paper mail is not bound to an hour."""
    if not _allowed(rules)[channel]:
        return _no(f"The person did not allow {_NAMES[channel]}.")
    if channel is not Channel.MAIL:
        hours = parse_safe_times(rules.safe_times)
        if hours is None:
            return _no(
                f"Safe times are written as “{rules.safe_times.strip()}”; read them and decide yourself."
            )
        if hours and not any(_within(h, at_local) for h in hours):
            return _no(f"It is safe to reach the person only at these times: {rules.safe_times.strip()}.")
    reason = f"The person allowed {_NAMES[channel]}."
    if rules.contact_warning.strip():
        reason += f" Take care: {rules.contact_warning.strip()}"
    return ContactDecision(allowed=True, reason=reason, wording=_wordings()[channel])


_NAMES = {
    Channel.CALL: "calls",
    Channel.VOICEMAIL: "voice messages",
    Channel.TEXT: "text messages",
    Channel.EMAIL: "e-mail",
    Channel.MAIL: "letters",
}


@cache
def _wordings() -> dict[Channel, str]:
    raw = json.loads(files("stepwell.clinic.people").joinpath("data/contact-wording.json").read_text("utf-8"))
    return {channel: raw["wording"][channel.value] for channel in Channel}


def _allowed(rules: ContactRules) -> dict[Channel, bool]:
    return {
        Channel.CALL: rules.may_call,
        # A message may be heard by others, so it needs both: the call and the message.
        Channel.VOICEMAIL: rules.may_call and rules.may_voicemail,
        Channel.TEXT: rules.may_text,
        Channel.EMAIL: rules.may_email,
        Channel.MAIL: rules.may_mail,
    }


def _within(hours: SafeHours, at_local: datetime) -> bool:
    return at_local.weekday() in hours.weekdays and hours.starts <= at_local.time() < hours.ends


def _no(reason: str) -> ContactDecision:
    return ContactDecision(allowed=False, reason=reason, wording="")
