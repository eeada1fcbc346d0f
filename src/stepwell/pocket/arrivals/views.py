from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.accounts.tries import Tries
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.queries.arriving import own_code
from stepwell.clinic.sessions.rules.arriving import load_arriving
from stepwell.pocket.pages import patient_page, refusals_on, render


class AtTheProgram(forms.Form):
    place_code = forms.CharField(
        label="The code on the screen at the door",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


@patient_page
def here(request: Request, patient: Any) -> HttpResponse:
    """On the day of a session: the own code, and the way without typing it at the door."""
    by, at = request.actor, request.at
    form = AtTheProgram(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            _arrive(request, patient, form.cleaned_data["place_code"])
            messages.success(request, "You are checked in. You can put the phone away.")
            return redirect("pocket:here")
    return render(request, "pocket/arrivals/here.html", {"form": form, "own": own_code(by, at)})


def _arrive(request: Request, patient: Any, place_code: str) -> None:
    """Nobody gets to guess at home what the screen at the door shows."""
    rule = load_arriving()
    tries = Tries("place", rule.wrong_most, rule.wrong_within)
    if tries.too_many(patient.pk):
        raise Refused("That was wrong too often. Please tell the desk that you are here.")
    try:
        actions.arrive_by_phone(by=request.actor, at=request.at, place_code=place_code)
    except Refused:
        tries.count(patient.pk, request.at)
        raise
