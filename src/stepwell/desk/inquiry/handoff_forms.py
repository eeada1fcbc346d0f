"""What is asked about a hand-off: the file, which facts, and whose record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from stepwell.clinic.inquiry.handoff.reading import SIZE_LIMIT

NEW, ANOTHER = "new", "another"


class HandoffFile(forms.Form):
    """The file that the hospital sent."""

    file = forms.FileField(
        label="Hand-off file",
        help_text=f"A FHIR R4 bundle as JSON about one patient, at most {SIZE_LIMIT // 1_000_000} MB.",
        allow_empty_file=True,
    )

    def raw(self) -> bytes:
        """The bytes sent, one more than the limit at most: the reader tells what is wrong with them."""
        found: bytes = self.cleaned_data["file"].read(SIZE_LIMIT + 1)
        return found


class Decision(forms.Form):
    """Which facts, and whether they are taken up."""

    items = forms.MultipleChoiceField(
        label="Facts", error_messages={"required": "Choose at least one fact, then accept or reject it."}
    )
    decide = forms.ChoiceField(choices=[("accept", "Accept"), ("reject", "Reject")])
    because = forms.CharField(
        label="Why", max_length=200, required=False, help_text="Needed to turn a decision round."
    )

    def __init__(self, *args: Any, ids: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = [(str(pk), str(pk)) for pk in ids]  # type: ignore[attr-defined] # it is a choice field


class WhoItIs(forms.Form):
    """Whose record the hand-off belongs to: one on file that looks alike, or a new one."""

    which = forms.ChoiceField(label="Whose record is it?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, alike: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on_file = [
            (f.patient.code, f"{f.patient.full_name}, born {f.patient.birth_date:%-d %b %Y}, on file here")
            for f in alike
        ]
        new = (ANOTHER, "Another person: make a new record") if on_file else (NEW, "Make a new record")
        self.fields["which"].choices = [*on_file, new]  # type: ignore[attr-defined] # it is a choice field
        if not on_file:
            self.fields["which"].initial = NEW
