"""The chart's details: names, safe contact, whom to call in an emergency, family and their logins."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.logins import send_password_link
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people import actions, queries
from stepwell.clinic.people.rules import Channel, contact_rules_of, languages, may_contact
from stepwell.clinic.refusal import Refused
from stepwell.desk.chart.frame import Chart, chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page
from stepwell.desk.people.forms import NewContact, NewFamilyMember, PersonDetails, SafeContact

_CHANNELS = {
    Channel.CALL: "Call",
    Channel.VOICEMAIL: "Voice message",
    Channel.TEXT: "Text message",
    Channel.EMAIL: "E-mail",
    Channel.MAIL: "Letter",
}


@staff_page(P.PEOPLE_READ)
def details(request: Request, code: str) -> HttpResponse:
    """Names and particulars; a POST changes them."""
    chart = open_chart(request, code, "details")
    form = PersonDetails(request.POST, prefix="person") if request.method == "POST" else None
    if form is not None and form.is_valid():
        with refusals_on(form):
            actions.change_patient(
                by=request.actor, at=request.at, patient=chart.patient, facts=form.cleaned_data
            )
            messages.success(request, "Saved.")
            return redirect("desk:patient_details", chart.patient.code)
    return _page(request, chart, person=form)


@require_POST
@staff_page(P.PEOPLE_REGISTER)
def safe_contact(request: Request, code: str) -> HttpResponse:
    """How and when it is safe to reach the person."""
    chart = open_chart(request, code, "details")
    form = SafeContact(request.POST, prefix="reach")
    if form.is_valid():
        with refusals_on(form):
            actions.change_patient(
                by=request.actor, at=request.at, patient=chart.patient, facts=form.cleaned_data
            )
            messages.success(request, "Saved. The warning, if any, stands on every page of the chart.")
            return redirect("desk:patient_details", chart.patient.code)
    return _page(request, chart, reach=form)


@require_POST
@staff_page(P.PEOPLE_REGISTER)
def new_contact(request: Request, code: str) -> HttpResponse:
    """One more person to call in an emergency."""
    chart = open_chart(request, code, "details")
    form = NewContact(request.POST, prefix="contact")
    if form.is_valid():
        with refusals_on(form):
            actions.add_emergency_contact(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            return redirect("desk:patient_details", chart.patient.code)
    return _page(request, chart, contact=form)


@require_POST
@staff_page(P.PEOPLE_REGISTER)
def contact_removal(request: Request, code: str, number: int) -> HttpResponse:
    patient = queries.patient_for(request.actor, code, P.PEOPLE_REGISTER)
    contact = queries.emergency_contact(request.actor, patient, number)
    actions.remove_emergency_contact(by=request.actor, at=request.at, contact=contact)
    return redirect("desk:patient_details", patient.code)


@require_POST
@staff_page(P.PEOPLE_REGISTER)
def new_family_member(request: Request, code: str) -> HttpResponse:
    """One more member of the family."""
    chart = open_chart(request, code, "details")
    form = NewFamilyMember(request.POST, prefix="family")
    if form.is_valid():
        with refusals_on(form):
            actions.add_family_member(
                by=request.actor, at=request.at, patient=chart.patient, **form.cleaned_data
            )
            return redirect("desk:patient_details", chart.patient.code)
    return _page(request, chart, family=form)


@require_POST
@staff_page(P.PEOPLE_REGISTER)
def family_removal(request: Request, code: str, number: int) -> HttpResponse:
    patient = queries.patient_for(request.actor, code, P.PEOPLE_REGISTER)
    member = queries.family_member(request.actor, patient, number)
    actions.remove_family_member(by=request.actor, at=request.at, member=member)
    messages.success(request, f"{member.name} sees nothing from now on.")
    return redirect("desk:patient_details", patient.code)


@require_POST
@staff_page(P.PEOPLE_REGISTER)
def family_invitation(request: Request, code: str, number: int) -> HttpResponse:
    """Makes the login and sends the link; sent again when asked again."""
    patient = queries.patient_for(request.actor, code, P.PEOPLE_REGISTER)
    member = queries.family_member(request.actor, patient, number)
    try:
        user = actions.invite_family_member(by=request.actor, at=request.at, member=member)
    except Refused as no:
        messages.error(request, no.sentence)
    else:
        send_password_link(request, user)
        messages.success(request, f"The link for a password is on its way to {user.email}.")
    return redirect("desk:patient_details", patient.code)


@require_POST
@staff_page(P.PEOPLE_REGISTER)
def patient_invitation(request: Request, code: str) -> HttpResponse:
    """Makes the patient's own login and sends the link."""
    patient = queries.patient_for(request.actor, code, P.PEOPLE_REGISTER)
    try:
        user = actions.invite_patient(by=request.actor, at=request.at, patient=patient)
    except Refused as no:
        messages.error(request, no.sentence)
    else:
        send_password_link(request, user)
        messages.success(request, f"The link for a password is on its way to {user.email}.")
    return redirect("desk:patient_details", patient.code)


def _page(
    request: Request,
    chart: Chart,
    *,
    person: PersonDetails | None = None,
    reach: SafeContact | None = None,
    contact: NewContact | None = None,
    family: NewFamilyMember | None = None,
) -> HttpResponse:
    by, patient = request.actor, chart.patient
    facts = {name: getattr(patient, name) for name in (*PersonDetails.base_fields, *SafeContact.base_fields)}
    context: dict[str, Any] = {
        "person": person or PersonDetails(initial=facts, prefix="person"),
        "reach": reach or SafeContact(initial=facts, prefix="reach"),
        "contact": contact or NewContact(prefix="contact"),
        "family_form": family or NewFamilyMember(prefix="family"),
        "form": person or reach or contact or family,
        "contacts": list(queries.emergency_contacts_of(by, patient)),
        "family": queries.family_of(by, patient),
        "may_change": by.may(P.PEOPLE_REGISTER, patient.site_id),
        "language": languages().get(patient.language, patient.language),
        "reaching": _reaching(request, patient),
    }
    return chart_page(request, chart, "desk/people/details.html", context)


def _reaching(request: Request, patient: Any) -> list[tuple[str, Any]]:
    """Each way of reaching the person: allowed now or not, why, and the neutral words to use."""
    rules = contact_rules_of(patient)
    local = request.at.astimezone(ZoneInfo(patient.site.zone))
    return [(label, may_contact(rules, channel, local)) for channel, label in _CHANNELS.items()]
