"""What is asked about an inquiry: a call written down, what came of it, the intake, whose record it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django import forms

from stepwell.clinic.inquiry.rules import (
    load_day_parts,
    load_intake_rule,
    load_red_flags,
    load_screen_out_reasons,
    load_sources,
)
from stepwell.clinic.inquiry.rules.free_times import WEEKDAYS

NEW, ANOTHER, OWN = "new", "another", "own"
_TOKEN = re.compile(r"(\d{1,18})\.(\d{0,18})\.(\d{1,12})", re.ASCII)


def _note(label: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class NewInquiry(forms.Form):
    """A call or a referral, written down while speaking."""

    source = forms.ChoiceField(
        label="How it came",
        choices=[("phone", "By phone"), ("referral", "By referral")],
        widget=forms.RadioSelect,
        initial="phone",
    )
    site = forms.ChoiceField(label="Site")
    asking_for = forms.ChoiceField(
        label="Who is asking",
        choices=[("self", "The person"), ("family", "Somebody close"), ("professional", "A professional")],
        widget=forms.RadioSelect,
        initial="self",
    )
    referred_by = forms.CharField(label="Referred by", max_length=200, required=False)
    name = forms.CharField(label="Name of who asks", max_length=160)
    birth_date = forms.DateField(
        label="Date of birth of the person", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    phone = forms.CharField(max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    email = forms.EmailField(label="E-mail", required=False)
    ways = forms.MultipleChoiceField(
        label="Safe ways to reach them",
        help_text="Ask each one; what is not ticked is not used.",
        choices=[
            ("may_call", "Call"),
            ("may_voicemail", "Leave a voicemail"),
            ("may_text", "Text"),
            ("may_email", "E-mail"),
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one safe way to reach them."},
    )
    safe_times = forms.CharField(
        max_length=200,
        required=False,
        help_text="Such as: mon-fri 17:00-20:00; sat 10:00-12:00. Written like this, it is also kept to.",
    )
    about = forms.CharField(
        label="What they ask for",
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    insurance = forms.CharField(max_length=200, required=False)
    heard_from = forms.ChoiceField(label="How they heard of us", required=False)
    heard_detail = forms.CharField(
        label="Which one",
        max_length=200,
        required=False,
        help_text="Such as the hospital's or the page's name.",
    )
    language = forms.ChoiceField(choices=[("en", "English"), ("es", "Spanish"), ("other", "Another")])
    free_times = forms.MultipleChoiceField(label="Free in the week", required=False)
    red_flags = forms.MultipleChoiceField(
        label="Said on the call", required=False, widget=forms.CheckboxSelectMultiple
    )
    once_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sites: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: dict[str, Any] = self.fields
        named["site"].choices = [(str(s.pk), s.name) for s in sites]
        if len(sites) == 1:  # there is nothing to choose, so nothing wrong can be chosen
            named["site"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self._only_site = str(sites[0].pk) if len(sites) == 1 else ""
        named["free_times"].choices = [(f"{d}-{p}", "") for d in WEEKDAYS for p in load_day_parts()]
        named["red_flags"].choices = [(flag.key, flag.words) for flag in load_red_flags().values()]
        named["heard_from"].choices = [("", "Not asked"), *load_sources().items()]

    def clean_site(self) -> str:
        return self._only_site or str(self.cleaned_data["site"])

    def facts(self) -> dict[str, Any]:
        """The columns of an inquiry."""
        told = dict(self.cleaned_data)
        for taken in ("source", "site", "name", "once_key"):
            told.pop(taken)
        ways = told.pop("ways")
        return {**told, **dict.fromkeys(ways, True)}


class Spoken(forms.Form):
    note = _note("What was said")


class Tried(forms.Form):
    how = forms.ChoiceField(label="How")
    note = _note("Note")

    def __init__(self, *args: Any, ways: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(way.key, way.label) for way in ways if way.permitted]
        self.fields["how"].choices = choices or [("call", "Call")]  # type: ignore[attr-defined] # it is a choice field


class Referral(forms.Form):
    reason = forms.ChoiceField(label="Why not here")
    referred_to = forms.CharField(label="Where to", max_length=200, help_text="Name of the place and unit.")
    contact = forms.CharField(
        label="Whom you spoke with there",
        max_length=200,
        required=False,
        help_text="Name and phone, so that the person is expected. Tell them no name unless the person agreed.",
    )
    note = _note("Note")
    follow_up_on = forms.DateField(
        label="Ask there again on",
        required=False,
        help_text="Whether the person arrived. Until then it stands in the queue.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    follow_up_by = forms.ChoiceField(label="Who asks", required=False)

    def __init__(self, *args: Any, staff: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._staff = {str(s.pk): s for s in staff}
        who = [("", "Anybody who answers inquiries"), *((str(s.pk), s.short_name) for s in staff)]
        self.fields["follow_up_by"].choices = who  # type: ignore[attr-defined] # it is a choice field
        reasons = [(r.key, r.words) for r in load_screen_out_reasons().values()]
        self.fields["reason"].choices = [("", "Choose"), *reasons]  # type: ignore[attr-defined] # it is a choice field

    def facts(self) -> dict[str, Any]:
        """As the action takes them: who asks as a row."""
        told = self.cleaned_data
        return {**told, "follow_up_by": self._staff.get(told["follow_up_by"])}


class FollowedUp(forms.Form):
    """What came of asking whether somebody arrived where they were referred to."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[
            ("arrived", "Arrived there"),
            ("not_gone", "Did not go"),
            ("not_reached", "Not reached, ask again"),
        ],
        widget=forms.RadioSelect,
    )
    note = _note("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "arrived_%s", **kwargs})


class DangerDone(forms.Form):
    note = forms.CharField(
        label="What was done, and who knows of it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write down what was done about the danger, and who knows of it."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "danger_%s", **kwargs})


