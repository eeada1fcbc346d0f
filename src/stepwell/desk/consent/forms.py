from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from stepwell.clinic.consent import rules

INFORMATION = [
    ("attendance", "Attendance"),
    ("schedule", "Schedule of sessions"),
    ("diagnosis", "Diagnosis"),
    ("medication", "Medication"),
    ("labs", "Drug tests and labs"),
    ("plan", "Treatment plan"),
    ("progress", "Progress"),
    ("billing", "Billing"),
    ("homework", "Homework"),
    ("entire_record", "Entire record, without counseling notes"),
    ("counseling_notes", "SUD counseling notes (alone)"),
]
PURPOSES = [(p.value, p.value.replace("_", " ").capitalize()) for p in rules.Purpose]
KINDS = [
    ("specific", "For a person or purpose named here"),
    ("tpo", "Treatment, payment and operations"),
    ("counseling_notes", "SUD counseling notes"),
    ("legal_proceedings", "Use in proceedings"),
]
CLASSES = [
    ("class:tpo_recipients", "Treating providers, health plans and those who help run the program"),
    ("class:treating_providers", "Treating providers"),
    ("class:health_plans", "Health plans"),
]
BEHIND = [
    ("treating_providers", "My treating providers who take part in it"),
    ("named", "Only those named here"),
]
THROUGH = ("intermediary", "behind", "participants", "list_right_stated")
"""The fields that matter only when somebody is told through an intermediary."""

OTHERS = [
    ("other", "Somebody else"),
    ("intermediary", "Those reached through an intermediary, such as a health information exchange"),
]
_CLASS_WORDS = {
    "treating_providers": "A treating provider",
    "health_plans": "A health plan",
    "program_operations": "Somebody who helps run the program",
}


class NewConsent(forms.Form):
    """The elements of 42 CFR 2.31, in the order in which one talks them through."""

    kind = forms.ChoiceField(label="Kind of consent", choices=KINDS, widget=forms.RadioSelect)
    recipient = forms.ChoiceField(label="Who may be told")
    recipient_name = forms.CharField(
        label="Name, if somebody else",
        max_length=200,
        required=False,
        help_text="A person or an organization.",
    )
    intermediary = forms.CharField(
        label="Name of the intermediary",
        max_length=200,
        required=False,
        help_text="Such as a health information exchange that passes records on to those who take part in it.",
    )
    behind = forms.ChoiceField(
        label="Who is told through it",
        required=False,
        choices=BEHIND,
        widget=forms.RadioSelect,
        initial="treating_providers",
    )
    participants = forms.CharField(
        label="Their names, if named",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One person or organization in a line.",
    )
    list_right_stated = forms.BooleanField(
        label="I explained the right to a list of everybody who was told through it (42 CFR 2.24)",
        required=False,
    )
    information = forms.MultipleChoiceField(
        label="What may be told", choices=INFORMATION, widget=forms.CheckboxSelectMultiple
    )
    purposes = forms.MultipleChoiceField(
        label="What for", choices=PURPOSES, widget=forms.CheckboxSelectMultiple
    )
    discloser = forms.CharField(label="Who tells", max_length=200)
    expiry = forms.ChoiceField(
        label="When it ends",
        choices=[
            ("on", "On a date"),
            ("event", "Upon an event"),
            ("none", "No end (treatment, payment and operations only)"),
        ],
        widget=forms.RadioSelect,
    )
    expires_on = forms.DateField(label="Date", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    expires_event = forms.CharField(label="Event", max_length=200, required=False)
    right_to_revoke_stated = forms.BooleanField(
        label="I explained the right to take it back, and how", required=False
    )
    redisclosure_stated = forms.BooleanField(
        label="I explained what a recipient may do with it, and that it may not be used against the patient",
        required=False,
    )
    consequences_stated = forms.BooleanField(
        label="I explained what happens if it is not signed", required=False
    )
    signed_by = forms.CharField(label="Signed by (full name)", max_length=160)
    signature_method = forms.ChoiceField(
        label="Signature",
        choices=[("electronic", "On this screen"), ("paper", "On paper, kept on file")],
        widget=forms.RadioSelect,
    )

    once_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, family: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"family:{m.pk}", f"{m.name} ({m.relation})") for m in family]
        self.fields["recipient"].choices = [*people, *CLASSES, *OTHERS]  # type: ignore[attr-defined] # a ChoiceField

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("recipient") == "other" and not facts.get("recipient_name"):
            self.add_error("recipient_name", "Write the name of the person or organization.")
        if facts.get("recipient") == "intermediary":
            self._clean_intermediary(facts)
        if facts.get("expiry") == "on" and not facts.get("expires_on") and "expires_on" not in self.errors:
            self.add_error("expires_on", "Give the date on which the consent ends.")
        if facts.get("expiry") == "event" and not facts.get("expires_event"):
            self.add_error("expires_event", "Say which event ends the consent.")
        if facts.get("expiry") == "none" and facts.get("kind") not in (None, "tpo"):
            self.add_error("expiry", "Only a consent for treatment, payment and operations may have no end.")
        return facts

    def _clean_intermediary(self, facts: dict[str, Any]) -> None:
        if not facts.get("intermediary"):
            self.add_error("intermediary", "Write the name of the intermediary.")
        if facts.get("behind") == "named" and not _lines(facts.get("participants", "")):
            self.add_error("participants", "Write who is told through the intermediary, one in a line.")
        if any(len(line) > 200 for line in _lines(facts.get("participants", ""))):
            self.add_error("participants", "A name has at most 200 letters; shorten it.")

    @property
    def through(self) -> tuple[str, ...]:
        """The names of the fields about an intermediary, which the page shows apart."""
        return THROUGH

    @property
    def goes_through(self) -> bool:
        """Whether the intermediary's fields are to be open."""
        return self["recipient"].value() == "intermediary" or any(name in self.errors for name in THROUGH)

    def elements(self) -> dict[str, Any]:
        """The columns of a consent, from the answers."""
        facts = dict(self.cleaned_data)
        facts.pop("once_key", None)
        through, behind, named_there, list_right = (facts.pop(name) for name in THROUGH)
        chosen, named = facts.pop("recipient"), facts.pop("recipient_name")
        labels = dict(self.fields["recipient"].choices)  # type: ignore[attr-defined] # a ChoiceField
        if chosen == "other":
            key = rules.named_key(named)
            facts |= {"recipient_kind": "named", "recipient_name": named, "recipient_key": key}
        elif chosen == "intermediary":
            key = rules.named_key(through)
            facts |= {"recipient_kind": "named", "recipient_name": through, "recipient_key": key}
            facts |= {
                "intermediary": through,
                "intermediary_class": "" if behind == "named" else "treating_providers",
                "intermediary_participants": _lines(named_there) if behind == "named" else [],
                "list_right_stated": list_right,
            }
        else:
            kind = "class" if chosen.startswith("class:") else "named"
            name = labels[chosen].rsplit(" (", 1)[0] if kind == "named" else labels[chosen]
            facts |= {"recipient_kind": kind, "recipient_name": name, "recipient_key": chosen}
        if facts["expiry"] != "on":
            facts["expires_on"] = None
        if facts["expiry"] != "event":
            facts["expires_event"] = ""
        return facts


