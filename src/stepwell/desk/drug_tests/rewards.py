"""Rewards for tests: the ledger of one patient, a line for each test, handing over with a receipt."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.drug_tests import actions, queries
from stepwell.clinic.drug_tests.rules import rewards
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.drug_tests.forms import BeginRewards, HandReward
from stepwell.desk.pages import render, staff_page


@staff_page(P.DRUG_TEST_READ)
def chart_rewards(request: Request, code: str) -> HttpResponse:
    """The plan, what waits to be handed over, tests without a line, and every line."""
    return _page(request, open_chart(request, code, "tests"))


@staff_page(P.DRUG_TEST_ORDER)
@require_POST
def rewards_begin(request: Request, code: str) -> HttpResponse:
    """Rewards by a schedule from today."""
    chart = open_chart(request, code, "tests")
    form = BeginRewards(request.POST)
    if form.is_valid():
        try:
            actions.begin_rewards(by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data)
            messages.success(request, "Rewards begin today.")
            return redirect("desk:chart_rewards", chart.patient.code)
        except Refused as no:
            form.add_error(None, no.sentence)
    return _page(request, chart, begin=form)


@staff_page(P.DRUG_TEST_ORDER)
@require_POST
def rewards_end(request: Request, code: str, plan_id: int) -> HttpResponse:
    """No more is earned; what waits is still handed over."""
    chart = open_chart(request, code, "tests")
    try:
        plan = queries.plan_for(request.actor, chart.patient, plan_id)
        actions.end_rewards(by=request.actor, at=request.at, plan=plan)
        messages.success(request, "Nothing more is earned. What waits can still be handed over.")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:chart_rewards", chart.patient.code)


@staff_page(P.DRUG_TEST_COLLECT)
@require_POST
def reward(request: Request, code: str, plan_id: int, test_id: int) -> HttpResponse:
    """The line of the ledger for one test; pressed twice, it is one line."""
    chart = open_chart(request, code, "tests")
    plan = queries.plan_for(request.actor, chart.patient, plan_id)
    test = queries.test_for(request.actor, chart.patient, test_id, today=chart.today)
    try:
        entry = actions.reward_test(by=request.actor, at=request.at, plan=plan, order=test)
        messages.success(request, f"${entry.amount:.2f}. {entry.sentence}")
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("desk:chart_rewards", chart.patient.code)


@staff_page(P.DRUG_TEST_COLLECT)
@require_POST
def hand(request: Request, code: str, plan_id: int) -> HttpResponse:
    """A voucher or an item is handed over; sent twice, it is one receipt."""
    chart = open_chart(request, code, "tests")
    plan = queries.plan_for(request.actor, chart.patient, plan_id)
    form = HandReward(request.POST)
    if form.is_valid():
        try:
            entry = actions.hand_reward(by=request.actor, at=request.at, plan=plan, **form.cleaned_data)
            return redirect("desk:reward_receipt", chart.patient.code, entry.number)
        except Refused as no:
            form.add_error(None, no.sentence)
    return _page(request, chart, hand=form)


@staff_page(P.DRUG_TEST_READ)
def receipt(request: Request, code: str, number: int) -> HttpResponse:
    """One receipt on paper, for both to sign."""
    chart = open_chart(request, code, "tests")
    row = queries.receipt_for(request.actor, chart.patient, number)
    trail.record_access(
        by=request.actor, at=request.at, patient_id=chart.patient.pk, subject=f"RewardEntry {row.pk}"
    )
    return render(request, "desk/drug_tests/receipt_print.html", {"row": row, "patient": chart.patient})


def _page(
    request: Request, chart: Chart, *, begin: BeginRewards | None = None, hand: HandReward | None = None
) -> HttpResponse:
    by, patient = request.actor, chart.patient
    ledger = queries.ledger_of(by, patient, today=chart.today)
    under_way = ledger.plan is not None and ledger.plan.ended_at is None
    context = {
        "ledger": ledger,
        "under_way": under_way,
        "schedule": rewards.schedule(ledger.plan.schedule) if ledger.plan else None,
        "target": rewards.target(ledger.plan.target) if ledger.plan else None,
        "begin": begin or BeginRewards(initial={"schedule": "voucher", "target": "stimulants"}),
        "hand": hand or HandReward(initial={"amount": ledger.waiting, "once_key": secrets.token_urlsafe(18)}),
        "form": begin or hand,
        "may_order": by.may(P.DRUG_TEST_ORDER, patient.site_id),
        "may_collect": by.may(P.DRUG_TEST_COLLECT, patient.site_id),
    }
    return chart_page(request, chart, "desk/drug_tests/rewards.html", context)
