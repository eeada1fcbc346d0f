"""Forms of assessment. Those of questionnaires and interviews are made from the data files."""

from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import (
    Dimension,
    Instrument,
    intake_sections,
    safety_questions,
)

YES_NO = (("yes", "Yes"), ("no", "No"), ("", "Not known"))
_ANSWER = {"yes": True, "no": False, "": None}
_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class Filling(forms.Form):
    """One instrument. Every question may stay open: then it is kept as incomplete and not scored."""

    taken_at = forms.DateTimeField(
        label="Filled in at", help_text="Leave empty when it was just now.", required=False, widget=_MOMENT
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        for item in instrument.items:
            self.fields[f"item_{item.link_id}"] = forms.TypedChoiceField(
                label=item.text,
                choices=[(str(option.value), option.label) for option in item.options],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choose one of the answers offered."},
            )

    def questions(self) -> list[dict[str, Any]]:
        """What the page shows: number, words, answers, the one chosen."""
        return [
            {
                "number": item.link_id,
                "text": item.text,
                "name": f"item_{item.link_id}",
                "options": [(str(option.value), option.label) for option in item.options],
                "chosen": self[f"item_{item.link_id}"].value(),
            }
            for item in self.instrument.items
        ]

    def answers(self) -> dict[str, int | None]:
        """Link id -> value, None for unanswered."""
        return {item.link_id: self.cleaned_data[f"item_{item.link_id}"] for item in self.instrument.items}


class InError(forms.Form):
    because = forms.CharField(label="Why it does not count", max_length=200)


class Acknowledgement(forms.Form):
    done = forms.CharField(
        label="What was done",
        help_text="Whom you spoke to, what was agreed, who looks again and when.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SafetyAnswers(forms.Form):
    """The questions behind the hard gates: yes, no, or not known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in safety_questions():
            self.fields[f"gate_{question.key}"] = forms.ChoiceField(
                label=question.title, choices=YES_NO, required=False, widget=forms.RadioSelect
            )

    def safety(self) -> list[dict[str, Any]]:
        """What the page shows for each question."""
        return [
            {
                "title": question.title,
                "ask": question.ask,
                "name": f"gate_{question.key}",
                "chosen": self[f"gate_{question.key}"].value() or "",
            }
            for question in safety_questions()
        ]

    def gates(self) -> dict[str, bool | None]:
        return {q.key: _ANSWER[self.cleaned_data[f"gate_{q.key}"]] for q in safety_questions()}


def safety_initial(gates: dict[str, bool | None]) -> dict[str, str]:
    """The form's starting values from answers on file."""
    said = {True: "yes", False: "no"}
    return {f"gate_{key}": said.get(answer, "") for key, answer in gates.items() if answer is not None}


class Interview(SafetyAnswers):
    """The intake interview: one text for each section, all optional until somebody knows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section in intake_sections():
            self.fields[f"section_{section.key}"] = forms.CharField(
                label=section.title,
                help_text=section.ask,
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def section_fields(self) -> list[Any]:
        """The bound fields of the sections, in their order."""
        return [self[f"section_{section.key}"] for section in intake_sections()]

    def sections(self) -> dict[str, str]:
        return {s.key: self.cleaned_data[f"section_{s.key}"] for s in intake_sections()}


class Ratings(SafetyAnswers):
    """Six ratings with a reason each; those left open are kept as not rated yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for dimension in Dimension:
            self.fields[f"d{dimension.value}"] = forms.TypedChoiceField(
                label=dimension.label,
                choices=[(str(n), str(n)) for n in range(5)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choose a number from 0 to 4."},
            )
            self.fields[f"because{dimension.value}"] = forms.CharField(
                label=f"Reason for {dimension.label.lower()}", required=False
            )

    def dimensions(self) -> list[dict[str, Any]]:
        """What the page shows for each dimension."""
        return [
            {
                "number": dimension.value,
                "label": dimension.label,
                "name": f"d{dimension.value}",
                "chosen": self[f"d{dimension.value}"].value(),
                "because": self[f"because{dimension.value}"],
            }
            for dimension in Dimension
        ]

    def ratings(self) -> dict[int, tuple[int, str]]:
        found = {}
        for dimension in Dimension:
            value = self.cleaned_data[f"d{dimension.value}"]
            if value is not None:
                found[dimension.value] = (value, self.cleaned_data[f"because{dimension.value}"])
        return found

    def clean(self) -> dict[str, Any]:
        """A reason without a number is half a rating: nothing of it is dropped in silence."""
        facts: dict[str, Any] = super().clean() or {}
        for dimension in Dimension:
            if facts.get(f"because{dimension.value}") and facts.get(f"d{dimension.value}") is None:
                self.add_error(None, f"{dimension.label} has a reason but no number; choose one from 0 to 4.")
        return facts


class NewDiagnosis(forms.Form):
    code = forms.CharField(label="ICD-10-CM code", max_length=10, help_text="Such as F10.20.")
    text = forms.CharField(label="In words", max_length=200)
    primary = forms.BooleanField(label="This is the primary diagnosis", required=False)
    onset = forms.DateField(
        label="Since about", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
