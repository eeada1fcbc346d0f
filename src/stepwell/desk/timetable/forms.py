"""Enrolling, scheduling, and setting up programs and groups."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from stepwell.clinic.placement.rules import level_name, levels_of
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable.rules import wall_time_instant
from stepwell.desk.looking import opening

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
_MODES = (("on_site", "On site"), ("video", "Video"), ("both", "On site or video"))
_DAYS = tuple(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))
_KINDS = tuple((kind.value, kind.label) for kind in Kind)


class _Named(forms.ModelChoiceField):  # type: ignore[type-arg] # Django's fields are not generic at run time
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class _NamedTracks(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # as above
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.program.name}: {obj.name}"


class EnrollForm(forms.Form):
    """Which group, from which day on."""

    group = _Named(queryset=None, label="Group")
    starts_on = forms.DateField(label="From", widget=_DATE)

    def __init__(self, *args: Any, groups: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = today
        self.fields["group"].queryset = groups  # type: ignore[attr-defined] # a ModelChoiceField


class ReasonForm(forms.Form):
    """Why something is given back."""

    because = forms.CharField(max_length=200, label="Why")


class LeaveForm(ReasonForm):
    """Until when somebody belongs to a group."""

    last_on = forms.DateField(label="Last day", widget=_DATE)


class SessionForm(forms.Form):
    """One session with this patient."""

    SESSIONS = (
        ("individual", "Individual session", "individual"),
        ("family", "Family session", "family"),
        ("crisis", "Crisis session", "individual"),
        ("case_management", "Case management", "case_management"),
        ("medical", "Medical visit", "medical"),
        ("peer", "Peer support", "peer"),
    )
    kind = forms.ChoiceField(choices=[(key, label) for key, label, _ in SESSIONS], label="What")
    day = forms.DateField(label="Day", widget=_DATE)
    starts_at = forms.TimeField(label="From", widget=_TIME)
    minutes = forms.IntegerField(
        label="Minutes", min_value=15, max_value=480, initial=opening("single_minutes")
    )
    facilitator = _Named(queryset=None, label="With")
    mode = forms.ChoiceField(choices=_MODES[:2], label="How")
    room = _Named(queryset=None, label="Room", required=False)

    def __init__(self, *args: Any, staff: Any, rooms: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["facilitator"].queryset = staff  # type: ignore[attr-defined] # a ModelChoiceField
        self.fields["room"].queryset = rooms  # type: ignore[attr-defined] # a ModelChoiceField

    def span(self) -> tuple[datetime, datetime]:
        """Start and end as instants. Only of a valid form."""
        starts = wall_time_instant(self.cleaned_data["day"], self.cleaned_data["starts_at"], self.zone)
        return starts, starts + timedelta(minutes=self.cleaned_data["minutes"])

    def treatment(self) -> tuple[str, str]:
        """Title and kind of treatment of what was chosen."""
        return next((label, kind) for key, label, kind in self.SESSIONS if key == self.cleaned_data["kind"])


class ProgramForm(forms.Form):
    """A level of care as the site offers it; hours a week."""

    name = forms.CharField(max_length=120)
    level = forms.ChoiceField(
        choices=[(level.value, f"{level.value} {level_name(level)}") for level in levels_of()]
    )
    hours_least = forms.DecimalField(
        label="Hours a week, at least", min_value=0, max_value=100, initial=opening("program_hours_least")
    )
    hours_most = forms.DecimalField(
        label="Hours a week, at most", min_value=0, max_value=100, initial=opening("program_hours_most")
    )
    planned_weeks = forms.IntegerField(
        label="Weeks planned", min_value=1, max_value=104, initial=opening("program_weeks")
    )


class TrackForm(forms.Form):
    """A track of a program."""

    name = forms.CharField(max_length=80)
    kind = forms.ChoiceField(choices=[("day", "Day"), ("evening", "Evening"), ("weekend", "Weekend")])


class MeetingForm(forms.Form):
    """When a group meets, in the site's own time."""

    weekdays = forms.TypedMultipleChoiceField(
        choices=_DAYS, coerce=int, label="Days", widget=forms.CheckboxSelectMultiple
    )
    starts_at = forms.TimeField(label="From", widget=_TIME)
    minutes = forms.IntegerField(
        label="Minutes", min_value=15, max_value=480, initial=opening("group_minutes")
    )
    every_weeks = forms.IntegerField(label="Every how many weeks", min_value=1, max_value=8, initial=1)
    first_on = forms.DateField(label="First day", widget=_DATE)


