"""Does this consent stand at an instant? One of five answers, each with its sentence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stepwell.clinic.saying import date_words

from .consents import Consent, ExpiryKind, missing_elements


class StandingState(StrEnum):
    """`DRAFT` covers a paper with something missing and one whose first day has not come."""

    DRAFT = "draft"
    ACTIVE = "active"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The state, the sentence people read, since when it ended, and parties for whom it was taken back."""

    state: StandingState
    sentence: str
    ended_at: datetime | None = None
    revoked_parties: frozenset[str] = frozenset()


def standing(consent: Consent, at: datetime) -> Standing:
    """Where the consent stands at `at` (an instant with a zone).

    Every end is half-open: at the very instant of revocation, supersession or expiry it no longer holds.
    Of several ends the earliest names the state. Raises TypeError when an instant has no zone.
    """
    missing = missing_elements(consent)
    if missing:
        return Standing(state=StandingState.DRAFT, sentence=f"This consent is not valid yet. {missing[0]}")
    if consent.effective_from is not None and at < consent.effective_from:
        first = date_words(consent.effective_from)
        return Standing(state=StandingState.DRAFT, sentence=f"This consent is signed and starts on {first}.")
    ends = sorted(
        ((moment, state) for moment, state in _ends(consent) if moment <= at),
        key=lambda end: end[0],
    )
    if ends:
        moment, state = ends[0]
        return Standing(state=state, sentence=_ENDED[state].format(day=date_words(moment)), ended_at=moment)
    parties = {
        r.party_key: r.party_name or r.party_key for r in consent.revocations if r.at <= at and r.party_key
    }
    if parties:
        names = ", ".join(sorted(parties.values()))
        sentence = f"This consent is active, but no longer for {names}."
    else:
        sentence = _active_sentence(consent)
    return Standing(state=StandingState.ACTIVE, sentence=sentence, revoked_parties=frozenset(parties))


_ENDED = {
    StandingState.REVOKED: "The patient revoked this consent on {day}.",
    StandingState.EXPIRED: "This consent ended on {day}.",
    StandingState.SUPERSEDED: "A newer consent took this one's place on {day}.",
}


def _ends(consent: Consent) -> list[tuple[datetime, StandingState]]:
    ends = [(r.at, StandingState.REVOKED) for r in consent.revocations if not r.party_key]
    if consent.superseded_at is not None:
        ends.append((consent.superseded_at, StandingState.SUPERSEDED))
    expiry = consent.expiry
    if expiry is not None and expiry.kind is ExpiryKind.ON and expiry.at is not None:
        ends.append((expiry.at, StandingState.EXPIRED))
    if expiry is not None and expiry.kind is ExpiryKind.EVENT and consent.event_occurred is not None:
        ends.append((consent.event_occurred, StandingState.EXPIRED))
    return ends


def _active_sentence(consent: Consent) -> str:
    expiry = consent.expiry
    if expiry is not None and expiry.kind is ExpiryKind.ON and expiry.at is not None:
        return f"This consent is active until {date_words(expiry.at)}."
    if expiry is not None and expiry.kind is ExpiryKind.EVENT:
        return f"This consent is active until: {expiry.event.strip()}."
    return "This consent is active until the patient revokes it."
