"""Forms about people. What a rule refuses comes back as the form's own error."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms

from stepwell.accounts.roles import STAFF_ROLES, Role
from stepwell.clinic.people.rules import languages, load_credential_kinds
from stepwell.clinic.sessions.rules import load_note_rule

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class NewPatient(forms.Form):
    given_name = forms.CharField(max_length=100, label="Given name")
    family_name = forms.CharField(max_length=100, label="Family name")
    preferred_name = forms.CharField(
        max_length=100, required=False, label="Called", help_text="If another name than the given one."
    )
    birth_date = day("Date of birth")
    phone = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(max_length=254, required=False, label="E-mail")


class PersonDetails(forms.Form):
    given_name = forms.CharField(max_length=100, label="Given name")
    family_name = forms.CharField(max_length=100, label="Family name")
    preferred_name = forms.CharField(max_length=100, required=False, label="Called")
    pronouns = forms.CharField(max_length=40, required=False)
    birth_date = day("Date of birth")
    gender = forms.CharField(max_length=40, required=False, label="Gender, in the person's own word")
    sex_for_screening = forms.ChoiceField(
        required=False,
        label="Cut-offs of screening instruments",
        choices=(("", "not asked"), ("F", "those for women"), ("M", "those for men")),
    )
    language = forms.ChoiceField(label="Language")
    interpreter = forms.BooleanField(required=False, label="An interpreter is needed")
    address = forms.CharField(max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = list(languages().items())  # type: ignore[attr-defined] # a choice field


class SafeContact(forms.Form):
    phone = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(max_length=254, required=False, label="E-mail")
    may_call = forms.BooleanField(required=False, label="May be called")
    may_voicemail = forms.BooleanField(required=False, label="May be left a voice message")
    may_text = forms.BooleanField(required=False, label="May be sent text messages")
    may_email = forms.BooleanField(required=False, label="May be sent e-mail")
    may_mail = forms.BooleanField(required=False, label="May be sent letters")
    safe_times = forms.CharField(
        max_length=200,
        required=False,
        label="Safe times",
        help_text="Like mon-fri 17:00-20:00; sat 10:00-12:00. Then nobody is reached outside them by mistake.",
    )
    contact_warning = forms.CharField(
        max_length=300,
        required=False,
        label="Warning",
        help_text="Who must not learn of the treatment. Stands on top of the chart.",
    )


class NewContact(forms.Form):
    name = forms.CharField(max_length=160)
    relation = forms.CharField(max_length=60, label="Who they are to the patient")
    phone = forms.CharField(max_length=40)
    knows_of_treatment = forms.BooleanField(required=False, label="Knows of the treatment")


class NewFamilyMember(forms.Form):
    name = forms.CharField(max_length=160)
    relation = forms.CharField(max_length=60, label="Who they are to the patient")
    phone = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(
        max_length=254, required=False, label="E-mail", help_text="Needed for a login of their own."
    )


_ROLES = [(role.value, role.title) for role in Role if role in STAFF_ROLES]


class NewStaff(forms.Form):
    name = forms.CharField(max_length=160)
    short_name = forms.CharField(
        max_length=80,
        required=False,
        label="On the week's board",
        help_text="Such as Okafor; the last name if left empty.",
    )
    email = forms.EmailField(
        max_length=254, label="E-mail", help_text="The link for a password is sent there."
    )
    phone = forms.CharField(max_length=40, required=False)
    starts_on = day("First day", required=False, help_text="Today if left empty.")
    roles = forms.MultipleChoiceField(choices=_ROLES, widget=forms.CheckboxSelectMultiple)


class StaffDetails(forms.Form):
    name = forms.CharField(max_length=160)
    short_name = forms.CharField(max_length=80, label="On the week's board")
    phone = forms.CharField(max_length=40, required=False)
    ends_on = day(
        "Last day", required=False, help_text="From the day after on this person can no longer sign in."
    )


class Roles(forms.Form):
    roles = forms.MultipleChoiceField(choices=_ROLES, widget=forms.CheckboxSelectMultiple, label="Roles")


class CredentialPaper(forms.Form):
    kind = forms.ChoiceField(label="Credential")
    number = forms.CharField(max_length=40, required=False)
    state = forms.CharField(max_length=2, required=False, label="State", help_text="Two letters.")
    issued_on = day("Issued")
    expires_on = day("Expires", required=False)
    supervisor = forms.ChoiceField(required=False, help_text="For those who sign under supervision.")

    def __init__(self, *args: Any, colleagues: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = load_credential_kinds().values()
        self.fields["kind"].choices = [(k.key, f"{k.key}, {k.title}") for k in kinds]  # type: ignore[attr-defined] # a choice field
        self.fields["supervisor"].choices = [  # type: ignore[attr-defined] # a choice field
            ("", "nobody"), *((str(c.pk), c.name) for c in colleagues)
        ]  # fmt: skip


class SiteDetails(forms.Form):
    name = forms.CharField(max_length=120)
    zone = forms.CharField(
        max_length=64, label="Time zone", help_text="Like America/New_York. All times shown here are in it."
    )
    week_starts_on = forms.TypedChoiceField(
        label="The week starts on", choices=list(enumerate(DAYS)), coerce=int
    )
    phone = forms.CharField(max_length=40, required=False)
    crisis_line = forms.CharField(
        max_length=40, required=False, label="Crisis line", help_text="Shown to patients under Help."
    )
    note_due_hours = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=720,
        label="Notes are late after, in hours",
        help_text=f"After the session. Left empty: {load_note_rule().due_hours}.",
    )
    note_alike_percent = forms.IntegerField(
        required=False,
        min_value=30,
        max_value=100,
        label="Notes are too alike from, in percent",
        help_text=f"Then one sentence of the person's own is asked for. Left empty: {int(load_note_rule().clone_likeness * 100)}.",
    )
    address = forms.CharField(max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class RoomDetails(forms.Form):
    name = forms.CharField(max_length=80)
    capacity = forms.IntegerField(min_value=1, max_value=500)


class OpeningHours(forms.Form):
    """One span for each day; a day left empty is closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(DAYS):
            for end in ("opens", "closes"):
                self.fields[f"{end}_{number}"] = forms.TimeField(
                    required=False,
                    label=f"{name} {end}",
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                )

    def rows(self) -> list[tuple[str, Any, Any]]:
        """Day, field of opening, field of closing: for the template."""
        return [(name, self[f"opens_{n}"], self[f"closes_{n}"]) for n, name in enumerate(DAYS)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number, name in enumerate(DAYS):
            if bool(data.get(f"opens_{number}")) != bool(data.get(f"closes_{number}")):
                self.add_error(f"opens_{number}", f"Give both times of {name}, or none if it is closed.")
        return data

    def spans(self) -> list[tuple[int, time, time]]:
        """(weekday, opens, closes) of the days that are open."""
        data = self.cleaned_data
        return [(n, data[f"opens_{n}"], data[f"closes_{n}"]) for n in range(7) if data[f"opens_{n}"]]
