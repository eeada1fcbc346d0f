"""The device at the door: what its cookie says, how often it may be wrong, and that it shows nothing else.

The cookie holds the number of the kiosk and its key, signed. It is no login: it opens `/kiosk/` and nothing else,
and while a device holds one, every other address leads back there.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from stepwell.accounts.tries import Tries
from stepwell.clinic.sessions.queries.arriving import kiosk_for
from stepwell.clinic.sessions.rules.arriving import load_arriving

COOKIE = "kiosk"
ADDRESS = "/kiosk/"
_SALT = "stepwell.kiosk"
_ALSO = (ADDRESS, "/static/", "/health/")


class KioskLock:
    """Middleware: a device that is a kiosk shows the kiosk's page and no other."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if COOKIE in request.COOKIES and not request.path.startswith(_ALSO) and claim_of(request):
            return HttpResponseRedirect(ADDRESS)
        return self.answer(request)


def claim_of(request: HttpRequest) -> tuple[int, str] | None:
    """Number and key of the kiosk that this device says it is; None without a cookie of ours."""
    try:
        said = request.get_signed_cookie(
            COOKIE, salt=_SALT, max_age=int(load_arriving().kiosk_open.total_seconds())
        )
    except (KeyError, signing.BadSignature):
        return None
    number, _, key = (said or "").partition(".")
    return (int(number), key) if number.isdecimal() else None


def kiosk_of(request: HttpRequest) -> object | None:
    """The open kiosk that this device is. One statement, and none for a device without a cookie."""
    claim = claim_of(request)
    return None if claim is None else kiosk_for(*claim)


def become(response: HttpResponse, kiosk_id: int, key: str) -> None:
    """The device that gets this answer is the kiosk from now on."""
    response.set_signed_cookie(
        COOKIE,
        f"{kiosk_id}.{key}",
        salt=_SALT,
        max_age=int(load_arriving().kiosk_open.total_seconds()),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Strict",
    )


def forget(response: HttpResponse) -> None:
    """The device is no kiosk any more."""
    response.delete_cookie(COOKIE, samesite="Strict")


def wrong_tries() -> Tries:
    """Of each device by its number."""
    rule = load_arriving()
    return Tries("kiosk", rule.wrong_most, rule.wrong_within)
