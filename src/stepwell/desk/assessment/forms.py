"""Forms of assessment. Those of questionnaires and interviews are made from the data files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django import forms

from stepwell.clinic.assessment.rules import (
    Instrument,
    questions_of,
    safety_questions,
)
from stepwell.ui.questions import Questions

YES_NO = (("yes", "Yes"), ("no", "No"), ("", "Not known"))
_ANSWER = {"yes": True, "no": False, "": None}
_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class Filling(Questions):
    """One instrument. Every question may stay open: then it is kept as incomplete and not scored."""

    once_key = forms.CharField(max_length=64, required=False)
    taken_at = forms.DateTimeField(
        label="Filled in at", help_text="Leave empty when it was just now.", required=False, widget=_MOMENT
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, asked=questions_of(instrument), **kwargs)


class Correction(Filling):
    """The same instrument with other answers, and why."""

    because = forms.CharField(label="Why the answers are corrected", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["taken_at"]


class HandOver(forms.Form):
    """Which questionnaires are filled in on the tablet."""

    instruments = forms.MultipleChoiceField(
        label="Questionnaires", error_messages={"required": "Choose at least one questionnaire."}
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instruments"].choices = choices  # type: ignore[attr-defined] # a MultipleChoiceField


class LobbyCode(forms.Form):
    code = forms.CharField(max_length=40)


class InError(forms.Form):
    because = forms.CharField(label="Why it does not count", max_length=200)


class Because(forms.Form):
    """Why something signed is changed."""

    because = forms.CharField(label="Why it is changed", max_length=200)


class Acknowledgement(forms.Form):
    done = forms.CharField(
        label="What was done",
        help_text="Whom you spoke to, what was agreed, who looks again and when.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SafetyAnswers(forms.Form):
    """The questions behind the hard gates: yes, no, or not known. `told`: what the interview says to each already."""

    told: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in safety_questions():
            self.fields[f"gate_{question.key}"] = forms.ChoiceField(
                label=question.title, choices=YES_NO, required=False, widget=forms.RadioSelect
            )

    def safety(self) -> list[dict[str, Any]]:
        """What the page shows for each question."""
        return [
            {
                "title": question.title,
                "ask": question.ask,
                "name": f"gate_{question.key}",
                "chosen": self[f"gate_{question.key}"].value() or "",
                "told": self.told.get(question.key, ()),
            }
            for question in safety_questions()
        ]

    def gates(self) -> dict[str, bool | None]:
        return {q.key: _ANSWER[self.cleaned_data[f"gate_{q.key}"]] for q in safety_questions()}


def safety_initial(
    gates: Mapping[str, bool | None], told: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> dict[str, str]:
    """The form's starting values: answers on file, and a yes where the interview has told it already."""
    said = {True: "yes", False: "no"}
    known = {f"gate_{key}": said[answer] for key, answer in gates.items() if answer is not None}
    return {f"gate_{key}": "yes" for key in told} | known
