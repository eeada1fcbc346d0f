"""Gathers what is known already from the steps before, and from earlier episodes."""

from __future__ import annotations

from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.assessment.rules import AskedFor, Earlier, HandedOver, Offered, prefill
from stepwell.clinic.inquiry.queries import accepted_items, inquiries_of
from stepwell.clinic.placement.queries import episodes_of_each
from stepwell.clinic.site_days import site_day


def offered_to(by: Actor, patient: Any) -> dict[str, Offered]:
    """Field key -> answer with its source. Four statements; the record has been opened for who asks."""
    site = patient.site
    inquiries = list(inquiries_of(patient))
    papers = next((p for one in inquiries for p in one.papers_told), None)
    episodes = (
        [(e, ended) for e in episodes_of_each(by, [patient]) if (ended := e.row.closed_at) is not None]
        if by.may(P.PLACEMENT_READ, patient.site_id)
        else []
    )
    return prefill(
        inquiries=[
            AskedFor(site_day(site, one.received_at), one.about, one.source, one.asking_for, one.referred_by)
            for one in inquiries
        ],
        papers=papers.answers if papers else None,
        papers_on=site_day(site, papers.accepted_at) if papers else None,
        handed_over=[
            HandedOver(item.kind, item.display, item.code, site_day(site, item.handoff.imported_at))
            for item in accepted_items(patient)
        ],
        earlier=[
            Earlier(
                site_day(site, one.row.admitted_at),
                site_day(site, closed_at),
                one.level,
                one.ended_with,
            )
            for one, closed_at in episodes
        ],
        language=patient.language,
    )
