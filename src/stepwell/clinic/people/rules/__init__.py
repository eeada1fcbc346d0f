"""Is this the same person, may we contact them and in which words, how old, and what may this credential do?"""

from .ages import EARLIEST_BIRTH, age_on, birth_date_fault, is_minor_on
from .contact import (
    Channel,
    ContactDecision,
    ContactRules,
    SafeHours,
    contact_rules_of,
    may_contact,
    parse_safe_times,
)
from .credentials import (
    Credential,
    CredentialKind,
    CredentialStanding,
    SessionKind,
    credential_valid,
    expired_shown,
    load_credential_kinds,
    may_lead,
    may_supervise_signing,
    needs_cosignature,
)
from .languages import languages
from .likeness import Match, PersonFacts, folded, likeness, phone_digits, probable_duplicates
from .search import Asked, birth_dates, read_search

__all__ = [
    "EARLIEST_BIRTH",
    "Asked",
    "Channel",
    "ContactDecision",
    "ContactRules",
    "Credential",
    "CredentialKind",
    "CredentialStanding",
    "Match",
    "PersonFacts",
    "SafeHours",
    "SessionKind",
    "age_on",
    "birth_date_fault",
    "birth_dates",
    "contact_rules_of",
    "credential_valid",
    "expired_shown",
    "folded",
    "is_minor_on",
    "languages",
    "likeness",
    "load_credential_kinds",
    "may_contact",
    "may_lead",
    "may_supervise_signing",
    "needs_cosignature",
    "parse_safe_times",
    "phone_digits",
    "probable_duplicates",
    "read_search",
]
