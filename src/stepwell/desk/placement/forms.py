"""Forms of the moves: admit, step up, step down, transfer, discharge."""

from __future__ import annotations

from calendar import day_abbr
from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import Edition
from stepwell.clinic.placement.rules import (
    OverrideReason,
    discharge_reasons,
    hours_band,
    level_from,
    level_name,
    levels_of,
    offered_levels,
    outside_instruments,
    override_label,
    review_outcomes,
    scale_of,
)
from stepwell.desk.looking import opening
from stepwell.ui.board import minute_name

SOURCES = (
    ("self", "Came by themselves"),
    ("family", "Family or friend"),
    ("hospital", "Hospital or emergency department"),
    ("detox", "Withdrawal management or residential program"),
    ("clinician", "Physician or therapist"),
    ("court", "Court, probation or parole"),
    ("school-or-work", "School or employer"),
    ("other", "Other"),
)


def _levels(levels: Any) -> list[tuple[str, str]]:
    return [(level.value, f"{level.value} {level_name(level)}") for level in sorted(levels)]


def _because(label: str = "Why") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text="In a sentence or two: the next person and the payer will read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _with_times(group: Any) -> str:
    """A group with its days and times: a program has several of one name."""
    when = ", ".join(
        f"{day_abbr[m.weekday]} {minute_name(m.starts_at.hour * 60 + m.starts_at.minute)}"
        for m in group.meetings.all()
    )
    return f"{group.name}, {when}" if when else str(group.name)


