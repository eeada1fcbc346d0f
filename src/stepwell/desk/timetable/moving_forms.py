"""Moving and adding a session without a mouse: day, time, room, who leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from stepwell.clinic.timetable.queries.draft_board import DraftBoard
from stepwell.clinic.timetable.rules.changes import Add, Move
from stepwell.clinic.timetable.rules.planned import DAY, Planned
from stepwell.desk.looking import opening
from stepwell.ui.filters import day_long

_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
_NOBODY = ("", "Nobody")


class _Place(forms.Form):
    """When, where and with whom. Choices are those of the draft's board: no further query."""

    day = forms.TypedChoiceField(coerce=int, label="Day")
    at = forms.TimeField(label="From", widget=_TIME)
    mode = forms.ChoiceField(choices=(("on_site", "On site"), ("video", "Video")), label="How")
    room = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label="Room")
    leader = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label="Led by")
    coleader = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label="Together with")

    def __init__(self, *args: Any, draft: DraftBoard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        board = draft.board
        staff = [_NOBODY, *((who.id, who.name) for who in board.leaders.values())]
        rooms = [("", "None"), *((r.id, f"{r.name}, {r.capacity} people") for r in board.rooms.values())]
        days = [(n, day_long(draft.starts_on + timedelta(days=n))) for n in range(7)]
        for name, choices in (("day", days), ("room", rooms), ("leader", staff), ("coleader", staff)):
            self.fields[name].choices = choices  # type: ignore[attr-defined] # choice fields

    def start(self) -> int:
        """The minute of the week. Only of a valid form."""
        at = self.cleaned_data["at"]
        return int(self.cleaned_data["day"]) * DAY + int(at.hour) * 60 + int(at.minute)

    def room_of(self) -> int | None:
        """By video there is none."""
        return None if self.cleaned_data["mode"] == "video" else self.cleaned_data["room"]


class MoveForm(_Place):
    """Where one session goes."""

    def __init__(self, *args: Any, draft: DraftBoard, one: Planned, **kwargs: Any) -> None:
        super().__init__(*args, draft=draft, **kwargs)
        self.one = one
        minute = one.start % DAY
        self.initial = {
            "day": one.day,
            "at": f"{minute // 60:02}:{minute % 60:02}",
            "mode": one.mode,
            "room": one.room,
            "leader": one.leader,
            "coleader": one.coleader,
        }

    def move(self) -> Move:
        """The change. Only of a valid form."""
        asked = self.cleaned_data
        return Move(
            session=self.one.id,
            start=self.start(),
            mode=asked["mode"],
            room=self.room_of(),
            leader=asked["leader"],
            coleader=asked["coleader"],
        )


class AddForm(_Place):
    """One more session of a group."""

    group = forms.TypedChoiceField(coerce=int, label="Group")
    minutes = forms.IntegerField(
        min_value=15, max_value=480, initial=opening("group_minutes"), label="Minutes"
    )
    field_order = ("group", "day", "at", "minutes", "mode", "room", "leader", "coleader")

    def __init__(self, *args: Any, draft: DraftBoard, **kwargs: Any) -> None:
        super().__init__(*args, draft=draft, **kwargs)
        groups = [(group.id, group.name) for group in draft.board.groups.values()]
        self.fields["group"].choices = groups  # type: ignore[attr-defined] # a choice field

    def added(self) -> Add:
        """The change. Only of a valid form."""
        asked = self.cleaned_data
        return Add(
            group=asked["group"],
            start=self.start(),
            minutes=asked["minutes"],
            mode=asked["mode"],
            room=self.room_of(),
            leader=asked["leader"],
            coleader=asked["coleader"],
        )


def fields_of(form: forms.Form) -> dict[str, str]:
    """What was answered, to be sent once more by the second step."""
    return {name: form.data.get(name, "") for name in form.fields}
