from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from stepwell.clinic.coverage.assistance.rules import load_assistance
from stepwell.clinic.coverage.rules import load_schedule

_DATE = {"type": "date"}
_ROWS = range(1, 5)
_PERIODS = {
    "month": "a month",
    "two_weeks": "every two weeks",
    "half_month": "twice a month",
    "week": "a week",
    "year": "a year",
}


def _dollars(label: str, *, required: bool = True, least: str = "0.01", **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(least),
        max_value=9_999_999,
        decimal_places=2,
        required=required,
        **more,
    )


def _day(label: str, *, required: bool = True, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs=_DATE), **more)


def _words(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), **more)


def _incomes() -> list[tuple[str, str]]:
    return [("", "none"), *load_assistance().incomes.items()]


def _proofs() -> list[tuple[str, str]]:
    return [(one.key, one.label) for one in load_assistance().proofs]


def _classes() -> list[tuple[str, str]]:
    found = [
        (
            one.key,
            f"Class {one.key}: {one.discount_percent:f} % off (up to {one.up_to_percent:f} % of poverty)",
        )
        for one in load_schedule().classes
    ]
    return [*found, ("", "No discount")]


class NewApplication(forms.Form):
    """Household and up to four incomes. All left empty: the household has no income."""

    household = forms.IntegerField(label="People in the household", min_value=1, max_value=99)
    region = forms.ChoiceField(
        label="Where",
        choices=[("contiguous", "48 states and DC"), ("alaska", "Alaska"), ("hawaii", "Hawaii")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in _ROWS:
            self.fields[f"source_{row}"] = forms.ChoiceField(
                label=f"Income {row}", choices=_incomes, required=False
            )
            self.fields[f"amount_{row}"] = _dollars("Amount before tax", required=False, least="0")
            self.fields[f"period_{row}"] = forms.ChoiceField(
                label="How often", choices=list(_PERIODS.items()), required=False
            )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        for row in _ROWS:
            source, amount = told.get(f"source_{row}"), told.get(f"amount_{row}")
            if source and amount is None and f"amount_{row}" not in self.errors:
                self.add_error(f"amount_{row}", "Say how much it is.")
            if amount and not source:
                self.add_error(f"source_{row}", "Say where it comes from.")
        return told

    def facts(self) -> dict[str, Any]:
        """What `apply_for_fee` takes."""
        told = self.cleaned_data
        incomes = [
            {
                "source": told[f"source_{row}"],
                "amount": told[f"amount_{row}"],
                "period": told[f"period_{row}"] or "month",
            }
            for row in _ROWS
            if told[f"source_{row}"]
        ]
        return {"household": told["household"], "region": told["region"], "incomes": incomes}


class Proof(forms.Form):
    kind = forms.ChoiceField(label="What was seen", choices=_proofs)
    what = forms.CharField(
        label="In words", max_length=300, help_text="Such as two pay stubs of February. No copy is kept."
    )
    seen_on = _day("Seen on")


class DecideFee(forms.Form):
    pay_class = forms.ChoiceField(label="Decision", choices=_classes, required=False)
    because = forms.CharField(
        label="Reason", max_length=300, required=False, help_text="Needed when it differs from the proposal."
    )


class NewFund(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="The public sees it on the cost page.")
    source = forms.CharField(label="Who gives the money", max_length=200)
    restrictions = _words("For whom and for what")
    opens_on = _day("Open from")
    closes_on = _day("Until", required=False)


class Deposit(forms.Form):
    amount = _dollars("Amount")
    note = forms.CharField(label="What for", max_length=300)


class LastDay(forms.Form):
    """The last day of a fund or a lender."""

    last_on = _day("Last day")


class AskFund(forms.Form):
    fund = forms.ChoiceField(label="Fund")
    amount = _dollars(
        "Amount", help_text="What insurance, assistance program and sliding fee are expected to leave."
    )
    because = _words("Why it is needed, in their words")

    def __init__(self, *args: Any, funds: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fund"].choices = [(str(one.pk), one.name) for one in funds]  # type: ignore[attr-defined] # a ChoiceField


class DecideRequest(forms.Form):
    outcome = forms.ChoiceField(
        label="Decision", choices=[("awarded", "Award"), ("declined", "Decline")], widget=forms.RadioSelect
    )
    amount = _dollars("Amount awarded", required=False)
    because = forms.CharField(label="Reason", max_length=300)


class Spend(forms.Form):
    charge = _dollars("Charge")
    insurance = _dollars("Insurance paid or wrote off", least="0", initial=0)
    eap = _dollars("Assistance program paid", least="0", initial=0)
    fee_off = _dollars("Taken off by the sliding fee", least="0", initial=0)
    note = forms.CharField(label="What for", max_length=300, help_text="Such as the visits of March.")


class Release(forms.Form):
    because = forms.CharField(label="Why the rest goes back", max_length=300)


class NewReferral(forms.Form):
    program = forms.CharField(label="Assistance program", max_length=160)
    employer = forms.CharField(label="Employer", max_length=160)
    formal = forms.TypedChoiceField(
        label="How they came",
        choices=[("no", "on their own"), ("yes", "sent by the employer (formal referral)")],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )
    visits = forms.IntegerField(label="Visits authorized", min_value=1, max_value=99)
    starts_on = _day("From")
    ends_on = _day("Until", required=False)
    reference = forms.CharField(label="Authorization number", max_length=80, required=False)


class NewAgreement(forms.Form):
    balance = _dollars("Amount owed")
    monthly = _dollars("At most a month")
    first_due = _day("First payment due")
    agreed_by = forms.CharField(label="Who agrees", max_length=160)
    charge = _dollars("Interest or fee", required=False, least="0", initial=0)
    disclosed = forms.BooleanField(label="The written disclosures of Regulation Z were given", required=False)


class Payment(forms.Form):
    amount = _dollars("Amount")
    paid_on = _day("Received on")
    how = forms.ChoiceField(
        label="How",
        choices=[("card", "card"), ("cash", "cash"), ("check", "check"), ("transfer", "bank transfer")],
    )


class Review(forms.Form):
    outcome = forms.ChoiceField(
        label="Decision",
        choices=[
            ("goes_on", "It goes on as it is"),
            ("new_plan", "It ends; a new plan is agreed"),
            ("ended", "It ends; the rest is settled otherwise"),
        ],
    )
    because = forms.CharField(label="Reason", max_length=300)


class NewLender(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    words_en = forms.CharField(label="What it offers and costs, in English", max_length=300)
    words_es = forms.CharField(label="The same in Spanish", max_length=300)
    contact = forms.CharField(
        label="Phone or address", max_length=120, help_text="Shown as text, not as a link."
    )
    source = forms.CharField(label="Where these facts are from", max_length=200)
    starts_on = _day("Shown from")
    ends_on = _day("Until", required=False)
