"""The page "What will it cost?". Answers come by POST and go back in the answer; nothing of them is kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stepwell.accounts.actor import Request
from stepwell.clinic.coverage.assistance.queries import lenders, open_funds
from stepwell.clinic.coverage.queries import rates_of_sites
from stepwell.clinic.coverage.rules import Grant, Money, Parts, Said, load_good_faith, load_plan_rules
from stepwell.clinic.timetable.queries.priced import PricedProgram, priced_programs
from stepwell.front.content import load
from stepwell.front.cost.forms import Costs
from stepwell.front.cost.pricing import Outcome, work_out
from stepwell.front.languages import language_of
from stepwell.front.pages import page, sites_of_the_public
from stepwell.front.saying import Saying, saying

_HELPS = ("first_plan", "eap", "sliding_fee", "grants", "written_off")
"""What takes something off a price, in the order in which it is asked."""


# It changes nothing and knows nobody, so a forged one does no harm; without a token no cookie stays behind.
@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def cost(request: Request) -> HttpResponse:
    """The questions; posted, the price by weeks, what helps, and what a month of it would be."""
    language = language_of(request)
    sites = sites_of_the_public()
    programs = priced_programs()
    if not programs:
        return page(request, "front/cost/closed.html", {}, text="cost", sites=sites)
    posted = request.method == "POST"
    first = _chosen(programs, request.GET.get("program", ""))
    today = request.at.astimezone(ZoneInfo(first.site.zone)).date()
    rates = rates_of_sites({one.site.pk for one in programs}, today)
    form = Costs(
        request.POST if posted else None,
        programs=programs,
        rates=rates,
        language=language,
        today=today,
        initial={
            "program": str(first.id),
            "weeks": first.weeks,
            "days": first.days,
            "starts_on": today,
            "income_period": "year",
        },
    )
    context: dict[str, Any] = {"form": form}
    if not posted or "again" in request.POST:
        return page(request, "front/cost/cost.html", context, text="cost", sites=sites, kept_as="cost")
    if not form.is_valid():
        return page(
            request, "front/cost/cost.html", context, text="cost", sites=sites, status=422, kept_as="cost"
        )
    told = form.cleaned_data
    program = _chosen(programs, told["program"])
    outcome = work_out(
        told,
        program,
        rates,
        payer_id=form.payer_id(),
        yearly_income=form.yearly_income(),
        today=today,
        grants=_promised(told["grant"], load("cost", language)["your_grant"]),
    )
    context |= {"program_name": program.name, "site": program.site, "told": told, "asked_on": today}
    context |= {
        "funds": open_funds([program.site.pk], today),
        "lenders": lenders([program.site.pk], today),
    }
    context |= _shown(outcome, program, language)
    return page(request, "front/cost/price.html", context, text="cost", sites=sites, kept_as="cost")


def _chosen(programs: list[PricedProgram], key: str) -> PricedProgram:
    return next((one for one in programs if str(one.id) == key), programs[0])


def _promised(amount: Decimal | None, name: str) -> tuple[Grant, ...]:
    return (Grant(name=name, balance=Money.of(amount)),) if amount else ()


def _shown(outcome: Outcome, program: PricedProgram, language: str) -> dict[str, Any]:
    """What the template shows, in the words of the page."""
    text, say = load("cost", language), saying(language)
    price = outcome.price
    helps = [name for name in _HELPS if price.parts and getattr(price.parts, name)]

    def in_words(said: tuple[Said, ...]) -> list[str]:
        return [_sentence(one, text, say, program) for one in said]

    return {
        "outcome": outcome,
        "price": price,
        "helps": [(name, text["helps"][name]) for name in helps],
        "part": _part,
        "week_columns": _columns(text, [text["helps"][name] for name in helps]),
        "reasons": in_words(price.reasons),
        "assumptions": in_words(price.assumptions),
        "unknown": in_words(price.unknown),
        "law": load_good_faith(),
        "limits": load_plan_rules(),
    }


def _columns(text: Mapping[str, Any], helps: list[str]) -> list[Any]:
    words = text["result"]
    numbers = [words["visits"], words["price"], *helps, words["you"], words["so_far"]]
    return [words["week_from"], *({"label": label, "num": True} for label in numbers)]


def _part(parts: Parts, name: str) -> Any:
    """The amount of one part, for the template."""
    return getattr(parts, name).amount


def _sentence(said: Said, text: Mapping[str, Any], say: Saying, program: PricedProgram) -> str:
    return str(text["points"][said.point.value]).format(
        amount=say.money(said.amount.amount) if said.amount is not None else "",
        on=say.date(said.on) if said.on is not None else "",
        visits=say.count(said.count, text["visit"], text["visits"]) if said.count is not None else "",
        word=program.name if said.word == program.code else said.word,
    )
