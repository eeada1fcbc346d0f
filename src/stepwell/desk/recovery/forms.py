from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from stepwell.clinic.recovery import rules


class PlanText(forms.Form):
    """The sections of one plan as text fields; `sections()` gives them as the action takes them."""

    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, plan: rules.Form, **kwargs: Any) -> None:
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


class NewHomework(forms.Form):
    whom = forms.ChoiceField(label="For", widget=forms.RadioSelect)
    title = forms.CharField(max_length=120)
    instructions = forms.CharField(
        label="What to do", max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    due_on = forms.DateField(label="Due", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    objective = forms.ChoiceField(label="Serves the objective", required=False)

    def __init__(
        self, *args: Any, whom: list[tuple[str, str]], objectives: Iterable[Any] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.objectives = {str(one.pk): one for one in objectives}
        self.fields["objective"].choices = [("", "None of the plan")] + [  # type: ignore[attr-defined] # a ChoiceField
            (key, f"{o.measure}: {o.target}") for key, o in self.objectives.items()
        ]
        self.fields["whom"].choices = whom  # type: ignore[attr-defined] # a ChoiceField


class HomeworkReview(forms.Form):
    text = forms.CharField(
        label="A word back", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
