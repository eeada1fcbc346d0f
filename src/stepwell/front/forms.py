"""Asking for help, in one minute."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from json import dumps
from typing import Any

from django import forms

from stepwell.clinic.inquiry.rules import load_day_parts, load_red_flags
from stepwell.clinic.inquiry.rules.free_times import WEEKDAYS

_LONGEST = 10_000


class AskForHelp(forms.Form):
    """A name, one safe way to be reached, and whatever else the person wants to tell."""

    asking_for = forms.ChoiceField(
        label="Who is it for?",
        choices=[
            ("self", "For me"),
            ("family", "For somebody close to me"),
            ("professional", "For somebody I work with"),
        ],
        widget=forms.RadioSelect,
        initial="self",
    )
    name = forms.CharField(
        label="What should we call you?",
        max_length=160,
        help_text="A first name is enough.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Tell us a name. Any name is fine."},
    )
    phone = forms.CharField(
        label="Phone",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "This does not look like an e-mail address. Check it, or leave it empty."},
    )
    ways = forms.MultipleChoiceField(
        label="How is it safe to reach you?",
        help_text="We use only what you tick. We never say why we call.",
        choices=[
            ("may_call", "Call me"),
            ("may_voicemail", "Leave a voicemail"),
            ("may_text", "Text me"),
            ("may_email", "E-mail me"),
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick at least one way, so that we can answer you.",
            "invalid_choice": "Tick only ways that are shown.",
        },
    )
    safe_times = forms.CharField(
        label="When is it safe?",
        max_length=200,
        required=False,
        help_text="For example: weekdays after 5 pm. Empty means any time we are open.",
    )
    about = forms.CharField(
        label="What is it about?",
        max_length=_LONGEST,
        required=False,
        help_text="A few words, or nothing.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    insurance = forms.CharField(
        label="Insurance",
        max_length=200,
        required=False,
        help_text="Its name, or “none”. Nobody is turned away because of money.",
    )
    red_flags = forms.MultipleChoiceField(
        label="Is any of this so right now?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Tick only what is shown."},
    )
    free_times = forms.MultipleChoiceField(label="When are you free in the week?", required=False)
    site = forms.ChoiceField(
        label="Where?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the place that is best for you.",
            "invalid_choice": "Choose one of the places shown.",
        },
    )
    website = forms.CharField(
        label="Leave this empty",
        required=False,
        max_length=_LONGEST,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    once_key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sites: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: dict[str, Any] = self.fields
        named["free_times"].choices = [(f"{d}-{p}", "") for d in WEEKDAYS for p in load_day_parts()]
        named["red_flags"].choices = [(flag.key, flag.words) for flag in load_red_flags().values()]
        named["site"].choices = [(str(site.pk), site.name) for site in sites]
        if len(sites) == 1:  # there is nothing to choose, so nothing wrong can be chosen
            named["site"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self._only_site = str(sites[0].pk) if len(sites) == 1 else ""

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        ways = set(told.get("ways") or ())
        if ways & {"may_call", "may_voicemail", "may_text"} and not told.get("phone"):
            self._need("phone", "Give the number, or take away the tick at call, voicemail and text.")
        if "may_email" in ways and not told.get("email"):
            self._need("email", "Give the address, or take away the tick at e-mail.")
        if ways == {"may_voicemail"}:
            self._need("ways", "A voicemail begins with a call. Tick “Call me” too, or another way.")
        if told.get("website"):
            self._need(
                "website",
                "A box that people do not see was filled in. If you are a person, empty it and send again, or call us.",
            )
        return told

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
            "insurance",
            "red_flags",
            "free_times",
        )
        return {**{name: told[name] for name in plain}, **dict.fromkeys(told["ways"], True)}

    def key(self) -> str:
        """The same form with the same words has the same key, so that sending it again makes no second request.

        With other words it is another request: what somebody mends and sends once more is not lost.
        """
        if not self.cleaned_data["once_key"]:
            return ""
        return sha256(dumps(self.cleaned_data, sort_keys=True).encode()).hexdigest()
