"""Places held for the patient: taken with one tap, or not."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.clinic.hours import actions, queries
from stepwell.clinic.refusal import Refused
from stepwell.pocket.pages import patient_page
from stepwell.ui.filters import moment


@require_POST
@patient_page
def accept_offer(request: Request, patient: Any, offer_id: int) -> HttpResponse:
    """The place is booked; or a sentence tells what became of it."""
    offer = queries.offer_for(request.actor, offer_id)
    try:
        actions.accept_offer(by=request.actor, at=request.at, offer=offer)
        messages.success(request, f"See you {moment(offer.occurrence.starts)}. Your place is booked.")
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("pocket:today")


@require_POST
@patient_page
def decline_offer(request: Request, patient: Any, offer_id: int) -> HttpResponse:
    """The place goes to somebody else."""
    offer = queries.offer_for(request.actor, offer_id)
    try:
        actions.decline_offer(by=request.actor, at=request.at, offer=offer)
        messages.success(request, "That is fine. Your team looks for another time with you.")
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("pocket:today")
