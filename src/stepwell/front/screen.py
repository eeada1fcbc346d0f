"""'Is it right for me?': the private self-screen. Answers come by POST, and are kept and written down nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stepwell.accounts.actor import Request
from stepwell.clinic.inquiry.rules import Care, Reason, Standing, Withdrawal, fit, load_screen
from stepwell.clinic.inquiry.rules.fit import Fit
from stepwell.front.content import load
from stepwell.front.languages import language_of
from stepwell.front.pages import each_number_once, page, sites_of_the_public


class SelfScreen(forms.Form):
    """Every question may stay open. Words are those of content/<language>/fit.toml and danger.toml."""

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        screen, text = load_screen(), load("fit", language)
        flags = load("danger", language)["flags"]
        other = {"invalid_choice": load("ask", language)["fields"]["red_flags"]["invalid_choice"]}
        named: dict[str, Any] = self.fields
        named["danger"] = forms.MultipleChoiceField(
            required=False,
            label=text["danger_legend"],
            help_text=text["danger_help"],
            choices=[(key, flags[key]["words"]) for key in (*screen.stops, *screen.call_today)],
            widget=forms.CheckboxSelectMultiple(attrs={"autocomplete": "off"}),
            error_messages=other,
        )
        for question in screen.questions.values():
            words = text["questions"][question.key]
            named[question.key] = forms.ChoiceField(
                required=False,
                label=words["ask"],
                choices=[(key, words["answers"][key]) for key in question.choices],
                widget=forms.RadioSelect(attrs={"autocomplete": "off"}),
                error_messages=other,
            )

    def answers(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in load_screen().questions if self.cleaned_data[key]}

    def parts(self) -> list[tuple[str, list[Any]]]:
        """The questions under the factor they are about, in order."""
        questions = load_screen().questions.values()
        return [
            (factor.value, [self[question.key] for question in of_factor])
            for factor, of_factor in groupby(questions, key=lambda question: question.factor)
        ]


# It changes nothing and knows nobody, so a forged one does no harm; without a token no cookie stays behind.
@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: Request) -> HttpResponse:
    """The questions; posted, what they say. Danger stops it, and a tick more or less never loses the rest."""
    language = language_of(request)
    sites = sites_of_the_public()
    posted = request.method == "POST"
    form = SelfScreen(request.POST if posted else None, language=language)
    context: dict[str, Any] = {"form": form, "phones": _our_lines(sites), "stops": load_screen().stops}
    # Danger is read even when another answer is not one of those shown.
    ticked = [key for key in request.POST.getlist("danger") if key in load_screen().stops]
    if ticked:
        found = fit({}, ticked)
    elif not posted or "again" in request.POST:
        return page(request, "front/screen.html", context, text="fit", sites=sites, kept_as="fit")
    elif not form.is_valid():
        return page(request, "front/screen.html", context, text="fit", sites=sites, status=422, kept_as="fit")
    else:
        found = fit(form.answers(), form.cleaned_data["danger"])
    context |= _said(found, form, language)
    template = "front/screen_stop.html" if found.standing == Standing.STOP else "front/screen_result.html"
    return page(request, template, context, text="fit", sites=sites, kept_as="fit")


def _our_lines(sites: Sequence[Any]) -> list[tuple[str, str]]:
    """Each number once with its places: a crisis line where a place has one, else its telephone."""
    return list(each_number_once((site.crisis_line or site.phone, site.name) for site in sites).items())


def _said(found: Fit, form: SelfScreen, language: str) -> dict[str, Any]:
    """What was found, in the words of the page."""
    text, flags = load("fit", language), load("danger", language)["flags"]
    words = words_to_tell(language)
    told = [] if found.standing == Standing.STOP else list(form.answers().items())
    ticked = [("danger", key) for key in found.call_today]
    return {
        "found": found,
        "danger": list(dict.fromkeys(flags[key]["say"] for key in (*found.stops, *found.call_today))),
        "range": _range(found.lowest, found.highest, text),
        "cares": [care.name.lower() for care in Care if _holds(found, care)],
        "detox": {Withdrawal.FIRST: "first", Withdrawal.ASK: "ask", Withdrawal.NOT_SEEN: ""}[
            found.withdrawal
        ],
        "speaks_for": [_sentence(each, text) for each in found.speaks_for],
        "speaks_against": [_sentence(each, text) for each in found.speaks_against],
        "left_open": [text["questions"][key]["ask"] for key in found.unanswered],
        "answers": [*ticked, *told],
        "tellable": [(key, words[key]) for key in (*_range_key(found), *(f"{q}={a}" for q, a in told))],
    }


@cache
def words_to_tell(language: str) -> Mapping[str, str]:
    """Everything a person may choose to send us, 'use=most' or 'range=iop-php', in the words of the page."""
    text, asked = load("fit", language), load_screen()
    ranges = {
        f"range={low.name}-{high.name}".lower(): text["tell"]["range"].format(range=_range(low, high, text))
        for low in Care
        for high in Care
        if low <= high
    }
    answers = {
        f"{key}={choice}": f"{text['questions'][key]['ask']} {text['questions'][key]['answers'][choice]}"
        for key, question in asked.questions.items()
        for choice in question.choices
    }
    return {**ranges, **answers}


def _holds(found: Fit, care: Care) -> bool:
    return found.lowest is not None and found.highest is not None and found.lowest <= care <= found.highest


def _range(lowest: Care | None, highest: Care | None, text: Mapping[str, Any]) -> str:
    if lowest is None or highest is None:
        return ""
    low, high = (text["care"][care.name.lower()] for care in (lowest, highest))
    return str(low if lowest == highest else text["result"]["range"].format(low=low, high=high))


def _range_key(found: Fit) -> tuple[str, ...]:
    if found.lowest is None or found.highest is None:
        return ()
    return (f"range={found.lowest.name}-{found.highest.name}".lower(),)


def _sentence(reason: Reason, text: Mapping[str, Any]) -> str:
    return str(text["reasons"][reason.code.value].format(**reason.numbers))
