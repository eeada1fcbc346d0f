from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.drug_tests import actions, rules
from stepwell.clinic.drug_tests.rules import rewards

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
PANELS = [(panel.code, panel.label) for panel in rules.panels()]
DAYS = [(0, "Mon"), (1, "Tue"), (2, "Wed"), (3, "Thu"), (4, "Fri"), (5, "Sat"), (6, "Sun")]


class NewTest(forms.Form):
    panel = forms.ChoiceField(choices=PANELS, widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        choices=[("scheduled", "Scheduled"), ("clinical", "Clinical sign")], widget=forms.RadioSelect
    )
    due_on = forms.DateField(label="On", widget=DATE)


class RandomTests(forms.Form):
    """Whom, which panel, on which days, how many for each."""

    patients = forms.TypedMultipleChoiceField(label="Whom", coerce=int, widget=forms.CheckboxSelectMultiple)
    panel = forms.ChoiceField(choices=PANELS, widget=forms.RadioSelect, initial="standard")
    tests = forms.IntegerField(label="Tests for each person", min_value=1, max_value=14, initial=1)
    first_on = forms.DateField(label="From", widget=DATE)
    last_on = forms.DateField(label="To", widget=DATE)
    weekdays = forms.TypedMultipleChoiceField(
        label="Days on which you can collect", coerce=int, choices=DAYS, widget=forms.CheckboxSelectMultiple
    )

    chosen = forms.IntegerField(
        label="How many of them", min_value=1, max_value=1000, required=False, help_text="Empty: everybody."
    )
    sealed = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["patients"].choices = people  # type: ignore[attr-defined] # a ChoiceField

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first_on"), found.get("last_on")
        if first and last and not 0 <= (last - first).days <= 92:
            self.add_error("last_on", "Choose a last day within three months of the first.")
        return found


class NewCollection(forms.Form):
    refused = forms.BooleanField(label="No specimen was given", required=False)
    specimen = forms.CharField(label="Number on the label", max_length=40, required=False)
    temperature_f = forms.DecimalField(
        label="Temperature, °F", max_digits=4, decimal_places=1, required=False, help_text="Within 4 minutes."
    )
    minutes_to_reading = forms.IntegerField(
        label="Minutes until it was read", min_value=0, max_value=240, required=False
    )
    seal = forms.CharField(label="Number on the seal", max_length=40, required=False)
    tampered = forms.CharField(
        label="Signs of tampering that you saw",
        max_length=300,
        required=False,
        help_text="A device, something poured in. Empty: none.",
    )
    observed = forms.BooleanField(label="Observed, by the program's policy", required=False)
    observed_because = forms.ChoiceField(
        label="Why it was observed",
        choices=[("", "Not observed"), *rules.observed_when().items()],
        required=False,
    )
    observer_wish = forms.ChoiceField(
        label="Whom the person would rather have there",
        choices=[("", "Not observed"), *rules.observer_wishes().items()],
        required=False,
    )


class Told(forms.Form):
    """How the person was told of the test, and whether she was reached."""

    channel = forms.ChoiceField(
        label="How",
        choices=[("in person", "In person"), ("call", "Call"), ("voicemail", "Voice message"), ("text", "Text"), ("email", "E-mail")],
    )  # fmt: skip
    reached = forms.BooleanField(label="Reached", required=False)


class Excuse(forms.Form):
    because = forms.CharField(label="Why it is excused", max_length=300)


class HandOver(forms.Form):
    kind = forms.ChoiceField(
        label="What happens", choices=list(actions.KINDS.items()), widget=forms.RadioSelect
    )
    to = forms.CharField(
        label="Who or what has it now", max_length=160, help_text="A name, a locked fridge, a courier."
    )
    seal = forms.CharField(label="Number on the seal", max_length=40, required=False)
    broken = forms.BooleanField(label="The seal was broken", required=False)


class ToPatient(forms.Form):
    patient = forms.IntegerField(min_value=1, max_value=2**53)
    test = forms.IntegerField(min_value=1, max_value=2**53, required=False)


class Because(forms.Form):
    because = forms.CharField(label="Why", max_length=300)


class NewResult(forms.Form):
    """One choice for each class of the panel; `results()` gives them as the action takes them."""

    method = forms.ChoiceField(
        choices=[("presumptive", "Screen"), ("definitive", "Confirmed by the laboratory")],
        widget=forms.RadioSelect,
        initial="presumptive",
    )
    creatinine = forms.DecimalField(label="Creatinine, mg/dL", max_digits=6, decimal_places=2, required=False)
    gravity = forms.DecimalField(label="Specific gravity", max_digits=5, decimal_places=4, required=False)
    ph = forms.DecimalField(label="pH", max_digits=4, decimal_places=2, required=False)
    oxidants = forms.DecimalField(label="Oxidants, µg/mL", max_digits=7, decimal_places=1, required=False)
    thc_ng_ml = forms.DecimalField(
        label="THC, ng/mL", max_digits=8, decimal_places=2, min_value=0, required=False,
        help_text="With creatinine it tells new use from old.",
    )  # fmt: skip
    once_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, panel: rules.Panel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.classes = panel.classes
        choices = [(r.value, r.value.capitalize()) for r in rules.Result]
        if "thc" not in {one.code for one in panel.classes}:
            del self.fields["thc_ng_ml"]
        for one in panel.classes:
            self.fields[f"class_{one.code}"] = forms.ChoiceField(
                label=one.label, choices=choices, initial="negative"
            )

    def results(self) -> dict[str, str]:
        """Class code -> result."""
        return {one.code: self.cleaned_data[f"class_{one.code}"] for one in self.classes}

    def amounts(self) -> dict[str, Any]:
        """Class code -> ng/mL, where it was told."""
        thc = self.cleaned_data.get("thc_ng_ml")
        return {} if thc is None else {"thc": thc}

    def class_fields(self) -> list[Any]:
        """The bound fields of the classes, for the template."""
        return [self[f"class_{one.code}"] for one in self.classes]


class BeginRewards(forms.Form):
    target = forms.ChoiceField(
        label="What for", choices=[(t.code, t.label) for t in rewards.targets()], widget=forms.RadioSelect
    )
    schedule = forms.ChoiceField(
        label="How", choices=[(s.code, s.label) for s in rewards.schedules()], widget=forms.RadioSelect
    )


class HandReward(forms.Form):
    amount = forms.DecimalField(label="Worth, $", max_digits=8, decimal_places=2)
    what = forms.CharField(label="What", max_length=300, help_text="Such as a grocery voucher. Never cash.")
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class Review(forms.Form):
    note = forms.CharField(label="What comes next", max_length=300, required=False)
