"""A check-in: one question is enough, two taps and it is sent. What alarms the rules shows the crisis card."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.clinic.recovery import actions, queries
from stepwell.pocket.forms import FEELINGS, SCALE, SLEEP, CheckIn, once_key
from stepwell.pocket.pages import patient_page, refusals_on, render


@patient_page
def check_in(request: Request, patient: Any) -> HttpResponse:
    told = request.GET.get("feeling", "")
    first = {"once_key": once_key(), "feeling": told if told in dict(FEELINGS) else ""}
    form = CheckIn(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.check_in(by=request.actor, at=request.at, patient=patient, **form.cleaned_data)
            if any(alert.crisis_card for alert in queries.alerts_of(row)):
                messages.success(
                    request, "Thank you for telling us. Your team sees it. You do not have to wait for them:"
                )
                return redirect("pocket:help")
            messages.success(request, "Thank you. Your team can see it.")
            return redirect("pocket:today")
    context = {"form": form, "feelings": FEELINGS, "scale": SCALE, "sleep": SLEEP}
    return render(request, "pocket/check_in.html", context)
