"""What is asked about a hand-off: the file, which facts, and whose record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from stepwell.clinic.inquiry.handoff.reading import SIZE_LIMIT
from stepwell.desk.inquiry.record_forms import NEW, records_to_choose


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
        self.fields["which"].choices = records_to_choose(alike)  # type: ignore[attr-defined] # it is a choice field
        if not alike:
            self.fields["which"].initial = NEW
