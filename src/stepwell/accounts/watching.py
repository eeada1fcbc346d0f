"""Sign-ins, failed ones and sign-outs in the audit trail, without any patient."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from stepwell.accounts.actor import Actor, the_public
from stepwell.accounts.models import User
from stepwell.accounts.tries import Tries
from stepwell.audit import trail

_FAILED = Tries("login", 0, timedelta(minutes=10))
"""Counted for the trail; what is refused is allauth's (`ACCOUNT_RATE_LIMITS`)."""


def logged_in(request: HttpRequest, user: Any, **_more: Any) -> None:
    """Receives allauth's signal after every step of a sign-in is done."""
    _record(request, user, "accounts.login")


def logged_out(request: HttpRequest | None, user: Any, **_more: Any) -> None:
    """Receives Django's signal."""
    if request is not None and user is not None:
        _record(request, user, "accounts.logout")


def password_changed(request: HttpRequest, user: Any, **_more: Any) -> None:
    """Receives allauth's signals of a password set, changed or reset."""
    _record(request, user, "accounts.password")


def second_factor_changed(request: HttpRequest, user: Any, **_more: Any) -> None:
    """Receives allauth's signals of a second factor added or removed."""
    _record(request, user, "accounts.second_factor")


def failed_login(request: HttpRequest, email: str) -> None:
    """One entry with how many failed for this address in ten minutes. An unknown address is not written down."""
    user = User.objects.filter(email__iexact=email.replace("\x00", "")[:254]).first()
    at = getattr(request, "at", None) or timezone.now()
    trail.record(
        by=the_public(address=_address(request), request_id=getattr(request, "request_id", "")),
        at=at,
        action="accounts.login_failed",
        subject=f"User {user.pk}" if user else "User unknown",
        why="sign-in",
        detail={"failed": _FAILED.count(email.lower(), at)},
    )


def _record(request: HttpRequest, user: Any, action: str) -> None:
    by = Actor(
        user_id=user.pk,
        name=user.name,
        address=_address(request),
        request_id=getattr(request, "request_id", ""),
        purpose="sign-in",
    )
    at = getattr(request, "at", None) or timezone.now()
    trail.record(by=by, at=at, action=action, subject=f"User {user.pk}")


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