class _WithOverride(forms.Form):
    """A level that may differ from the recommended one, with the reason when it does."""

    override = forms.ChoiceField(
        label="Reason for another level than recommended",
        required=False,
        choices=[("", "The recommended level")] + [(r.value, override_label(r)) for r in OverrideReason],
    )
    override_note = forms.CharField(
        label="Why that is safe", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class Admission(_WithOverride):
    level = forms.ChoiceField(label="Level of care")
    because = _because("Why this level")
    referral_source = forms.ChoiceField(label="Who referred", choices=SOURCES)
    planned_weeks = forms.IntegerField(
        label="Planned weeks", min_value=1, max_value=104, initial=opening("program_weeks")
    )
    field_order = ("level", "because", "override", "override_note", "referral_source", "planned_weeks")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = _levels(offered_levels())  # type: ignore[attr-defined]  # a ChoiceField


class StepTo(_WithOverride):
    """Up or down, to the levels offered on that side, with the week, the groups and the team that go with it."""

    to = forms.ChoiceField(label="To level")
    because = _because()
    hours = forms.DecimalField(
        label="Hours a week", required=False, min_value=0, max_value=50, max_digits=6, decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )  # fmt: skip
    days_least = forms.IntegerField(label="Fewest days a week", required=False, min_value=0, max_value=7)
    days_most = forms.IntegerField(label="Most days a week", required=False, min_value=0, max_value=7)
    starts_on = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    leave = forms.MultipleChoiceField(
        label="Groups that are left", required=False, widget=forms.CheckboxSelectMultiple
    )
    join = forms.MultipleChoiceField(
        label="Groups that are joined", required=False, widget=forms.CheckboxSelectMultiple
    )
    joins_on = forms.DateField(
        label="First day in them", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    out_of_team = forms.MultipleChoiceField(
        label="Who leaves the care team", required=False, widget=forms.CheckboxSelectMultiple
    )
    into_team = forms.ChoiceField(label="Who joins the care team", required=False)
    into_team_as = forms.CharField(label="As", max_length=40, required=False)
    field_order = ("to", "because", "override", "override_note")

    def __init__(
        self, *args: Any, levels: Any, enrollments: Any, groups: Any, team: Any, staff: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._rows = {
            "leave": {str(one.pk): one for one in enrollments},
            "join": {str(one.pk): one for one in groups},
            "out_of_team": {str(one.pk): one for one in team},
            "into_team": {str(one.pk): one for one in staff},
        }
        self._choose("to", _levels(levels))
        self._choose("leave", [(key, _with_times(one.group)) for key, one in self._rows["leave"].items()])
        self._choose("join", [(key, _with_times(one)) for key, one in self._rows["join"].items()])
        self._choose(
            "out_of_team", [(k, f"{m.staff.name}, {m.role}") for k, m in self._rows["out_of_team"].items()]
        )
        people = [(key, one.name) for key, one in self._rows["into_team"].items()]
        self._choose("into_team", [("", "Nobody"), *people])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        hours = found.get("hours")
        if hours:
            for name in ("days_least", "days_most", "starts_on"):
                if found.get(name) is None and name not in self.errors:
                    self.add_error(name, "Needed with hours; empty hours leave the order as it is.")
            if "to" in found:
                level = level_from(found["to"])
                if not hours_band(level).holds(hours):
                    self.add_error("hours", f"Level {level} asks for {hours_band(level)}; correct the hours.")
        if found.get("into_team") and not found.get("into_team_as", "").strip():
            self.add_error("into_team_as", "Say what this person does in the care team.")
        return found

    def order(self, doses: dict[str, int]) -> dict[str, Any] | None:
        """What `order_treatment` takes, or None; kinds that no longer fit are cut in proportion, to quarters of an hour."""
        hours = self.cleaned_data["hours"]
        if not hours:
            return None
        minutes, before = int(hours * 60), sum(doses.values())
        if before > minutes:
            doses = {kind: m * minutes // before // 15 * 15 for kind, m in doses.items()}
        return {
            "minutes_per_week": minutes,
            "days_least": self.cleaned_data["days_least"],
            "days_most": self.cleaned_data["days_most"],
            "starts_on": self.cleaned_data["starts_on"],
            "doses": {kind: m for kind, m in doses.items() if m > 0},
        }

    def move(self) -> dict[str, Any]:
        """What `transition.actions.move` takes beside the order."""
        chosen = self.cleaned_data
        joins = self._rows["into_team"].get(chosen["into_team"])
        return {
            **{name: chosen[name] for name in ("to", "because", "override", "override_note")},
            **{
                name: [self._rows[name][key] for key in chosen[name]]
                for name in ("leave", "join", "out_of_team")
            },
            "joins_on": chosen["joins_on"],
            "into_team": [(joins, chosen["into_team_as"])] if joins else [],
        }


class Transfer(forms.Form):
    to = forms.ChoiceField(label="Level of care there", choices=_levels(levels_of()))
    receiving = forms.CharField(label="Program that takes over", max_length=200)
    because = _because()


class Discharge(forms.Form):
    reason = forms.ChoiceField(
        label="How it ends",
        choices=[(r.slug, r.label) for r in discharge_reasons()],
        widget=forms.RadioSelect,
    )
    receiving = forms.CharField(
        label="Program that takes over", required=False, max_length=200, help_text="Needed for a transfer."
    )
    because = _because("What was reached, and why now")


class LevelReview(forms.Form):
    """The weekly look: prepared, so that most weeks it is read and kept."""

    outcome = forms.ChoiceField(
        label="How the review ends",
        choices=[(one.code, one.label) for one in review_outcomes()],
        widget=forms.RadioSelect,
    )
    recommended = forms.ChoiceField(label="Level that you recommend", required=False)
    summary = forms.CharField(
        label="Why", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Begun from what is on file; change it as it is.",
    )  # fmt: skip
    housing_lost = forms.BooleanField(label="Lost the place to live since the last review", required=False)
    overdose = forms.BooleanField(label="Overdose since the last review", required=False)
    next_due_on = forms.DateField(label="Look again by", widget=forms.DateInput(attrs={"type": "date"}))
    once_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rating: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recommended"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            *_levels(levels_of()),
            ("", "None: discharge"),
        ]
        self._before = {}
        if rating is not None and rating.edition == Edition.THIRD.value:
            self._before = {n: getattr(rating, f"d{n}") for n in range(1, 7)}
            for n, label in scale_of(Edition.THIRD).dimensions.items():
                self.fields[f"d{n}"] = forms.TypedChoiceField(
                    label=label,
                    coerce=int,
                    empty_value=None,
                    required=False,
                    choices=[("", "Not rated"), *((v, str(v)) for v in range(5))],
                )

    def rating_fields(self) -> list[Any]:
        """The bound fields of the six ratings; none where the fourth edition is used."""
        return [self[f"d{n}"] for n in self._before]

    def changed_ratings(self) -> dict[int, int]:
        """Dimension -> what it is now, of those that are another."""
        return {
            n: value
            for n, before in self._before.items()
            if (value := self.cleaned_data[f"d{n}"]) is not None and value != before
        }

    def review(self) -> dict[str, Any]:
        """What `review_level` takes."""
        return {
            name: self.cleaned_data[name]
            for name in ("outcome", "recommended", "summary", "next_due_on", "once_key")
        }


class Outside(forms.Form):
    """A level from another instrument."""

    result_of = forms.ChoiceField(
        label="Instrument and its level",
        choices=[
            (one.label, [(f"{one.code}:{level}", f"{one.label} level {level}") for level in one.levels])
            for one in outside_instruments()
        ],
    )
    on = forms.DateField(label="Done on", widget=forms.DateInput(attrs={"type": "date"}))
    rater = forms.CharField(label="Who did it", max_length=160, help_text="Name, and where they work.")
    document = forms.CharField(
        label="Where the report is", max_length=200, help_text="Such as its number, or the binder it lies in."
    )
    note = forms.CharField(
        label="Note", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def result(self) -> dict[str, Any]:
        """What `record_outside_placement` takes."""
        found = dict(self.cleaned_data)
        instrument, _, level = found.pop("result_of").partition(":")
        return {"instrument": instrument, "level": level, **found}


class Strike(forms.Form):
    because = forms.CharField(label="Why it is not the patient's", max_length=200)
