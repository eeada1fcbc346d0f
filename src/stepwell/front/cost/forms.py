"""What somebody knows about their insurance, household and work. Every question but the program may stay open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms

from stepwell.clinic.coverage.queries import SiteRates
from stepwell.clinic.timetable.queries.priced import PricedProgram
from stepwell.front.content import load

PERIODS = {"year": 1, "month": 12, "two_weeks": 26, "week": 52}
"""How often a year an income of that period comes."""

_OTHER = "other"
_DAYS_AHEAD = 366


_INSURANCE = (
    "insurer", "covered", "network", "deductible_left", "maximum_left", "copay", "copay_first", "coinsurance",
    "family_deductible_left", "family_maximum_left", "days_left", "year_on", "year_deductible", "year_maximum",
)  # fmt: skip
"""Not shown to somebody who uses no insurance, so nothing in it counts or can be wrong."""

_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


class Dollars(forms.DecimalField):
    """An amount as people type it: "$1,234.50". A comma that parts no thousands is not guessed at: "40,50" is no 4050."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=Decimal("10000000"),
            decimal_places=2,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[$\s]", "", value)
            if _THOUSANDS.fullmatch(value):
                value = value.replace(",", "")
        return super().to_python(value)


class Percent(forms.DecimalField):
    """A share as people type it: "20" or "20 %". A part of one is not guessed at: "0.2" may be meant as 20."""

    def __init__(self) -> None:
        super().__init__(
            min_value=0,
            max_value=100,
            decimal_places=2,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[%\s]", "", value)
        return super().to_python(value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and 0 < value < 1:
            raise forms.ValidationError(self.error_messages["part_of_one"], code="part_of_one")


def _number(least: int, most: int, *, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=least,
        max_value=most,
        required=required,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def _day() -> forms.DateField:
    return forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
    )


def _choice(*, radio: bool = True, required: bool = False) -> forms.ChoiceField:
    return forms.ChoiceField(required=required, widget=forms.RadioSelect if radio else forms.Select)


class Costs(forms.Form):
    """Words are those of content/<language>/cost.toml; `today` is the day at the first site."""

    program = _choice(required=True)
    weeks = _number(1, 52, required=True)
    days = _number(1, 7, required=True)
    starts_on = _day()
    paying = _choice(required=True)
    insurer = _choice(radio=False)
    covered = _choice()
    network = _choice()
    deductible_left = Dollars()
    maximum_left = Dollars()
    copay = Dollars()
    copay_first = _choice()
    coinsurance = Percent()
    family_deductible_left = Dollars()
    family_maximum_left = Dollars()
    days_left = _number(0, 999)
    year_on = _day()
    year_deductible = Dollars()
    year_maximum = Dollars()
    household = _number(1, 99)
    income = Dollars()
    income_period = _choice(radio=False)
    eap_visits = _number(0, 99)
    grant = Dollars()
    monthly = Dollars()

    def __init__(
        self,
        *args: Any,
        programs: Sequence[PricedProgram],
        rates: SiteRates,
        language: str,
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        text = load("cost", language)
        self._words, self._today = text["fields"], today
        named: dict[str, Any] = self.fields
        for name, words in self._words.items():
            field = named[name]
            field.label = words["label"]
            field.help_text = words.get("help", "")
            plain = {key: said for key, said in words.items() if key not in ("label", "help", "choices")}
            field.error_messages.update({**text["wrong"], **plain})
            if "choices" in words:
                field.choices = list(words["choices"].items())
        if len(programs) == 1:  # there is nothing to choose, so nothing wrong can be chosen
            named["program"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self._only = str(programs[0].id) if len(programs) == 1 else ""
        self.only_name = f"{programs[0].name}, {programs[0].site.name}" if self._only else ""
        named["program"].choices = [(str(one.id), f"{one.name}, {one.site.name}") for one in programs]
        named["insurer"].choices = [
            ("", text["choose"]),
            *((str(key), name) for key, name in rates.payers.items()),
            (_OTHER, text["other_insurer"]),
        ]

    def clean_program(self) -> str:
        return self._only or str(self.cleaned_data["program"])

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("paying") == "self":
            for name in _INSURANCE:
                self.errors.pop(name, None)
                told[name] = "" if isinstance(self.fields[name], forms.ChoiceField) else None
        told["starts_on"] = told.get("starts_on") or self._today
        if not self._today <= told["starts_on"] <= self._today + timedelta(days=_DAYS_AHEAD):
            self._need("starts_on", "too_far")
        if (told.get("household") is None) != (told.get("income") is None):
            missing = "household" if told.get("household") is None else "income"
            if not {"household", "income"} & self.errors.keys():
                self._need(missing, "both")
        if told.get("year_on") and told["year_on"] < self._today:
            self._need("year_on", "over")
        if told.get("copay") is not None and told.get("coinsurance") is not None:
            self._need("coinsurance", "one_of_two")
        return told

    def _need(self, name: str, key: str) -> None:
        if name not in self.errors:
            self.add_error(name, self._words[name][key])

    def payer_id(self) -> int | None:
        """The insurer chosen, None for another one."""
        chosen = self.cleaned_data["insurer"]
        return int(chosen) if chosen and chosen != _OTHER else None

    def yearly_income(self) -> Decimal | None:
        """Income in a year, whatever period it was told for."""
        told = self.cleaned_data
        if told["income"] is None:
            return None
        times = PERIODS[told["income_period"] or "year"]
        return Decimal(told["income"]) * times
