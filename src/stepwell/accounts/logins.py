"""Logins and their sessions, as an administrator sees them: no name of a patient, no patient data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest

from stepwell.accounts.models import User


@dataclass(frozen=True)
class SessionSeen:
    """One place where a login is signed in."""

    number: int
    address: str
    browser: str
    began: datetime
    last_seen: datetime


def logins(*, of_staff: bool, at: datetime) -> Any:
    """Logins of staff, or of everybody else, with `sessions` open now and whether a `second_factor` is set up."""
    live = Session.objects.filter(session_key=OuterRef("usersession__session_key"), expire_date__gt=at)
    factors = Authenticator.objects.filter(
        user=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    return (
        User.objects.filter(is_staff=of_staff)
        .annotate(
            sessions=Count("usersession", filter=Q(Exists(live)), distinct=True),
            second_factor=Exists(factors),
        )
        .order_by("email" if of_staff else "pk")
    )


def sessions_of(user: User, *, at: datetime) -> list[SessionSeen]:
    """Where a login is signed in now, newest first."""
    live = Session.objects.filter(expire_date__gt=at).values("session_key")
    rows: Iterable[Any] = UserSession.objects.filter(user=user, session_key__in=live).order_by(
        "-last_seen_at"
    )
    return [SessionSeen(r.pk, str(r.ip), r.user_agent, r.created_at, r.last_seen_at) for r in rows]


def close_sessions(user: User) -> int:
    """Ends every session of a login; whoever sits before one is at the sign-in page with the next click."""
    rows = list(UserSession.objects.filter(user=user))
    ended, _ = Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return ended


def send_password_link(request: HttpRequest, user: User) -> None:
    """Sends the letter with which somebody chooses a password, the first or a new one."""
    request_password_reset(request, user.email, [user], None)
