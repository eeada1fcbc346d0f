"""The accounting of one patient: what was told without consent, each disclosure and all of them on paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.consent import actions, policies, queries, rules
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.consent.forms import WithoutConsent
from stepwell.desk.pages import refusals_on, render, staff_page


def ground_words(row: Any) -> str:
    """What a disclosure rests on, as people read it."""
    ground = _grounds().get(row.basis)
    return "Consent" if ground is None else ground.title


@staff_page(P.DISCLOSURE_WITHOUT_CONSENT)
def grounds(request: Request, code: str) -> HttpResponse:
    """The grounds on which something may be told without consent, those that cannot wait first."""
    chart = open_chart(request, code, "consent")
    offered = policies.grounds_for(request.actor, chart.patient)
    context = {
        "offered": sorted(offered, key=lambda one: not one.at_once),
        "others": [one for one in rules.load_bases() if one not in offered],
    }
    return chart_page(request, chart, "desk/consent/grounds.html", context)


@staff_page(P.DISCLOSURE_WITHOUT_CONSENT)
def without_consent(request: Request, code: str, ground: str) -> HttpResponse:
    """One ground: what it allows, and all that it wants written down."""
    chart = open_chart(request, code, "consent")
    if ground not in _grounds():
        raise Http404
    policies.may_disclose_without_consent(request.actor, chart.patient, ground)
    known = _grounds()[ground]
    first = {
        "told_at": timezone.localtime(request.at),
        "disclosed_by": request.actor.name,
        "verified_by": request.actor.name,
    }
    form = WithoutConsent(request.POST or None, ground=known, initial=first)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        with refusals_on(form):
            row = actions.disclose_without_consent(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                basis=ground,
                recipient=facts["recipient"],
                what=facts["what"],
                told_at=facts["told_at"],
                facts=form.facts(),
            )
            messages.success(request, f"In the accounting, on the ground: {known.title.lower()}.")
            return redirect("desk:disclosure_sheet", chart.patient.code, row.pk)
    return chart_page(request, chart, "desk/consent/without_consent.html", {"form": form, "ground": known})


@staff_page(P.CONSENT_READ)
def disclosure_sheet(request: Request, code: str, disclosure_id: int) -> HttpResponse:
    """One disclosure on paper, with its ground and everything that was documented."""
    chart = open_chart(request, code, "consent")
    row = queries.disclosure_for(request.actor, chart.patient, disclosure_id)
    ground = _grounds().get(row.basis)
    shown = {"recipient_name", "disclosed_at"}
    labels = () if ground is None else ground.must_document
    notice = next((n for n in rules.load_notices() if n.key == row.notice), None)
    context = {
        "patient": chart.patient,
        "d": row,
        "ground": ground,
        "documented": [(label, row.documented.get(key, "")) for key, label in labels if key not in shown],
        "notice": notice,
    }
    return render(request, "desk/consent/disclosure_print.html", context)


@staff_page(P.CONSENT_READ)
def accounting(request: Request, code: str) -> HttpResponse:
    """Everything told of this patient in three years, for the patient who asks for it (42 CFR 2.25)."""
    chart = open_chart(request, code, "consent")
    since = chart.today.replace(year=chart.today.year - 3, day=min(chart.today.day, 28))
    rows = [
        row
        for row in queries.disclosures_of(request.actor, chart.patient)
        if timezone.localtime(row.at).date() >= since
    ]
    context = {"patient": chart.patient, "rows": rows, "since": since, "ground_of": ground_words}
    return render(request, "desk/consent/accounting_print.html", context)


def _grounds() -> dict[str, rules.Basis]:
    return {one.key: one for one in rules.load_bases()}
