"""The public's pages. Nobody is logged in here; whoever asks, asks as the public."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.accounts.actor import Request, the_public
from stepwell.clinic.inquiry import actions
from stepwell.clinic.inquiry.queries import already_received, answer_rule_of
from stepwell.clinic.inquiry.rules import Danger, load_answer_rule, load_red_flags, red_flags
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable.queries import published_programs
from stepwell.front.content import load
from stepwell.front.forms import AskForHelp
from stepwell.front.languages import address_in, language_of
from stepwell.front.limit import too_many
from stepwell.front.pages import page, sites_of_the_public
from stepwell.front.screen import words_to_tell

_SALT = "stepwell.front.sent"
_DANGER_SHOWN = 30 * 60
"""Seconds for which the page after a request says what to do about the danger that was told: whoever opens it from
the browser's history later learns nothing of it."""


@require_safe
def home(request: Request) -> HttpResponse:
    """What the program is, when and how to reach it."""
    return page(request, "front/home.html", {}, text="home", cacheable=True)


@require_safe
def about(request: Request) -> HttpResponse:
    """What an IOP is: levels side by side, a week, how long, family, and when to call 911 or 988 instead."""
    programs = published_programs(request.at)
    kinds = {kind for program in programs for kind in program.therapies}
    # The finder's own words for each kind of group, in its order; a kind without words is not shown.
    words = load("find", language_of(request))["therapies"]
    context = {
        "programs": programs,
        "sites": len({program.site.pk for program in programs}),
        "therapies": [said for kind, said in words.items() if kind in kinds],
    }
    return page(request, "front/about.html", context, text="about", cacheable=True)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Request) -> HttpResponse:
    """The request for help. What is refused is said in a sentence and stays typed."""
    return _asked(request, request.method == "POST")


# Nothing is written here, so a forged one does no harm; the form that it answers with carries a token.
@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def ask_with(request: Request) -> HttpResponse:
    """The same form, from the self-screen: with the answers that the person chose to send, and nothing typed yet."""
    if request.method != "POST":  # opened from the history: nothing of the answers is there any more
        return redirect(address_in(language_of(request), "ask"))
    return _asked(request, False)


def _asked(request: Request, posted: bool) -> HttpResponse:
    sites = sites_of_the_public()
    if not sites:
        return page(request, "front/closed.html", {}, text="ask", sites=sites)
    language = language_of(request)
    words = load("ask", language)
    form = AskForHelp(
        request.POST if posted else None,
        sites=sites,
        language=language,
        today=request.at.date(),
        initial={
            "once_key": secrets.token_urlsafe(24),
            "site": request.GET.get("site", ""),
            # From the price: who asks what it costs has a right to it in writing, so staff must read that it was asked.
            "about": words["estimate"] if "estimate" in request.GET else "",
        },
    )
    status = 200
    if posted:
        status = 422
        if form.is_valid():
            key = form.key()
            if not already_received(key) and too_many(request.META.get("REMOTE_ADDR", ""), request.at):
                status = 429
                form.add_error(None, words["too_many"])
            else:
                try:
                    return _received(request, form, sites, key)
                except Refused as no:
                    # The clinic's own sentence is English; elsewhere the frame says it.
                    form.add_error(
                        None, no.sentence if language == "en" else load("frame", language)["refused"]
                    )
    # The part of the form with danger is read even when another answer is wrong: lines are shown at once.
    context = {
        "form": form,
        "told": [(key, words_to_tell(language)[key]) for key in _chosen(request, language)],
        "phones": [site for site in sites if site.phone],
        **_danger(request.POST.getlist("red_flags"), language),
    }
    return page(
        request,
        "front/ask.html",
        context,
        text="ask",
        sites=sites,
        status=status,
        translated_by="ask",
        # What was typed stays when the page is loaded again; the answers of the self-screen do not.
        kept_as="" if posted else "ask",
    )


@require_safe
def sent(request: Request) -> HttpResponse:
    """What happens next. Only for whoever just sent something: the signed mark in the address says so."""
    language = language_of(request)
    try:
        site_id, shown = signing.loads(request.GET.get("n", ""), salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return redirect(address_in(language, "ask"))
    sites = sites_of_the_public()
    site = next((each for each in sites if each.pk == site_id), None)
    rule = answer_rule_of(site, request.at) if site else load_answer_rule()
    context = {
        **_danger(cache.get(f"{_SALT}.{shown}", ()), language),
        "hours": -(-rule.usual_minutes // 60),  # a part of an hour is said as a whole one
        "site": site,
    }
    return page(request, "front/sent.html", context, text="ask", sites=sites)


def _chosen(request: Request, language: str) -> list[str]:
    known = words_to_tell(language)
    return [key for key in dict.fromkeys(request.POST.getlist("told_from_screen")) if key in known]


def _danger(ticked: Iterable[str], language: str) -> dict[str, Any]:
    """What to tell whoever ticked these, the soonest first, and whether it must happen now."""
    found = red_flags(key for key in ticked if key in load_red_flags())
    words = load("danger", language)["flags"]
    return {
        "danger": list(dict.fromkeys(words[flag.key]["say"] for flag in found.flags)),
        "danger_now": found.danger == Danger.NOW,
    }


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
    # The address stays in the browser's history, so nothing that was told is in it.
    shown = secrets.token_urlsafe(16)
    if row.red_flags:
        cache.set(f"{_SALT}.{shown}", tuple(row.red_flags), timeout=_DANGER_SHOWN)
    mark = signing.dumps([row.site_id, shown], salt=_SALT)
    return redirect(f"{address_in(language_of(request), 'sent')}?n={mark}")
