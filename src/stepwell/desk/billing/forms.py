from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.billing.rules import load_filing_limits, load_payer_rules
from stepwell.ui.filters import date_full

_DATE = {"type": "date"}


def rule_labels() -> dict[str, str]:
    """Key of a payer's rule -> its label with the code."""
    return {rule.key: f"{rule.code} {rule.label}".strip() for rule in load_payer_rules()}


class NewPayment(forms.Form):
    """Money received. `once_key` makes a double click one payment."""

    source = forms.ChoiceField(
        label="Who paid",
        choices=[
            ("patient", "The patient"),
            ("payer", "The payer"),
            ("adjustment", "Adjustment, nobody paid"),
        ],
        widget=forms.RadioSelect,
    )
    amount = forms.DecimalField(
        label="Amount in $", min_value=-999_999, max_value=999_999, decimal_places=2, max_digits=9
    )
    charge = forms.ChoiceField(label="For", required=False)
    reference = forms.CharField(label="Check or reference number", max_length=80, required=False)
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, charges: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = [
            (str(c.pk), f"{date_full(c.day)}, {c.code}, ${c.amount}") for c in charges if not c.voided_at
        ]
        self.fields["charge"].choices = [("", "The account as a whole"), *standing]  # type: ignore[attr-defined] # a ChoiceField


class Void(forms.Form):
    because = forms.CharField(label="Why is it taken back?", max_length=200)


class FollowedRule(forms.Form):
    """From a day on, this payer pays by this rule."""

    payer = forms.ChoiceField(label="Payer")
    rule = forms.ChoiceField(label="Pays by")
    starts_on = forms.DateField(label="From", widget=forms.DateInput(attrs=_DATE))

    def __init__(self, *args: Any, payers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = load_filing_limits().self_pay_rules
        self.fields["payer"].choices = [(str(p.pk), p.name) for p in payers]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["rule"].choices = [(k, v) for k, v in rule_labels().items() if k not in own]  # type: ignore[attr-defined] # a ChoiceField
