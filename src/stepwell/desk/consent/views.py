from __future__ import annotations

import secrets

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.consent import actions, policies, queries, rules
from stepwell.clinic.people.queries import family_of
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.consent.accounting import ground_words
from stepwell.desk.consent.forms import NewConsent, NewDisclosure, Revocation, recipients_of
from stepwell.desk.looking import load_looking
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.CONSENT_READ)
def consents(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "consent")
    on_file = queries.consents_of(request.actor, chart.patient, at=request.at)
    context = {
        "in_force": [c for c in on_file if c.active],
        "others": [c for c in on_file if not c.active],
        "disclosures": queries.disclosures_of(request.actor, chart.patient),
        "revocation": Revocation(initial={"said_by": chart.patient.full_name}),
        "may_record": request.actor.may(P.CONSENT_RECORD, chart.patient.site_id),
        "may_tell_without": bool(policies.grounds_for(request.actor, chart.patient)),
        "ground_of": ground_words,
    }
    return chart_page(request, chart, "desk/consent/consents.html", context)


@staff_page(P.CONSENT_RECORD)
def new_consent(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "consent")
    first = {
        "discloser": request.actor.home.name,
        "signed_by": chart.patient.full_name,
        "expires_on": chart.today + load_looking().consent_length,
        "expiry": "on",
        "kind": "specific",
        "signature_method": "electronic",
        "once_key": secrets.token_urlsafe(18),
    }
    form = NewConsent(request.POST or None, initial=first, family=family_of(request.actor, chart.patient))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.record_consent(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                elements=form.elements(),
                once_key=form.cleaned_data["once_key"],
            )
            messages.success(request, "The consent is on file and in force.")
            return redirect("desk:consent", chart.patient.code)
    return chart_page(request, chart, "desk/consent/new_consent.html", {"form": form})


@staff_page(P.CONSENT_READ)
def consent_sheet(request: Request, code: str, consent_id: int) -> HttpResponse:
    """One consent on paper, as the patient takes it home or as it goes with a disclosure (42 CFR 2.32)."""
    chart = open_chart(request, code, "consent")
    paper = queries.consent_for(request.actor, chart.patient, consent_id, at=request.at)
    return render(request, "desk/consent/consent_print.html", {"paper": paper, "patient": chart.patient})


@staff_page(P.CONSENT_RECORD)
def revocation(request: Request, code: str, consent_id: int) -> HttpResponse:
    chart = open_chart(request, code, "consent")
    paper = queries.consent_for(request.actor, chart.patient, consent_id, at=request.at)
    form = Revocation(request.POST or None, initial={"said_by": chart.patient.full_name})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.revoke_consent(by=request.actor, at=request.at, consent=paper.row, **form.cleaned_data)
            messages.success(request, "The consent is taken back. From now on it permits nothing.")
            return redirect("desk:consent", chart.patient.code)
    return chart_page(request, chart, "desk/consent/revocation.html", {"form": form, "paper": paper})


@staff_page(P.CONSENT_RECORD)
def event(request: Request, code: str, consent_id: int) -> HttpResponse:
    """What the consent was to end upon has happened: asked once more, then it permits nothing."""
    chart = open_chart(request, code, "consent")
    paper = queries.consent_for(request.actor, chart.patient, consent_id, at=request.at)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        with refusals_on(form):
            actions.record_event(by=request.actor, at=request.at, consent=paper.row)
            messages.success(request, "The consent has ended. From now on it permits nothing.")
            return redirect("desk:consent", chart.patient.code)
    return chart_page(request, chart, "desk/consent/event.html", {"form": form, "paper": paper})


@staff_page(P.CONSENT_RECORD)
def new_disclosure(request: Request, code: str) -> HttpResponse:
    chart = open_chart(request, code, "consent")
    active = [c for c in queries.consents_of(request.actor, chart.patient, at=request.at) if c.active]
    recipients = recipients_of([c.row for c in active])
    form = NewDisclosure(request.POST or None, recipients=recipients)
    if request.method == "POST" and form.is_valid():
        facts, (key, name, member_of) = form.cleaned_data, form.told()
        with refusals_on(form):
            actions.disclose(
                by=request.actor,
                at=request.at,
                patient=chart.patient,
                recipient_key=key,
                recipient=name,
                recipient_class=member_of,
                purpose=rules.Purpose(facts["purpose"]),
                information=frozenset(rules.Category(word) for word in facts["information"]),
                what=facts["what"],
            )
            messages.success(request, "The disclosure is in the accounting. Send the notice with it.")
            return redirect("desk:consent", chart.patient.code)
    notice = rules.notice_for(chart.today, rules.NoticeLength.SHORT)
    context = {"form": form, "recipients": recipients, "notice": notice}
    return chart_page(request, chart, "desk/consent/new_disclosure.html", context)


@staff_page(P.DISCLOSURE_READ)
def disclosures(request: Request) -> HttpResponse:
    """What the compliance officer opens: consents that end soon, then the accounting."""
    context = {
        "expiring": queries.expiring(
            request.actor, at=request.at, until=request.at + load_looking().consents_ending
        ),
        "disclosures": queries.disclosures(request.actor),
        "ground_of": ground_words,
    }
    return render(request, "desk/consent/disclosures.html", context)
