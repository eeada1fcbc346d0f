"""May somebody co-sign a note that its author has signed?"""

from collections.abc import Iterable, Mapping
from datetime import date

from stepwell.clinic.people.rules import (
    Credential,
    CredentialKind,
    load_credential_kinds,
    may_supervise_signing,
)


def may_cosign(
    cosigner: Iterable[Credential],
    on: date,
    *,
    signed: bool,
    same_person: bool,
    kinds: Mapping[str, CredentialKind] | None = None,
) -> tuple[bool, str]:
    """May somebody with these credentials co-sign, and the sentence why or why not."""
    known = load_credential_kinds() if kinds is None else kinds
    if not signed:
        return False, "This note is not signed by its author yet."
    if same_person:
        return False, "Nobody co-signs their own note; ask a supervisor."
    if not may_supervise_signing(cosigner, on, known):
        return False, "Co-signing needs a valid independent license; ask a supervisor who has one."
    return True, "This note can be co-signed."
