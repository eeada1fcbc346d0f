"""A written consent and the elements that 42 CFR 2.31 wants in it.

The record is frozen: a changed consent is a new one that supersedes the old. Identifiers are whatever the
tables use (numbers or texts); this file only compares them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Category(StrEnum):
    """What a consent may name as the information that is told."""

    ATTENDANCE = "attendance"
    SCHEDULE = "schedule"
    DIAGNOSIS = "diagnosis"
    MEDICATION = "medication"
    LABS = "labs"
    PLAN = "plan"
    PROGRESS = "progress"
    BILLING = "billing"
    HOMEWORK = "homework"
    COUNSELING_NOTES = "counseling_notes"
    ENTIRE_RECORD = "entire_record"


# 2.11 keeps SUD counseling notes apart from the rest of the record, so "entire record" never reaches them.
ENTIRE_RECORD_COVERS: frozenset[Category] = frozenset(Category) - {Category.COUNSELING_NOTES}


class ConsentKind(StrEnum):
    """The four consents that 2.31 tells apart; the last two may not be combined with anything else."""

    TPO = "tpo"
    SPECIFIC = "specific"
    COUNSELING_NOTES = "counseling_notes"
    LEGAL_PROCEEDINGS = "legal_proceedings"


class Purpose(StrEnum):
    """Why the recipient is told."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    PATIENT_REQUEST = "patient_request"
    FAMILY_SUPPORT = "family_support"
    EMPLOYMENT = "employment"
    BENEFITS = "benefits"
    HOUSING = "housing"
    RESEARCH = "research"
    LEGAL_PROCEEDINGS = "legal_proceedings"


TPO_PURPOSES: frozenset[Purpose] = frozenset({Purpose.TREATMENT, Purpose.PAYMENT, Purpose.OPERATIONS})


class RecipientKind(StrEnum):
    """A recipient is one named party or a class of them."""

    NAMED = "named"
    CLASS = "class"


# The phrase that suffices in a TPO consent (2.31(a)(4)(i)), spelled out as the classes it stands for.
RECIPIENT_CLASSES: dict[str, frozenset[str]] = {
    "treating_providers": frozenset({"treating_providers"}),
    "health_plans": frozenset({"health_plans"}),
    "program_operations": frozenset({"program_operations"}),
    "tpo_recipients": frozenset({"treating_providers", "health_plans", "program_operations"}),
}


def classes_of(key: str) -> frozenset[str]:
    """The classes that "class:tpo_recipients" (or "tpo_recipients") stands for; none when it is not known."""
    return RECIPIENT_CLASSES.get(key.removeprefix("class:"), frozenset())


def named_key(name: str) -> str:
    """The key of a party that is known by its name alone, such as “person:dr.-amari”; the same for the same name."""
    return "person:" + "-".join(name.casefold().split())[:50]


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who is told: `key` is the named party's own key ("family:12"), or "class:" and the name of a class."""

    kind: RecipientKind
    name: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Intermediary:
    """An exchange that passes records on: its own key and name, and who takes part in it (2.31(a)(4)(ii)).

    `list_right_stated`: the patient was told of the right to a list of everybody told through it on the strength
    of a general designation (2.24; 2.13(d) before 2024).
    """

    key: str
    name: str
    participant_keys: frozenset[str] = frozenset()
    participant_class: str = ""
    list_right_stated: bool = False


