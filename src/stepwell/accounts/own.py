"""Pages of one's own login that the library does not bring, or brings and we do not want."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def own_account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and where to change what."""
    return render(request, "account/own.html", using="django")


def not_here(request: HttpRequest, **_parts: str) -> HttpResponse:
    """Signing up, changing an address, codes by mail: the clinic makes and changes logins."""
    return render(request, "account/not_here.html", status=404, using="django")
