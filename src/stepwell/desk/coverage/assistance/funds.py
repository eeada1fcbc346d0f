"""A site's funds and lenders, and what a person asks of a fund and gets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.coverage.assistance import actions, queries
from stepwell.clinic.people.queries import site_of
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.coverage.assistance.forms import (
    AskFund,
    DecideRequest,
    Deposit,
    LastDay,
    NewFund,
    NewLender,
    Release,
    Spend,
)
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.FUND_DECIDE)
def funds(request: Request) -> HttpResponse:
    """Every fund of the site, and a new one."""
    form = NewFund(request.POST or None, initial={"opens_on": localdate(request.at)})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.open_fund(
                by=request.actor, at=request.at, site=site_of(request.actor), **form.cleaned_data
            )
            messages.success(request, "The fund is open. Write down the first deposit.")
            return redirect("desk:fund", row.pk)
    context = {"form": form, "funds": queries.funds_of(request.actor)}
    return render(request, "desk/coverage/assistance/funds.html", context)


@staff_page(P.FUND_DECIDE)
def fund(request: Request, fund_id: int) -> HttpResponse:
    """One fund with its ledger; posted, a deposit."""
    row = queries.fund_for(request.actor, fund_id)
    form = Deposit(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.deposit(by=request.actor, at=request.at, fund=row, **form.cleaned_data)
            messages.success(request, "The deposit is in the ledger.")
            return redirect("desk:fund", row.pk)
    return _fund_page(request, row, form, LastDay(initial={"last_on": row.closes_on}))


@staff_page(P.FUND_DECIDE)
@require_POST
def close_fund(request: Request, fund_id: int) -> HttpResponse:
    """Nobody may apply after that day."""
    row = queries.fund_for(request.actor, fund_id)
    form = LastDay(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.close_fund(
                by=request.actor, at=request.at, fund=row, closes_on=form.cleaned_data["last_on"]
            )
            messages.success(request, "The last day of the fund is set. Awards stay as they are.")
            return redirect("desk:fund", row.pk)
    return _fund_page(request, row, form, form)


def _fund_page(request: Request, row: Any, form: Deposit | LastDay, closing: LastDay) -> HttpResponse:
    context = {
        "fund": row,
        "lines": queries.ledger_of(row),
        "form": form,
        "deposit": form if isinstance(form, Deposit) else Deposit(),
        "closing": closing,
    }
    return render(request, "desk/coverage/assistance/fund.html", context)


@staff_page(P.COVERAGE_RECORD)
def fund_request(request: Request, code: str) -> HttpResponse:
    """Somebody asks for help from an open fund of their site."""
    chart = open_chart(request, code, "coverage")
    found = queries.open_funds([chart.patient.site_id], localdate(request.at))
    form = AskFund(request.POST or None, funds=found)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        chosen = told.pop("fund")
        with refusals_on(form):
            actions.request_help(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                fund=next(one for one in found if str(one.pk) == chosen),
                **told,
            )
            messages.success(request, "The request is on file. The program director decides.")
            return redirect("desk:assistance_of", chart.patient.code)
    return chart_page(
        request, chart, "desk/coverage/assistance/fund_request.html", {"form": form, "funds": found}
    )


@staff_page(P.FUND_DECIDE)
def decide_request(request: Request, code: str, request_id: int) -> HttpResponse:
    """The director awards or declines."""
    chart = open_chart(request, code, "coverage")
    row = queries.request_for(request.actor, chart.patient, request_id)
    form = DecideRequest(request.POST or None, initial={"amount": min(row.amount, row.fund.available)})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.decide_request(by=request.actor, at=request.at, request=row, **form.cleaned_data)
            messages.success(request, "The decision is on file with its reason.")
            return redirect("desk:assistance_of", chart.patient.code)
    return chart_page(
        request, chart, "desk/coverage/assistance/decide_request.html", {"form": form, "asked": row}
    )


@staff_page(P.COVERAGE_RECORD)
def award(request: Request, code: str, award_id: int) -> HttpResponse:
    """One award with its lines; posted, it pays what the others leave of a charge."""
    chart = open_chart(request, code, "coverage")
    row = queries.award_for(request.actor, chart.patient, award_id)
    form = Spend(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            line = actions.spend(by=request.actor, at=request.at, award=row, **form.cleaned_data)
            messages.success(request, f"The award paid ${line.amount:,.2f}.")
            return redirect("desk:award", chart.patient.code, row.pk)
    return _award_page(request, chart, row, form, Release())


@staff_page(P.FUND_DECIDE)
@require_POST
def release_award(request: Request, code: str, award_id: int) -> HttpResponse:
    """What is left goes back to the fund."""
    chart = open_chart(request, code, "coverage")
    row = queries.award_for(request.actor, chart.patient, award_id)
    form = Release(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.release(by=request.actor, at=request.at, award=row, **form.cleaned_data)
            messages.success(request, "The rest is back in the fund.")
            return redirect("desk:award", chart.patient.code, row.pk)
    return _award_page(request, chart, row, form, form)


def _award_page(
    request: Request, chart: Chart, row: Any, form: Spend | Release, release: Release
) -> HttpResponse:
    context = {
        "award": row,
        "form": form,
        "spend": form if isinstance(form, Spend) else Spend(),
        "release": release,
        "may_decide": request.actor.may(P.FUND_DECIDE, chart.patient.site_id),
    }
    return chart_page(request, chart, "desk/coverage/assistance/award.html", context)


@staff_page(P.FUND_DECIDE)
def lenders(request: Request) -> HttpResponse:
    """Lenders that are named to people who ask."""
    form = NewLender(request.POST or None, initial={"starts_on": localdate(request.at)})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.add_lender(
                by=request.actor, at=request.at, site=site_of(request.actor), **form.cleaned_data
            )
            messages.success(request, "The lender is named on the cost page from that day on.")
            return redirect("desk:lenders")
    context = {
        "form": form,
        "lenders": queries.lenders(request.actor.sites_with(P.FUND_DECIDE)),
        "today": localdate(request.at),
    }
    return render(request, "desk/coverage/assistance/lenders.html", context)


@staff_page(P.FUND_DECIDE)
@require_POST
def end_lender(request: Request, lender_id: int) -> HttpResponse:
    """Named for the last time today."""
    row = queries.lender_for(request.actor, lender_id)
    today = localdate(request.at)
    actions.end_lender(by=request.actor, at=request.at, lender=row, ends_on=max(today, row.starts_on))
    messages.success(request, f"{row.name} is named for the last time today.")
    return redirect("desk:lenders")
