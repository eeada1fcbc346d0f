"""What a license or certificate lets its holder do here, as dated data, and whether one is valid on a day."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class SessionKind(StrEnum):
    """The kinds of session a credential may or may not lead."""

    GROUP = "group"
    INDIVIDUAL = "individual"
    FAMILY = "family"
    CRISIS = "crisis"
    CASE_MANAGEMENT = "case_management"
    MEDICAL = "medical"
    PEER = "peer"


@dataclass(frozen=True, kw_only=True)
class CredentialKind:
    """One kind: its title, what it may lead, whether its holder signs alone and whether notes need a co-signature."""

    key: str
    title: str
    may_lead: frozenset[SessionKind]
    may_sign_alone: bool
    needs_cosignature: bool
    may_cosign: bool


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One person's license: valid on days from `issued_on` through `expires_on` (None: without end)."""

    kind: str
    issued_on: date
    expires_on: date | None = None
    number: str = ""
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class CredentialStanding:
    """Valid or not, why, and the days left (None when it has no end or is not valid)."""

    valid: bool
    sentence: str
    days_left: int | None = None


@cache
def load_credential_kinds() -> Mapping[str, CredentialKind]:
    """Every kind that ships with this version, by key, in the order they are offered."""
    return {
        row["kind"]: CredentialKind(
            key=row["kind"],
            title=row["title"],
            may_lead=frozenset(SessionKind(kind) for kind in row["may_lead"]),
            may_sign_alone=row["may_sign_alone"],
            needs_cosignature=row["needs_cosignature"],
            may_cosign=row["may_cosign"],
        )
        for row in _data()["credentials"]
    }


@cache
def expired_shown() -> timedelta:
    """How long after its end a credential is still told as expired; one that ended before is history."""
    return timedelta(days=_data()["expired_shown_days"])


def _data() -> Any:
    return json.loads(files("stepwell.clinic.people").joinpath("data/credentials.json").read_text("utf-8"))


def credential_valid(
    credential: Credential, on: date, kinds: Mapping[str, CredentialKind] | None = None
) -> CredentialStanding:
    """Whether it holds on a day; its last day is still valid. An unknown kind is never valid."""
    kind = (load_credential_kinds() if kinds is None else kinds).get(credential.kind)
    if kind is None:
        return CredentialStanding(
            valid=False, sentence=f"“{credential.kind}” is not a credential this program knows."
        )
    if on < credential.issued_on:
        return CredentialStanding(
            valid=False, sentence=f"The {kind.title} credential begins on {credential.issued_on:%-d %b %Y}."
        )
    if credential.expires_on is None:
        return CredentialStanding(valid=True, sentence=f"The {kind.title} credential is valid.")
    if on > credential.expires_on:
        return CredentialStanding(
            valid=False,
            sentence=f"The {kind.title} credential expired on {credential.expires_on:%-d %b %Y}; "
            "enter the renewed one before signing or leading sessions.",
        )
    return CredentialStanding(
        valid=True,
        sentence=f"The {kind.title} credential is valid until {credential.expires_on:%-d %b %Y}.",
        days_left=(credential.expires_on - on).days,
    )


def may_lead(
    credentials: Iterable[Credential],
    session: SessionKind,
    on: date,
    kinds: Mapping[str, CredentialKind] | None = None,
) -> CredentialStanding:
    """May somebody with these credentials lead such a session on a day? One valid, fitting credential suffices."""
    known = load_credential_kinds() if kinds is None else kinds
    why = f"No credential on file lets this person lead this kind of session: {session.value.replace('_', ' ')}."
    for credential in credentials:
        kind = known.get(credential.kind)
        if kind is None or session not in kind.may_lead:
            continue
        standing = credential_valid(credential, on, known)
        if standing.valid:
            return standing
        why = standing.sentence
    return CredentialStanding(valid=False, sentence=why)


def needs_cosignature(
    credentials: Iterable[Credential],
    session: SessionKind,
    on: date,
    kinds: Mapping[str, CredentialKind] | None = None,
) -> bool:
    """Whether what they sign about such a session or treatment needs a supervisor's signature under it.

    True unless one valid credential that fits may sign alone. Notes and plans ask the same question here.
    """
    known = load_credential_kinds() if kinds is None else kinds
    return not any(
        known[c.kind].may_sign_alone
        for c in credentials
        if c.kind in known and session in known[c.kind].may_lead and credential_valid(c, on, known).valid
    )


def may_supervise_signing(
    credentials: Iterable[Credential], on: date, kinds: Mapping[str, CredentialKind] | None = None
) -> bool:
    """Whether somebody with these credentials may co-sign: one valid independent license suffices."""
    known = load_credential_kinds() if kinds is None else kinds
    fitting = [c for c in credentials if c.kind in known and known[c.kind].may_cosign]
    return any(credential_valid(c, on, known).valid for c in fitting)
