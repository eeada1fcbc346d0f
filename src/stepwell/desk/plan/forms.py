"""Forms of the plan: its parts, the review, the weekly order, the care team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import instruments, load_instrument
from stepwell.clinic.plan.rules import Kind, ReviewOutcome

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ProblemPart(forms.Form):
    statement = forms.CharField(label="What stands in the way", widget=forms.Textarea(attrs={"rows": 3}))
    diagnosis = forms.ChoiceField(label="Diagnosis it belongs to", required=False)

    def __init__(self, *args: Any, diagnoses: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(d.pk): d for d in diagnoses}
        self.fields["diagnosis"].choices = [("", "None")] + [  # type: ignore[attr-defined]  # a ChoiceField
            (key, f"{d.code} {d.text}") for key, d in self.rows.items()
        ]

    def facts(self) -> dict[str, Any]:
        """The columns of the part."""
        return {
            "statement": self.cleaned_data["statement"],
            "diagnosis": self.rows.get(self.cleaned_data["diagnosis"]),
        }


class _Part(forms.Form):
    def __init__(self, *args: Any, diagnoses: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def facts(self) -> dict[str, Any]:
        """The columns of the part."""
        return dict(self.cleaned_data)


class GoalPart(_Part):
    words = forms.CharField(
        label="The goal, in the patient's own words", widget=forms.Textarea(attrs={"rows": 3})
    )


class ObjectivePart(_Part):
    measure = forms.CharField(
        label="How one will see it", help_text="Such as: days without alcohol in a month.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    target = forms.CharField(label="Target", help_text="Such as: 28 of 30.", max_length=500)
    due_on = forms.DateField(label="By", widget=_DAY)
    instrument = forms.ChoiceField(label="Measured by", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = [("", "No questionnaire")] + [  # type: ignore[attr-defined]  # a ChoiceField
            (slug, load_instrument(slug).title) for slug in instruments()
        ]


class InterventionPart(_Part):
    kind = forms.ChoiceField(label="Kind of treatment", choices=[(k.value, k.label) for k in Kind])
    minutes_per_week = forms.IntegerField(label="Minutes a week", min_value=1, max_value=3000)
    text = forms.CharField(label="What is done", max_length=300, required=False)
    who = forms.CharField(label="By whom", max_length=120, required=False)


PARTS: dict[str, type[ProblemPart] | type[_Part]] = {
    "problem": ProblemPart,
    "goal": GoalPart,
    "objective": ObjectivePart,
    "intervention": InterventionPart,
}


class Strengths(forms.Form):
    strengths = forms.CharField(
        label="Strengths and supports",
        help_text="What carries the person, in their words where possible.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Review(forms.Form):
    """At most six clicks: open the tab, review, outcome, what is met, save."""

    outcome = forms.ChoiceField(
        label="The review ends in",
        choices=[(o.value, o.label) for o in ReviewOutcome],
        widget=forms.RadioSelect,
    )
    met = forms.MultipleChoiceField(
        label="Objectives met by now", required=False, widget=forms.CheckboxSelectMultiple
    )
    summary = forms.CharField(label="What the team saw", widget=forms.Textarea(attrs={"rows": 4}))
    next_due_on = forms.DateField(label="Next review by", widget=_DAY)

    def __init__(
        self, *args: Any, objectives: Iterable[tuple[int, str]], facts: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.facts = facts
        choices = [(str(number), words) for number, words in objectives]
        self.fields["met"].choices = choices  # type: ignore[attr-defined]  # a MultipleChoiceField

    def clean_summary(self) -> str:
        """What was filled in already are facts; what the team saw is not among them."""
        said: str = self.cleaned_data["summary"]
        if self.facts and "".join(said.split()) == "".join(self.facts.split()):
            raise forms.ValidationError(
                "Add what the team saw; the line about the hours was filled in already."
            )
        return said


class Order(forms.Form):
    """The weekly dose in hours; minutes are kept."""

    hours = forms.DecimalField(
        label="Hours a week", min_value=0, max_value=50, decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )  # fmt: skip
    days_least = forms.IntegerField(label="On at least so many days", min_value=0, max_value=7)
    days_most = forms.IntegerField(label="On at most so many days", min_value=0, max_value=7)
    starts_on = forms.DateField(label="From", widget=_DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Kind:
            self.fields[f"kind_{kind.value}"] = forms.DecimalField(
                label=kind.label,
                required=False,
                min_value=0,
                max_value=50,
                decimal_places=2,
                widget=forms.NumberInput(attrs={"step": "0.25"}),
            )

    def kind_fields(self) -> list[Any]:
        """The bound fields of the kinds."""
        return [self[f"kind_{kind.value}"] for kind in Kind]

    def order(self) -> dict[str, Any]:
        """What `order_treatment` takes."""
        doses = {
            kind.value: _minutes(hours) for kind in Kind if (hours := self.cleaned_data[f"kind_{kind.value}"])
        }
        return {
            "minutes_per_week": _minutes(self.cleaned_data["hours"]),
            "days_least": self.cleaned_data["days_least"],
            "days_most": self.cleaned_data["days_most"],
            "starts_on": self.cleaned_data["starts_on"],
            "doses": doses,
        }


def order_initial(doses: Mapping[str, int], minutes: int) -> dict[str, Any]:
    """The form's starting values from minutes."""
    return {f"kind_{kind}": _hours(m) for kind, m in doses.items()} | {"hours": _hours(minutes)}


def _minutes(hours: Decimal) -> int:
    """Whole minutes: 0.83 hours are the 50 minutes that they were shown for."""
    return int((hours * 60).to_integral_value())


def _hours(minutes: int) -> str:
    return f"{(Decimal(minutes) / 60).quantize(Decimal('0.01')).normalize():f}"


class NewMember(forms.Form):
    staff = forms.ChoiceField(label="Who")
    role = forms.CharField(label="Part in the care", max_length=40, help_text="Such as: primary counselor.")

    def __init__(self, *args: Any, colleagues: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(s.pk): s for s in colleagues}
        choices = [(key, s.name) for key, s in self.rows.items()]
        self.fields["staff"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
