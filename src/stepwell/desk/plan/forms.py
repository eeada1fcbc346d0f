"""Forms of the plan: its parts, the review, the weekly order, the care team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import instruments, load_instrument
from stepwell.clinic.plan.rules import Condition, Found, Kind, ReviewOutcome, Verdict, Way, condition_of

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ProblemPart(forms.Form):
    statement = forms.CharField(label="What stands in the way", widget=forms.Textarea(attrs={"rows": 3}))
    diagnosis = forms.ChoiceField(label="Diagnosis it belongs to", required=False)
    condition = forms.ChoiceField(
        label="Condition it belongs to",
        required=False,
        choices=[("", "That of the diagnosis"), *((c.value, c.label) for c in Condition)],
        help_text="Conditions that occur together are treated in one plan.",
    )

    def __init__(self, *args: Any, diagnoses: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(d.pk): d for d in diagnoses}
        self.fields["diagnosis"].choices = [("", "None")] + [  # type: ignore[attr-defined]  # a ChoiceField
            (key, f"{d.code} {d.text}") for key, d in self.rows.items()
        ]
        if not self.is_bound and not self.initial and self.rows:
            # The primary diagnosis stands first: most problems belong to what the person came for.
            self.initial["condition"] = condition_of(next(iter(self.rows.values())).code).value

    def facts(self) -> dict[str, Any]:
        """The columns of the part. The diagnosis says the condition when nobody else does."""
        diagnosis = self.rows.get(self.cleaned_data["diagnosis"])
        condition = self.cleaned_data["condition"]
        return {
            "statement": self.cleaned_data["statement"],
            "diagnosis": diagnosis,
            "condition": condition_of(diagnosis.code).value if diagnosis else condition,
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
    instrument = forms.ChoiceField(
        label="Measured by",
        required=False,
        help_text="Each score of the questionnaire then shows at this objective.",
    )
    target_way = forms.ChoiceField(
        label="Met by a score of",
        required=False,
        choices=[("", "No score"), *((w.value, w.label) for w in Way)],
    )
    target_score = forms.IntegerField(label="Score", required=False, min_value=-1000, max_value=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = [("", "No questionnaire"), *_measures()]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """A score needs all three: the questionnaire, which side, the number."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        way, score = found.get("target_way"), found.get("target_score")
        if "target_score" in found and bool(way) != (score is not None):
            self.add_error(
                "target_score", "Give both the side (at most, at least) and the number, or neither."
            )
        elif way and not found.get("instrument"):
            self.add_error("instrument", "A score to reach needs the questionnaire that gives it.")
        return found

    def facts(self) -> dict[str, Any]:
        """The columns of the part; 'bam/use' is the scale `use` of the instrument `bam`."""
        instrument, _, scale = self.cleaned_data["instrument"].partition("/")
        return {**self.cleaned_data, "instrument": instrument, "scale": scale}