class PriceAsked(forms.Form):
    """What the caller tells of insurance, household and income; shown at once, and not kept."""

    payer = forms.ChoiceField(label="Insurance", required=False)
    household = forms.IntegerField(label="People in the household", required=False, min_value=1, max_value=99)
    annual_income = forms.DecimalField(
        label="Income a year", required=False, min_value=0, max_digits=10, decimal_places=2
    )

    def __init__(self, *args: Any, payers: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._payers = {str(p.pk): p for p in payers}
        choices = [("", "None, or not on the list"), *((str(p.pk), p.name) for p in payers)]
        self.fields["payer"].choices = choices  # type: ignore[attr-defined] # it is a choice field

    def asked(self) -> dict[str, Any]:
        told = self.cleaned_data
        return {**told, "payer": self._payers.get(told.get("payer", ""))}


class NewPapers(forms.Form):
    """The papers for somebody's phone: in which language, and the date of birth that opens them."""

    birth_date = forms.DateField(
        label="Born on (this opens the papers)",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    language = forms.ChoiceField(
        label="Language of the papers",
        choices=[("en", "English"), ("es", "Spanish")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "papers_%s", **kwargs})


class Acceptance(forms.Form):
    """Which of the answers go into the record."""

    take = forms.MultipleChoiceField(
        label="Take over into the record",
        required=False,
        choices=[
            ("contact", "Contact and safe ways"),
            ("language", "Language and interpreter"),
            ("emergency", "Emergency contact"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )


class Ending(forms.Form):
    because = forms.CharField(label="Why", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class AnswerTimes(forms.Form):
    """Within how many minutes the site answers, from a day on."""

    usual_minutes = forms.IntegerField(
        label="Usually, in open minutes", min_value=5, max_value=10_080, help_text="Four open hours are 240."
    )
    urgent_minutes = forms.IntegerField(
        label="With danger, in minutes by the clock", min_value=5, max_value=240
    )
    starts_on = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class Closing(forms.Form):
    reason = forms.ChoiceField(label="Why")
    note = _note("Note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(r.key, r.words) for r in load_intake_rule().closing_reasons.values()]
        self.fields["reason"].choices = [("", "Choose"), *reasons]  # type: ignore[attr-defined] # it is a choice field


class Note(forms.Form):
    note = _note("Why")


class IntakeSearch(forms.Form):
    """How long and where, before times are looked for; anything odd in the address is the usual."""

    minutes = forms.TypedChoiceField(label="Length", coerce=int)
    mode = forms.ChoiceField(label="Where", choices=[("on_site", "On site"), ("video", "By video")])
    staff = forms.ChoiceField(label="With", required=False)

    def __init__(self, *args: Any, staff: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: dict[str, Any] = self.fields
        named["minutes"].choices = [(m, f"{m} min") for m in sorted(load_intake_rule().minutes)]
        named["staff"].choices = [("", "Anybody free"), *((str(s.pk), s.short_name) for s in staff)]


class Booking(forms.Form):
    """One of the free times shown, or a time of one's own."""

    time = forms.CharField(error_messages={"required": "Choose a time."})
    minutes = forms.IntegerField(
        min_value=load_intake_rule().shortest_minutes, max_value=load_intake_rule().longest_minutes
    )
    mode = forms.ChoiceField(choices=[("on_site", "On site"), ("video", "By video")])
    starts = forms.DateTimeField(
        label="Starts",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    staff = forms.ChoiceField(label="With", required=False)
    room = forms.ChoiceField(label="Room", required=False)

    def __init__(self, *args: Any, staff: Sequence[Any], rooms: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named: dict[str, Any] = self.fields
        self._staff, self._rooms = {s.pk: s for s in staff}, {r.pk: r for r in rooms}
        named["staff"].choices = [("", "Choose"), *((str(s.pk), s.name) for s in staff)]
        named["room"].choices = [("", "None (by video)"), *((str(r.pk), r.name) for r in rooms)]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if {"minutes", "mode"} & set(self.errors):
            self.add_error("time", "Choose length and place again, then “Show times”.")
        if told.get("time") == OWN:
            if told.get("starts") is None and "starts" not in self.errors:
                self.add_error("starts", "Say when the intake starts.")
            if not told.get("staff") and "staff" not in self.errors:
                self.add_error("staff", "Say who takes the intake.")
            told["who"] = self._staff.get(int(told.get("staff") or 0))
            told["where"] = self._rooms.get(int(told.get("room") or 0))
        elif "time" in told:
            found = _TOKEN.fullmatch(told["time"])
            told["who"] = self._staff.get(int(found[1])) if found else None
            told["where"] = self._rooms.get(int(found[2])) if found and found[2] else None
            if found is None or told["who"] is None or (found[2] and told["where"] is None):
                self.add_error("time", "This time is not on offer any more. Choose one of those shown.")
            else:
                told["starts"] = datetime.fromtimestamp(min(int(found[3]), 32_503_680_000), UTC)
        return told


def token_of(offer: Any) -> str:
    """A free time as the value of a button: staff, room, start."""
    return f"{offer.staff.pk}.{offer.room.pk if offer.room else ''}.{int(offer.time.starts.timestamp())}"


def day_typed(typed: Mapping[str, str]) -> date | None:
    """The date of birth as it was typed, None when it is none."""
    try:
        found: date | None = forms.DateField(required=False).clean(typed.get("birth_date", ""))
    except forms.ValidationError:
        return None
    return found


class Record(forms.Form):
    """Whose record it is: one on file, or a new one."""

    which = forms.ChoiceField(
        label="Whose record is it?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the record on file, or say that this is another person.",
            "invalid_choice": "A patient on file looks like this person. Look at the record, then choose it or "
            "say that this is another person.",
        },
    )
    given_name = forms.CharField(max_length=100, required=False)
    family_name = forms.CharField(max_length=100, required=False)
    birth_date = forms.DateField(
        label="Date of birth", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, alike: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on_file = [
            (f.patient.code, f"{f.patient.full_name}, born {f.patient.birth_date:%-d %b %Y}, on file here")
            for f in alike
        ]
        new = (ANOTHER, "Another person: make a new record") if on_file else (NEW, "Make a new record")
        named: dict[str, Any] = self.fields
        named["which"].choices = [*on_file, new]
        if not on_file:
            named["which"].widget = forms.HiddenInput()
            named["which"].initial = NEW
            for name in ("given_name", "family_name", "birth_date"):
                named[name].required = True
                named[name].error_messages["required"] = "A new record needs it."

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if "which" in self.errors and isinstance(self.fields["which"].widget, forms.HiddenInput):
            self.add_error(None, "That record is not one that can be chosen here. Make a new one.")
        if told.get("which") in (NEW, ANOTHER):
            for name in ("given_name", "family_name", "birth_date"):
                if not told.get(name) and name not in self.errors:
                    self.add_error(name, "A new record needs it.")
        born = told.get("birth_date")
        if born is not None and born.year < 1900:
            self.add_error("birth_date", "Check the year of birth.")
        return told
