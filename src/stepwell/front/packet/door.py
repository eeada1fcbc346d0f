"""Who may see the papers: whoever has the address and knows the date of birth, for an hour on this device."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse

from stepwell.clinic.inquiry.rules import load_papers
from stepwell.front.languages import LANGUAGES, address_in

_COOKIE = "papers"
_SALT = "stepwell.papers.open"


def is_open(request: HttpRequest, packet_id: int) -> bool:
    """Was the date of birth told on this device within the last hour?"""
    limit = int(load_papers().open_for.total_seconds())
    for language in LANGUAGES:
        try:
            if request.get_signed_cookie(f"{_COOKIE}-{language}", salt=_SALT, max_age=limit) == str(
                packet_id
            ):
                return True
        except (KeyError, signing.BadSignature):
            continue
    return False


def open_for_an_hour(request: HttpRequest, answer: HttpResponse, packet_id: int, token: str) -> None:
    """This device may see these papers: a cookie for their own addresses alone, in both languages."""
    for language in LANGUAGES:
        answer.set_signed_cookie(
            f"{_COOKIE}-{language}",
            str(packet_id),
            salt=_SALT,
            max_age=int(load_papers().open_for.total_seconds()),
            path=address_in(language, "papers", token),
            secure=request.is_secure(),
            httponly=True,
            samesite="Strict",
        )
