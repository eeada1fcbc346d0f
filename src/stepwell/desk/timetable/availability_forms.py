"""When staff can lead, absences, rooms out of use, closed days, and what groups ask of patients."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.timetable.rules import wall_time_instant
from stepwell.desk.timetable.forms import _DATE, _TIME, _Named
from stepwell.ui.weekly_times import WeeklyTimes

_KINDS = [(kind.value, kind.label) for kind in Kind]


def _hours(label: str, most: int, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=most, max_digits=5, decimal_places=2, help_text=help_text
    )


class StaffHoursForm(WeeklyTimes):
    """The weekly hours of somebody, how much they lead, and which kinds of treatment."""

    first_on = forms.DateField(label="From this day on", widget=_DATE)
    day_hours = _hours("Hours led a day, at most", 24)
    week_hours = _hours("Hours led a week, at most", 168)
    usual_hours = _hours("Usual hours a week", 168, "Above it is overtime.")
    rest = forms.IntegerField(label="Minutes between two sessions", min_value=0, max_value=240)
    travel = forms.IntegerField(
        label="Minutes between a session here and one by video", min_value=0, max_value=240
    )
    leads = forms.MultipleChoiceField(
        label="Leads", choices=_KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    coleads = forms.MultipleChoiceField(
        label="Co-leads only", choices=_KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )

    def load(self) -> dict[str, int]:
        """The limits in minutes. Only of a valid form."""
        got = self.cleaned_data
        return {
            "day_most": round(got["day_hours"] * 60),
            "week_most": round(got["week_hours"] * 60),
            "week_usual": round(got["usual_hours"] * 60),
            "rest": got["rest"],
            "travel": got["travel"],
        }


class _SpanForm(forms.Form):
    """From a day and time until a day and time, in the site's zone; times left empty mean the whole day."""

    first_on = forms.DateField(label="From", widget=_DATE, help_text="The first day.")
    starts_at = forms.TimeField(
        label="From, time", widget=_TIME, required=False, help_text="Empty: from the morning on."
    )
    last_on = forms.DateField(label="Until", widget=_DATE, required=False, help_text="Empty: the same day.")
    ends_at = forms.TimeField(
        label="Until, time", widget=_TIME, required=False, help_text="Empty: until the evening."
    )
    because = forms.CharField(max_length=200, label="Why")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def span(self) -> tuple[datetime, datetime]:
        """Start and end as instants. Only of a valid form."""
        got = self.cleaned_data
        midnight = datetime.min.time()
        last: date = got["last_on"] or got["first_on"]
        starts = wall_time_instant(got["first_on"], got["starts_at"] or midnight, self.zone)
        if got["ends_at"] is None:
            return starts, wall_time_instant(last + timedelta(days=1), midnight, self.zone)
        return starts, wall_time_instant(last, got["ends_at"], self.zone)


class AbsenceForm(_SpanForm):
    """Who is away, when and why."""

    staff = _Named(queryset=None, label="Who", empty_label="Choose")
    field_order = ("staff", "first_on", "starts_at", "last_on", "ends_at", "because")

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = staff  # type: ignore[attr-defined] # a ModelChoiceField
        self.fields["because"].initial = "Ill"


class OwnAbsenceForm(_SpanForm):
    """When I am away and why."""


class RoomOutForm(_SpanForm):
    """Which room cannot be used, when and why."""

    room = _Named(queryset=None, label="Room", empty_label="Choose")
    field_order = ("room", "first_on", "starts_at", "last_on", "ends_at", "because")

    def __init__(self, *args: Any, rooms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms  # type: ignore[attr-defined] # a ModelChoiceField


class ClosureForm(forms.Form):
    """A day on which the site is closed, and what becomes of its sessions."""

    on = forms.DateField(label="Day", widget=_DATE)
    because = forms.CharField(
        max_length=180, label="Why", help_text="Patients and staff read it: Thanksgiving Day, Snow."
    )
    cancel = forms.BooleanField(
        label="Cancel the sessions of that day",
        required=False,
        initial=True,
        help_text="Otherwise they stand until the week is mended.",
    )


class TagsForm(forms.Form):
    """What groups may ask for: those known at the site, and further ones."""

    tags = forms.MultipleChoiceField(
        label="Groups may count on", required=False, widget=forms.CheckboxSelectMultiple
    )
    more = forms.CharField(
        label="Others, with commas between",
        required=False,
        max_length=200,
        help_text="Such as: spanish, women",
    )

    def __init__(self, *args: Any, known: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [(tag, tag) for tag in known]  # type: ignore[attr-defined] # a ChoiceField

    def all_tags(self) -> list[str]:
        """Those ticked and those typed. Only of a valid form."""
        typed = [word.strip() for word in self.cleaned_data["more"].split(",")]
        return [*self.cleaned_data["tags"], *(word for word in typed if word)]


class ApartForm(forms.Form):
    """The code of the other person, and why."""

    other = forms.CharField(
        label="Code of the other person", max_length=8, help_text="It stands at the head of the chart."
    )
    because = forms.CharField(label="Why", max_length=200, help_text="Shown to nobody in either chart.")


class PatientTimesForm(WeeklyTimes):
    """When a patient can come, from a day on."""

    first_on = forms.DateField(label="From this day on", widget=_DATE)
