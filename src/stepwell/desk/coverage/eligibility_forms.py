from __future__ import annotations

from typing import Any

from django import forms

_DATE = {"type": "date"}
_NETWORK = [("", "Not known"), ("true", "Yes"), ("false", "No")]


def _network() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Does the site have a contract with this plan?",
        help_text="An answer names amounts for both cases; this decides which are ours.",
        choices=_NETWORK,
        required=False,
        coerce=lambda word: word == "true",
        empty_value=None,
    )


class AskForPolicy(forms.Form):
    """What the policy on file does not say."""

    once_key = forms.CharField(widget=forms.HiddenInput, max_length=64, min_length=16)
    in_network = _network()
    given = forms.CharField(label="First name of the person whose plan it is", max_length=100, required=False)
    family = forms.CharField(label="Last name of that person", max_length=100, required=False)
    birth_date = forms.DateField(
        label="That person's birth date, if known", required=False, widget=forms.DateInput(attrs=_DATE)
    )

    def __init__(self, *args: Any, own_plan: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own_plan:
            for name in ("given", "family", "birth_date"):
                del self.fields[name]

    def subscriber(self) -> dict[str, Any]:
        """Whose plan it is; empty when it is the patient's own."""
        told = self.cleaned_data
        return {name: told[name] for name in ("given", "family", "birth_date") if told.get(name)}


class AskForInquiry(forms.Form):
    """Somebody without a record: what the card says."""

    once_key = forms.CharField(widget=forms.HiddenInput, max_length=64, min_length=16)
    payer = forms.ChoiceField(label="Payer")
    member_id = forms.CharField(label="Member number", max_length=40)
    given_name = forms.CharField(label="First name as on the card", max_length=100)
    family_name = forms.CharField(label="Last name as on the card", max_length=100)
    birth_date = forms.DateField(label="Birth date", widget=forms.DateInput(attrs=_DATE))
    in_network = _network()
    agreed = forms.BooleanField(
        label="They were told that the plan will see that this program asks, and they want it.",
        required=False,
    )

    def __init__(self, *args: Any, payers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].choices = [(str(p.pk), p.name) for p in payers]  # type: ignore[attr-defined] # a ChoiceField


class SetAside(forms.Form):
    because = forms.CharField(label="Why it is set aside", max_length=300)


class PayerNumber(forms.Form):
    payer_code = forms.RegexField(
        label="Number at the clearinghouse",
        regex=r"^[A-Za-z0-9-]{2,20}$",
        required=False,
        help_text="As in the clearinghouse's list of payers. Empty: asked by phone.",
    )


class SetRule(forms.Form):
    """When benefits of admitted patients are verified again."""

    starts_on = forms.DateField(label="From", widget=forms.DateInput(attrs=_DATE))
    every_days = forms.IntegerField(
        label="So many days after the last answer", min_value=1, max_value=366, required=False
    )
    at_month_start = forms.BooleanField(label="In each new month", required=False)
