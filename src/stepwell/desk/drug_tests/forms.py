from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.drug_tests import rules

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
    observed = forms.BooleanField(label="Observed, by the program's policy", required=False)


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

    def __init__(self, *args: Any, panel: rules.Panel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.classes = panel.classes
        choices = [(r.value, r.value.capitalize()) for r in rules.Result]
        for one in panel.classes:
            self.fields[f"class_{one.code}"] = forms.ChoiceField(
                label=one.label, choices=choices, initial="negative"
            )

    def results(self) -> dict[str, str]:
        """Class code -> result."""
        return {one.code: self.cleaned_data[f"class_{one.code}"] for one in self.classes}

    def class_fields(self) -> list[Any]:
        """The bound fields of the classes, for the template."""
        return [self[f"class_{one.code}"] for one in self.classes]


class Review(forms.Form):
    note = forms.CharField(label="What comes next", max_length=300, required=False)
