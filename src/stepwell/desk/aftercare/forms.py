from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from stepwell.clinic.aftercare.rules import load_care_sections, load_questions, load_summary_sections
from stepwell.clinic.placement.queries import level_words
from stepwell.clinic.placement.rules import levels_of

_LONG = 8000


def _text(title: str, asks: str) -> forms.CharField:
    return forms.CharField(
        label=title,
        help_text=f"{asks}.",
        required=False,
        max_length=_LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Attempt(forms.Form):
    """One call: how it ended, the short answers, a note."""

    outcome = forms.ChoiceField(
        label="How did it end?",
        choices=[
            ("reached", "Reached"),
            ("not_reached", "Not reached"),
            ("refused", "Does not want calls"),
            ("deceased", "Has died"),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="Note", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in load_questions():
            self.fields[f"q_{question.key}"] = forms.ChoiceField(
                label=question.title,
                choices=list(question.answers.items()),
                required=False,
                widget=forms.RadioSelect,
            )

    def answers(self) -> dict[str, str]:
        """Question -> answer, of those that were answered."""
        return {
            name.removeprefix("q_"): given
            for name, given in self.cleaned_data.items()
            if name.startswith("q_") and given
        }


class Summary(forms.Form):
    """The discharge summary, part by part; a blank part may be kept, and is named before signing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section in load_summary_sections():
            self.fields[section.key] = _text(section.title, section.asks)


class CarePlan(forms.Form):
    """Where the person goes on, in their own words."""

    next_level = forms.ChoiceField(label="Next level of care", required=False)
    next_provider = forms.CharField(label="With whom", max_length=200, required=False)
    next_appointment_on = forms.DateField(
        label="First appointment", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [(level.value, level_words(level.value)) for level in levels_of()]
        self.fields["next_level"].choices = [("", "None planned"), *levels]  # type: ignore[attr-defined] # a ChoiceField
        for section in load_care_sections():
            self.fields[section.key] = _text(section.title, section.asks)

    def sections(self) -> Mapping[str, str]:
        """Section -> text, without what the plan keeps in columns of its own."""
        own = {"next_level", "next_provider", "next_appointment_on"}
        return {key: text for key, text in self.cleaned_data.items() if key not in own}
