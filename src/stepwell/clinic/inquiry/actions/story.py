"""An inquiry held, and one more row of its story: what staff do is added, the earlier rows stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.inquiry import rules
from stepwell.clinic.inquiry.models import Inquiry, InquiryEvent, InquiryEventKind
from stepwell.clinic.inquiry.queries.inquiries import danger_of, standing_of
from stepwell.clinic.prepared import Prepared
from stepwell.clinic.refusal import Refused

_EVEN_IN_DANGER = frozenset(
    {
        InquiryEventKind.ATTEMPTED,
        InquiryEventKind.REOPENED,
        InquiryEventKind.DANGER,
        InquiryEventKind.SAFETY,
    }
)


def _locked(inquiry: Inquiry) -> Inquiry:
    """The row as it is now, held until the end of the transaction."""
    found: Inquiry = _LOCK.one(Inquiry.DoesNotExist, inquiry_id=inquiry.pk)
    return found


_LOCK = Prepared(
    lambda *, inquiry_id: (
        Inquiry.objects.select_for_update(of=("self",))
        .select_related("site", "patient")
        .prefetch_related("events")
        .filter(pk=inquiry_id)
    )
)


def _happens(
    by: Actor,
    at: datetime,
    row: Inquiry,
    kind: InquiryEventKind,
    *,
    reason: str = "",
    note: str = "",
    referred_to: str = "",
    referral_contact: str = "",
) -> InquiryEvent:
    """One more row of the inquiry's story, if its state allows it and no danger was left unanswered."""
    if kind not in _EVEN_IN_DANGER and danger_of(row):
        raise Refused(rules.DANGER_FIRST)
    objection = rules.objection_to(standing_of(row).state, rules.InquiryEventKind(kind))
    if objection:
        raise Refused(objection)
    return InquiryEvent.objects.create(
        inquiry=row,
        kind=kind,
        at=at,
        by_id=by.staff_id,
        reason=reason,
        note=note.strip(),
        referred_to=referred_to,
        referral_contact=referral_contact,
    )


def _recorded(
    by: Actor,
    at: datetime,
    row: Inquiry,
    event: InquiryEvent,
    verb: str,
    detail: Mapping[str, Any] | None = None,
) -> InquiryEvent:
    """Tell the open queues, and leave the entry in the trail."""
    announce(f"inquiries:{row.site_id}")
    trail.record(
        by=by,
        at=at,
        action=f"inquiry.{verb}",
        subject=f"Inquiry {row.pk}",
        patient_id=row.patient_id,
        detail=detail or {},
    )
    return event
