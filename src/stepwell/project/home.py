"""`/home/`: where a sign-in ends, by who it is."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect

from stepwell.accounts.actor import Request
from stepwell.desk.rail import rail_for


def home(request: Request) -> HttpResponse:
    """Staff: the first page of their rail. Patient: today. Family: what they may see. Nobody yet: the account."""
    if not request.user.is_authenticated:
        return redirect_to_login("/home/")
    by = request.actor
    if by.is_staff:
        rail = rail_for(by, "")
        return redirect(rail[0].url if rail else "account_email")
    if by.patient_id is not None:
        return redirect("pocket:today")
    if by.family_ids:
        return redirect("pocket:family")
    return redirect("account_email")
