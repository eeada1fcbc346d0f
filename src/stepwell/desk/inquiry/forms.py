"""What staff write about an inquiry: what was said, tried and done, the price asked for, and why it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from stepwell.clinic.inquiry.rules import load_intake_rule, load_screen_out_reasons


def _note(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class Spoken(forms.Form):
    note = _note("What was said")


class Tried(forms.Form):
    how = forms.ChoiceField(label="How")
    note = _note("Note")

    def __init__(self, *args: Any, ways: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(way.key, way.label) for way in ways if way.permitted]
        self.fields["how"].choices = choices or [("call", "Call")]  # type: ignore[attr-defined] # it is a choice field


class Referral(forms.Form):
    reason = forms.ChoiceField(label="Why not here")
    referred_to = forms.CharField(label="Where to", max_length=200, help_text="Name of the place and unit.")
    contact = forms.CharField(
        label="Whom you spoke with there",
        max_length=200,
        required=False,
        help_text="Name and phone, so that the person is expected. Tell them no name unless the person agreed.",
    )
    note = _note("Note")
    follow_up_on = forms.DateField(
        label="Ask there again on",
        required=False,
        help_text="Whether the person arrived. Until then it stands in the queue.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    follow_up_by = forms.ChoiceField(label="Who asks", required=False)

    def __init__(self, *args: Any, staff: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._staff = {str(s.pk): s for s in staff}
        who = [("", "Anybody who answers inquiries"), *((str(s.pk), s.short_name) for s in staff)]
        self.fields["follow_up_by"].choices = who  # type: ignore[attr-defined] # it is a choice field
        reasons = [(r.key, r.words) for r in load_screen_out_reasons().values()]
        self.fields["reason"].choices = [("", "Choose"), *reasons]  # type: ignore[attr-defined] # it is a choice field

    def facts(self) -> dict[str, Any]:
        """As the action takes them: who asks as a row."""
        told = self.cleaned_data
        return {**told, "follow_up_by": self._staff.get(told["follow_up_by"])}


class FollowedUp(forms.Form):
    """What came of asking whether somebody arrived where they were referred to."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[
            ("arrived", "Arrived there"),
            ("not_gone", "Did not go"),
            ("not_reached", "Not reached, ask again"),
        ],
        widget=forms.RadioSelect,
    )
    note = _note("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "arrived_%s", **kwargs})


class DangerDone(forms.Form):
    note = forms.CharField(
        label="What was done, and who knows of it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write down what was done about the danger, and who knows of it."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "danger_%s", **kwargs})


class PriceAsked(forms.Form):
    """Which program, and what the caller tells of insurance, household and income; shown at once, and not kept."""

    program = forms.ChoiceField(label="Program", required=False)
    payer = forms.ChoiceField(label="Insurance", required=False)
    household = forms.IntegerField(label="People in the household", required=False, min_value=1, max_value=99)
    annual_income = forms.DecimalField(
        label="Income a year", required=False, min_value=0, max_digits=10, decimal_places=2
    )

    def __init__(self, *args: Any, programs: Sequence[Any], payers: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._programs = {str(p.id): p for p in programs}
        self._payers = {str(p.pk): p for p in payers}
        named: dict[str, Any] = self.fields
        if len(programs) < 2:  # there is nothing to choose, so nothing wrong can be chosen
            del named["program"]
        else:
            named["program"].choices = [(key, p.name) for key, p in self._programs.items()]
        named["payer"].choices = [
            ("", "None, or not on the list"),
            *((str(p.pk), p.name) for p in payers),
        ]

    def asked(self) -> dict[str, Any]:
        """What was told, with the rows that were chosen; the site's first program where none was."""
        told = self.cleaned_data if self.is_bound else {}
        first = next(iter(self._programs.values()), None)
        return {
            **told,
            "program": self._programs.get(told.get("program", ""), first),
            "payer": self._payers.get(told.get("payer", "")),
        }


class Closing(forms.Form):
    reason = forms.ChoiceField(label="Why")
    note = _note("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(r.key, r.words) for r in load_intake_rule().closing_reasons.values()]
        self.fields["reason"].choices = [("", "Choose"), *reasons]  # type: ignore[attr-defined] # it is a choice field


class Note(forms.Form):
    note = _note("Why")
