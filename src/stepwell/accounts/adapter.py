"""allauth's adapter: nobody signs up by themselves; letters are neutral and never break a page."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest

from stepwell.accounts.watching import failed_login

log = structlog.get_logger("stepwell.accounts")


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc] # the library has no types
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "Too many sign-ins failed in a short time. Wait 10 minutes and try again, or "
        "choose a new password by the link below. Nobody else is locked out.",
        "email_password_mismatch": "The e-mail address or the password is not right. Try again, or choose a new "
        "password by the link below.",
        "incorrect_password": "This is not your password. Nothing was lost; try again.",
        "rate_limited": "That was too often in a short time. Wait a few minutes and try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Logins are made by the clinic."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the server believes; which proxies are believed is a setting of the site."""
        return request.META.get("REMOTE_ADDR") or "127.0.0.1"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """One entry in the trail for each."""
        failed_login(request, credentials.get("email") or credentials.get("username") or "")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A letter that cannot be sent now is said to the person and logged; the page stays."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("letter not sent")
            messages.error(
                self.request,
                "The letter could not be sent now. Try again in a few minutes, or call the program.",
            )
