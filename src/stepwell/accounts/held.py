"""A form that was sent while the screen was locked: kept, and offered again to the same person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

KEY = "held_form"
MOST = 500_000
"""Characters of a form that are kept; the longest note is far below."""


def hold(request: HttpRequest) -> str:
    """Keeps what was being sent in the session; the address of the page that offers it again."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    too_much = sum(len(name) + len(value) for name, value in fields) > MOST
    request.session[KEY] = {
        "path": request.get_full_path(),
        "fields": [] if too_much else fields,
        "lost_files": bool(request.FILES) or too_much,
    }
    return reverse("held_form")


@require_GET
def held_form(request: HttpRequest) -> HttpResponse:
    """What was typed before the lock, ready to be sent. It is offered once."""
    kept = request.session.pop(KEY, None) if request.user.is_authenticated else None
    if kept is None:
        return HttpResponseRedirect("/home/")
    return render(request, "account/held_form.html", kept, using="django")
