from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from stepwell.clinic.medication import rules
from stepwell.clinic.medication.actions import PassedOver

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


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
    severity = forms.ChoiceField(
        label="How bad",
        choices=[("", "Not known"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")],
        required=False,
    )


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
    observed = forms.BooleanField(label="Seen to be taken", required=False)
    lot = forms.CharField(label="Lot number", max_length=60, required=False)
    injection_site = forms.ChoiceField(label="Where it was injected", required=False)
    note = forms.CharField(label="Note, and why if it was not given", max_length=300, required=False)
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, route: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = rules.injection_sites(route)
        self.fields["injection_site"].choices = [("", "Choose"), *sites]  # type: ignore[attr-defined] # a ChoiceField
        if not sites:
            del self.fields["injection_site"]


class PassingOver(forms.Form):
    """Why checks that are not met are passed over: one reason for each, from the list."""

    def __init__(self, *args: Any, findings: tuple[rules.Finding, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.findings = [one for one in rules.unmet(findings) if one.overridable]
        for one in self.findings:
            self.fields[f"why_{one.code}"] = forms.ChoiceField(
                label="Pass over it because",
                choices=[("", "Do not pass over it"), *rules.override_reasons()],
                required=False,
            )
            self.fields[f"note_{one.code}"] = forms.CharField(
                label="In words", max_length=300, required=False
            )

    def reasons(self) -> dict[str, PassedOver]:
        """Code of a check -> why, of those with a reason."""
        found = {}
        for one in self.findings:
            reason = self.cleaned_data.get(f"why_{one.code}", "")
            if reason:
                found[one.code] = PassedOver(reason, self.cleaned_data.get(f"note_{one.code}", ""))
        return found


class TakeHomeDoses(forms.Form):
    doses = forms.IntegerField(label="How many doses", min_value=1, max_value=60)
    first_day = forms.DateField(label="First day at home", widget=DATE)
    lot = forms.CharField(label="Lot number", max_length=60, required=False)
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


class FollowUp(forms.Form):
    """How it is borne now; without a day to ask again it is closed."""

    said = forms.CharField(label="What was found and done", max_length=300)
    result = forms.ChoiceField(
        label="And now",
        choices=[("open", "It goes on: ask again"), ("closed", "It is over or dealt with: close it")],
        widget=forms.RadioSelect,
    )
    next_on = forms.DateField(label="Ask again on", widget=DATE, required=False)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("result") == "open" and not found.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", "Choose the day on which somebody asks again.")
        if found.pop("result", "") == "closed":
            found["next_on"] = None
        return found


class Naloxone(forms.Form):
    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[("given", "Given"), ("has_one", "Has one already"), ("declined", "Declined")],
        widget=forms.RadioSelect,
    )
    kits = forms.IntegerField(label="Kits", min_value=0, max_value=10, initial=1, required=False)
    lot = forms.CharField(label="Lot number of the kit", max_length=60, required=False)
    expires_on = forms.DateField(label="Kit expires on", widget=DATE, required=False)
    trained = forms.BooleanField(label="Shown how it is used, and to call 911", required=False)
    because = forms.ChoiceField(
        label="Why it was declined", choices=[("", "Choose"), *rules.declined_because()], required=False
    )
    note = forms.CharField(label="Note", max_length=300, required=False)
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        found["kits"] = found.get("kits") or 0
        return found


class NewFact(forms.Form):
    """One safety fact: an answer from its list, or a number."""

    value = forms.ChoiceField(label="What was found", widget=forms.RadioSelect)
    number = forms.DecimalField(max_digits=9, decimal_places=2)
    true_at = forms.DateTimeField(
        label="When", help_text="When it was taken or asked. Leave empty when it was just now.",
        required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    note = forms.CharField(label="Note", max_length=300, required=False)

    def __init__(self, *args: Any, kind: rules.FactKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind.choices:
            self.fields["value"].choices = list(kind.choices)  # type: ignore[attr-defined] # a ChoiceField
            del self.fields["number"]
        else:
            self.fields["number"].label = kind.unit.capitalize()
            del self.fields["value"]


class WatchEnd(forms.Form):
    because = forms.CharField(label="Why it is watched no more", max_length=200)


class NewSupply(forms.Form):
    on = forms.DateField(label="Filled on", widget=DATE)
    pieces = forms.DecimalField(label="How many pieces", max_digits=7, decimal_places=2)
    strength = forms.DecimalField(label="Strength of one", max_digits=9, decimal_places=3)
    refills_left = forms.IntegerField(label="Refills left", min_value=0, max_value=24, initial=0)
    pharmacy = forms.CharField(label="Pharmacy", max_length=160, required=False)
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


def once_key() -> str:
    """A fresh key for a form that must count once."""
    return uuid4().hex
