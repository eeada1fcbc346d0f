from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_sheet

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.audit import trail
from stepwell.clinic.billing import actions, queries
from stepwell.clinic.billing.rules import load_payer_rules
from stepwell.clinic.coverage.queries import payers
from stepwell.clinic.people.queries import patient_for
from stepwell.clinic.placement.queries import level_words
from stepwell.clinic.refusal import Refused
from stepwell.desk.billing.forms import FollowedRule, NewPayment, Void, rule_labels
from stepwell.desk.pages import refusals_on, render, staff_page

_FIRST, _SHOWN = 6, 20


@staff_page(P.BILLING_READ)
def billing(request: Request) -> HttpResponse:
    """Days ready to bill, and why the others are not; who owes; what was charged last."""
    by = request.actor
    judged = queries.judged(by, at=request.at, through=_today(request))
    mendable = [one for one in judged.waiting if one.mendable]
    final = [one for one in judged.waiting if not one.mendable]
    shown = len(judged.ready) + len(judged.waiting) if request.GET.get("all") else _SHOWN
    context = {
        "judged": judged,
        "ready": judged.ready[:shown],
        "mendable": mendable[:shown],
        "mendable_count": len(mendable),
        "final": final[:shown],
        "final_count": len(final),
        "balances": queries.balances(by)[:_SHOWN],
        "recent": queries.recent_charges(by),
        "may_work": by.may(P.BILLING_WORK),
        "may_rates": by.may(P.STAFF_MANAGE),
        "shown": shown,
        "first": _FIRST,
        "everything": bool(request.GET.get("all")),
    }
    return render(request, "desk/billing/billing.html", context)


@staff_page(P.BILLING_WORK)
def batch(request: Request) -> HttpResponse:
    """Charge every day that is ready."""
    if request.method == "POST":
        try:
            made = actions.make_charges(by=request.actor, at=request.at, through=_today(request))
        except Refused as no:
            messages.error(request, no.sentence)
            return redirect("desk:billing")
        if made.charges:
            count = len(made.charges)
            total = sum((row.amount for row in made.charges), start=Decimal(0))
            messages.success(
                request, f"{count} {'day' if count == 1 else 'days'} charged, ${total:,.2f} in all."
            )
        else:
            messages.info(request, "Nothing was left to charge.")
    return redirect("desk:billing")


@staff_page(P.BILLING_READ)
def account(request: Request, code: str) -> HttpResponse:
    return _account_page(request, code)


@staff_page(P.BILLING_WORK)
def post_payment(request: Request, code: str) -> HttpResponse:
    patient = patient_for(request.actor, code, P.BILLING_WORK)
    if request.method != "POST":
        return redirect("desk:account", patient.code)
    charges = queries.account_of(request.actor, patient).charges
    form = NewPayment(request.POST, charges=charges)
    if form.is_valid():
        facts = dict(form.cleaned_data)
        chosen = facts.pop("charge")
        charge = next((c for c in charges if str(c.pk) == chosen), None)
        with refusals_on(form):
            row = actions.post_payment(
                by=request.actor, at=request.at, patient=patient, charge=charge, **facts
            )
            messages.success(request, f"${row.amount:,.2f} posted.")
            return redirect("desk:account", patient.code)
    return _account_page(request, code, form)


@staff_page(P.BILLING_WORK)
def void_charge(request: Request, number: int) -> HttpResponse:
    row = queries.charge(request.actor, number)
    form = Void(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.void_charge(by=request.actor, at=request.at, charge=row, **form.cleaned_data)
            messages.success(request, "The charge is taken back; its day can be charged again.")
            return redirect("desk:account", row.patient.code)
    context = {"form": form, "charge": row, "patient": row.patient, "rules": rule_labels()}
    return render(request, "desk/billing/void_charge.html", context)


@staff_page(P.BILLING_WORK)
def new_statement(request: Request, code: str) -> HttpResponse:
    patient = patient_for(request.actor, code, P.BILLING_WORK)
    if request.method == "POST":
        try:
            row = actions.make_statement(by=request.actor, at=request.at, patient=patient)
        except Refused as no:
            messages.error(request, no.sentence)
        else:
            return redirect("desk:statement", row.number)
    return redirect("desk:account", patient.code)


@staff_page(P.BILLING_READ)
def statement(request: Request, number: str) -> HttpResponse:
    """The statement as it was made, on a sheet to print."""
    row = queries.statement(request.actor, number)
    trail.record_access(
        by=request.actor, at=request.at, patient_id=row.patient_id, subject=f"Statement {row.number}"
    )
    lines = [
        {
            "on": date.fromisoformat(line["on"]),
            "kind": line["kind"],
            "label": line["label"],
            "amount": Decimal(line["amount"]) * (1 if line["kind"] in ("charge", "opening") else -1),
            "balance": Decimal(line["balance"]),
        }
        for line in row.lines
    ]
    context = {"statement": row, "patient": row.patient, "lines": lines}
    return render_sheet(request, "desk/billing/statement.html", context, using="jinja2")


@staff_page(P.BILLING_WORK)
def payer_rules(request: Request) -> HttpResponse:
    """Which dated rule each payer follows, and the form for the next one."""
    known = payers()
    form = FollowedRule(request.POST or None, payers=known, initial={"starts_on": _today(request)})
    if request.method == "POST" and form.is_valid():
        payer = next(p for p in known if str(p.pk) == form.cleaned_data["payer"])
        with refusals_on(form):
            actions.follow_rule(
                by=request.actor,
                at=request.at,
                payer=payer,
                rule=form.cleaned_data["rule"],
                starts_on=form.cleaned_data["starts_on"],
            )
            messages.success(request, f"{payer.name} follows the rule.")
            return redirect("desk:payer_rules")
    rows = list(queries.payer_rules())
    gaps = queries.levels_without_rule(_today(request))
    context = {
        "form": form,
        "rows": rows,
        "labels": rule_labels(),
        "gaps": [(p.name, [level_words(level) for level in gaps[p.pk]]) for p in known if gaps[p.pk]],
        "levels": {rule.key: ", ".join(sorted(rule.levels)) for rule in load_payer_rules()},
        "today": _today(request),
    }
    return render(request, "desk/billing/payer_rules.html", context)


@staff_page(P.BILLING_WORK)
def stop_rule(request: Request, number: int) -> HttpResponse:
    """Today is the last day on which the payer follows it."""
    row = queries.payer_rules().get(pk=number)
    if request.method == "POST":
        try:
            actions.stop_rule(
                by=request.actor, at=request.at, payer_rule=row, ends_on=max(row.starts_on, _today(request))
            )
            messages.success(request, f"{row.payer.name} follows it no longer than today.")
        except Refused as no:
            messages.error(request, no.sentence)
    return redirect("desk:payer_rules")


def _account_page(request: Request, code: str, form: Any = None) -> HttpResponse:
    by = request.actor
    patient = patient_for(by, code, P.BILLING_READ)
    trail.record_access(by=by, at=request.at, patient_id=patient.pk, subject="Account")
    held = queries.account_of(by, patient)
    context = {
        "patient": patient,
        "account": held,
        "form": form
        or NewPayment(charges=held.charges, initial={"source": "patient", "once_key": secrets.token_hex(16)}),
        "may_work": by.may(P.BILLING_WORK, patient.site_id),
    }
    return render(request, "desk/billing/account.html", context)


def _today(request: Request) -> date:
    home = request.actor.home
    return request.at.astimezone(ZoneInfo(home.zone if home else "UTC")).date()
