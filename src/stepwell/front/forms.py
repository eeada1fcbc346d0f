"""Asking for help, in one minute, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from json import dumps
from typing import Any

from django import forms

from stepwell.clinic.inquiry.rules import load_day_parts, load_red_flags
from stepwell.clinic.inquiry.rules.free_times import WEEKDAYS
from stepwell.front.content import load
from stepwell.front.screen import words_to_tell

_LONGEST = 10_000
_OLDEST_YEARS = 120
_NO_ERRORS = ("label", "help", "choices")
_FEWEST_DIGITS = 7
"""Of a telephone number that can be called: a local one in the United States; shorter ones are a slip."""


class AskForHelp(forms.Form):
    """A name, one safe way to be reached, and whatever else the person wants to tell.

    Every word of it is in content/<language>/ask.toml and danger.toml; `today` is the day at the site.
    """

    asking_for = forms.ChoiceField(widget=forms.RadioSelect, initial="self")
    name = forms.CharField(max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = forms.CharField(
        max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    email = forms.EmailField(
        max_length=254, required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    ways = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    safe_times = forms.CharField(max_length=200, required=False)
    about = forms.CharField(max_length=_LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    birth_date = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )
    insurance = forms.CharField(max_length=200, required=False)
    red_flags = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    free_times = forms.MultipleChoiceField(required=False)
    told_from_screen = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    site = forms.ChoiceField(widget=forms.RadioSelect)
    website = forms.CharField(
        required=False,
        max_length=_LONGEST,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    once_key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sites: Sequence[Any], language: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        self._today = today
        self._words: Mapping[str, Any] = load("ask", language)["fields"]
        flags = load("danger", language)["flags"]
        named: dict[str, Any] = self.fields
        for name, words in self._words.items():
            field = named[name]
            field.label = words["label"]
            field.help_text = words.get("help", "")
            field.error_messages.update(
                {code: said for code, said in words.items() if code not in _NO_ERRORS}
            )
            if "choices" in words:
                field.choices = list(words["choices"].items())
        named["free_times"].choices = [(f"{d}-{p}", "") for d in WEEKDAYS for p in load_day_parts()]
        named["told_from_screen"].choices = list(words_to_tell(language).items())
        named["red_flags"].choices = [(key, flags[key]["words"]) for key in load_red_flags()]
        named["site"].choices = [(str(site.pk), site.name) for site in sites]
        if len(sites) == 1:  # there is nothing to choose, so nothing wrong can be chosen
            named["site"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self._only_site = str(sites[0].pk) if len(sites) == 1 else ""

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        ways = set(told.get("ways") or ())
        if ways & {"may_call", "may_voicemail", "may_text"} and not told.get("phone"):
            self._need("phone", self._words["ways"]["needs_phone"])
        elif told.get("phone") and sum(map(str.isdecimal, told["phone"])) < _FEWEST_DIGITS:
            self._need("phone", self._words["phone"]["short"])
        if "may_email" in ways and not told.get("email"):
            self._need("email", self._words["ways"]["needs_email"])
        if ways == {"may_voicemail"}:
            self._need("ways", self._words["ways"]["needs_call"])
        if told.get("website"):
            self._need("website", self._words["website"]["filled"])
        return told

    def clean_birth_date(self) -> date | None:
        born: date | None = self.cleaned_data["birth_date"]
        if born is not None and born > self._today:
            raise forms.ValidationError(self._words["birth_date"]["future"])
        if born is not None and born.year < self._today.year - _OLDEST_YEARS:
            raise forms.ValidationError(self._words["birth_date"]["too_old"])
        return born

    def _need(self, name: str, sentence: str) -> None:
        if name not in self.errors:
            self.add_error(name, sentence)

    def clean_site(self) -> str:
        return self._only_site or str(self.cleaned_data["site"])

    def facts(self) -> dict[str, Any]:
        """The columns of an inquiry."""
        told = self.cleaned_data
        plain = (
            "asking_for",
            "phone",
            "email",
            "safe_times",
            "about",
            "birth_date",
            "insurance",
            "red_flags",
            "free_times",
            "told_from_screen",
        )
        return {
            **{name: told[name] for name in plain},
            **dict.fromkeys(told["ways"], True),
            "language": self.language,
        }

    def key(self) -> str:
        """The same form with the same words has the same key, so that sending it again makes no second request.

        With other words it is another request: what somebody mends and sends once more is not lost.
        """
        if not self.cleaned_data["once_key"]:
            return ""
        return sha256(dumps(self.cleaned_data, sort_keys=True, default=str).encode()).hexdigest()
