"""What I agreed to, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.clinic.consent import actions, queries
from stepwell.clinic.refusal import Refused
from stepwell.pocket.pages import patient_page, render


@patient_page
def consents(request: Request, patient: Any) -> HttpResponse:
    on_file = queries.consents_of(request.actor, patient, at=request.at)
    context = {
        "in_force": [c for c in on_file if c.active],
        "others": [c for c in on_file if not c.active],
        "disclosures": queries.disclosures_of(request.actor, patient),
    }
    return render(request, "pocket/consents.html", context)


@patient_page
def taking_back(request: Request, patient: Any, consent_id: int) -> HttpResponse:
    """From this instant on nobody is told anything on the strength of it."""
    paper = queries.consent_for(request.actor, patient, consent_id, at=request.at)
    if request.method == "POST":
        try:
            actions.revoke_consent(
                by=request.actor,
                at=request.at,
                consent=paper.row,
                said_by=patient.full_name,
                how="in the app",
            )
            messages.success(
                request, f"Taken back. {paper.row.recipient_name} may be told nothing from now on."
            )
        except Refused as no:
            messages.error(request, no.sentence)
        return redirect("pocket:consents")
    return render(request, "pocket/taking_back.html", {"paper": paper})
