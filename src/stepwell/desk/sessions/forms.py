"""What the session room sends, checked: attendance of one person, the shared part, a part for each person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from stepwell.clinic.sessions.actions import DraftPart, Entry
from stepwell.clinic.sessions.rules import NoteFormat, load_note_formats
from stepwell.clinic.sessions.rules.absences import load_absences, reason_in_words
from stepwell.clinic.sessions.rules.room import CHIP_FIELDS
from stepwell.clinic.timetable.rules import wall_time_instant

LONGEST = 20_000
_OUTCOMES = (("present", "Came"), ("excused", "Absent, excused"), ("unexcused", "Absent, not excused"))


class TimesField(forms.Field):
    """Several times of day under one name, as a list; empty ones stay as None, so that pairs stay pairs."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[time | None]:
        one = forms.TimeField(required=False)
        return [one.clean(text) for text in value or []]


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
        self._whose()
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
            if person.code in (self.of, self.absent):
                for name, field in self._attended().items():
                    self.fields[f"{person.code}-{name}"] = field

    def _whose(self) -> None:
        """Whose attendance is recorded: `of` is "K7Q2", or "K7Q2/1" to take back the second time out of the room;
        `absent` is "K7Q2/ill" (a reason on offer) or "K7Q2/excused" and "K7Q2/unexcused" (with typed words)."""
        self.of, _, without = self.data.get("of", "").partition("/")
        self.without = int(without) if without.isascii() and without.isdecimal() and len(without) < 3 else -1
        self.absent, _, self.why = self.data.get("absent", "").partition("/")

    @property
    def person(self) -> Any | None:
        """The one of the roster whose button was pressed."""
        return next((one for one in self.people if one.code in (self.of, self.absent)), None)

    def clean(self) -> dict[str, Any]:
        """A return without a going out is not passed over."""
        got = super().clean() or self.cleaned_data
        person = self.person
        if person is not None and not self.absent:
            outs, backs = (got.get(f"{person.code}-{name}") or [] for name in ("out", "back"))
            if any(out is None and back is not None for out, back in zip_longest(outs, backs)):
                self.add_error(None, f"Say when {person.called} stepped out, too.")
        return got

    def _written(self) -> dict[str, forms.Field]:
        return {
            **{name: forms.CharField(max_length=30, required=False) for name in CHIP_FIELDS},
            "text": forms.CharField(max_length=LONGEST, required=False, strip=False),
            "objective": forms.IntegerField(required=False, min_value=1, max_value=2**62),
            "skill": forms.CharField(max_length=60, required=False),
            "done": forms.CharField(max_length=LONGEST, required=False, strip=False),
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
            "out": TimesField(required=False),
            "back": TimesField(required=False),
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
                done=got[f"{person.code}-done"].strip(),
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
        if self.absent:
            reason = load_absences().reason(self.why)
            return Entry(
                patient_id=person.pk,
                outcome=reason.outcome if reason else self.why,
                mode=got["mode"],
                reason=reason_in_words(reason, got["reason"]),
            )
        pairs = list(zip_longest(got["out"], got["back"]))
        return Entry(
            patient_id=person.pk,
            outcome=got["outcome"] or "present",
            arrived=self._instant(got["arrived"]),
            left=self._instant(got["left"]),
            stepped_out=tuple(
                (self._instant(out), self._instant(back))  # type: ignore[misc] # `out` is a time here
                for number, (out, back) in enumerate(pairs)
                if out is not None and number != self.without
            ),
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
