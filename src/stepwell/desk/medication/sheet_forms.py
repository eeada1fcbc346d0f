"""Forms with a line for each row: the list gone through, and a withdrawal scale with the vital signs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import Instrument, questions_of
from stepwell.clinic.medication import rules
from stepwell.clinic.medication.actions import Decided
from stepwell.clinic.medication.queries import Line
from stepwell.ui.questions import Questions

_CHOICES = {
    rules.LineKind.LISTED: ("continue", "change", "stop", "not_taking"),
    rules.LineKind.HANDED: ("continue", "change", "stop", "not_taking"),
    rules.LineKind.ORDERED: ("continue", "stop", "not_taking"),
    rules.LineKind.ALLERGY: ("continue", "stop"),
}
_WORDS = {"continue": "Goes on", "change": "Change", "stop": "Stop", "not_taking": "Not taken"}
_ALLERGY_WORDS = {"continue": "An allergy", "stop": "Not one"}


class GoneThrough(forms.Form):
    """The list line by line. The lines sent are those that were shown: one that has changed since is refused."""

    occasion = forms.ChoiceField(label="Occasion", choices=rules.occasions())
    nothing_taken = forms.BooleanField(label="Asked: the person takes nothing", required=False)
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        if self.lines:
            del self.fields["nothing_taken"]
        for line in self.lines:
            words = _ALLERGY_WORDS if line.kind is rules.LineKind.ALLERGY else _WORDS
            self.fields[f"decision_{line.key}"] = forms.ChoiceField(
                label=f"What becomes of {line.name}",
                choices=[("", "Choose"), *((c, words[c]) for c in _CHOICES[line.kind])],
                error_messages={"required": f"{line.name}: choose what becomes of it."},
            )
            if "change" in _CHOICES[line.kind]:
                self.fields[f"to_{line.key}"] = forms.CharField(
                    label=f"{line.name}: how it is taken from now on", max_length=120, required=False
                )
            self.fields[f"because_{line.key}"] = forms.CharField(
                label=f"{line.name}: why, unless it goes on", max_length=200, required=False
            )

    def rows(self) -> list[dict[str, Any]]:
        """Each line with its fields, for the page."""
        return [
            {
                "line": line,
                "decision": self[f"decision_{line.key}"],
                "to": self[f"to_{line.key}"] if f"to_{line.key}" in self.fields else None,
                "because": self[f"because_{line.key}"],
            }
            for line in self.lines
        ]

    def decided(self, shown: Sequence[str]) -> list[Decided]:
        """The decision on each line that was shown to the person."""
        found = self.cleaned_data
        return [
            Decided(
                key,
                found.get(f"decision_{key}", ""),
                found.get(f"to_{key}", ""),
                found.get(f"because_{key}", ""),
            )
            for key in dict.fromkeys(shown)
        ]


class Reading(Questions):
    """A withdrawal scale rated by staff, and the vital signs."""

    note = forms.CharField(label="Note", max_length=300, required=False)
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, asked=questions_of(instrument), **kwargs)
        for sign in rules.vitals():
            self.fields[f"vital_{sign.code}"] = forms.DecimalField(
                label=f"{sign.label}, {sign.unit}", max_digits=6, decimal_places=sign.decimals, required=False
            )

    def vital_fields(self) -> list[Any]:
        """The fields of the vital signs."""
        return [self[f"vital_{sign.code}"] for sign in rules.vitals()]

    def vitals(self) -> dict[str, Decimal | None]:
        """Code -> what was measured, None for not measured."""
        return {sign.code: self.cleaned_data[f"vital_{sign.code}"] for sign in rules.vitals()}