def _measures() -> list[tuple[str, str]]:
    """Every questionnaire by its total, where it has one, and by each of its scales."""
    found = []
    for slug in instruments():
        one = load_instrument(slug)
        found.append((slug, one.title))
        found += [(f"{slug}/{scale.code}", f"{one.title}: {scale.label}") for scale in one.subscales]
    return found


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
    """At most six clicks: open the tab, review, what is met, outcome, save. Every objective goes on unless told."""

    outcome = forms.ChoiceField(
        label="The review ends in",
        choices=[(o.value, o.label) for o in ReviewOutcome],
        widget=forms.RadioSelect,
    )
    summary = forms.CharField(label="What the team saw", widget=forms.Textarea(attrs={"rows": 4}))
    next_due_on = forms.DateField(label="Next review by", widget=_DAY)

    def __init__(
        self, *args: Any, objectives: Iterable[tuple[str, Any]], facts: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.facts = facts
        self.numbers = {objective.pk: number for number, objective in objectives}
        for key, number in self.numbers.items():
            self.fields[f"verdict-{key}"] = forms.ChoiceField(
                label=f"Objective {number}",
                choices=[(v.value, v.label) for v in Verdict],
                widget=forms.RadioSelect,
                initial=Verdict.CONTINUE.value,
            )
            self.fields[f"because-{key}"] = forms.CharField(
                label=f"Why, or what to change in objective {number}", max_length=300, required=False
            )

    def of(self, key: int) -> tuple[Any, Any]:
        """The two fields of an objective."""
        return self[f"verdict-{key}"], self[f"because-{key}"]

    def found(self) -> list[Found]:
        """What was found of each objective."""
        given = self.cleaned_data
        return [Found(key, Verdict(given[f"verdict-{key}"]), given[f"because-{key}"]) for key in self.numbers]

    def clean(self) -> dict[str, Any]:
        """An objective is never given up without a word."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for key in self.numbers:
            gives_up = given.get(f"verdict-{key}") == Verdict.DISCONTINUED
            if gives_up and not (given.get(f"because-{key}") or "").strip():
                self.add_error(f"because-{key}", "Say why it is given up; the next reader needs the reason.")
        return given

    def clean_summary(self) -> str:
        """What was filled in already are facts; what the team saw is not among them."""
        said: str = self.cleaned_data["summary"]
        if self.facts and "".join(said.split()) == "".join(self.facts.split()):
            raise forms.ValidationError(
                "Add what the team saw; the line about the hours was filled in already."
            )
        return said


class OnPaper(forms.Form):
    """The sheet that the patient signed: its day, and who holds it."""

    signed_on = forms.DateField(label="Day on the paper", widget=_DAY)
    kept_by = forms.CharField(
        label="Who holds the paper", max_length=120, help_text="A name, or where it is filed."
    )


class Deferral(forms.Form):
    because = forms.CharField(
        label="Why it is not worked on here", max_length=300, help_text="Such as: treated by the own doctor."
    )


class FromLibrary(forms.Form):
    """One text of the library: a goal to begin with or own words, the objectives wanted, the diagnosis."""

    text = forms.ChoiceField(error_messages={"invalid_choice": "This text is not in the library any more."})
    goal = forms.IntegerField(required=False, min_value=0, max_value=50)
    own_words = forms.CharField(label="The goal in the patient's own words", required=False, max_length=2000)
    objectives = forms.TypedMultipleChoiceField(
        coerce=int,
        choices=[(str(n), str(n)) for n in range(50)],
        error_messages={"required": "Choose at least one objective, or write the problem by hand."},
    )
    diagnosis = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, texts: Mapping[str, Any], diagnoses: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts, self.rows = texts, {str(d.pk): d for d in diagnoses}
        self.fields["text"].choices = [(key, key) for key in texts]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["diagnosis"].choices = [("", "None")] + [  # type: ignore[attr-defined]  # a ChoiceField
            (key, f"{d.code} {d.text}") for key, d in self.rows.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Some words for the goal: those typed, or one to begin with."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        text = self.texts.get(given.get("text", ""))
        if text is not None and not (given.get("own_words") or "").strip():
            place = given.get("goal")
            if place is None or place >= len(text.goals):
                self.add_error(
                    "own_words", "Write the goal in the patient's own words, or choose one to begin with."
                )
            else:
                given["own_words"] = text.goals[place]
        return given

    def facts(self) -> dict[str, Any]:
        """What `insert_problem` takes."""
        given = self.cleaned_data
        return {
            "text": self.texts[given["text"]],
            "words": given["own_words"],
            "objectives": given["objectives"],
            "diagnosis": self.rows.get(given["diagnosis"]),
        }


class Order(forms.Form):
    """The weekly dose in hours; minutes are kept."""

    hours = forms.DecimalField(
        label="Hours a week", min_value=0, max_value=50, decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )  # fmt: skip
    days_least = forms.IntegerField(label="Fewest days a week", min_value=0, max_value=7)
    days_most = forms.IntegerField(label="Most days a week", min_value=0, max_value=7)
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
