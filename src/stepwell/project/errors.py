"""What a person sees when something is not there, not allowed or broken."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from stepwell.front.errors import public_error


def page(request: HttpRequest, status: int, sentence: str = "") -> HttpResponse:
    html = public_error(request, str(status)) or render_to_string(
        f"ui/errors/{status}.html", {"sentence": sentence}, using="jinja2"
    )
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`exception` carries the policy's own sentence."""
    return page(request, 403, str(exception or ""))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Never says what was looked for: a stranger's record and a missing one look the same."""
    return page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    return page(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long or sent from elsewhere. `reason` is for developers."""
    html = public_error(request, "csrf") or render_to_string("ui/errors/403_csrf.html", using="jinja2")
    return HttpResponse(html, status=403, headers={"Cache-Control": "no-store"})
