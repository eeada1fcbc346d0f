"""The own medicines: what is taken, until when it lasts, what is at home, and telling about a side effect."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.clinic.medication import actions, queries, rules
from stepwell.clinic.site_days import site_day
from stepwell.pocket.forms import SideEffect
from stepwell.pocket.pages import patient_page, refusals_on, render


@patient_page
def medicines(request: Request, patient: Any) -> HttpResponse:
    """Own medicines, and telling about a side effect of one of them."""
    by, today = request.actor, site_day(patient.site, request.at)
    orders = [
        o
        for o in queries.orders_of(by, patient, at=request.at)
        if o.due.state is not rules.DueState.NOT_IN_FORCE
    ]
    form = SideEffect(
        request.POST if request.method == "POST" else None, orders=[(o.row.pk, o.row.name) for o in orders]
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        chosen = facts.pop("order", None)
        with refusals_on(form):
            row = actions.report_side_effect(
                by=by,
                at=request.at,
                patient=patient,
                order=next((o.row for o in orders if o.row.pk == chosen), None),
                **facts,
            )
            advice = rules.side_effect(row.effect, rules.Severity(row.severity))
            messages.success(request, "Thank you. Your team can see it.")
            return redirect("pocket:help" if advice.urgent else "pocket:medicines")
    told = [s for s in queries.side_effects_of(by, patient) if s.closed_at is None]
    offers = queries.offers_of(by, patient)
    context = {
        "form": form,
        "orders": orders,
        "refills": {r.order.pk: r for r in queries.refills(by, at=request.at, patient=patient)},
        "elsewhere": [
            m for m in queries.medications_of(by, patient) if m.ended_on is None or m.ended_on >= today
        ],
        "allergies": queries.allergies_known(by, patient),
        "told": told,
        "kit": next((o for o in offers if o.outcome != "declined"), None),
    }
    return render(request, "pocket/medicines.html", context)
