"""The form of the intake interview, made from its data file, with rows of substance use."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import (
    LONGEST,
    Field,
    Kind,
    Offered,
    Use,
    intake_fields,
    intake_sections,
    load_substances,
)
from stepwell.clinic.refusal import Refused
from stepwell.desk.assessment.forms import SafetyAnswers

_ROW = re.compile(r"use-(\d{1,2})-")
_MOST_ROWS = 30


def field_name(key: str) -> str:
    """The name of a question in the form."""
    return f"section_{key}"


class SubstanceRow(forms.Form):
    """One substance: what, how, how much, how often, since when, and when last."""

    substance = forms.ChoiceField(label="Substance", required=False)
    named = forms.CharField(label="If something else, what", max_length=60, required=False)
    route = forms.ChoiceField(label="How", required=False)
    amount = forms.CharField(label="How much", max_length=60, required=False)
    frequency = forms.ChoiceField(label="How often", required=False)
    last_used_on = forms.DateField(
        label="Last use", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    first_age = forms.IntegerField(label="Age of first use", required=False, min_value=0, max_value=110)
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = load_substances()
        for name, choices in (
            ("substance", known.labels),
            ("route", known.routes),
            ("frequency", known.frequencies),
        ):
            self.fields[name].choices = [("", ""), *choices.items()]  # type: ignore[attr-defined] # a ChoiceField

    def use(self) -> Use | None:
        """The row as the rules read it; None for one in which nothing is written."""
        got = self.cleaned_data
        if not any(got.get(name) not in ("", None) for name in self.fields):
            return None
        return Use(**{name: got[name] for name in self.fields})


class Interview(SafetyAnswers):
    """The intake interview: every question optional until somebody signs."""

    revision = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000)
    page = forms.CharField(max_length=32, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        initial: dict[str, Any] | None = None,
        uses: tuple[Use, ...] = (),
        offered: dict[str, Offered] | None = None,
        sources: dict[str, str] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.offered, self.sources = offered or {}, sources or {}
        for field in intake_fields().values():
            self.fields[field_name(field.key)] = forms.CharField(
                label=field.ask, required=False, max_length=LONGEST.get(field.kind, 40)
            )
        self.rows = self._rows(data, uses)

    @staticmethod
    def _rows(data: Any, uses: tuple[Use, ...]) -> list[SubstanceRow]:
        if data is not None:
            numbers = sorted({int(found[1]) for name in data if (found := _ROW.match(name))})[:_MOST_ROWS]
            return [SubstanceRow(data, prefix=f"use-{n}") for n in numbers]
        blank = min(2 if not uses else 1, _MOST_ROWS - len(uses))
        filled = [
            SubstanceRow(
                initial={name: getattr(use, name) for name in SubstanceRow.base_fields}, prefix=f"use-{n}"
            )
            for n, use in enumerate(uses)
        ]
        return filled + [SubstanceRow(prefix=f"use-{len(uses) + n}") for n in range(blank)]

    def clean(self) -> dict[str, Any]:
        """Each answer as its question takes it; a sentence for every other one."""
        got: dict[str, Any] = super().clean() or {}
        for field in intake_fields().values():
            name = field_name(field.key)
            if name in got:
                try:
                    got[name] = field.tidy(got[name])
                except Refused as no:
                    self.add_error(name, no.sentence)
        for number, row in enumerate(self.rows, start=1):
            if not row.is_valid():
                named = {row.fields[name].label for name in row.errors}
                self.add_error(
                    None, f"Substance {number}: look again at {', '.join(sorted(map(str, named)))}."
                )
        return got

    def answers(self) -> dict[str, str]:
        """Field key -> answer, of the questions that came with the form."""
        return {
            key: self.cleaned_data[field_name(key)] for key in intake_fields() if field_name(key) in self.data
        }

    def uses(self) -> list[Use]:
        """The rows in which something is written."""
        return [use for row in self.rows if (use := row.use()) is not None]

    def parts(self) -> list[dict[str, Any]]:
        """What the page shows: each section with its questions, long texts first, then the rest side by side."""
        return [
            {
                "section": section,
                "texts": [self._shown(f) for f in section.fields if f.kind is Kind.WORDS],
                "rest": [self._shown(f) for f in section.fields if f.kind is not Kind.WORDS],
                "rows": self.rows if section.rows else [],
            }
            for section in intake_sections()
        ]

    def _shown(self, field: Field) -> dict[str, Any]:
        bound = self[field_name(field.key)]
        value = str(bound.value() or "")
        offered = self.offered.get(field.key)
        source = self.sources.get(field.key) or (
            offered.source if offered is not None and offered.answer == value else ""
        )
        return {
            "field": field,
            "name": bound.html_name,
            "id": bound.auto_id,
            "value": value,
            "errors": bound.errors,
            "source": source,
            "options": [*field.choices.items(), ("", "Open")],
            "most": LONGEST.get(field.kind, 10),
        }
