"""Forms of the ratings: third edition by numbers, fourth by the least safe level of each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import (
    Dimension,
    Evidence,
    Leaning,
    draft_reason,
    fourth_dimensions,
    least_levels,
)
from stepwell.desk.assessment.forms import SafetyAnswers

Facts = Mapping[int, Sequence[Evidence]]


def cited_first(facts: Sequence[Evidence]) -> list[Evidence]:
    """What is ticked before anybody ticks: the facts that speak for or against, not those only told."""
    return [one for one in facts if one.leaning is not Leaning.TOLD]


class _WithFacts(SafetyAnswers):
    """Each dimension with the facts on file that bear on it, to be ticked."""

    def __init__(self, *args: Any, facts: Facts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facts = facts
        for number, found in facts.items():
            self.fields[f"cite{number}"] = forms.MultipleChoiceField(
                choices=[(one.key, one.said) for one in found], required=False
            )

    def _ticked(self, number: int) -> list[str]:
        held = self[f"cite{number}"].value()
        if held is None:
            return [] if self.is_bound else [one.key for one in cited_first(self.facts[number])]
        return list(held)

    def shown_facts(self, number: int) -> list[dict[str, Any]]:
        """What the page shows of the facts of one dimension."""
        ticked = self._ticked(number)
        return [
            {"key": one.key, "said": one.said, "leaning": one.leaning.value, "ticked": one.key in ticked}
            for one in self.facts[number]
        ]

    def cited(self) -> dict[str, list[Evidence]]:
        """'d1' -> the facts ticked."""
        return {
            f"d{number}": [one for one in found if one.key in self.cleaned_data[f"cite{number}"]]
            for number, found in self.facts.items()
        }

    def redrafted(self, number: int) -> str:
        """A reason from the facts that are ticked now."""
        ticked = self._ticked(number)
        return draft_reason([one for one in self.facts[number] if one.key in ticked])


class Ratings(_WithFacts):
    """Six ratings with a reason each; those left open are kept as not rated yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for dimension in Dimension:
            self.fields[f"d{dimension.value}"] = forms.TypedChoiceField(
                label=dimension.label,
                choices=[(str(n), str(n)) for n in range(5)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choose a number from 0 to 4."},
            )
            self.fields[f"because{dimension.value}"] = forms.CharField(
                label=f"Reason for {dimension.label.lower()}",
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def dimensions(self) -> list[dict[str, Any]]:
        """What the page shows for each dimension."""
        return [
            {
                "number": dimension.value,
                "label": dimension.label,
                "name": f"d{dimension.value}",
                "chosen": self[f"d{dimension.value}"].value(),
                "because": self[f"because{dimension.value}"],
                "facts": self.shown_facts(dimension.value),
            }
            for dimension in Dimension
        ]

    def ratings(self) -> dict[int, tuple[int, str]]:
        found = {}
        for dimension in Dimension:
            value = self.cleaned_data[f"d{dimension.value}"]
            if value is not None:
                found[dimension.value] = (value, self.cleaned_data[f"because{dimension.value}"])
        return found

    def clean(self) -> dict[str, Any]:
        """A reason that somebody typed without a number is half a rating: nothing of it is dropped in silence."""
        facts: dict[str, Any] = super().clean() or {}
        for dimension in Dimension:
            typed = " ".join((facts.get(f"because{dimension.value}") or "").split())
            drafted = (
                self.redrafted(dimension.value),
                draft_reason(cited_first(self.facts[dimension.value])),
            )
            if typed and typed not in drafted and facts.get(f"d{dimension.value}") is None:
                self.add_error(None, f"{dimension.label} has a reason but no number; choose one from 0 to 4.")
        return facts


class FourthRatings(_WithFacts):
    """For each part the least level that is safe, and why; the sixth dimension in words."""

    person = forms.CharField(
        label="What the person wants, and what stands in the way",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for dimension in fourth_dimensions():
            for part in dimension.parts:
                self.fields[f"least_{part.key}"] = forms.ChoiceField(
                    label=part.label, choices=[("", "Not rated yet"), *least_levels().items()], required=False
                )
                self.fields[f"because_{part.key}"] = forms.CharField(
                    label="Because", required=False, max_length=2000
                )

    def dimensions(self) -> list[dict[str, Any]]:
        """What the page shows: the five that are rated by parts; the sixth stands in `person`."""
        return [
            {
                "number": d.number,
                "title": d.title,
                "parts": [(self[f"least_{p.key}"], self[f"because_{p.key}"]) for p in d.parts],
                "facts": self.shown_facts(d.number),
            }
            for d in fourth_dimensions()
        ]

    def parts(self) -> dict[str, tuple[str, str]]:
        """Part -> (least level, reason) of those rated."""
        return {
            p.key: (self.cleaned_data[f"least_{p.key}"], self.cleaned_data[f"because_{p.key}"])
            for d in fourth_dimensions()
            for p in d.parts
            if self.cleaned_data[f"least_{p.key}"]
        }

    def clean(self) -> dict[str, Any]:
        """A reason without a level is half a rating."""
        got: dict[str, Any] = super().clean() or {}
        for dimension in fourth_dimensions():
            for part in dimension.parts:
                if got.get(f"because_{part.key}") and not got.get(f"least_{part.key}"):
                    self.add_error(None, f"{part.label} has a reason but no level; choose one.")
        return got
