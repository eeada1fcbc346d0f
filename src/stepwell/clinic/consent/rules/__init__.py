"""What a consent is, whether it stands, what it permits, and what must be written down without one."""

from .consents import (
    ENTIRE_RECORD_COVERS,
    TPO_PURPOSES,
    Category,
    Consent,
    ConsentKind,
    Expiry,
    ExpiryKind,
    Intermediary,
    Purpose,
    Recipient,
    RecipientKind,
    Revocation,
    classes_of,
    missing_elements,
    named_key,
)
from .decision import Ask, Decision, categories_permitted, permits
from .notices import Notice, NoticeLength, load_notices, notice_for
from .standing import Standing, StandingState, standing
from .without_consent import Basis, BasisDecision, DecidedBy, decide_without_consent, load_bases

__all__ = [
    "ENTIRE_RECORD_COVERS",
    "TPO_PURPOSES",
    "Ask",
    "Basis",
    "BasisDecision",
    "Category",
    "Consent",
    "ConsentKind",
    "DecidedBy",
    "Decision",
    "Expiry",
    "ExpiryKind",
    "Intermediary",
    "Notice",
    "NoticeLength",
    "Purpose",
    "Recipient",
    "RecipientKind",
    "Revocation",
    "Standing",
    "StandingState",
    "categories_permitted",
    "classes_of",
    "decide_without_consent",
    "load_bases",
    "load_notices",
    "missing_elements",
    "named_key",
    "notice_for",
    "permits",
    "standing",
]
