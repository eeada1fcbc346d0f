"""May this be told to them? One pure answer over all consents of a patient. Doubt means no.

Adding a consent never takes a permission away, and adding one that is expired, revoked or defective never
gives one (both are properties in tests/rules/test_consent_decision.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from .consents import (
    ENTIRE_RECORD_COVERS,
    Category,
    Consent,
    ConsentKind,
    Purpose,
    Recipient,
    RecipientKind,
    classes_of,
)
from .standing import StandingState, standing


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question: may `category` of this patient be told to this recipient for this purpose, at `at`?

    `recipient_key` names the party; `recipient_class` is the class it belongs to, when it is known to be in
    one ("treating_providers", "health_plans", "program_operations").
    """

    patient_id: int | str
    recipient_key: str
    purpose: Purpose
    category: Category
    at: datetime
    recipient_class: str | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The answer, the consent it rests on, and why: one sentence for each consent that was looked at."""

    permitted: bool
    consent_id: int | str | None
    reasons: tuple[str, ...]


def permits(consents: Iterable[Consent], ask: Ask) -> Decision:
    """Yes when one valid, standing consent covers all of the ask; otherwise no, with every reason.

    Never raises: a consent that cannot be judged counts as no.
    """
    reasons = []
    for consent in consents:
        try:
            objection = _objection(consent, ask)
        except Exception:  # any doubt about the paper is a no; the reason says which one to look at
            objection = "A consent on file cannot be read; have it checked before anything is disclosed."
        if objection is None:
            return Decision(
                permitted=True,
                consent_id=consent.id,
                reasons=(_permission_sentence(consent, ask),),
            )
        reasons.append(objection)
    return Decision(
        permitted=False,
        consent_id=None,
        reasons=tuple(dict.fromkeys(reasons)) or ("There is no consent on file.",),
    )


def categories_permitted(consents: Iterable[Consent], ask: Ask) -> frozenset[Category]:
    """Everything this recipient would see for this purpose; `ask.category` itself is not used."""
    papers = tuple(consents)
    return frozenset(c for c in Category if permits(papers, replace(ask, category=c)).permitted)


def _objection(consent: Consent, ask: Ask) -> str | None:
    """The first thing that keeps this consent from covering the ask; None when nothing does."""
    if consent.patient_id != ask.patient_id:
        return "A consent of another patient permits nothing here."
    now = standing(consent, ask.at)
    if now.state is not StandingState.ACTIVE:
        return now.sentence
    if ask.recipient_key in now.revoked_parties:
        return "The patient revoked this consent for this recipient."
    if not _reaches(consent, ask):
        return f"The consent for {_name(consent.recipient)} does not cover this recipient."
    if ask.purpose not in consent.purposes:
        return f"The consent for {_name(consent.recipient)} does not cover the purpose {_words(ask.purpose)}."
    if not _covers(consent, ask.category):
        return f"The consent for {_name(consent.recipient)} does not cover {_words(ask.category)}."
    return None


def _reaches(consent: Consent, ask: Ask) -> bool:
    if not ask.recipient_key:
        return False
    if consent.recipient is not None and _is(consent.recipient, ask):
        return True
    through = consent.intermediary
    if through is None:
        return False
    return (
        ask.recipient_key == through.key
        or ask.recipient_key in through.participant_keys
        or (
            bool(through.participant_class)
            and _class_of(ask) == through.participant_class.removeprefix("class:")
        )
    )


def _is(recipient: Recipient, ask: Ask) -> bool:
    if recipient.kind is RecipientKind.NAMED:
        return recipient.key == ask.recipient_key
    if recipient.kind is RecipientKind.CLASS:
        return _class_of(ask) in classes_of(recipient.key)
    return False


def _class_of(ask: Ask) -> str | None:
    return ask.recipient_class.removeprefix("class:") if ask.recipient_class else None


def _covers(consent: Consent, category: Category) -> bool:
    # A consent for counseling notes is the only one that reaches them, whatever another one ticks.
    if category is Category.COUNSELING_NOTES:
        return consent.kind is ConsentKind.COUNSELING_NOTES and category in consent.information
    if category in consent.information:
        return True
    return Category.ENTIRE_RECORD in consent.information and category in ENTIRE_RECORD_COVERS


def _permission_sentence(consent: Consent, ask: Ask) -> str:
    return (
        f"The consent for {_name(consent.recipient)} covers {_words(ask.category)} for {_words(ask.purpose)}."
    )


def _name(recipient: Recipient | None) -> str:
    return recipient.name if recipient is not None else "nobody"


def _words(value: Category | Purpose) -> str:
    return str(value.value).replace("_", " ")
