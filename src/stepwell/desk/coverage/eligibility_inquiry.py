"""Asking a payer for somebody who has no record yet, from the call screen."""

from __future__ import annotations

import secrets
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.coverage.eligibility import actions, queries
from stepwell.clinic.coverage.queries import payers
from stepwell.clinic.inquiry.queries import inquiry_for
from stepwell.desk.coverage.eligibility import shown
from stepwell.desk.coverage.eligibility_forms import AskForInquiry
from stepwell.desk.live import fragment, live_for
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.COVERAGE_RECORD)
def inquiry_eligibility(request: Request, code: str) -> HttpResponse:
    """What the card says, and that the person wants it asked."""
    row = _load(request, code)
    every = payers()
    offered = [p for p in every if not queries.objection_to_asking(row.site, p)]
    own = row.asking_for == "self"  # else name and birth date are the caller's
    given, _, family = row.name.strip().rpartition(" ") if own else ("", "", "")
    form = AskForInquiry(
        request.POST or None,
        payers=offered,
        initial={
            "once_key": secrets.token_urlsafe(24),
            "given_name": given,
            "family_name": family,
            "birth_date": row.birth_date if own else None,
            "payer": next((str(p.pk) for p in offered if p.name.casefold() in row.insurance.casefold()), ""),
        },
    )
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        payer = next(p for p in offered if str(p.pk) == facts.pop("payer"))
        with refusals_on(form):
            asked = actions.ask_for_inquiry(
                by=request.actor, at=request.at, inquiry=row, payer=payer, **facts
            )
            return redirect("desk:inquiry_question", row.code, asked.pk)
    context = {
        "form": form,
        "inquiry": row,
        "offered": offered,
        "objection": queries.objection_to_asking(row.site, every[0]) if every and not offered else "",
        "questions": queries.requests_of_inquiry(request.actor, row),
    }
    return render(request, "desk/coverage/inquiry_eligibility.html", context)


@staff_page(P.COVERAGE_READ)
def inquiry_question(request: Request, code: str, question_id: int) -> HttpResponse:
    """Where the question stands, and the answer."""
    row = _load(request, code)
    asked = queries.request_for(request.actor, question_id, inquiry=row)
    trail.record(
        by=request.actor,
        at=request.at,
        action="inquiry.access",
        kind="access",
        subject=f"EligibilityRequest {asked.pk}",
        patient_id=row.patient_id,
    )
    live = live_for(request, f"eligibility:{asked.pk}")
    context = {**shown(request, asked), "inquiry": row, "live": live}
    return render(request, "desk/coverage/inquiry_question.html", context)


@staff_page(P.COVERAGE_READ)
def inquiry_question_news(request: Request, code: str, question_id: int) -> HttpResponse:
    """The same part of the page, fetched when there is news."""
    row = _load(request, code)
    asked = queries.request_for(request.actor, question_id, inquiry=row)
    return fragment(
        request, "desk/coverage/eligibility_answer.html", {**shown(request, asked), "inquiry": row}
    )


def _load(request: Request, code: str) -> Any:
    row = inquiry_for(request.actor, code)
    timezone.activate(ZoneInfo(row.site.zone))
    return row
