from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.authorization.rules import load_asking
from stepwell.clinic.billing.rules import load_payer_rules
from stepwell.clinic.placement.queries import level_words
from stepwell.clinic.placement.rules import offered_levels

_DATE = {"type": "date"}
_MOST = load_asking().most_units


def _levels() -> list[tuple[str, str]]:
    return [(level.value, level_words(level.value)) for level in sorted(offered_levels())]


def service_codes() -> list[tuple[str, str]]:
    """The codes for which some payer wants an authorization, with our own short labels."""
    found: dict[str, str] = {}
    for rule in load_payer_rules():
        if rule.needs_authorization:
            found.setdefault(rule.code, f"{rule.code} {rule.label}")
    return list(found.items())


class Asked(forms.Form):
    """What the payer is asked for."""

    policy = forms.ChoiceField(label="Payer")
    service_code = forms.ChoiceField(label="Service", choices=service_codes)
    level = forms.ChoiceField(label="Level of care", choices=_levels)
    units_asked = forms.IntegerField(label="How many", min_value=1, max_value=_MOST)
    unit = forms.ChoiceField(label="The payer counts", choices=[("day", "days"), ("hour", "hours")])
    starts_on = forms.DateField(label="First day", widget=forms.DateInput(attrs=_DATE))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput(attrs=_DATE))

    def __init__(self, *args: Any, policies: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["policy"].choices = [(str(p.row.pk), p.row.payer.name) for p in policies]  # type: ignore[attr-defined] # a ChoiceField


class Answer(forms.Form):
    """What the payer answered."""

    outcome = forms.ChoiceField(
        label="The payer's answer",
        choices=[
            ("approved", "Approved"),
            ("partly", "Approved in part"),
            ("pended", "Pended"),
            ("denied", "Denied"),
        ],
        widget=forms.RadioSelect,
    )
    number = forms.CharField(label="The payer's number", max_length=40, required=False)
    units = forms.IntegerField(label="Units approved", min_value=0, max_value=_MOST, required=False)
    level = forms.ChoiceField(label="Authorized level", choices=_levels, required=False)
    starts_on = forms.DateField(label="First day", required=False, widget=forms.DateInput(attrs=_DATE))
    ends_on = forms.DateField(label="Last day", required=False, widget=forms.DateInput(attrs=_DATE))
    note = forms.CharField(
        label="What they said",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The reason for a denial or a cut, who said it, what they still want to see.",
    )

    def clean_units(self) -> int:
        return self.cleaned_data["units"] or 0
