"""The page at the door. It shows no name, answers with a room and a time or one sentence, and forgets both."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from stepwell.accounts.actor import Request
from stepwell.clinic.refusal import Denied, Refused
from stepwell.clinic.saying import clock
from stepwell.clinic.sessions import actions
from stepwell.clinic.sessions.queries.arriving import place_code_of
from stepwell.clinic.sessions.rules.arriving import load_arriving
from stepwell.desk.arrivals.device import ADDRESS, claim_of, forget, kiosk_of, wrong_tries
from stepwell.desk.arrivals.forms import AtTheKiosk

_SALT = "stepwell.kiosk.answer"


def kiosk(request: Request) -> HttpResponse:
    """For a device that staff have made a kiosk; every other one gets the page of a missing address.

    The answer to a form is a short-lived word in the address of the next page: going back shows nothing, and
    loading again sends nothing again.
    """
    device: Any = kiosk_of(request)
    if device is None:
        response = render(request, "desk/arrivals/no_kiosk.html", status=404, using="jinja2")
        if claim_of(request) is not None:
            forget(response)
        return response
    with timezone.override(ZoneInfo(device.site.zone)):
        if request.method == "POST":
            return HttpResponseRedirect(
                f"{ADDRESS}?said={signing.dumps(_answer(request, device), salt=_SALT)}"
            )
        return _page(request, device)


kiosk.audience = "public"  # type: ignore[attr-defined] # the access matrix reads it


def _answer(request: Request, device: Any) -> dict[str, str]:
    """Room and time, or nothing. One try."""
    form = AtTheKiosk(request.POST)
    form.is_valid()
    tries = wrong_tries()
    if tries.too_many(device.pk):
        return {}
    by = actions.as_actor(
        device, address=request.META.get("REMOTE_ADDR", ""), request_id=getattr(request, "request_id", "")
    )
    try:
        found = actions.arrive_at_kiosk(by=by, at=request.at, kiosk=device, **form.asked())
    except (Refused, Denied):
        tries.count(device.pk, request.at)
        return {}
    return {"room": found.room, "at": clock(found.starts, ZoneInfo(device.site.zone))}


def _page(request: Request, device: Any) -> HttpResponse:
    rule = load_arriving()
    said = _said(request)
    shown = int(rule.shown.total_seconds())
    context = {
        "place": device.place,
        "site": device.site.name,
        "place_code": place_code_of(device, request.at),
        "said": said,
        "shown": shown,
        "idle": int(rule.idle.total_seconds()),
        "letters": rule.length,
        "now": request.at,
    }
    response = render(request, "desk/arrivals/kiosk.html", context, using="jinja2")
    add_never_cache_headers(response)
    response["Cache-Control"] = "no-store"
    if said is not None:
        response["Refresh"] = f"{shown}; url={ADDRESS}"
    return response


def _said(request: Request) -> dict[str, str] | None:
    """What the door has just answered; None when nothing was asked, or too long ago."""
    word = request.GET.get("said", "")
    if not word:
        return None
    try:
        found = signing.loads(word, salt=_SALT, max_age=load_arriving().shown)
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None
