"""Somebody asks for help: what was told is checked and taken in as an inquiry, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.inquiry import policies, rules
from stepwell.clinic.inquiry.models import Inquiry
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Refused

_FACTS = frozenset(
    {
        "referred_by", "birth_date", "phone", "email", "may_call", "may_voicemail", "may_text", "may_email",
        "safe_times", "asking_for", "about", "insurance", "free_times", "red_flags", "told_from_screen", "language", "heard_from", "heard_detail",
    }
)  # fmt: skip


@transaction.atomic
def receive_inquiry(
    *,
    by: Actor,
    at: datetime,
    site: Site,
    name: str,
    source: str = "web",
    facts: Mapping[str, Any] | None = None,
    once_key: str = "",
    code: str = "",
) -> Inquiry:
    """Take in a request for help; `facts` are further columns of `Inquiry`, `code` is drawn at random unless given.

    The same `once_key` a second time, at the same moment too, answers with the inquiry made the first time.
    Raises `Refused` when the person could not be reached, or for a time of the week nobody can tick.
    """
    policies.may_receive(by, site.pk, source)
    found = Inquiry.objects.filter(once_key=once_key).first() if once_key else None
    if found is not None:
        return found
    told = _told(name, facts or {})
    try:
        with transaction.atomic():
            inquiry = Inquiry.objects.create(
                code=code or people.new_code(),
                site=site,
                source=source,
                received_at=at,
                once_key=once_key or None,
                **told,
            )
    except IntegrityError:
        # The second click of a double click came first; anything but that is a fault.
        twin = Inquiry.objects.filter(once_key=once_key).first() if once_key else None
        if twin is None:
            raise
        return twin
    announce(f"inquiries:{site.pk}")
    trail.record(
        by=by,
        at=at,
        action="inquiry.receive",
        subject=f"Inquiry {inquiry.pk}",
        detail={"source": source, "site": site.pk, "red_flags": len(inquiry.red_flags)},
    )
    return inquiry


def _told(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns, checked: somebody can be reached, and the week can be read."""
    unknown = set(facts) - _FACTS
    if unknown:
        raise TypeError(f"An inquiry has no {', '.join(sorted(unknown))}.")
    told = {**facts, "name": name.strip()}
    if not told["name"]:
        raise Refused("A name is missing; a first name is enough. Nothing was saved.")
    by_phone = told.get("phone", "").strip() and (told.get("may_call") or told.get("may_text"))
    by_email = told.get("email", "").strip() and told.get("may_email")
    if not (by_phone or by_email):
        raise Refused(
            "There is no way to answer yet: give a phone number and allow calls or texts, or give an e-mail "
            "address and allow e-mail. Nothing was saved."
        )
    if told.get("heard_from", "") not in ("", *rules.load_sources()):
        raise Refused("Choose how they heard of us from the list, or leave it open. Nothing was saved.")
    if not set(told.get("told_from_screen", [])) <= set(rules.tellable()):
        raise Refused("Send only answers of the self-screen that were shown. Nothing was saved.")
    try:
        rules.free_week(told.get("free_times", []))
    except ValueError as fault:
        raise Refused(f"{fault} Nothing was saved.") from fault
    return told
