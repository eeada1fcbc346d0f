"""Forms of the moves: admit, step up, step down, transfer, discharge."""

from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.placement.rules import (
    Level,
    OverrideReason,
    discharge_reasons,
    level_name,
    offered_levels,
    override_label,
)
from stepwell.desk.looking import opening

SOURCES = (
    ("self", "Came by themselves"),
    ("family", "Family or friend"),
    ("hospital", "Hospital or emergency department"),
    ("detox", "Withdrawal management or residential program"),
    ("clinician", "Physician or therapist"),
    ("court", "Court, probation or parole"),
    ("school-or-work", "School or employer"),
    ("other", "Other"),
)


def _levels(levels: Any) -> list[tuple[str, str]]:
    return [(level.value, f"{level.value} {level_name(level)}") for level in sorted(levels)]


def _because(label: str = "Why") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text="In a sentence or two: the next person and the payer will read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class _WithOverride(forms.Form):
    """A level that may differ from the recommended one, with the reason when it does."""

    override = forms.ChoiceField(
        label="Reason for another level than recommended",
        required=False,
        choices=[("", "The recommended level")] + [(r.value, override_label(r)) for r in OverrideReason],
    )
    override_note = forms.CharField(
        label="Why that is safe", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class Admission(_WithOverride):
    level = forms.ChoiceField(label="Level of care")
    because = _because("Why this level")
    referral_source = forms.ChoiceField(label="Who referred", choices=SOURCES)
    planned_weeks = forms.IntegerField(
        label="Planned weeks", min_value=1, max_value=104, initial=opening("program_weeks")
    )
    field_order = ("level", "because", "override", "override_note", "referral_source", "planned_weeks")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = _levels(offered_levels())  # type: ignore[attr-defined]  # a ChoiceField


class StepTo(_WithOverride):
    """Up or down, to the levels offered on that side."""

    to = forms.ChoiceField(label="To level")
    because = _because()
    field_order = ("to", "because", "override", "override_note")

    def __init__(self, *args: Any, levels: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = _levels(levels)  # type: ignore[attr-defined]  # a ChoiceField


class Transfer(forms.Form):
    to = forms.ChoiceField(label="Level of care there", choices=_levels(Level))
    receiving = forms.CharField(label="Program that takes over", max_length=200)
    because = _because()


class Discharge(forms.Form):
    reason = forms.ChoiceField(
        label="How it ends",
        choices=[(r.slug, r.label) for r in discharge_reasons()],
        widget=forms.RadioSelect,
    )
    receiving = forms.CharField(
        label="Program that takes over", required=False, max_length=200, help_text="Needed for a transfer."
    )
    because = _because("What was reached, and why now")
