"""The plan on a device that was handed to the patient: read it, type the name, sign, give it back.

The cookie holds the number of the hand-over and its key, signed. It is no login: it opens this page and nothing else.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from stepwell.accounts.actor import Request
from stepwell.clinic.plan import actions, queries, rules
from stepwell.clinic.refusal import Refused

COOKIE = "plan-in-hand"
ADDRESS = "/plan-in-hand/"
_SALT = "stepwell.plan.handed-over"


class OwnName(forms.Form):
    """The typed name is the signature; the tick says that it was read."""

    name = forms.CharField(
        label="Your name", max_length=160, error_messages={"required": "Type your name to sign."}
    )
    agree = forms.BooleanField(
        label="I have read this plan and agree with it.",
        error_messages={"required": "Tick that you have read the plan and agree with it."},
    )
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


def hand_over(request: Request) -> HttpResponse:
    """For a device that staff have handed over; every other one gets the page of a missing address."""
    claim = _claim_of(request)
    found = queries.handed_over(*claim, request.at) if claim else None
    if found is None:
        return _gone(request)
    row, plan = found
    patient = plan.episode.patient
    with timezone.override(ZoneInfo(patient.site.zone)):
        by = actions.as_device(
            row, address=request.META.get("REMOTE_ADDR", ""), request_id=getattr(request, "request_id", "")
        )
        if request.method == "POST" and "back" in request.POST:
            actions.take_back(by=by, at=request.at, hand_over=row)
            return _done(request, signed=False)
        first = {"seen": queries.fingerprint(plan)}
        form = OwnName(request.POST if request.method == "POST" else None, initial=first)
        if request.method == "POST" and form.is_valid():
            facts = form.cleaned_data
            try:
                actions.sign_on_device(
                    by=by, at=request.at, hand_over=row, name=facts["name"], seen=facts["seen"]
                )
                return _done(request, signed=True)
            except Refused as no:
                form.add_error(None, no.sentence)
        return _page(request, plan, patient, form)


hand_over.audience = "public"  # type: ignore[attr-defined] # the access matrix reads it


def hand(answer: HttpResponse, number: int, key: str) -> None:
    """The device that gets this answer shows that plan until it is signed, given back, or the time is up."""
    answer.set_signed_cookie(
        COOKIE,
        f"{number}.{key}",
        salt=_SALT,
        max_age=int(rules.hand_over_lasts().total_seconds()),
        path=ADDRESS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Strict",
    )


def _page(request: Request, plan: Any, patient: Any, form: OwnName) -> HttpResponse:
    context = {
        "plan": plan,
        "patient": patient,
        "form": form,
        "met": queries.met_ids(plan),
        "kind_labels": {kind.value: kind.label for kind in rules.Kind},
        "now": request.at,
    }
    bad = request.method == "POST"
    return _kept_nowhere(
        render(request, "desk/plan/hand_over.html", context, status=422 if bad else 200, using="jinja2")
    )


def _done(request: Request, *, signed: bool) -> HttpResponse:
    answer = render(request, "desk/plan/handed_back.html", {"signed": signed}, using="jinja2")
    answer.delete_cookie(COOKIE, path=ADDRESS, samesite="Strict")
    return _kept_nowhere(answer)


def _gone(request: Request) -> HttpResponse:
    if request.method == "POST" and _claim_of(request) is not None:
        # A second click: the signature is on file and this page is over.
        return HttpResponseRedirect(ADDRESS)
    answer = render(request, "desk/plan/not_handed_over.html", status=404, using="jinja2")
    answer.delete_cookie(COOKIE, path=ADDRESS, samesite="Strict")
    return _kept_nowhere(answer)


def _kept_nowhere(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


def _claim_of(request: HttpRequest) -> tuple[int, str] | None:
    """Number and key of the hand-over that this device says it is; None without a cookie of ours."""
    try:
        said = request.get_signed_cookie(
            COOKIE, salt=_SALT, max_age=int(rules.hand_over_lasts().total_seconds())
        )
    except (KeyError, signing.BadSignature):
        return None
    number, _, key = (said or "").partition(".")
    return (int(number), key) if number.isdecimal() and len(number) < 19 else None
