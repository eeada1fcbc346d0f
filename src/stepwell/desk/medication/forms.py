from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from stepwell.clinic.medication import rules

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
ROUTES = sorted({route for drug in rules.drugs() for route in drug.routes})
UNITS = sorted({r.unit for drug in rules.drugs() for r in drug.ranges} | {"mg"})


class NewMedication(forms.Form):
    """What the person says they take, ordered elsewhere."""

    name = forms.CharField(label="Medicine", max_length=160)
    dose = forms.CharField(label="Dose, as they say it", max_length=120, required=False)
    starts_on = forms.DateField(label="Since", widget=DATE, required=False)


class MedicationEnd(forms.Form):
    ended_on = forms.DateField(label="Last day", widget=DATE)
    because = forms.CharField(label="Why", max_length=200, required=False)


class NewAllergy(forms.Form):
    substance = forms.CharField(label="Allergic to", max_length=160)
    reaction = forms.CharField(label="What happens", max_length=160, required=False)


class NewOrder(forms.Form):
    """An order. The drug list gives names and usual doses; a name of one's own is allowed and says so."""

    drug = forms.ChoiceField(
        label="Medicine", error_messages={"required": "Choose a medicine, or “Another” and write its name."}
    )
    other = forms.CharField(label="Name of another medicine", max_length=60, required=False)
    dose = forms.DecimalField(label="One dose", max_digits=9, decimal_places=3, min_value=0)
    unit = forms.ChoiceField(choices=[(u, u) for u in UNITS], initial="mg")
    route = forms.ChoiceField(label="How", choices=[(r, r) for r in ROUTES])
    frequency = forms.ChoiceField(
        label="How often", choices=[(f.code, f.label) for f in rules.frequencies()], initial="daily"
    )
    starts_on = forms.DateField(label="First day", widget=DATE)
    ends_on = forms.DateField(label="Last day", widget=DATE, required=False)
    given_here = forms.BooleanField(label="Doses are given and recorded here", required=False)
    instructions = forms.CharField(label="Instructions", max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["drug"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", "Choose"),
            *((d.key, d.name) for d in rules.drugs()),
            ("other", "Another, written below"),
        ]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        chosen, written = found.get("drug", ""), found.pop("other", "").strip()
        if chosen == "other" and not written and "other" not in self.errors:
            self.add_error("other", "Write the name of the medicine.")
        if chosen not in ("", "other") and written:
            self.add_error("other", "Choose a medicine from the list or write one here, not both.")
        found["drug"] = written if chosen == "other" else chosen
        return found


class OrderStop(forms.Form):
    because = forms.CharField(label="Why it is stopped", max_length=200)


class NewDose(forms.Form):
    """One dose. `once_key` belongs to the form as it was opened: sent twice, it is one dose."""

    outcome = forms.ChoiceField(
        label="What happened",
        choices=[("given", "Given"), ("refused", "Refused by the patient"), ("held", "Held by staff")],
        widget=forms.RadioSelect,
    )
    amount = forms.DecimalField(label="How much was given", max_digits=9, decimal_places=3, required=False)
    note = forms.CharField(label="Note, and why if it was not given", max_length=300, required=False)
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class NewSideEffect(forms.Form):
    effect = forms.ChoiceField(label="What", required=False)
    other = forms.CharField(label="Or in words", max_length=80, required=False)
    severity = forms.ChoiceField(
        label="How bad",
        choices=[
            ("mild", "Mild: noticed, no trouble"),
            ("moderate", "Moderate: gets in the way"),
            ("severe", "Severe: cannot go on like this"),
        ],
        widget=forms.RadioSelect,
    )
    order = forms.TypedChoiceField(label="Of which medicine", coerce=int, empty_value=None, required=False)
    note = forms.CharField(label="Note", max_length=300, required=False)

    def __init__(self, *args: Any, orders: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effect"].choices = [("", "Choose"), *((e, e.capitalize()) for e in rules.side_effects())]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["order"].choices = [("", "Not known"), *orders]  # type: ignore[attr-defined] # a ChoiceField

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        found["effect"] = found.pop("other", "").strip() or found.get("effect", "")
        if not found["effect"]:
            self.add_error("effect", "Choose the side effect or write it in words.")
        return found


def once_key() -> str:
    """A fresh key for a form that must count once."""
    return uuid4().hex
