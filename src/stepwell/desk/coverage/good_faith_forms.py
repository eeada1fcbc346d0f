"""Good-faith estimates: who asked, what stands in one, why none is needed, who the program is."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from stepwell.clinic.coverage.rules import Ordered, load_planning
from stepwell.desk.coverage.forms import day_codes, other_codes

_DATE = {"type": "date"}


class AskedForEstimate(forms.Form):
    occasion = forms.ChoiceField(
        label="Why",
        choices=[
            ("requested", "The person asked what it costs"),
            ("scheduled", "Visits were scheduled"),
            ("changed", "The plan changed after an estimate was given"),
        ],
    )
    asked_on = forms.DateField(label="On which day", widget=forms.DateInput(attrs=_DATE))
    service_on = forms.DateField(
        label="First visit, if it is scheduled", required=False, widget=forms.DateInput(attrs=_DATE)
    )


class NewGoodFaithEstimate(forms.Form):
    """What stands in the document besides the site's own facts."""

    name = forms.CharField(label="The person's name", max_length=160)
    birth_date = forms.DateField(label="Date of birth", widget=forms.DateInput(attrs=_DATE))
    language = forms.ChoiceField(label="Language", choices=[("en", "English"), ("es", "Spanish")])
    code = forms.ChoiceField(label="Main service", choices=day_codes)
    days_per_week = forms.IntegerField(
        label="Days a week", min_value=1, max_value=7, initial=lambda: load_planning().days_a_week
    )
    weeks = forms.IntegerField(
        label="Weeks", min_value=1, max_value=52, initial=lambda: load_planning().weeks
    )
    starts_on = forms.DateField(label="First visit", widget=forms.DateInput(attrs=_DATE))
    scheduled = forms.BooleanField(label="The first visit is scheduled", required=False, initial=True)
    also_code_1 = forms.ChoiceField(label="Another service", choices=other_codes, required=False)
    also_days_1 = forms.IntegerField(label="of it a week", min_value=1, max_value=7, required=False)
    also_weeks_1 = forms.IntegerField(
        label="for weeks (empty: all)", min_value=1, max_value=52, required=False
    )
    also_code_2 = forms.ChoiceField(label="One more service", choices=other_codes, required=False)
    also_days_2 = forms.IntegerField(label="of it a week", min_value=1, max_value=7, required=False)
    also_weeks_2 = forms.IntegerField(
        label="for weeks (empty: all)", min_value=1, max_value=52, required=False
    )
    diagnoses = forms.CharField(
        label="Diagnosis codes",
        max_length=200,
        required=False,
        help_text="With commas between; leave it empty while no diagnosis has been made.",
    )
    separate = forms.CharField(
        label="What will be scheduled separately",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One on each line, such as a doctor's visit or laboratory tests. Empty: nothing.",
    )
    how = forms.ChoiceField(
        label="How it is given",
        choices=[
            ("printed", "Printed and handed over"),
            ("mailed", "By mail"),
            ("emailed", "By e-mail"),
            ("portal", "In the portal"),
        ],
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        for number in (1, 2):
            if told.get(f"also_code_{number}") and not told.get(f"also_days_{number}"):
                self.add_error(f"also_days_{number}", "Say how many of it a week.")
        return told

    def facts(self) -> dict[str, Any]:
        """What `give_estimate` takes."""
        told = self.cleaned_data
        orders = [Ordered(code=told["code"], days_a_week=told["days_per_week"])]
        for number in (1, 2):
            if told[f"also_code_{number}"]:
                orders.append(
                    Ordered(
                        code=told[f"also_code_{number}"],
                        days_a_week=told[f"also_days_{number}"],
                        weeks=told[f"also_weeks_{number}"],
                    )
                )
        plain = ("name", "birth_date", "language", "weeks", "starts_on", "scheduled", "how")
        return {
            **{key: told[key] for key in plain},
            "orders": orders,
            "diagnoses": [code.upper() for code in re.split(r"[,;\s]+", told["diagnoses"]) if code],
            "separate": told["separate"].splitlines(),
        }


class NotNeeded(forms.Form):
    because = forms.CharField(label="Why it is not needed any more", max_length=300)


class Identity(forms.Form):
    """The program as the law wants it named."""

    legal_name = forms.CharField(label="Legal name", max_length=200)
    npi = forms.RegexField(
        label="NPI",
        regex=r"^\d{10}$",
        error_messages={"invalid": "An NPI has ten digits. Check it."},
    )
    tin = forms.CharField(label="Tax number (TIN)", max_length=12)
    state = forms.RegexField(
        label="State",
        regex=r"^[A-Za-z]{2}$",
        error_messages={"invalid": "Write the state as two letters, such as GA."},
    )
    address = forms.CharField(label="Address where the visits are", max_length=300)

    def clean_tin(self) -> str:
        digits = re.sub(r"[^0-9]", "", self.cleaned_data["tin"])
        if len(digits) != 9:
            raise forms.ValidationError("A tax number has nine digits. Check it.")
        return digits
