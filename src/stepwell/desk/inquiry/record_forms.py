"""Whose record an inquiry belongs to: one on file, or a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from stepwell.clinic.people.rules import EARLIEST_BIRTH

NEW, ANOTHER = "new", "another"


def day_typed(typed: Mapping[str, str]) -> date | None:
    """The date of birth as it was typed, None when it is none."""
    try:
        found: date | None = forms.DateField(required=False).clean(typed.get("birth_date", ""))
    except forms.ValidationError:
        return None
    return found


def records_to_choose(alike: Sequence[Any]) -> list[tuple[str, str]]:
    """Whose record it may be: those on file that look alike, and last a new one."""
    on_file = [
        (f.patient.code, f"{f.patient.full_name}, born {f.patient.birth_date:%-d %b %Y}, on file here")
        for f in alike
    ]
    new = (ANOTHER, "Another person: make a new record") if on_file else (NEW, "Make a new record")
    return [*on_file, new]


class Record(forms.Form):
    """Whose record it is: one on file, or a new one."""

    which = forms.ChoiceField(
        label="Whose record is it?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the record on file, or say that this is another person.",
            "invalid_choice": "A patient on file looks like this person. Look at the record, then choose it or "
            "say that this is another person.",
        },
    )
    given_name = forms.CharField(max_length=100, required=False)
    family_name = forms.CharField(max_length=100, required=False)
    birth_date = forms.DateField(
        label="Date of birth", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, alike: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: dict[str, Any] = self.fields
        named["which"].choices = records_to_choose(alike)
        if not alike:
            named["which"].widget = forms.HiddenInput()
            named["which"].initial = NEW
            for name in ("given_name", "family_name", "birth_date"):
                named[name].required = True
                named[name].error_messages["required"] = "A new record needs it."

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if "which" in self.errors and isinstance(self.fields["which"].widget, forms.HiddenInput):
            self.add_error(None, "That record is not one that can be chosen here. Make a new one.")
        if told.get("which") in (NEW, ANOTHER):
            for name in ("given_name", "family_name", "birth_date"):
                if not told.get(name) and name not in self.errors:
                    self.add_error(name, "A new record needs it.")
        born = told.get("birth_date")
        if born is not None and born < EARLIEST_BIRTH:
            self.add_error("birth_date", "Check the year of birth.")
        return told
