"""A question about eligibility as it is put to a payer, and which site rule decides when it is put again."""

import calendar
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Insured:
    """A person as the payer knows them. `member_id` is empty for a dependent without a number of their own."""

    given_name: str
    family_name: str
    birth_date: date | None
    sex: str = ""
    member_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Everything that stands in one question. `patient` is None when the subscriber is the patient.

    `control_number` is the number of the envelope, `trace` what the payer sends back with the answer.
    """

    control_number: int
    trace: str
    asked_at: datetime
    payer_name: str
    payer_code: str
    provider_name: str
    provider_npi: str
    subscriber: Insured
    patient: Insured | None
    group_number: str
    service_types: tuple[str, ...]
    on: date


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How this version asks: which service types, how often it tries, how long it waits, and when it asks again."""

    service_types: tuple[str, ...]
    for_an_inquiry: tuple[str, ...]
    tries_after: tuple[int, ...]
    no_answer_after: int
    reverify: "Reverify"


@dataclass(frozen=True, kw_only=True)
class Reverify:
    """A site's rule while a patient is admitted: so many days after the last answer, and in each new month."""

    every_days: int | None
    at_month_start: bool


@dataclass(frozen=True, kw_only=True)
class Due:
    """When benefits are to be verified again, and why."""

    on: date
    because: str


@cache
def load_asking() -> Asking:
    """What ships with this version (data/asking.json)."""
    raw = _read("asking.json")
    return Asking(
        service_types=tuple(raw["service_types"]),
        for_an_inquiry=tuple(raw["for_an_inquiry"]),
        tries_after=tuple(raw["tries_after_minutes"]),
        no_answer_after=raw["no_answer_after_days"],
        reverify=Reverify(
            every_days=raw["reverify"]["every_days"], at_month_start=raw["reverify"]["at_month_start"]
        ),
    )


def next_verification(verified_on: date | None, admitted_on: date, rule: Reverify) -> Due | None:
    """When the benefits of an admitted patient are to be verified again; None when the rule never asks for it.

    Benefits that nobody has asked for are due on the day of admission.
    """
    if verified_on is None:
        return Due(on=admitted_on, because="Nobody has asked for the benefits yet.")
    found = []
    if rule.every_days is not None:
        found.append(
            Due(
                on=verified_on + timedelta(days=rule.every_days),
                because=f"The last answer is {rule.every_days} days old.",
            )
        )
    if rule.at_month_start:
        length = calendar.monthrange(verified_on.year, verified_on.month)[1]
        found.append(
            Due(
                on=verified_on.replace(day=1) + timedelta(days=length),
                because="A new month has begun since the last answer.",
            )
        )
    return min(found, key=lambda due: due.on, default=None)


def try_again_after(attempts: int, tries_after: Sequence[int]) -> timedelta | None:
    """How long to wait after so many failed attempts; None when there were enough."""
    return timedelta(minutes=tries_after[attempts - 1]) if 0 < attempts <= len(tries_after) else None


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        files("stepwell.clinic.coverage.eligibility").joinpath(f"data/{name}").read_text("utf-8")
    )
    return found
