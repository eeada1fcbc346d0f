"""How many filled questionnaires are scored in a second, by one process: the pure rule, without a page around it;
and somebody with many of them, for the page that shows their course."""

from __future__ import annotations

import itertools
import time
from datetime import datetime, timedelta

from bench.report import Row
from stepwell.clinic.assessment import rules
from stepwell.clinic.assessment.models import Screening
from stepwell.clinic.people.models import Patient, Staff

GOAL = 50_000
"""PHQ-9 a second, with subscale, band, flags and alerts: a year of a large site's forms in the time of one page."""

RESPONSES = 1000
"""Filled forms of one instrument behind the page of a trend."""


def long_trend(patient: Patient, by: Staff, at: datetime) -> None:
    """Gives the patient `RESPONSES` scored PHQ-9, one a day until yesterday."""
    instrument = rules.load_instrument("phq-9")
    found = [(answers, rules.score(instrument, answers)) for answers in fillings("phq-9", RESPONSES)]
    days = [at - timedelta(days=n + 1) for n in range(RESPONSES)]
    Screening.objects.bulk_create(
        Screening(
            patient=patient,
            instrument="phq-9",
            version=score.version,
            answers=answers,
            complete=True,
            total=score.total,
            subscales={part.code: part.points for part in score.subscales},
            band=score.band.label if score.band else "",
            taken_at=day,
            recorded_at=day,
            recorded_by=by,
        )
        for day, (answers, score) in zip(days, found, strict=True)
    )


def fillings(slug: str, how_many: int) -> list[dict[str, int | None]]:
    """Different answers, every answer of every question among them."""
    instrument = rules.load_instrument(slug)
    links = [item.link_id for item in instrument.items if item.required]
    offered = [[option.value for option in instrument.item(link).options] for link in links]
    steps = itertools.count()
    return [
        {link: values[next(steps) * 7 % len(values)] for link, values in zip(links, offered, strict=True)}
        for _ in range(how_many)
    ]


def score_rows(times: int) -> list[Row]:
    """The best of five turns: what the machine does besides is not the rule's."""
    instrument, asked = rules.load_instrument("phq-9"), fillings("phq-9", times)
    best = 0.0
    for _ in range(5):
        begun = time.perf_counter()
        for answers in asked:
            rules.score(instrument, answers)
        best = max(best, times / (time.perf_counter() - begun))
    return [Row("PHQ-9 scored, by one process", best, None, "/s", f">= {GOAL}", best >= GOAL)]
