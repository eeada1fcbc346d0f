from __future__ import annotations

from typing import Any

from django import forms

from stepwell.clinic.billing.rules import Unit, load_payer_rules
from stepwell.clinic.coverage.good_faith.queries import service_labels
from stepwell.clinic.coverage.rules import Eap, EapOrder, Ordered, days_for, load_planning

_DATE = {"type": "date"}
_TOLD = [("", "Not told"), ("true", "Yes"), ("false", "No")]


def _yes_no(label: str) -> forms.TypedChoiceField:
    """Yes, no, or not told: the third is kept as unknown."""
    return forms.TypedChoiceField(
        label=label, choices=_TOLD, required=False, coerce=lambda word: word == "true", empty_value=None
    )


def _dollars(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_value=9_999_999, decimal_places=2, required=False)


class NewPolicy(forms.Form):
    payer = forms.ChoiceField(label="Payer")
    member_id = forms.CharField(label="Member number", max_length=40)
    group_number = forms.CharField(label="Group number", max_length=40, required=False)
    plan_name = forms.CharField(label="Plan", max_length=120, required=False)
    subscriber = forms.CharField(label="Subscriber, if somebody else", max_length=160, required=False)
    relation = forms.ChoiceField(
        label="The patient is",
        choices=[
            ("self", "the subscriber"),
            ("spouse", "the spouse"),
            ("child", "a child"),
            ("other", "other"),
        ],
    )
    priority = forms.TypedChoiceField(
        label="Pays", choices=[(1, "first"), (2, "second"), (3, "third")], coerce=int, initial=1
    )
    starts_on = forms.DateField(label="In force from", widget=forms.DateInput(attrs=_DATE))
    ends_on = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs=_DATE))

    def __init__(self, *args: Any, payers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].choices = [(str(p.pk), p.name) for p in payers]  # type: ignore[attr-defined] # a ChoiceField


