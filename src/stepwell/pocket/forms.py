from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms

from stepwell.clinic.medication import rules as medication
from stepwell.clinic.recovery import rules as recovery

FEELINGS = [("steady", "Steady"), ("restless", "Restless"), ("low", "Low"), ("craving", "Craving")]
SCALE = [(str(n), str(n)) for n in range(11)]
SLEEP = [("2", "0–2"), *((str(n), str(n)) for n in range(3, 10)), ("10", "10+")]
TIMES_CHANGED = "My times have changed"
REASONS = [
    "I am ill",
    "Work",
    "Child care",
    "No way to get there",
    "Another appointment",
    "I do not feel able to",
    TIMES_CHANGED,
]


class CheckIn(forms.Form):
    """How it is right now: answer one question or all. `once_key` makes one check-in of two taps."""

    feeling = forms.ChoiceField(choices=FEELINGS, required=False)
    mood = forms.TypedChoiceField(choices=SCALE, coerce=int, empty_value=None, required=False)
    craving = forms.TypedChoiceField(choices=SCALE, coerce=int, empty_value=None, required=False)
    sleep_hours = forms.TypedChoiceField(
        label="Hours slept", choices=SLEEP, coerce=int, empty_value=None, required=False
    )
    used = forms.TypedChoiceField(
        label="Used or drank since yesterday",
        choices=[("no", "No"), ("yes", "Yes")],
        coerce=lambda word: word == "yes",
        empty_value=None,
        required=False,
    )
    used_what = forms.CharField(label="What", max_length=120, required=False)
    note = forms.CharField(
        label="Anything else you want to say",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class CannotCome(forms.Form):
    reason = forms.ChoiceField(
        label="What is in the way", choices=[(r, r) for r in REASONS], widget=forms.RadioSelect
    )
    words = forms.CharField(label="In your own words", max_length=110, required=False)

    def because(self) -> str:
        """The reason as staff read it."""
        found, said = self.cleaned_data["reason"], self.cleaned_data["words"].strip()
        return f"{found}. {said}" if said else str(found)


class Answer(forms.Form):
    text = forms.CharField(
        label="Your answer", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


class OwnPlan(forms.Form):
    """The sections of a plan of one's own."""

    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, plan: recovery.Form, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        for section in plan.sections:
            self.fields[f"section_{section.key}"] = forms.CharField(
                label=section.title,
                help_text=section.ask,
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def sections(self) -> dict[str, str]:
        """Section key -> text."""
        return {s.key: self.cleaned_data[f"section_{s.key}"] for s in self.plan.sections}


class SideEffect(forms.Form):
    effect = forms.ChoiceField(label="What do you notice")
    severity = forms.ChoiceField(
        label="How bad is it",
        choices=[
            ("mild", "I notice it, no trouble"),
            ("moderate", "It gets in the way"),
            ("severe", "I cannot go on like this"),
        ],
        widget=forms.RadioSelect,
    )
    order = forms.TypedChoiceField(label="Of which medicine", coerce=int, empty_value=None, required=False)
    note = forms.CharField(label="In your own words", max_length=300, required=False)

    def __init__(self, *args: Any, orders: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(e, e.capitalize()) for e in medication.side_effects()]
        self.fields["order"].choices = [("", "I do not know"), *orders]  # type: ignore[attr-defined] # a ChoiceField
        if not orders:
            del self.fields["order"]
        self.fields["effect"].choices = [("", "Choose"), *known, ("something else", "Something else")]  # type: ignore[attr-defined] # a ChoiceField


def once_key() -> str:
    """A fresh key for a form that must count once."""
    return uuid4().hex
