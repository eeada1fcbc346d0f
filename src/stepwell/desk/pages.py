"""What every staff page shares: who may open it, how it is answered, how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import render as django_render
from django.utils import timezone

from stepwell.accounts.actor import Request
from stepwell.accounts.permissions import Permission
from stepwell.clinic.refusal import Denied, Refused
from stepwell.desk.rail import rail_for

View = Callable[..., HttpResponse]


def staff_page(permission: Permission) -> Callable[[View], View]:
    """For staff whose role has `permission`; everybody else gets the login, a 404 or the policy's sentence.

    A row that is not there and a row of somebody else's patient are the same 404.
    """

    def around(view: View) -> View:
        @wraps(view)
        def answer(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _log_in_first(request)
            by = request.actor
            if not by.is_staff:
                raise Http404
            if not by.may(permission):
                raise PermissionDenied("Your role does not include this page. Ask the program director.")
            with timezone.override(ZoneInfo(by.home.zone)):
                try:
                    return view(request, *args, **kwargs)
                except ObjectDoesNotExist as missing:
                    raise Http404 from missing
                except Denied as no:
                    raise PermissionDenied(no.sentence) from no

        answer.permission = permission  # type: ignore[attr-defined] # the access matrix reads it
        return answer

    return around


def _log_in_first(request: Request) -> HttpResponse:
    """To the login and back. A part of a page is answered 401: a login does not fit into the place of a part.

    A button leads back to the page it stands on: its own address cannot be opened.
    """
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"Cache-Control": "no-store"})
    came_from = urlsplit(request.headers.get("Referer", ""))
    if request.method == "POST" and came_from.netloc == request.get_host():
        return redirect_to_login(came_from.path)
    return redirect_to_login(request.get_full_path())


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """What a rule refuses becomes the form's error: one sentence, nothing typed is lost."""
    try:
        yield
    except Refused as no:
        form.add_error(None, no.sentence)


def render(request: Request, template: str, context: dict[str, Any] | None = None) -> HttpResponse:
    """A staff page with its rail, unless `context` brings one. 422 when a form in `context["form"]` has errors."""
    by = request.actor
    full = {
        "rail": None if context and "rail" in context else rail_for(by, request.path),
        "who": {"name": by.name, "credential": by.credential, "site": by.home.name},
        "zone": by.home.zone,
        "now": request.at,
        "by": by,
        **(context or {}),
    }
    form = full.get("form")
    bad = request.method == "POST" and form is not None and bool(getattr(form, "errors", None))
    return django_render(request, template, full, status=422 if bad else 200, using="jinja2")
