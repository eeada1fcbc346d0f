"""The papers at their secret address: the door, the list, questions, one paper, sending them in, a copy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stepwell.accounts.actor import Actor, Request, the_public
from stepwell.clinic.inquiry import actions
from stepwell.clinic.inquiry.queries import PacketShown, packet_at
from stepwell.clinic.inquiry.rules import (
    Danger,
    GapKind,
    PacketState,
    danger_in,
    load_papers,
    may_be_signed,
    red_flags,
)
from stepwell.clinic.refusal import Refused
from stepwell.front.content import load
from stepwell.front.languages import address_in, in_other_language, language_of
from stepwell.front.limit import too_many
from stepwell.front.packet.door import is_open, open_for_an_hour
from stepwell.front.packet.forms import Answers, Door, Signing
from stepwell.front.packet.words import words_of
from stepwell.front.saying import saying

_LIVE = (PacketState.WAITING, PacketState.OPENED)
View = Callable[..., HttpResponse]


def _behind_the_door(*states: PacketState, even_in_danger: bool = False) -> Callable[[View], View]:
    """For papers in one of `states`, on a device that knows the date of birth; everybody else gets the door, or
    the one sentence that tells nothing. Danger stops every page but the one on which it was told."""

    def around(view: View) -> View:
        @wraps(view)
        def answer(request: Request, token: str, **kwargs: Any) -> HttpResponse:
            try:
                found = packet_at(token, request.at)
            except ObjectDoesNotExist:
                return _never_was(request)
            if found.state not in states or not is_open(request, found.row.pk):
                if found.state in _LIVE:
                    return _private(redirect(address_in(language_of(request), "papers", token)))
                return _gone(request)
            with timezone.override(ZoneInfo(found.row.inquiry.site.zone)):
                stop = found.state in _LIVE and danger_in(found.row.answers) is Danger.NOW
                if stop and not even_in_danger and kwargs.get("part") != "safety":
                    return _stopped(request, found, token)
                try:
                    return _private(view(request, found, token, **kwargs))
                except Refused:  # it was ended or sent in at this moment
                    return _gone(request)

        return answer

    return around


def _unknown(view: View) -> View:
    """An address that never was counts as a try, and tells as little as one that is used up."""

    @wraps(view)
    def answer(request: Request, token: str) -> HttpResponse:
        try:
            found = packet_at(token, request.at)
        except ObjectDoesNotExist:
            found = None
        if found is None or (found.state not in _LIVE and found.state is not PacketState.SENT_IN):
            return _never_was(request)
        return view(request, found, token)

    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@_unknown
def papers(request: Request, found: PacketShown, token: str) -> HttpResponse:
    """The door; behind it the list of what to answer and sign, and at the end the thank-you."""
    if is_open(request, found.row.pk) and (found.state is not PacketState.WAITING):
        return _list(request, found, token)
    if found.state is PacketState.SENT_IN:
        return _gone(request)
    language = language_of(request)
    form = Door(request.POST if request.method == "POST" else None, language=language)
    status = 200
    if request.method == "POST":
        if too_many(request.META.get("REMOTE_ADDR", ""), request.at, rule="papers"):
            return _too_many(request)
        status = 422
        if form.is_valid():
            right = actions.open_packet(
                by=_person(request),
                at=request.at,
                packet=found.row,
                birth_date=form.cleaned_data["birth_date"],
            )
            if right:
                answer = redirect(address_in(language, "papers", token))
                open_for_an_hour(request, answer, found.row.pk, token)
                return _private(answer)
            if packet_at(token, request.at).state not in _LIVE:
                return _gone(request)
            form.add_error("birth_date", load("papers", language)["door"]["wrong"])
    return _page(request, "door.html", {"form": form, "token": token}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@_behind_the_door(PacketState.OPENED)
def papers_part(request: Request, found: PacketShown, token: str, part: str) -> HttpResponse:
    """One page of questions. Each answer is kept as it is given; the button leads on to the next page."""
    rule, language = load_papers(), language_of(request)
    asked = rule.part(part)
    if asked is None:
        return _gone(request)
    form = Answers(
        request.POST if request.method == "POST" else None,
        part=asked,
        language=language,
        initial=found.row.answers,
    )
    status = 200
    if request.method == "POST":
        actions.keep_answers(by=_person(request), at=request.at, packet=found.row, answers=form.kept())
        if request.headers.get("X-Keep"):
            return _private(HttpResponse(status=204))
        found = packet_at(token, request.at)
        form.need(g.question for g in found.gaps if g.kind is GapKind.MISSING and g.where == part)
        if not form.errors:
            return redirect(_after(part, found, token, language))
        status = 422
    return _page(
        request, "part.html", {"form": form, "part": asked, "token": token, **_danger(found, language)},
        status=status,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@_behind_the_door(PacketState.OPENED)
def papers_paper(request: Request, found: PacketShown, token: str, paper: str) -> HttpResponse:
    """Read one paper and sign it, or leave it for a talk where that is possible."""
    language, row = language_of(request), found.row
    asked = load_papers().paper(paper)
    if asked is None or paper not in row.papers:
        return _gone(request)
    words = words_of(asked, row, request.at, language)
    signature = next((s for s in found.signatures if s.paper == paper), None)
    here = address_in(language, "papers", token)
    form = Signing(
        request.POST if request.method == "POST" else None,
        language=language,
        initial={"name": f"{row.answers.get('given_name', '')} {row.answers.get('family_name', '')}".strip()},
    )
    status = 200
    if request.method == "POST" and signature is None:
        if "later" in request.POST and asked.may_wait:
            actions.put_off_paper(by=_person(request), at=request.at, packet=row, paper=paper)
            return redirect(here)
        if form.is_valid() and may_be_signed(asked, row.answers):
            actions.sign_paper(
                by=_person(request), at=request.at, packet=row, paper=paper, words=words, language=language,
                **form.cleaned_data,
            )  # fmt: skip
            return redirect(here)
        status = 422
    context = {
        "paper": asked,
        "words": signature.words if signature else words,
        "signature": signature,
        "may_sign": may_be_signed(asked, row.answers),
        "put_off": paper in row.later,
        "form": form,
        "token": token,
    }
    return _page(request, "paper.html", context, status=status)


@require_POST
@_behind_the_door(PacketState.OPENED)
def papers_sending(request: Request, found: PacketShown, token: str) -> HttpResponse:
    """Hand them in, when nothing is missing; the list says what is."""
    if not found.gaps:
        actions.send_in_packet(by=_person(request), at=request.at, packet=found.row)
    return redirect(address_in(language_of(request), "papers", token))


@require_safe
@_behind_the_door(PacketState.SENT_IN)
def papers_copy(request: Request, found: PacketShown, token: str) -> HttpResponse:
    """What was signed and answered, to print; only until staff accept it, and only on this device."""
    language = language_of(request)
    text = load("papers", language)
    answered = [
        (
            text["parts"][part.key]["title"],
            [(q, _said(q, found.row.answers, language)) for q in part.questions],
        )
        for part in load_papers().parts
        if part.key != "safety"
    ]
    context = {
        "signatures": found.signatures,
        "answered": [
            (title, [(text["questions"][q.key]["label"], said) for q, said in rows])
            for title, rows in answered
        ],
        "site": found.row.inquiry.site,
        "sent_in_at": found.row.sent_in_at,
        "token": token,
    }
    return _page(request, "copy.html", context)


def _list(request: Request, found: PacketShown, token: str) -> HttpResponse:
    """Where everything stands, or the thank-you."""
    if found.state is PacketState.SENT_IN:
        return _page(request, "sent_in.html", {"token": token})
    with timezone.override(ZoneInfo(found.row.inquiry.site.zone)):
        if danger_in(found.row.answers) is Danger.NOW:
            return _stopped(request, found, token)
        language = language_of(request)
        text, row, rule = load("papers", language), found.row, load_papers()
        open_parts = {g.where for g in found.gaps if g.kind is GapKind.MISSING}
        named = {p.key: words_of(p, row, request.at, language)["title"] for p in rule.papers}
        if not row.answers.get("emergency_name"):
            named["emergency"] = text["sign"]["contact_link"]
        papers = [
            {
                "key": paper.key,
                "title": named[paper.key],
                "state": "signed"
                if paper.key in found.signed
                else "talk"
                if paper.key in row.later
                else "open"
                if paper.required
                else "if_you_want",
            }
            for paper in rule.papers
            if paper.key in row.papers
        ]
        missing = [
            text["parts"][g.where]["title"] + ": " + text["questions"][g.question]["label"]
            if g.kind is GapKind.MISSING
            else named[g.where]
            for g in found.gaps
            if g.kind is not GapKind.DANGER
        ]
        parts = [
            {"key": p.key, "title": text["parts"][p.key]["title"], "done": _answered(p, row, open_parts)}
            for p in rule.parts
        ]
        context = {
            "parts": parts,
            "papers": papers,
            "missing": missing,
            "until": row.expires_at,
            "token": token,
        }
        return _page(request, "list.html", context)


def _answered(part: Any, row: Any, open_parts: set[str]) -> bool:
    """Nothing is missing in it, and somebody has looked: at least one answer of it was kept."""
    return part.key not in open_parts and any(q.key in row.answers for q in part.questions)


def _after(part: str, found: PacketShown, token: str, language: str) -> str:
    """The next page of questions, or the list after the last one."""
    parts = [p.key for p in load_papers().parts]
    place = parts.index(part) + 1
    if place < len(parts):
        return address_in(language, "papers_part", token, parts[place])
    return address_in(language, "papers", token)


def _danger(found: PacketShown, language: str) -> dict[str, Any]:
    """What to tell whoever ticked something, the soonest first."""
    ticked = found.row.answers.get("red_flags", [])
    flags = red_flags(ticked)
    words = load("danger", language)["flags"]
    return {
        "danger": list(dict.fromkeys(words[flag.key]["say"] for flag in flags.flags)),
        "danger_now": flags.danger is Danger.NOW,
    }


def _stopped(request: Request, found: PacketShown, token: str) -> HttpResponse:
    """Danger comes first: what to do now, who was told, and the way to say that it is over."""
    site = found.row.inquiry.site
    context = {"token": token, "site": site, **_danger(found, language_of(request))}
    return _page(request, "stop.html", context)


def _gone(request: Request) -> HttpResponse:
    """Used up, ended, locked, accepted or never there: the same sentence for all."""
    return _page(request, "gone.html", {}, status=404)


def _never_was(request: Request) -> HttpResponse:
    """An address that was guessed, or is used up: the same sentence, and one more try of that network."""
    if too_many(request.META.get("REMOTE_ADDR", ""), request.at, rule="papers"):
        return _too_many(request)
    return _gone(request)


def _too_many(request: Request) -> HttpResponse:
    return _page(request, "too_many.html", {}, status=429)


def _said(question: Any, answers: Any, language: str) -> str:
    """An answer in words; what was left open says so."""
    text = load("papers", language)
    value = answers.get(question.key, "")
    choices = text["questions"][question.key].get("choices", {})
    if isinstance(value, list):
        value = ", ".join(choices.get(one, one) for one in value)
    return str(choices.get(value, value)) if value != "" else str(text["own_copy"]["not_answered"])


def _person(request: Request) -> Actor:
    """Whoever holds the address. The trail notes the page, not the network address."""
    return the_public(address="papers", request_id=request.actor.request_id)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page without the program's name around it, kept nowhere, found by no search."""
    language = language_of(request)
    full = {
        "language": language,
        "said": load("frame", language),
        "text": load("papers", language),
        "say": saying(language),
        "here": partial(address_in, language),
        "other": in_other_language(request),
        **context,
    }
    answer = render(request, f"front/packet/{template}", full, status=status, using="jinja2")
    answer["Content-Language"] = language
    return _private(answer)


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
