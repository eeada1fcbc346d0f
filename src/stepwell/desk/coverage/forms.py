from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.billing.rules import Unit, load_payer_rules
from stepwell.clinic.coverage.rules import load_planning

_DATE = {"type": "date"}
_TOLD = [("", "Not told"), ("true", "Yes"), ("false", "No")]


def _yes_no(label: str) -> forms.TypedChoiceField:
    """Yes, no, or not told: the third is kept as unknown."""
    return forms.TypedChoiceField(
        label=label, choices=_TOLD, required=False, coerce=lambda word: word == "true", empty_value=None
    )


def _dollars(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_value=9_999_999, decimal_places=2, required=False)


class NewPolicy(forms.Form):
    payer = forms.ChoiceField(label="Payer")
    member_id = forms.CharField(label="Member number", max_length=40)
    group_number = forms.CharField(label="Group number", max_length=40, required=False)
    plan_name = forms.CharField(label="Plan", max_length=120, required=False)
    subscriber = forms.CharField(label="Subscriber, if somebody else", max_length=160, required=False)
    relation = forms.ChoiceField(
        label="The patient is",
        choices=[
            ("self", "the subscriber"),
            ("spouse", "the spouse"),
            ("child", "a child"),
            ("other", "other"),
        ],
    )
    priority = forms.TypedChoiceField(
        label="Pays", choices=[(1, "first"), (2, "second"), (3, "third")], coerce=int, initial=1
    )
    starts_on = forms.DateField(label="In force from", widget=forms.DateInput(attrs=_DATE))
    ends_on = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs=_DATE))

    def __init__(self, *args: Any, payers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].choices = [(str(p.pk), p.name) for p in payers]  # type: ignore[attr-defined] # a ChoiceField


class NewBenefits(forms.Form):
    """What the plan said. A blank is 'not told', never zero."""

    channel = forms.ChoiceField(
        label="How it was heard",
        choices=[("phone", "By phone"), ("portal", "In the payer's portal"), ("card", "On the card")],
    )
    reference = forms.CharField(label="Reference number of the call", max_length=80, required=False)
    covered = _yes_no("Is this program covered?")
    in_network = _yes_no("In network?")
    authorization_required = _yes_no("Authorization required?")
    deductible = _dollars("Deductible for the year")
    deductible_met = _dollars("of it met")
    out_of_pocket_max = _dollars("Out-of-pocket maximum")
    out_of_pocket_met = _dollars("of it met so far")
    copay_per_day = _dollars("Copay for each day")
    coinsurance_percent = forms.DecimalField(
        label="Coinsurance, patient's part in %", min_value=0, max_value=100, decimal_places=2, required=False
    )
    day_limit = forms.IntegerField(
        label="Days left under a limit", min_value=0, max_value=999, required=False
    )
    note = forms.CharField(
        label="Anything else they said",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("copay_per_day") and facts.get("coinsurance_percent"):
            self.add_error(
                "copay_per_day", "A plan has a copay or coinsurance for a day, not both. Leave one empty."
            )
        return facts

    def facts(self) -> dict[str, Any]:
        """Columns of `Benefits`."""
        found = dict(self.cleaned_data)
        percent = found.pop("coinsurance_percent")
        return {**found, "coinsurance": None if percent is None else percent / 100}


class Household(forms.Form):
    household = forms.IntegerField(label="People in the household", min_value=1, max_value=99)
    annual_income = forms.DecimalField(
        label="Income in a year", min_value=0, max_value=99_999_999, decimal_places=2
    )
    region = forms.ChoiceField(
        label="Where",
        choices=[("contiguous", "48 states and DC"), ("alaska", "Alaska"), ("hawaii", "Hawaii")],
    )


def day_codes() -> list[tuple[str, str]]:
    """The codes of whole days, with our own short labels."""
    found: dict[str, str] = {}
    for rule in load_payer_rules():
        if rule.unit is Unit.PER_DIEM:
            found.setdefault(rule.code, f"{rule.code} {rule.label}")
    return list(found.items())


class PlannedEpisode(forms.Form):
    policy = forms.ChoiceField(label="Paid by")
    weeks = forms.IntegerField(
        label="Weeks", min_value=1, max_value=52, initial=lambda: load_planning().weeks
    )
    days_per_week = forms.IntegerField(
        label="Days a week", min_value=1, max_value=7, initial=lambda: load_planning().days_a_week
    )
    code = forms.ChoiceField(label="Service", choices=day_codes, required=False)
    starts_on = forms.DateField(label="First day", widget=forms.DateInput(attrs=_DATE))

    def __init__(self, *args: Any, policies: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(p.row.pk), p.row.payer.name) for p in policies]
        self.fields["policy"].choices = [*offered, ("", "Self-pay")]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["policy"].required = False


class NewPayer(forms.Form):
    name = forms.CharField(label="Payer's name", max_length=160)
    kind = forms.ChoiceField(
        label="Kind",
        choices=[
            ("commercial", "Commercial"),
            ("medicaid", "Medicaid"),
            ("medicare", "Medicare"),
            ("other", "Other"),
        ],
    )
    phone = forms.CharField(label="Phone", max_length=40, required=False)


class NewRate(forms.Form):
    """The site's charge for a code, or what a payer allows for it, from a day on."""

    payer = forms.ChoiceField(label="Whose amount", required=False)
    code = forms.RegexField(
        label="Service code", regex=r"^[A-Z0-9]{4,7}$", initial=lambda: load_planning().code
    )
    amount = forms.DecimalField(label="Amount for one unit", min_value=0, max_value=99_999, decimal_places=2)
    starts_on = forms.DateField(label="From", widget=forms.DateInput(attrs=_DATE))
    source = forms.CharField(
        label="Where it is written", max_length=200, help_text="Contract, fee schedule, board decision."
    )

    def __init__(self, *args: Any, payers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "The program's own charge"), *((str(p.pk), f"Allowed by {p.name}") for p in payers)]
        self.fields["payer"].choices = offered  # type: ignore[attr-defined] # a ChoiceField
