from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.medication import rules
from stepwell.desk.medication.forms import DATE

ROUTES = sorted({route for drug in rules.drugs() for route in drug.routes})
UNITS = sorted({r.unit for drug in rules.drugs() for r in drug.ranges} | {"mg"})
MOST_STEPS = 5


class NewOrder(forms.Form):
    """An order. The drug list gives names and usual doses; a name of one's own is allowed and says so."""

    drug = forms.ChoiceField(
        label="Medicine", error_messages={"required": "Choose a medicine, or “Another” and write its name."}
    )
    other = forms.CharField(label="Name of another medicine", max_length=60, required=False)
    rxnorm = forms.ChoiceField(label="Product", required=False)
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
        self.fields["rxnorm"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", "Any product"),
            *((p.rxnorm, f"{p.label} (RxNorm {p.rxnorm})") for p in rules.products()),
        ]
        for number in range(1, MOST_STEPS + 1):
            self.fields[f"step_day_{number}"] = forms.IntegerField(
                label=f"Step {number}: from day", min_value=1, max_value=365, required=False
            )
            self.fields[f"step_dose_{number}"] = forms.DecimalField(
                label=f"Dose of step {number}", max_digits=9, decimal_places=3, required=False
            )
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
        found["steps"] = self._steps(found)
        return found

    def _steps(self, found: dict[str, Any]) -> tuple[rules.Step, ...]:
        steps = []
        for number in range(1, MOST_STEPS + 1):
            day, dose = found.pop(f"step_day_{number}", None), found.pop(f"step_dose_{number}", None)
            if (day is None) != (dose is None) and not {f"step_day_{number}", f"step_dose_{number}"} & set(
                self.errors
            ):
                self.add_error(f"step_day_{number}", "Write both the day and the dose of a step, or neither.")
            elif day is not None and dose is not None:
                steps.append(rules.Step(day, dose))
        return tuple(steps)

    def step_rows(self) -> list[tuple[Any, Any]]:
        """(day, dose) fields of each step, for the page."""
        return [(self[f"step_day_{n}"], self[f"step_dose_{n}"]) for n in range(1, MOST_STEPS + 1)]
