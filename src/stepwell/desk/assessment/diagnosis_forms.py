"""Forms of diagnoses: a code with its words, and a use disorder by counting criteria."""

from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import (
    Counted,
    count_criteria,
    disorder_substances,
    use_criteria,
)
from stepwell.clinic.refusal import Refused


class Search(forms.Form):
    q = forms.CharField(max_length=100, required=False)
    code = forms.CharField(max_length=10, required=False)


class NewDiagnosis(forms.Form):
    code = forms.CharField(
        label="ICD-10-CM code", max_length=10, help_text="Such as F10.20; or look it up above."
    )
    text = forms.CharField(
        label="In words", max_length=200, required=False, help_text="Left empty: the words of the list."
    )
    primary = forms.BooleanField(label="This is the primary diagnosis", required=False)
    onset = forms.DateField(
        label="Since about", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class UseDisorder(forms.Form):
    """Which criteria were met within twelve months; what they come to is suggested, never recorded by itself."""

    substance = forms.ChoiceField(label="Substance", choices=[])
    criteria = forms.MultipleChoiceField(label="Met within twelve months", required=False)
    prescribed = forms.BooleanField(label="Taken as prescribed, under supervision", required=False)
    months_without = forms.IntegerField(
        label="Months without any criterion but craving",
        help_text="Leave empty when not in remission.",
        required=False,
        min_value=0,
        max_value=1200,
    )
    controlled_environment = forms.BooleanField(label="In a controlled environment", required=False)
    primary = forms.BooleanField(label="This is the primary diagnosis", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substance"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", "Choose"),
            *((s.key, s.label) for s in disorder_substances()),
        ]
        self.fields["criteria"].choices = [(c.key, c.label) for c in use_criteria()]  # type: ignore[attr-defined] # as above
        self.counted: Counted | None = None

    def clean(self) -> dict[str, Any]:
        """Counts as soon as the answers can be read."""
        got: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.counted = count_criteria(
                    got["substance"],
                    got["criteria"],
                    prescribed=got["prescribed"],
                    months_without=got["months_without"],
                    controlled_environment=got["controlled_environment"],
                )
            except Refused as no:
                self.add_error(None, no.sentence)
        return got