class Revocation(forms.Form):
    said_by = forms.CharField(label="Who takes it back", max_length=160)
    how = forms.ChoiceField(
        label="How it was said",
        choices=[("in writing", "In writing"), ("by voice", "By voice, written down here")],
    )


class NewDisclosure(forms.Form):
    """Something goes out with consent; the rule decides, and the accounting keeps it."""

    recipient = forms.ChoiceField(label="To whom")
    recipient_name = forms.CharField(
        label="Name, if the consent names a class",
        max_length=200,
        required=False,
        help_text="The provider, plan or firm that was told: the accounting keeps who it was.",
    )
    purpose = forms.ChoiceField(label="What for", choices=PURPOSES)
    information = forms.MultipleChoiceField(
        label="What kind of information", choices=INFORMATION, widget=forms.CheckboxSelectMultiple
    )
    what = forms.CharField(
        label="What exactly went out", widget=forms.Textarea(attrs={"rows": 2}), max_length=2000
    )

    def __init__(self, *args: Any, recipients: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipient"].choices = recipients  # type: ignore[attr-defined] # a ChoiceField

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        of_a_class = str(facts.get("recipient", "")).startswith("class:")
        if of_a_class and not facts.get("recipient_name"):
            self.add_error("recipient_name", "Write who was told; a class is not a name.")
        return facts

    def told(self) -> tuple[str, str, str | None]:
        """Recipient's key, name, and the class that the consent names, if it names one."""
        chosen, named = self.cleaned_data["recipient"], self.cleaned_data["recipient_name"]
        if chosen.startswith("class:"):
            return chosen, named, chosen.removeprefix("class:")
        return chosen, dict(self.fields["recipient"].choices)[chosen], None  # type: ignore[attr-defined] # a ChoiceField


def recipients_of(consents: Iterable[Any]) -> list[tuple[str, str]]:
    """Whom the consents in force name, as choices: a class that stands for several is offered as each of them."""
    found: dict[str, str] = {}
    for row in consents:
        if row.recipient_kind == "class":
            found |= {
                f"class:{one}": _CLASS_WORDS[one] for one in sorted(rules.classes_of(row.recipient_key))
            }
        else:
            found[row.recipient_key] = row.recipient_name
        for name in row.intermediary_participants:
            found[rules.named_key(name)] = f"{name}, through {row.intermediary}"
        if row.intermediary_class:
            key = f"class:{row.intermediary_class}"
            found.setdefault(
                key, f"{_CLASS_WORDS[row.intermediary_class]} who takes part in {row.intermediary}"
            )
    return list(found.items())


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


class WithoutConsent(forms.Form):
    """A disclosure on a ground of 42 CFR Part 2: what was told to whom, and every field that the ground wants."""

    recipient = forms.CharField(max_length=200)
    told_at = forms.DateTimeField(
        label="When it was told",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    what = forms.CharField(
        label="What was told",
        help_text="No more than the ground allows.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, ground: rules.Basis, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written = [(k, label) for k, label in ground.must_document if k not in _ASKED]
        labels = dict(ground.must_document)
        self.fields["recipient"].label = _sentence(labels["recipient_name"])
        for key, label in self.written:
            self.fields[key] = forms.CharField(label=_sentence(label), max_length=1000)

    def facts(self) -> dict[str, str]:
        """What the ground wants written beside recipient and time."""
        return {key: self.cleaned_data[key] for key, _ in self.written}


_ASKED = {"recipient_name", "disclosed_at"}


def _sentence(label: str) -> str:
    return label[0].upper() + label[1:]
