"""A form of questions with one answer each, every one of which may stay open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms


class Questions(forms.Form):
    """`asked`: things with `.number`, `.text` and `.options` ((value, words) pairs; values are whole numbers)."""

    def __init__(self, *args: Any, asked: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = tuple(asked)
        for one in self.asked:
            self.fields[f"item_{one.number}"] = forms.TypedChoiceField(
                label=one.text,
                choices=list(one.options),
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": "Choose one of the answers offered."},
            )

    def questions(self) -> list[dict[str, Any]]:
        """What the page shows: the question, the name of its field, its answers, the one chosen."""
        return [
            {
                "asked": one,
                "name": f"item_{one.number}",
                "options": list(one.options),
                "chosen": self[f"item_{one.number}"].value(),
            }
            for one in self.asked
        ]

    def answers(self) -> dict[str, int | None]:
        """Number of the question -> value, None for an open one."""
        return {one.number: self.cleaned_data[f"item_{one.number}"] for one in self.asked}
