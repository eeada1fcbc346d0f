"""What the session room sends, checked: attendance of one person, the shared part, a part for each person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from stepwell.clinic.sessions.actions import DraftPart, Entry
from stepwell.clinic.sessions.rules import NoteFormat, load_note_formats
from stepwell.clinic.sessions.rules.room import CHIP_FIELDS
from stepwell.clinic.timetable.rules import wall_time_instant

LONGEST = 20_000
_OUTCOMES = (("present", "Came"), ("excused", "Absent, excused"), ("unexcused", "Absent, not excused"))


class RoomForm(forms.Form):
    """The whole room in one form, so that no button loses what another field holds.

    Fields of a person are named with the person's code: `K7Q2-text`. `people` are those of the roster. Attendance
    is read only of the person whose button was pressed (`of`): signing for twelve reads no field for nothing.
    """

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)
    page = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)
    format = forms.ChoiceField(required=False)
    topic = forms.CharField(max_length=200, required=False)
    shared = forms.CharField(
        max_length=LONGEST, required=False, strip=False, label="The shared part", widget=forms.Textarea
    )

    def __init__(
        self, *args: Any, people: Sequence[Any], day: date, zone: ZoneInfo, format: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people, self.day, self.zone = people, day, zone
        self.formats = load_note_formats()
        chosen = self.data.get("format") if self.is_bound else None
        self.chosen_format: NoteFormat = self.formats[
            chosen if chosen and chosen in self.formats else format or "GROUP"
        ]
        self.fields["format"].choices = [(f.key, f.title) for f in self.formats.values()]  # type: ignore[attr-defined] # a ChoiceField
        # One field serves everybody: cleaning keeps nothing in it, and twelve people have a hundred fields.
        written = self._written()
        for person in people:
            for name, field in written.items():
                self.fields[f"{person.code}-{name}"] = field
            if self.data.get("of") == person.code:
                for name, field in self._attended().items():
                    self.fields[f"{person.code}-{name}"] = field

    def _written(self) -> dict[str, forms.Field]:
        return {
            **{name: forms.CharField(max_length=30, required=False) for name in CHIP_FIELDS},
            "text": forms.CharField(max_length=LONGEST, required=False, strip=False),
            "objective": forms.IntegerField(required=False, min_value=1, max_value=2**62),
            "skill": forms.CharField(max_length=60, required=False),
            **{
                f"section-{key}": forms.CharField(max_length=LONGEST, required=False, strip=False)
                for key, _, _ in self.chosen_format.sections
            },
        }

    def _attended(self) -> dict[str, forms.Field]:
        return {
            "outcome": forms.ChoiceField(choices=_OUTCOMES, required=False),
            "arrived": forms.TimeField(required=False),
            "left": forms.TimeField(required=False),
            "out": forms.TimeField(required=False),
            "back": forms.TimeField(required=False),
            "reason": forms.CharField(max_length=200, required=False),
            "mode": forms.ChoiceField(choices=(("on_site", "on site"), ("video", "video")), required=False),
        }

    def parts(self) -> list[DraftPart]:
        """The draft of each person on the roster. Only of a valid form."""
        got = self.cleaned_data
        return [
            DraftPart(
                patient_id=person.pk,
                **{name: got[f"{person.code}-{name}"] for name in CHIP_FIELDS},
                text=got[f"{person.code}-text"].strip(),
                objective_id=got[f"{person.code}-objective"],
                skill=got[f"{person.code}-skill"],
                sections={
                    key: got[f"{person.code}-section-{key}"].strip()
                    for key, _, _ in self.chosen_format.sections
                },
            )
            for person in self.people
        ]

    def entry_of(self, person: Any) -> Entry:
        """What was recorded of one person's attendance. Only of a valid form."""
        got = {name: self.cleaned_data[f"{person.code}-{name}"] for name in _TIMED}
        out, back = self._instant(got["out"]), self._instant(got["back"])
        return Entry(
            patient_id=person.pk,
            outcome=got["outcome"] or "present",
            arrived=self._instant(got["arrived"]),
            left=self._instant(got["left"]),
            stepped_out=((out, back),) if out else (),
            mode=got["mode"],
            reason=got["reason"],
        )

    def _instant(self, wall: time | None) -> datetime | None:
        return None if wall is None else wall_time_instant(self.day, wall, self.zone)


_TIMED = ("outcome", "arrived", "left", "out", "back", "reason", "mode")


class AddendumForm(forms.Form):
    """Something added to a signed note."""

    kind = forms.ChoiceField(
        choices=[
            ("addendum", "Addendum"),
            ("correction", "Correction"),
            ("entered_in_error", "Entered in error"),
        ],
        label="What is this",
    )
    text = forms.CharField(max_length=LONGEST, widget=forms.Textarea, label="What is added")
    reason = forms.CharField(max_length=200, label="Why")


class HandOverForm(forms.Form):
    """Who leads the session instead."""

    to: Any = forms.ModelChoiceField(queryset=None, label="Who leads it instead")

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        field.queryset = staff  # type: ignore[attr-defined] # a ModelChoiceField
        field.label_from_instance = lambda each: each.name  # type: ignore[attr-defined] # a ModelChoiceField


class CancelForm(forms.Form):
    """Why a session does not take place."""

    because = forms.CharField(max_length=200, label="Why")