class ExpiryKind(StrEnum):
    """When a consent ends by itself. `NONE` is enough for TPO only (2.31(a)(7))."""

    ON = "on"
    EVENT = "event"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """`at` is the first instant at which the consent no longer holds (kind `on`); `event` is in words."""

    kind: ExpiryKind
    at: datetime | None = None
    event: str = ""


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """Taken back at an instant: as a whole (`party_key` empty), or for one recipient only."""

    at: datetime
    party_key: str = ""
    party_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One written consent. Instants carry a zone; the interval is half-open [effective_from, end)."""

    id: int | str
    patient_id: int | str
    kind: ConsentKind
    discloser: str
    information: frozenset[Category]
    recipient: Recipient | None
    purposes: frozenset[Purpose]
    expiry: Expiry | None
    right_to_revoke_stated: bool
    redisclosure_stated: bool
    consequences_stated: bool
    signed_by: str
    signed_at: datetime | None
    effective_from: datetime | None
    intermediary: Intermediary | None = None
    event_occurred: datetime | None = None
    revocations: tuple[Revocation, ...] = ()
    superseded_at: datetime | None = None


def missing_elements(consent: Consent) -> tuple[str, ...]:
    """Everything that keeps this paper from being a valid written consent, as sentences with their mend."""
    return (*_missing_parties(consent), *_missing_substance(consent), *_missing_statements(consent))


def _missing_parties(consent: Consent) -> tuple[str, ...]:
    missing = []
    if consent.patient_id in (None, ""):
        missing.append("The patient is not named.")
    if not consent.discloser.strip():
        missing.append("It does not say who may disclose; name the person, program or class.")
    recipient = consent.recipient
    if recipient is None or not recipient.name.strip() or not recipient.key.strip():
        missing.append("It does not say who receives the information; name the recipient or a class.")
    elif recipient.kind is RecipientKind.CLASS and not classes_of(recipient.key):
        missing.append(f"“{recipient.name}” is not a class of recipients this program knows; name the party.")
    through = consent.intermediary
    if through is not None:
        if not through.name.strip() or not through.key.strip():
            missing.append("The intermediary is not named.")
        if not through.participant_keys and not through.participant_class:
            missing.append("It does not say who receives the information through the intermediary.")
        elif through.participant_class.removeprefix("class:") not in ("", "treating_providers"):
            # 2.31(a)(4)(ii)(B)(2): a class behind an intermediary needs a treating provider relationship.
            missing.append("A class behind an intermediary must be limited to treating providers.")
        elif through.participant_class and not through.list_right_stated:
            missing.append(
                "It does not tell the patient of the right to a list of who was told through the intermediary."
            )
    return tuple(missing)


def _missing_substance(consent: Consent) -> tuple[str, ...]:
    missing = []
    information, purposes, kind = consent.information, consent.purposes, consent.kind
    if not information:
        missing.append("It does not say which information; tick at least one kind.")
    if not purposes:
        missing.append("It does not say what for; give at least one purpose.")
    if kind is ConsentKind.TPO and purposes - TPO_PURPOSES:
        missing.append("A treatment, payment and operations consent cannot carry another purpose.")
    if kind is ConsentKind.COUNSELING_NOTES and information - {Category.COUNSELING_NOTES}:
        missing.append("A consent for counseling notes cannot be combined with other information.")
    if kind is not ConsentKind.COUNSELING_NOTES and Category.COUNSELING_NOTES in information:
        missing.append("Counseling notes need a consent of their own.")
    if kind is ConsentKind.LEGAL_PROCEEDINGS and purposes - {Purpose.LEGAL_PROCEEDINGS}:
        missing.append("A consent for legal proceedings cannot be combined with another purpose.")
    if kind is not ConsentKind.LEGAL_PROCEEDINGS and Purpose.LEGAL_PROCEEDINGS in purposes:
        missing.append("Use in legal proceedings needs a consent of its own.")
    missing.extend(_missing_expiry(consent))
    return tuple(missing)


def _missing_expiry(consent: Consent) -> tuple[str, ...]:
    expiry = consent.expiry
    if expiry is None:
        return ("It does not say when it ends; give a date or an event.",)
    if expiry.kind is ExpiryKind.ON and expiry.at is None:
        return ("The date on which it ends is missing.",)
    if expiry.kind is ExpiryKind.EVENT and not expiry.event.strip():
        return ("The event with which it ends is missing.",)
    if expiry.kind is ExpiryKind.NONE and consent.kind is not ConsentKind.TPO:
        return ("Only a treatment, payment and operations consent may go without an end.",)
    return ()


def _missing_statements(consent: Consent) -> tuple[str, ...]:
    missing = []
    if not consent.right_to_revoke_stated:
        missing.append("It does not tell the patient of the right to revoke and how.")
    if consent.kind is ConsentKind.TPO and not consent.redisclosure_stated:
        missing.append("It does not say that recipients may pass the record on under HIPAA.")
    if consent.kind is ConsentKind.TPO and not consent.consequences_stated:
        missing.append("It does not say what follows when the patient does not sign.")
    if not consent.signed_by.strip():
        missing.append("It is not signed.")
    if consent.signed_at is None:
        missing.append("The date of the signature is missing.")
    if consent.effective_from is None:
        missing.append("The date from which it holds is missing.")
    return tuple(missing)
