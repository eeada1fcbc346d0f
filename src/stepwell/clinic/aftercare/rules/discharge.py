"""What a discharge summary must hold before it is signed, and whether the next appointment is near enough."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from stepwell.clinic.saying import day_words


@dataclass(frozen=True, kw_only=True)
class SummarySection:
    """One section: key, title, what it asks for, whether it must be filled, and for which ends it need not."""

    key: str
    title: str
    asks: str
    required: bool
    unless: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class MissingSection:
    """A section that is still empty, and how to mend it."""

    key: str
    mend: str


@dataclass(frozen=True, kw_only=True)
class NextAppointment:
    """Is there a next appointment, and is it within the days of the rule?"""

    within: bool
    days: int | None
    sentence: str


@cache
def load_summary_sections() -> tuple[SummarySection, ...]:
    """The sections that ship with this version, in order."""
    path = files("stepwell.clinic.aftercare").joinpath("data/discharge-summary.json")
    return tuple(
        SummarySection(
            key=row["key"],
            title=row["title"],
            asks=row["asks"],
            required=row["required"],
            unless=frozenset(row["unless"]),
        )
        for row in json.loads(path.read_text("utf-8"))["sections"]
    )


def missing_sections(
    written: Mapping[str, str], discharge_reason: str, sections: Iterable[SummarySection] | None = None
) -> tuple[MissingSection, ...]:
    """Required sections that are blank, in order; empty when the summary can be signed."""
    return tuple(
        MissingSection(
            key=section.key, mend=f"Fill in “{section.title}”: {section.asks[0].lower()}{section.asks[1:]}."
        )
        for section in (load_summary_sections() if sections is None else sections)
        if section.required
        and discharge_reason not in section.unless
        and not written.get(section.key, "").strip()
    )


def next_appointment(discharged_on: date, appointment_on: date | None, within_days: int) -> NextAppointment:
    """The flag for continuing care: an appointment from the day of discharge up to `within_days` later."""
    if appointment_on is None:
        by = discharged_on + timedelta(days=within_days)
        return NextAppointment(
            within=False, days=None, sentence=f"No next appointment; book one by {day_words(by)}."
        )
    days = (appointment_on - discharged_on).days
    if days < 0:
        return NextAppointment(
            within=False,
            days=days,
            sentence="The next appointment lies before the discharge; check the date.",
        )
    when = (
        "on the day of discharge" if days == 0 else f"{days} {'day' if days == 1 else 'days'} after discharge"
    )
    if days > within_days:
        return NextAppointment(
            within=False,
            days=days,
            sentence=f"The next appointment is {when}; find one within {within_days} days.",
        )
    return NextAppointment(within=True, days=days, sentence=f"The next appointment is {when}.")
