"""Scores as the page shows them: figure, band, change, course as a line with the numbers beneath."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from stepwell.clinic.assessment.queries import InstrumentHistory, score_of
from stepwell.clinic.assessment.rules import Verdict
from stepwell.ui import charts
from stepwell.ui.filters import date_full, day

_SHOWN = 12
_TONES = {Verdict.BETTER: "good", Verdict.WORSE: "bad"}


@dataclass(frozen=True)
class ScoreCard:
    """One instrument: `figures` are (name, points) of the total or the subscales."""

    title: str
    slug: str
    latest: Any
    figures: tuple[tuple[str, str], ...]
    band: str
    flags: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]
    chart: Any
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    unfinished: Any


def score_card(history: InstrumentHistory) -> ScoreCard:
    """The card of an instrument with at least one filling."""
    instrument, shown = history.instrument, history.complete[-_SHOWN:]
    parts = [("total", "Total")] if instrument.total_items else []
    parts = parts or [(s.code, s.label) for s in instrument.subscales]
    scores = [score_of(row) for row in shown]
    latest = score_of(history.latest)
    # one above the highest score, in four equal steps of whole points
    top = max((ceil((b.high + 1) / 4) * 4 for b in instrument.bands), default=None)
    svg = (
        charts.line(
            [day(row.taken_at)[4:] for row in shown],
            [charts.Series(label, [score.of(code) for score in scores]) for code, label in parts],
            [charts.Band(b.label, b.low, b.high + 1) for b in instrument.bands],
            top=None if top is None else float(top),
            says=f"{instrument.title} over time",
        )
        if len(shown) > 1
        else None
    )
    return ScoreCard(
        title=instrument.title,
        slug=instrument.slug,
        latest=history.latest,
        figures=tuple((label, _points(latest.of(code))) for code, label in parts),
        band=history.latest.band,
        flags=tuple(f.text for f in latest.flags if f.group is None),
        changes=tuple((c.sentence, _TONES.get(c.verdict, "quiet")) for c in history.changes),
        chart=svg,
        caption=f"{instrument.title}, last {len(shown)} times",
        columns=("Day", *(label for _, label in parts), "Band"),
        rows=tuple(
            (date_full(row.taken_at), *(_points(score.of(code)) for code, _ in parts), row.band or "—")
            for row, score in reversed(list(zip(shown, scores, strict=True)))
        ),
        unfinished=history.newer_incomplete if history.complete else history.latest,
    )


def _points(value: int | None) -> str:
    return "—" if value is None else str(value)
