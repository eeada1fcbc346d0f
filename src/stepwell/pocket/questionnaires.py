"""Questionnaires on the own phone: what is due stands on Today; each is one page, and may be left half done."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.rules import Instrument, instruments, load_instrument, questions_of
from stepwell.clinic.placement.queries import admitted_days
from stepwell.clinic.site_days import site_day
from stepwell.pocket.forms import once_key
from stepwell.pocket.pages import patient_page, refusals_on, render
from stepwell.ui.questions import Questions


class Answers(Questions):
    """The answers to one instrument; every question may stay open."""

    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)


def due_on_the_phone(request: Request, patient: Any) -> list[Instrument]:
    """What the schedule asks by today of somebody in treatment, of what people fill in themselves. Two statements."""
    began = admitted_days(request.actor).get(patient.pk)
    if began is None:
        return []
    today = site_day(patient.site, request.at)
    filled = queries.newest_fillings(request.actor, [patient.pk])[patient.pk]
    noon = datetime.combine(began, time(12), ZoneInfo(patient.site.zone))
    due = queries.due_after(filled, zone=patient.site.zone, admitted_at=noon, today=today)
    found = [load_instrument(d.instrument) for d in due if d.on <= today]
    return [one for one in found if one.rater == "patient"]


@patient_page
def questionnaire(request: Request, patient: Any, slug: str) -> HttpResponse:
    """One questionnaire. A safety answer tells the team at once and shows where help is."""
    if slug not in instruments() or load_instrument(slug).rater != "patient":
        raise Http404
    instrument = load_instrument(slug)
    form = Answers(
        request.POST if request.method == "POST" else None,
        asked=questions_of(instrument),
        initial={"once_key": once_key()},
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.record_screening(
                by=request.actor,
                at=request.at,
                patient=patient,
                instrument=slug,
                answers=form.answers(),
                way="phone",
                once_key=form.cleaned_data["once_key"],
            )
            if queries.raised_alert(row):
                messages.success(
                    request, "Thank you for telling us. Your team sees it. You do not have to wait for them:"
                )
                return redirect("pocket:help")
            messages.success(request, "Thank you. Your team can see it.")
            return redirect("pocket:today")
    return render(request, "pocket/questionnaire.html", {"form": form, "instrument": instrument})
