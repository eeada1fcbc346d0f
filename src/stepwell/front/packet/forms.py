"""The questions of the papers as forms, in the language of the page; signing; the date of birth at the door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from json import JSONDecodeError, loads
from typing import Any

from django import forms

from stepwell.clinic.inquiry.rules import (
    Part,
    Question,
    QuestionKind,
    load_papers,
    read_answers,
    read_drawing,
    signature_fault,
)
from stepwell.front.content import load

_LONGEST_DRAWING = 120_000


class Door(forms.Form):
    """The date of birth, as a field of its own or as a calendar of the device."""

    birth_date = forms.DateField(
        input_formats=["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"],
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words, field = load("papers", language)["door"], self.fields["birth_date"]
        field.label, field.help_text = words["birth_date"], words["birth_help"]
        field.error_messages.update(required=words["unreadable"], invalid=words["unreadable"])


class Answers(forms.Form):
    """One part of the questions. What is right is kept even while something else is wrong."""

    def __init__(self, *args: Any, part: Part, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._part = part
        self._words: Mapping[str, Any] = load("papers", language)
        flags = load("danger", language)["flags"]
        for question in part.questions:
            words = dict(self._words["questions"][question.key])
            if question.key == "red_flags":
                words["choices"] = {key: flags[key]["words"] for key in question.choices}
            self.fields[question.key] = _field(question, words, self._words["save"])

    def kept(self) -> dict[str, Any]:
        """The answers that can be kept, whether or not all are right."""
        self.is_valid()
        return {key: "" if value is None else value for key, value in self.cleaned_data.items()}

    def need(self, keys: Iterable[str]) -> None:
        """Marks the questions that are still needed."""
        for key in keys:
            if key in self.fields and key not in self.errors:
                self.add_error(key, self._words["save"]["needed"])

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        read = read_answers({k: "" if v is None else v for k, v in told.items()}, load_papers())
        for key in [key for key in told if key not in read]:
            self.add_error(key, self._words["save"]["unreadable"])
        return told


class Signing(forms.Form):
    """A full name, and a signature that is drawn or typed."""

    name = forms.CharField(
        max_length=160, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    drawing = forms.CharField(max_length=_LONGEST_DRAWING, required=False, widget=forms.HiddenInput)
    typed = forms.CharField(
        max_length=160, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words: Mapping[str, Any] = load("papers", language)["sign"]
        self.fields["name"].label = self._words["name"]
        self.fields["typed"].label, self.fields["typed"].help_text = (
            self._words["typed"],
            self._words["typed_help"],
        )

    def clean_drawing(self) -> list[Any]:
        try:
            return read_drawing(loads(self.cleaned_data["drawing"] or "[]"))
        except (JSONDecodeError, RecursionError):
            return []

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        fault = signature_fault(told.get("name", ""), told.get("typed", ""), told.get("drawing") or [])
        if fault == "name" and "name" not in self.errors:
            self.add_error("name", self._words["need_name"])
        if fault == "signature" and "typed" not in self.errors:
            self.add_error("typed", self._words["need_signature"])
        return told


def _field(question: Question, words: Mapping[str, Any], save: Mapping[str, Any]) -> forms.Field:
    kind, wrong = question.kind, {"invalid": save["unreadable"], "required": save["needed"]}
    common: dict[str, Any] = {
        "label": words["label"],
        "help_text": words.get("help", ""),
        "required": question.required,
        "error_messages": wrong,
    }
    if kind is QuestionKind.CHOICE:
        common["error_messages"] = {**wrong, "invalid_choice": save["unreadable"]}
        choices = [(key, words["choices"][key]) for key in question.choices]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    if kind is QuestionKind.SEVERAL:
        common["error_messages"] = {**wrong, "invalid_choice": save["unreadable"]}
        choices = [(key, words["choices"][key]) for key in question.choices]
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    if kind is QuestionKind.NUMBER:
        common |= {"min_value": question.least, "max_value": question.most}
        common["error_messages"] = {**wrong, "min_value": save["unreadable"], "max_value": save["unreadable"]}
        return forms.IntegerField(widget=forms.NumberInput(attrs={"inputmode": "numeric"}), **common)
    common["error_messages"] = {**wrong, "max_length": save["unreadable"]}
    if kind is QuestionKind.EMAIL:
        return forms.EmailField(
            max_length=question.most, widget=forms.EmailInput(attrs={"autocomplete": "email"}), **common
        )
    widget: forms.Widget = (
        forms.Textarea(attrs={"rows": 3})
        if kind is QuestionKind.LONG
        else forms.TextInput(attrs=_TYPED.get(question.key, {}))
    )
    if kind is QuestionKind.PHONE:
        widget = forms.TextInput(attrs={"type": "tel", **_TYPED.get(question.key, {})})
    return forms.CharField(max_length=question.most, widget=widget, **common)


_TYPED: dict[str, dict[str, str]] = {
    "given_name": {"autocomplete": "given-name"},
    "family_name": {"autocomplete": "family-name"},
    "preferred_name": {"autocomplete": "nickname"},
    "phone": {"autocomplete": "tel"},
    "address": {"autocomplete": "street-address"},
}
"""What a phone fills in by itself."""
