"""The public's pages. Nobody is logged in here; whoever asks, asks as the public."""

from __future__ import annotations

import secrets
from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as django_render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from stepwell.accounts.actor import Request, the_public
from stepwell.clinic.inquiry import actions
from stepwell.clinic.inquiry.queries import already_received
from stepwell.clinic.inquiry.rules import Danger, load_answer_rule, load_day_parts, load_red_flags, red_flags
from stepwell.clinic.people.queries import all_sites
from stepwell.clinic.refusal import Refused
from stepwell.front.content import load
from stepwell.front.forms import AskForHelp
from stepwell.front.hours import hours_said
from stepwell.front.limit import too_many

_SALT = "stepwell.front.sent"


@require_GET
def home(request: Request) -> HttpResponse:
    """What the program is, when and how to reach it."""
    return _page(request, "front/home.html", {"text": load("home")}, cacheable=True)


@require_GET
def fit(request: Request) -> HttpResponse:
    """Is it right for me? Plain words, levels side by side, and when to call 911 or 988 instead."""
    return _page(request, "front/fit.html", {"text": load("is-it-right-for-me")}, cacheable=True)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Request) -> HttpResponse:
    """The request for help. What is refused is said in a sentence and stays typed."""
    sites = _sites()
    if not sites:
        return _page(request, "front/closed.html", {}, sites=sites)
    form = AskForHelp(
        request.POST if request.method == "POST" else None,
        sites=sites,
        initial={"once_key": secrets.token_urlsafe(24), "site": request.GET.get("site", "")},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            key = form.key()
            if not already_received(key) and too_many(request.META.get("REMOTE_ADDR", "")):
                status = 429
                form.add_error(
                    None,
                    "Too many requests came from your network in the last hour, so this one was not sent. "
                    "Please call us, or try again in an hour.",
                )
            else:
                try:
                    return _received(request, form, sites, key)
                except Refused as no:
                    form.add_error(None, no.sentence)
    # The part of the form with danger is read even when another answer is wrong: lines are shown at once.
    ticked = [key for key in request.POST.getlist("red_flags") if key in load_red_flags()]
    context = {
        "form": form,
        "parts": load_day_parts().values(),
        "danger": red_flags(ticked),
        "Danger": Danger,
        "calls": [site for site in sites if site.phone],
    }
    return _page(request, "front/ask.html", context, sites=sites, status=status)


@require_GET
def sent(request: Request) -> HttpResponse:
    """What happens next. Only for whoever just sent something: the signed mark in the address says so."""
    try:
        site_id, numbers = signing.loads(request.GET.get("n", ""), salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return redirect("front:ask")
    keys = list(load_red_flags())
    sites = _sites()
    context = {
        "danger": red_flags(keys[n] for n in numbers if n < len(keys)),
        "Danger": Danger,
        "hours": load_answer_rule().usual_minutes // 60,
        "site": next((site for site in sites if site.pk == site_id), None),
    }
    return _page(request, "front/sent.html", context, sites=sites)


def _received(request: Request, form: AskForHelp, sites: list[Any], key: str) -> HttpResponse:
    """Keeps the request and leads to the page that says what happens next."""
    told = form.cleaned_data
    row = actions.receive_inquiry(
        # The trail notes the page, not the network address: asking for help leaves no such trace.
        by=the_public(address="public page", request_id=request.actor.request_id),
        at=request.at,
        site=next(site for site in sites if str(site.pk) == told["site"]),
        name=told["name"],
        source="web",
        facts=form.facts(),
        once_key=key,
    )
    keys = list(load_red_flags())
    # Numbers, not words: the address stays in the browser's history.
    mark = signing.dumps([row.site_id, [keys.index(flag) for flag in row.red_flags]], salt=_SALT)
    return redirect(f"{reverse('front:sent')}?n={mark}")


def _sites() -> list[Any]:
    return list(all_sites().prefetch_related("hours"))


def _page(
    request: Request,
    template: str,
    context: dict[str, Any],
    *,
    sites: list[Any] | None = None,
    status: int = 200,
    cacheable: bool = False,
) -> HttpResponse:
    """A public page: its name, where else to go, the crisis lines; kept in caches only when nobody is in it."""
    found = _sites() if sites is None else sites
    places = [{"site": site, "hours": hours_said(site.hours.all())} for site in found]
    own = [
        {"label": site.crisis_line, "url": f"tel:{site.crisis_line}", "text": f"our own line, {site.name}"}
        for site in found
        if site.crisis_line
    ]
    links = (("Home", "front:home"), ("Is it right for me?", "front:fit"), ("Ask for help", "front:ask"))
    full = {
        "program": found[0].name if len(found) == 1 else "Stepwell",
        "places": places,
        "nav": [
            {"label": label, "url": reverse(name), "current": reverse(name) == request.path}
            for label, name in links
        ],
        "crisis": [*load("crisis")["lines"], *own],
        **context,
    }
    answer = django_render(request, template, full, status=status, using="jinja2")
    if cacheable and not request.COOKIES:
        answer["Cache-Control"] = "public, max-age=300"
    else:
        answer["Cache-Control"] = "no-store"
    return answer
