"""For the desk: the devices at the door, and a code read from a phone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission as P
from stepwell.clinic.people.queries import patients_for, site_of
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import clock
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.queries import arriving
from stepwell.desk.arrivals.device import ADDRESS, become
from stepwell.desk.arrivals.forms import NewKiosk, PhoneCode
from stepwell.desk.pages import refusals_on, render, staff_page


@staff_page(P.CHECK_IN)
def kiosks(request: Request) -> HttpResponse:
    """Which devices are kiosks, and how this one becomes one. Opening it ends the login on this device."""
    by = request.actor
    form = NewKiosk(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            kiosk, key = actions.open_kiosk(
                by=by, at=request.at, site=site_of(by), place=form.cleaned_data["place"]
            )
            logout(request)  # nobody's login stays open on a device at the door
            response = HttpResponseRedirect(ADDRESS)
            become(response, kiosk.pk, key)
            return response
    return render(request, "desk/arrivals/kiosks.html", {"form": form, "kiosks": list(arriving.kiosks(by))})


@require_POST
@staff_page(P.CHECK_IN)
def kiosk_closing(request: Request, kiosk_id: int) -> HttpResponse:
    """The device is no kiosk from its next touch on."""
    kiosk = arriving.kiosks(request.actor).get(pk=kiosk_id)
    try:
        actions.close_kiosk(by=request.actor, at=request.at, kiosk=kiosk)
        messages.success(request, f"The kiosk “{kiosk.place}” is closed; the device shows nothing any more.")
    except Refused as no:
        messages.warning(request, no.sentence)
    return redirect("desk:kiosks")


@require_POST
@staff_page(P.CHECK_IN)
def code_check_in(request: Request) -> HttpResponse:
    """The code on a patient's phone, typed or scanned at the desk."""
    form = PhoneCode(request.POST)
    if form.is_valid():
        try:
            found = actions.check_in_by_code(
                by=request.actor,
                at=request.at,
                site_id=request.actor.home.site_id,
                code=form.cleaned_data["code"],
            )
            whose = patients_for(request.actor, P.TIMETABLE_READ).get(pk=found.patient_id)
            at = clock(found.starts, ZoneInfo(request.actor.home.zone))
            messages.success(request, f"{whose.board_name} is checked in: {found.room}, {at}.")
        except Refused as no:
            messages.warning(request, no.sentence)
    else:
        messages.warning(request, "Type the six letters that the phone shows.")
    return redirect("desk:today")
