"""What waits of help with the price, and everything of one person on a page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.coverage.assistance import actions, queries, rules
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions.queries import days_attended
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.coverage.assistance.forms import NewReferral
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.COVERAGE_READ)
def assistance(request: Request) -> HttpResponse:
    """Renewals, applications, requests, reminders and plans at which a person must look."""
    by, today = request.actor, localdate(request.at)
    plans = queries.plans_at_work(by, request.at)
    context = {
        "renewals": queries.renewals_due(by, today),
        "applications": queries.applications_waiting(by),
        "requests": queries.requests_waiting(by),
        "remind": plans.remind,
        "review": plans.review,
        "funds": queries.funds_of(by),
        "lenders": queries.lenders([by.home.site_id], today),
        "may_record": by.may(P.COVERAGE_RECORD),
        "may_decide": by.may(P.FUND_DECIDE),
    }
    return render(request, "desk/coverage/assistance/work.html", context)


@staff_page(P.COVERAGE_READ)
def assistance_of(request: Request, code: str) -> HttpResponse:
    """The person's applications, requests and awards, authorized visits and payment plans."""
    chart = open_chart(request, code, "coverage")
    by, patient, today = request.actor, chart.patient, localdate(request.at)
    rows = queries.referrals_of(by, patient)
    referrals = zip(
        rows,
        _standings(request, patient, rows, today),
        queries.employers_may_hear(patient, rows, request.at),
        strict=True,
    )
    plans = [
        (row, queries.standing_of(row, today), queries.has_ended(row))
        for row in queries.agreements_of(by, patient)
    ]
    context = {
        "applications": queries.applications_of(by, patient),
        "requests": queries.requests_of(by, patient),
        "referrals": list(referrals),
        "plans": plans,
        "lenders": queries.lenders([patient.site_id], today),
        "may_record": by.may(P.COVERAGE_RECORD, patient.site_id),
        "may_decide": by.may(P.FUND_DECIDE, patient.site_id),
    }
    return chart_page(request, chart, "desk/coverage/assistance/person.html", context)


def _standings(request: Request, patient: Any, rows: list[Any], today: date) -> list[rules.EapStanding]:
    """Where each referral stands, counted from attendance in one query."""
    if not rows:
        return []
    days = days_attended(request.actor, patient, min(row.starts_on for row in rows))
    return queries.standings_of(rows, days, today)


def visits_left(request: Request, patient: Any) -> int | None:
    """Authorized visits that are left under all referrals that have not ended; None without one."""
    rows = queries.referrals_of(request.actor, patient)
    standings = _standings(request, patient, rows, localdate(request.at))
    found = [one.left for one in standings if not one.ended]
    return sum(found) if found else None


@staff_page(P.COVERAGE_RECORD)
def eap_referral(request: Request, code: str) -> HttpResponse:
    """An employer's program authorized visits."""
    chart = open_chart(request, code, "coverage")
    form = NewReferral(request.POST or None, initial={"starts_on": localdate(request.at), "formal": "no"})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_referral(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            messages.success(
                request, "The authorized visits are on file. Attended days are counted by themselves."
            )
            return redirect("desk:assistance_of", chart.patient.code)
    return chart_page(request, chart, "desk/coverage/assistance/eap.html", {"form": form})


@staff_page(P.COVERAGE_RECORD)
@require_POST
def remind_instalment(request: Request, instalment_id: int) -> HttpResponse:
    """Somebody of the staff has reminded; the row leaves the list."""
    row = queries.instalment_for(request.actor, instalment_id)
    channel = request.POST.get("channel", "")
    if channel not in ("call", "voicemail", "text", "email", "mail"):
        messages.error(request, "Choose how they were told. Nothing was saved.")
        return redirect("desk:assistance")
    try:
        actions.remind(by=request.actor, at=request.at, instalment=row, channel=channel)
    except Refused as no:
        messages.error(request, no.sentence)
        return redirect("desk:assistance")
    messages.success(request, "It is written down that they were told.")
    return redirect("desk:assistance")
