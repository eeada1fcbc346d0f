"""What holds for every page behind a login: never cached, second factor for staff, idle lock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from stepwell.accounts.held import hold

Answer = Callable[[HttpRequest], HttpResponse]
_ALWAYS = ("/static/", "/health/")
_SET_UP = "/accounts/"
_UNLOCK = (
    "/accounts/reauthenticate/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/webauthn/reauthenticate/",
    "/accounts/logout/",
    "/accounts/login/",
)


class NoStore:
    """A shared computer must not show the last patient by its back button."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response


class NoDevices:
    """No page may ask for camera, microphone or screen, but those that say so themselves: a session by video."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), display-capture=(), geolocation=()"
        )
        return response


class SecondFactor:
    """Staff without a second factor are led to set one up; the demo's synthetic staff are not."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_ALWAYS) or settings.STEPWELL_DEMO:
            return self.answer(request)
        if request.path.startswith(_SET_UP):
            if request.method == "POST":
                request.session.pop("second_factor", None)  # one may have been taken away just now
            return self.answer(request)
        if not request.user.is_authenticated or not request.user.is_staff:
            return self.answer(request)
        if not request.session.get("second_factor"):
            if not has_second_factor(request.user):
                return _led_to(request, reverse("mfa_index"))
            request.session["second_factor"] = True
        return self.answer(request)


class IdleLock:
    """After `IDLE_LOCK_MINUTES` without a request the session asks for a proof of who is there again.

    A form that was being sent is kept in the session on the server and offered again after the proof
    (`held`): what somebody typed for twenty minutes is not lost to a lock.

    What a page fetches by itself because there is news (`X-News`, sent by `<sw-live>`) is nobody's touch: a page
    left open on a busy day locks like any other.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.path.startswith((*_ALWAYS, *_UNLOCK)):
            return self.answer(request)
        now, session = time.time(), request.session
        seen = max(session.get("seen_at") or 0, _last_proof(request))
        if seen == 0:
            session["seen_at"] = seen = now
        if now - seen > settings.IDLE_LOCK_MINUTES * 60:
            return _led_to(request, f"{_proof_page(request)}?{urlencode({'next': _back(request)})}")
        by_itself = "X-News" in request.headers
        if not by_itself and now - session.get("seen_at", 0) > 60:  # one write a minute, not one a page
            session["seen_at"] = now
        return self.answer(request)


def has_second_factor(user: Any) -> bool:
    """An authenticator app or a passkey; recovery codes alone are none."""
    found: bool = is_mfa_enabled(user, types=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
    return found


def _proof_page(request: HttpRequest) -> str:
    """Password for most; somebody who has none, only a passkey, is asked for that."""
    if request.user.is_authenticated and not request.user.has_usable_password():
        return reverse("mfa_reauthenticate")
    return reverse("account_reauthenticate")


def _back(request: HttpRequest) -> str:
    """Where to go on after the proof."""
    if request.method == "GET":
        return request.headers.get("HX-Current-URL") or request.get_full_path()
    return hold(request)


def _led_to(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):  # else the page would get a whole page in the place of a part
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _last_proof(request: HttpRequest) -> float:
    records = get_authentication_records(request, request.user)
    return max((float(r.get("at", 0)) for r in records), default=0.0)
