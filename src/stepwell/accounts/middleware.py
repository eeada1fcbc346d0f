"""What holds for every page behind a login: never cached, second factor for staff, idle lock."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

Answer = Callable[[HttpRequest], HttpResponse]
_ALWAYS = ("/static/", "/health/", "/accounts/")


class NoStore:
    """A shared computer must not show the last patient by its back button."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response


class SecondFactor:
    """Staff without a second factor are led to set one up; the demo's synthetic staff are not."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.user.is_authenticated
            and request.user.is_staff
            and not settings.STEPWELL_DEMO
            and not request.path.startswith(_ALWAYS)
            and not request.session.get("second_factor")
        ):
            if not is_mfa_enabled(request.user):
                return HttpResponseRedirect(reverse("mfa_index"))
            request.session["second_factor"] = True
        return self.answer(request)


class IdleLock:
    """After `IDLE_LOCK_MINUTES` without a request the session asks for the password again."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.path.startswith(_ALWAYS):
            return self.answer(request)
        now, session = time.time(), request.session
        seen = max(session.get("seen_at", now), _last_proof(request))
        if now - seen > settings.IDLE_LOCK_MINUTES * 60:
            # A form that was being sent is not lost: the browser keeps it on the page behind.
            back = (
                request.get_full_path() if request.method == "GET" else request.META.get("HTTP_REFERER", "/")
            )
            return HttpResponseRedirect(reverse("account_reauthenticate") + "?" + urlencode({"next": back}))
        if now - session.get("seen_at", 0) > 60:  # one write a minute, not one a page
            session["seen_at"] = now
        return self.answer(request)


def _last_proof(request: HttpRequest) -> float:
    records = get_authentication_records(request)
    return max((float(r.get("at", 0)) for r in records), default=0.0)
