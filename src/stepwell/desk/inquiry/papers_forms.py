"""The papers on somebody's phone: made, their answers taken over, ended."""

from __future__ import annotations

from typing import Any

from django import forms


class NewPapers(forms.Form):
    """The papers for somebody's phone: in which language, and the date of birth that opens them."""

    birth_date = forms.DateField(
        label="Born on (this opens the papers)",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    language = forms.ChoiceField(
        label="Language of the papers",
        choices=[("en", "English"), ("es", "Spanish")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "papers_%s", **kwargs})


class Acceptance(forms.Form):
    """Which of the answers go into the record."""

    take = forms.MultipleChoiceField(
        label="Take over into the record",
        required=False,
        choices=[
            ("contact", "Contact and safe ways"),
            ("language", "Language and interpreter"),
            ("emergency", "Emergency contact"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )


class Ending(forms.Form):
    because = forms.CharField(label="Why", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
