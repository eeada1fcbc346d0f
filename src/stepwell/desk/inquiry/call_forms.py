"""A call or a referral, written down as a new inquiry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from stepwell.clinic.inquiry.rules import load_day_parts, load_red_flags, load_sources
from stepwell.clinic.inquiry.rules.free_times import WEEKDAYS


class NewInquiry(forms.Form):
    """A call or a referral, written down while speaking."""

    source = forms.ChoiceField(
        label="How it came",
        choices=[("phone", "By phone"), ("referral", "By referral")],
        widget=forms.RadioSelect,
        initial="phone",
    )
    site = forms.ChoiceField(label="Site")
    asking_for = forms.ChoiceField(
        label="Who is asking",
        choices=[("self", "The person"), ("family", "Somebody close"), ("professional", "A professional")],
        widget=forms.RadioSelect,
        initial="self",
    )
    referred_by = forms.CharField(label="Referred by", max_length=200, required=False)
    name = forms.CharField(label="Name of who asks", max_length=160)
    birth_date = forms.DateField(
        label="Date of birth of the person", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    phone = forms.CharField(max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    email = forms.EmailField(max_length=254, label="E-mail", required=False)
    ways = forms.MultipleChoiceField(
        label="Safe ways to reach them",
        help_text="Ask each one; what is not ticked is not used.",
        choices=[
            ("may_call", "Call"),
            ("may_voicemail", "Leave a voicemail"),
            ("may_text", "Text"),
            ("may_email", "E-mail"),
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one safe way to reach them."},
    )
    safe_times = forms.CharField(
        max_length=200,
        required=False,
        help_text="Such as: mon-fri 17:00-20:00; sat 10:00-12:00. Written like this, it is also kept to.",
    )
    about = forms.CharField(
        label="What they ask for",
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    insurance = forms.CharField(max_length=200, required=False)
    heard_from = forms.ChoiceField(label="How they heard of us", required=False)
    heard_detail = forms.CharField(
        label="Which one",
        max_length=200,
        required=False,
        help_text="Such as the hospital's or the page's name.",
    )
    language = forms.ChoiceField(choices=[("en", "English"), ("es", "Spanish"), ("other", "Another")])
    free_times = forms.MultipleChoiceField(label="Free in the week", required=False)
    red_flags = forms.MultipleChoiceField(
        label="Said on the call", required=False, widget=forms.CheckboxSelectMultiple
    )
    once_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sites: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: dict[str, Any] = self.fields
        named["site"].choices = [(str(s.pk), s.name) for s in sites]
        if len(sites) == 1:  # there is nothing to choose, so nothing wrong can be chosen
            named["site"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self._only_site = str(sites[0].pk) if len(sites) == 1 else ""
        named["free_times"].choices = [(f"{d}-{p}", "") for d in WEEKDAYS for p in load_day_parts()]
        named["red_flags"].choices = [(flag.key, flag.words) for flag in load_red_flags().values()]
        named["heard_from"].choices = [("", "Not asked"), *load_sources().items()]

    def clean_site(self) -> str:
        return self._only_site or str(self.cleaned_data["site"])

    def facts(self) -> dict[str, Any]:
        """The columns of an inquiry."""
        told = dict(self.cleaned_data)
        for taken in ("source", "site", "name", "once_key"):
            told.pop(taken)
        ways = told.pop("ways")
        return {**told, **dict.fromkeys(ways, True)}
