"""May this person do it? Each policy returns nothing or raises `Denied` with the sentence shown."""

from __future__ import annotations

from collections.abc import Iterable

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import EXPLAINED, Permission
from stepwell.clinic.refusal import Denied


def need(by: Actor, permission: Permission, *, site_id: int | None = None) -> None:
    """By role at the site (or anywhere, without a site). The table in `accounts.permissions` decides."""
    if by.is_system:
        return
    if not by.may(permission, site_id):
        what = EXPLAINED[permission]
        raise Denied(f"Your role does not include: {what[0].lower()}{what[1:]}. Ask the program director.")


_NEVER_CHANGED = frozenset({"id", "pk", "user", "site", "staff", "patient", "code", "made_at", "made_by"})


def may_change_only_facts(facts: Iterable[str]) -> None:
    """Whose a record is, where it belongs and which login opens it are no facts to be changed by the way."""
    if {name.removesuffix("_id") for name in facts} & _NEVER_CHANGED:
        raise Denied(
            "Whose this record is, and where it belongs, is not changed here. Ask the program director."
        )
