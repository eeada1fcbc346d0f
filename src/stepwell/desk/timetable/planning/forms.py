"""Computing a week, naming a draft, and the word for who loses a session."""

from __future__ import annotations

from django import forms

from stepwell.clinic.timetable.rules.planning import load_defaults


class SolveForm(forms.Form):
    """How long to compute, and which draft's locked sessions stay."""

    seconds = forms.TypedChoiceField(label="For", coerce=int)
    keeping = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # as Django's form takes them
        chosen = load_defaults()
        field = self.fields["seconds"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = [
            (seconds, f"{seconds} seconds" if seconds < 60 else f"{seconds // 60} min")
            for seconds in chosen.solve_seconds
        ]
        field.initial = chosen.solve_usual


class NameForm(forms.Form):
    """What planners call a draft."""

    note = forms.CharField(label="Name of this draft", max_length=200, required=False)


class PublishForm(forms.Form):
    """Why sessions are dropped: who sat in them reads it."""

    because = forms.CharField(
        label="Why sessions are dropped",
        max_length=200,
        required=False,
        help_text="Those who lose a seat read this sentence.",
    )
