"""Questionnaires on a tablet in the lobby: handed over with a code; the device shows this and nothing else, no name,
and keeps nothing.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render as django_render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from stepwell.accounts.actor import Actor, Request
from stepwell.accounts.permissions import Permission as P
from stepwell.accounts.tries import Tries, network_of
from stepwell.clinic.assessment import actions, queries
from stepwell.clinic.assessment.rules import instruments, load_instrument, load_lobby
from stepwell.clinic.refusal import Refused
from stepwell.desk.assessment.forms import Filling, HandOver, LobbyCode
from stepwell.desk.chart.frame import chart_page, open_chart
from stepwell.desk.pages import refusals_on, staff_page

COOKIE = "lobby"
_SALT = "stepwell.lobby.device"
ADDRESS = "/tablet/"


@staff_page(P.ASSESSMENT_RECORD)
def hand_over(request: Request, code: str) -> HttpResponse:
    """Chooses questionnaires and gets the code; or makes this very device the tablet, which ends the login on it."""
    chart = open_chart(request, code, "assessment")
    by, patient = request.actor, chart.patient
    filled = queries.newest_fillings(by, [patient.pk])[patient.pk]
    due = [
        d.instrument
        for d in queries.due_after(
            filled, zone=patient.site.zone, admitted_at=patient.admitted_at, today=chart.today
        )
    ]
    own = [load_instrument(slug) for slug in instruments()]
    choices = [(one.slug, one.title) for one in own if one.rater == "patient"]
    form = HandOver(
        request.POST if request.method == "POST" else None, choices=choices, initial={"instruments": due}
    )
    given, turn = "", None
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            turn, given = actions.hand_over_tablet(
                by=by, at=request.at, patient=patient, instruments=form.cleaned_data["instruments"]
            )
            if "here" in request.POST:
                logout(request)  # nobody's login stays open on a device that is handed over
                return _open(request, given)
    context = {"form": form, "given": given, "turn": turn, "due": due, "choices": choices}
    return chart_page(request, chart, "desk/assessment/hand_over.html", context)


def tablet(request: Request) -> HttpResponse:
    """Without a turn: the field for the code. With one: the next questionnaire, and no name of anybody."""
    turn = _turn_of(request)
    if turn is None:
        return _at_the_code(request)
    with timezone.override(ZoneInfo(turn.patient.site.zone)):
        left = [slug for slug in turn.instruments if slug not in queries.filled_in_turn(turn)]
        if not left:
            return _over(request, turn)
        instrument = load_instrument(left[0])
        form = Filling(request.POST if "instrument" in request.POST else None, instrument=instrument)
        del form.fields["taken_at"]
        if form.is_bound and request.POST["instrument"] != instrument.slug:
            return HttpResponseRedirect(ADDRESS)  # the button was pressed twice: the next one is shown
        if form.is_bound and form.is_valid():
            with refusals_on(form):
                actions.record_screening(
                    by=_as_patient(request, turn),
                    at=request.at,
                    patient=turn.patient,
                    instrument=instrument.slug,
                    answers=form.answers(),
                    way="tablet",
                    once_key=queries.lobby_once_key(turn, instrument.slug),
                )
                return _over(request, turn) if len(left) == 1 else HttpResponseRedirect(ADDRESS)
        context = {
            "form": form,
            "instrument": instrument,
            "number": len(turn.instruments) - len(left) + 1,
            "of": len(turn.instruments),
            "idle": int(load_lobby().idle.total_seconds()),
        }
        return _shown(request, "desk/assessment/tablet.html", context, status=422 if form.errors else 200)


tablet.audience = "public"  # type: ignore[attr-defined] # the access matrix reads it


@require_POST
def tablet_end(request: Request) -> HttpResponse:
    """Stops before the end; what was sent is kept, the rest stays due."""
    turn = _turn_of(request)
    return HttpResponseRedirect(ADDRESS) if turn is None else _over(request, turn)


tablet_end.audience = "public"  # type: ignore[attr-defined] # as above


def _at_the_code(request: Request) -> HttpResponse:
    form = LobbyCode(request.POST if "code" in request.POST else None)
    rule = load_lobby()
    tries = Tries("lobby", rule.wrong_most, rule.wrong_within)
    who = network_of(request.META.get("REMOTE_ADDR", ""))
    wrong = False
    if form.is_bound:
        wrong = True
        if form.is_valid() and not tries.too_many(who):
            try:
                return _open(request, form.cleaned_data["code"])
            except Refused:
                tries.count(who, request.at)
    context = {"wrong": wrong, "letters": rule.length}
    response = _shown(request, "desk/assessment/tablet_code.html", context, status=422 if wrong else 200)
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, path=ADDRESS, samesite="Strict")
    return response


def _open(request: Request, code: str) -> HttpResponse:
    """This device has the turn from now on. Raises `Refused` for a wrong code."""
    by = Actor(user_id=None, name="Tablet", address=request.META.get("REMOTE_ADDR", ""),
               request_id=getattr(request, "request_id", ""))  # fmt: skip
    turn, key = actions.open_lobby_turn(by=by, at=request.at, code=code)
    if request.user.is_authenticated:
        logout(request)  # typed into a browser of staff: the patient holds it from now on
    response = HttpResponseRedirect(reverse("desk:tablet"))
    response.set_signed_cookie(
        COOKIE,
        f"{turn.pk}.{key}",
        salt=_SALT,
        max_age=int(load_lobby().open_lasts.total_seconds()),
        path=ADDRESS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Strict",
    )
    return response


def _turn_of(request: Request) -> Any:
    try:
        said = request.get_signed_cookie(COOKIE, salt=_SALT, max_age=load_lobby().open_lasts)
    except (KeyError, signing.BadSignature):
        return None
    number, _, key = (said or "").partition(".")
    return queries.lobby_turn_for(int(number), key, request.at) if number.isdecimal() else None


def _as_patient(request: Request, turn: Any) -> Actor:
    """Who acts at the tablet: the patient, by this turn, with no login and no role."""
    return Actor(
        user_id=None,
        name=f"Tablet {turn.pk}",
        patient_id=turn.patient_id,
        address=request.META.get("REMOTE_ADDR", ""),
        request_id=getattr(request, "request_id", ""),
    )


def _over(request: Request, turn: Any) -> HttpResponse:
    """Thanks, and nothing is left on the device."""
    actions.end_lobby_turn(by=_as_patient(request, turn), at=request.at, turn=turn)
    response = _shown(request, "desk/assessment/tablet_over.html", {"crisis": turn.patient.site.crisis_line})
    response.delete_cookie(COOKIE, path=ADDRESS, samesite="Strict")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _shown(request: Request, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = django_render(request, template, context, status=status, using="jinja2")
    response["Cache-Control"] = "no-store"
    return response
