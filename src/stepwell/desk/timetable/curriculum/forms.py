"""What is asked about curricula: a file, one already looked at, which one a group follows, a session's topic."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from stepwell.clinic.timetable.curriculum.rules import SIZE_LIMIT


class CurriculumFile(forms.Form):
    """A file from the own computer."""

    file = forms.FileField(
        label="Curriculum file",
        help_text=f"JSON, at most {SIZE_LIMIT // 1000} kB. You see it before it is taken.",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )

    def raw(self) -> bytes:
        """The bytes sent, one more than the limit at most: the reader tells what is wrong with them."""
        found: bytes = self.cleaned_data["file"].read(SIZE_LIMIT + 1)
        return found


class LookedAt(forms.Form):
    """A file that was shown and is now taken; `seen`: the version that it replaces."""

    content = forms.CharField(widget=forms.HiddenInput, max_length=SIZE_LIMIT, strip=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=30_000)


class GroupCurriculum(forms.Form):
    """Which curriculum a group follows."""

    curriculum = forms.ChoiceField(label="Curriculum", required=False)

    def __init__(self, *args: Any, choices: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(one.curriculum.key, one.curriculum.title) for one in choices]
        self.fields["curriculum"].choices = [("", "None: a list of its own"), *named]  # type: ignore[attr-defined] # a ChoiceField


class SessionTopic(forms.Form):
    """The topic of one session, by its key."""

    topic = forms.SlugField(max_length=60, label="Topic")
