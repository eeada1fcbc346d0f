"""What a kiosk and the desk are told by somebody who arrives."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms


class AtTheKiosk(forms.Form):
    """A code, or a date of birth with the end of a phone number. What is not readable is simply not found."""

    code = forms.CharField(max_length=40, required=False)
    born = forms.DateField(required=False)
    last_four = forms.CharField(max_length=10, required=False)

    def asked(self) -> dict[str, Any]:
        """The arguments of `arrive_at_kiosk`: all of them, whatever was typed."""
        found = self.cleaned_data
        born: date | None = found.get("born")
        return {
            "code": found.get("code") or "",
            "born": born,
            "last_four": found.get("last_four") or "",
        }


class NewKiosk(forms.Form):
    place = forms.CharField(
        label="Where this device stands",
        max_length=60,
        initial="Front door",
        help_text="It becomes a check-in page and nothing else. You are signed out here.",
    )


class PhoneCode(forms.Form):
    code = forms.CharField(label="Code on the phone", max_length=40)
