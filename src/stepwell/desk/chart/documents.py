"""Everything in a chart that one hands over, signs or prints, in one list: newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.aftercare.queries import episodes_of
from stepwell.clinic.billing.queries import statements_of
from stepwell.clinic.consent.queries import consents_of, disclosures_of
from stepwell.clinic.coverage.queries import estimates_of
from stepwell.clinic.plan.queries import plans_of
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import staff_page


@dataclass(frozen=True)
class Document:
    """One paper: what it is, when it was signed or made, where it stands."""

    at: datetime
    title: str
    state: str
    tone: str
    url: str


@staff_page(P.CHART_READ)
def documents(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "documents")
    found = sorted(_documents(request, chart.patient), key=lambda paper: paper.at, reverse=True)
    return chart_page(request, chart, "desk/chart/documents.html", {"documents": found})


def _documents(request: Request, patient: Any) -> Iterator[Document]:
    """What the role may open, each kind with one reading of its step."""
    by, code = request.actor, patient.code

    def may(permission: P) -> bool:
        return by.may(permission, patient.site_id)

    if may(P.PLAN_READ):
        for plan in plans_of(by, patient):
            state = "draft" if plan.signed_at is None else "replaced" if plan.superseded_at else "in force"
            tone = {"draft": "warn", "replaced": "quiet", "in force": "good"}[state]
            url = reverse("desk:plan_sheet" if state == "in force" else "desk:plan", args=[code])
            yield Document(
                plan.signed_at or plan.begun_at, f"Treatment plan, version {plan.version}", state, tone, url
            )
    if may(P.CONSENT_READ):
        for paper in consents_of(by, patient, at=request.at):
            title = f"Consent for {paper.row.recipient_name}"
            tone = "good" if paper.active else "quiet"
            at = paper.row.signed_at or paper.row.recorded_at
            url = reverse("desk:consent_sheet", args=[code, paper.row.pk])
            yield Document(at, title, paper.standing.state.value, tone, url)
        for told in disclosures_of(by, patient):
            url = reverse("desk:disclosure_sheet", args=[code, told.pk])
            state, tone = ("with consent", "quiet") if told.consent_id else ("without consent", "warn")
            yield Document(told.at, f"Disclosure to {told.recipient}", state, tone, url)
    if may(P.COVERAGE_READ):
        for row in estimates_of(by, patient):
            state, tone = ("price open", "warn") if row.patient_pays is None else ("made", "quiet")
            title = f"Price of {row.weeks} weeks"
            yield Document(row.made_at, title, state, tone, reverse("desk:estimate", args=[code, row.pk]))
    if may(P.BILLING_READ):
        for bill in statements_of(by, patient):
            title = f"Statement {bill.number}"
            yield Document(bill.at, title, "issued", "quiet", reverse("desk:statement", args=[bill.number]))
    if may(P.AFTERCARE_READ):
        for episode in episodes_of(by, patient):
            summary = episode.summary
            if summary is not None:
                state, tone = ("signed", "good") if summary.signed_at else ("to sign", "warn")
                url = reverse("desk:aftercare_print", args=[code, episode.pk])
                yield Document(summary.signed_at or summary.written_at, "Discharge summary", state, tone, url)