class GroupWeekForm(forms.Form):
    """What a week is planned by: sizes, leaders, who may attend, what the room needs."""

    least = forms.IntegerField(
        label="People, at least", min_value=1, max_value=100, initial=opening("group_least")
    )
    good = forms.IntegerField(
        label="Good from",
        min_value=1,
        max_value=100,
        initial=opening("group_good"),
        help_text="Fewer people make it a thin group.",
    )
    leaders = forms.TypedChoiceField(
        label="Leaders", choices=((1, "One leads"), (2, "One leads, one co-leads")), coerce=int, initial=1
    )
    each_week = forms.IntegerField(
        label="A week for one patient, at most", min_value=1, max_value=20, initial=opening("group_each_week")
    )
    needs = forms.CharField(
        label="Only for people with",
        required=False,
        max_length=200,
        help_text="Tags with commas between: women, spanish",
    )
    features = forms.CharField(
        label="The room has", required=False, max_length=200, help_text="Such as: mats, screen"
    )
    closed_series = forms.BooleanField(label="Closed series: nobody joins later", required=False)

    def facts(self) -> dict[str, Any]:
        """Columns of the group. Only of a valid form."""
        got = {name: self.cleaned_data[name] for name in GroupWeekForm.base_fields}
        return {**got, "needs": _words(got["needs"]), "features": _words(got["features"])}


def _words(text: str) -> list[str]:
    return sorted({" ".join(word.lower().split()) for word in text.split(",")} - {""})


class GroupForm(GroupWeekForm):
    """A group, who leads it, where, and when it meets."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=_KINDS, label="Kind of treatment")
    tracks = _NamedTracks(queryset=None, label="Tracks", required=False, widget=forms.CheckboxSelectMultiple)
    facilitator = _Named(queryset=None, label="Led by")
    cofacilitator = _Named(queryset=None, label="Together with", required=False)
    mode = forms.ChoiceField(choices=_MODES, label="How")
    room = _Named(queryset=None, label="Room", required=False)
    capacity = forms.IntegerField(label="Seats", min_value=1, max_value=100, initial=opening("group_seats"))
    topics = forms.CharField(
        max_length=5000,
        required=False,
        label="Topics, one a line",
        widget=forms.Textarea,
        help_text="One for each week, over and over again.",
    )
    weekdays = MeetingForm.base_fields["weekdays"]
    starts_at = MeetingForm.base_fields["starts_at"]
    minutes = MeetingForm.base_fields["minutes"]
    every_weeks = MeetingForm.base_fields["every_weeks"]
    first_on = MeetingForm.base_fields["first_on"]

    field_order = (
        "name", "kind", "tracks", "facilitator", "cofacilitator", "mode", "room", "capacity", "least", "good",
        "weekdays", "starts_at", "minutes", "every_weeks", "first_on", "topics", "leaders", "each_week", "needs",
        "features", "closed_series",
    )  # fmt: skip

    def __init__(self, *args: Any, staff: Any, rooms: Any, tracks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("tracks", tracks),
            ("facilitator", staff),
            ("cofacilitator", staff),
            ("room", rooms),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined] # ModelChoiceFields

    def topic_list(self) -> list[str]:
        """The lines that hold something, each at most as long as a topic."""
        return [line.strip()[:200] for line in self.cleaned_data["topics"].splitlines() if line.strip()]


class EndMeetingForm(forms.Form):
    """The last day on which a group meets at this time."""

    last_on = forms.DateField(label="Last day", widget=_DATE)
