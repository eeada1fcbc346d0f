"""The intake: which times are looked for, and the one that is booked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms

from stepwell.clinic.inquiry.rules import load_intake_rule

OWN = "own"
_TOKEN = re.compile(r"(\d{1,18})\.(\d{0,18})\.(\d{1,12})", re.ASCII)


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