class NewBenefits(forms.Form):
    """What the plan said. A blank is 'not told', never zero."""

    channel = forms.ChoiceField(
        label="How it was heard",
        choices=[("phone", "By phone"), ("portal", "In the payer's portal"), ("card", "On the card")],
    )
    reference = forms.CharField(label="Reference number of the call", max_length=80, required=False)
    covered = _yes_no("Is this program covered?")
    in_network = _yes_no("In network?")
    authorization_required = _yes_no("Authorization required?")
    deductible = _dollars("Deductible for the year")
    deductible_met = _dollars("of it met")
    out_of_pocket_max = _dollars("Out-of-pocket maximum")
    out_of_pocket_met = _dollars("of it met so far")
    family_deductible = _dollars("Family deductible, if there is one")
    family_deductible_met = _dollars("of it met by the family")
    family_out_of_pocket_max = _dollars("Family out-of-pocket maximum")
    family_out_of_pocket_met = _dollars("of it met by the family so far")
    next_year_on = forms.DateField(
        label="Next benefit year begins",
        required=False,
        widget=forms.DateInput(attrs=_DATE),
        help_text="Deductible and maximum count from the start again on that day.",
    )
    coordination = forms.ChoiceField(
        label="As second plan it pays",
        required=False,
        choices=[
            ("", "Not told, or it is the first plan"),
            ("standard", "up to what it would pay alone"),
            ("carve_out", "what it would pay alone, less what the first paid"),
        ],
    )
    copay_per_day = _dollars("Copay for each day")
    coinsurance_percent = forms.DecimalField(
        label="Coinsurance, patient's part in %", min_value=0, max_value=100, decimal_places=2, required=False
    )
    day_limit = forms.IntegerField(
        label="Days left under a limit", min_value=0, max_value=999, required=False
    )
    note = forms.CharField(
        label="Anything else they said",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("copay_per_day") and facts.get("coinsurance_percent"):
            self.add_error(
                "copay_per_day", "A plan has a copay or coinsurance for a day, not both. Leave one empty."
            )
        return facts

    def facts(self) -> dict[str, Any]:
        """Columns of `Benefits`."""
        found = dict(self.cleaned_data)
        percent = found.pop("coinsurance_percent")
        return {**found, "coinsurance": None if percent is None else percent / 100}


def day_codes() -> list[tuple[str, str]]:
    """The codes of whole days, with our own short labels."""
    found: dict[str, str] = {}
    for rule in load_payer_rules():
        if rule.unit is Unit.PER_DIEM:
            found.setdefault(rule.code, f"{rule.code} {rule.label}")
    return list(found.items())


def other_codes() -> list[tuple[str, str]]:
    """Every service that can be ordered besides, by the site's own labels."""
    return [("", "none"), *((code, f"{code} {label}") for code, label in sorted(service_labels().items()))]


class PlannedEpisode(forms.Form):
    """Weeks and days, or the hours ordered; up to two further services; who else pays."""

    policy = forms.ChoiceField(label="Paid by")
    second = forms.ChoiceField(label="Then asks", required=False)
    weeks = forms.IntegerField(
        label="Weeks", min_value=1, max_value=52, initial=lambda: load_planning().weeks
    )
    days_per_week = forms.IntegerField(
        label="Days a week",
        min_value=1,
        max_value=7,
        required=False,
        initial=lambda: load_planning().days_a_week,
        help_text="Or leave it empty and give the hours ordered.",
    )
    hours_per_week = forms.DecimalField(
        label="Hours ordered a week", min_value=1, max_value=60, decimal_places=1, required=False
    )
    hours_per_day = forms.DecimalField(
        label="Hours of one day", min_value=1, max_value=12, decimal_places=1, required=False
    )
    code = forms.ChoiceField(label="Service", choices=day_codes, required=False)
    starts_on = forms.DateField(label="First day", widget=forms.DateInput(attrs=_DATE))
    also_code_1 = forms.ChoiceField(label="Another service", choices=other_codes, required=False)
    also_days_1 = forms.IntegerField(label="of it a week", min_value=1, max_value=7, required=False)
    also_weeks_1 = forms.IntegerField(
        label="for weeks (empty: all)", min_value=1, max_value=52, required=False
    )
    also_code_2 = forms.ChoiceField(label="One more service", choices=other_codes, required=False)
    also_days_2 = forms.IntegerField(label="of it a week", min_value=1, max_value=7, required=False)
    also_weeks_2 = forms.IntegerField(
        label="for weeks (empty: all)", min_value=1, max_value=52, required=False
    )
    eap_visits = forms.IntegerField(
        label="Visits authorized by an employee assistance program", min_value=0, max_value=99, required=False
    )
    eap_order = forms.ChoiceField(
        label="It pays",
        required=False,
        choices=[
            (EapOrder.ALONE, "those visits alone, before any plan"),
            (EapOrder.AFTER_PLAN, "what the plan leaves of them"),
        ],
    )

    def __init__(self, *args: Any, policies: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(str(p.row.pk), p.row.payer.name) for p in policies]
        fields: dict[str, Any] = self.fields
        fields["policy"].choices = [*offered, ("", "Self-pay")]
        fields["policy"].required = False
        fields["second"].choices = [("", "no second plan"), *offered]
        if len(offered) < 2:
            del fields["second"]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        hours, of_a_day = told.get("hours_per_week"), told.get("hours_per_day")
        if hours and of_a_day and hours > 7 * of_a_day:
            self.add_error("hours_per_week", "These hours do not fit into seven days of that length.")
        elif hours and of_a_day:
            told["days_per_week"] = days_for(int(hours * 60), int(of_a_day * 60))
        elif (hours or of_a_day) and "days_per_week" not in self.errors:
            self.add_error("hours_per_week", "Give both: the hours ordered a week, and those of one day.")
        elif not told.get("days_per_week") and "days_per_week" not in self.errors:
            self.add_error("days_per_week", "Say how many days a week, or how many hours.")
        for number in (1, 2):
            if told.get(f"also_code_{number}") and not told.get(f"also_days_{number}"):
                self.add_error(f"also_days_{number}", "Say how many of it a week.")
        if told.get("second") and told.get("second") == told.get("policy"):
            self.add_error("second", "The second plan is another one than the first.")
        return told

    def orders(self) -> tuple[Ordered, ...]:
        """The further services."""
        told = self.cleaned_data
        return tuple(
            Ordered(
                code=told[f"also_code_{number}"],
                days_a_week=told[f"also_days_{number}"],
                weeks=told[f"also_weeks_{number}"],
            )
            for number in (1, 2)
            if told[f"also_code_{number}"]
        )

    def eap(self) -> Eap | None:
        """The assistance program's visits, if there are any."""
        told = self.cleaned_data
        if not told["eap_visits"]:
            return None
        return Eap(visits=told["eap_visits"], order=EapOrder(told["eap_order"] or EapOrder.ALONE))


class NewPayer(forms.Form):
    name = forms.CharField(label="Payer's name", max_length=160)
    kind = forms.ChoiceField(
        label="Kind",
        choices=[
            ("commercial", "Commercial"),
            ("medicaid", "Medicaid"),
            ("medicare", "Medicare"),
            ("other", "Other"),
        ],
    )
    phone = forms.CharField(label="Phone", max_length=40, required=False)


class NewRate(forms.Form):
    """The site's charge for a code, or what a payer allows for it, from a day on."""

    payer = forms.ChoiceField(label="Whose amount", required=False)
    code = forms.RegexField(
        label="Service code", regex=r"^[A-Z0-9]{4,7}$", initial=lambda: load_planning().code
    )
    amount = forms.DecimalField(label="Amount for one unit", min_value=0, max_value=99_999, decimal_places=2)
    starts_on = forms.DateField(label="From", widget=forms.DateInput(attrs=_DATE))
    source = forms.CharField(
        label="Where it is written", max_length=200, help_text="Contract, fee schedule, board decision."
    )

    def __init__(self, *args: Any, payers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "The program's own charge"), *((str(p.pk), f"Allowed by {p.name}") for p in payers)]
        self.fields["payer"].choices = offered  # type: ignore[attr-defined] # a ChoiceField
