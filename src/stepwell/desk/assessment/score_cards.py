"""Scores as the page shows them: figure, band, change, course as a line with the numbers beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from stepwell.clinic.assessment.queries import InstrumentHistory, score_of
from stepwell.clinic.assessment.rules import Instrument, Verdict
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


def figures_of(instrument: Instrument) -> list[tuple[str, str]]:
    """(Code, label) of what is drawn: the total, or each subscale where there is none."""
    total = [("total", "Total")] if instrument.total_items else []
    return total or [(s.code, s.label) for s in instrument.subscales]


def trend_chart(instrument: Instrument, shown: Sequence[Any]) -> Any:
    """The line over complete fillings, oldest first, with bands and the change that means something marked."""
    parts = figures_of(instrument)
    scores = [score_of(row) for row in shown]
    # one above the highest score, in four equal steps of whole points
    top = max((ceil((b.high + 1) / 4) * 4 for b in instrument.bands), default=None)
    whole = 0 if instrument.weights else 1  # whole points end one below the next band, means where it begins
    series = [charts.Series(label, [score.of(code) for score in scores]) for code, label in parts]
    if len(parts) == 1:
        series += _marks(instrument, parts[0][0], scores[0].of(parts[0][0]), len(shown))
    return charts.line(
        [day(row.taken_at)[4:] if n % max(1, len(shown) // 12) == 0 else "" for n, row in enumerate(shown)],
        series,
        [charts.Band(b.label, b.low, b.high + whole) for b in instrument.bands if b.group is None],
        top=None if top is None else float(top),
        says=f"{instrument.title} over time",
    )


def _marks(instrument: Instrument, code: str, first: float | None, count: int) -> list[charts.Series]:
    """Where the first score would have become better by as much as means something."""
    rule = next((c for c in instrument.changes if c.of == code and c.points is not None), None)
    if rule is None or rule.points is None or first is None:
        return []
    mark = first - rule.points if rule.better == "lower" else first + rule.points
    if mark < 0:
        return []
    return [charts.Series(f"{rule.points} better than at first", [mark] * count)]


def score_card(history: InstrumentHistory, group: str = "") -> ScoreCard:
    """The card of an instrument with at least one filling. `group`: whose cut-offs hold, 'men' or 'women'."""
    instrument, shown = history.instrument, history.complete[-_SHOWN:]
    parts = figures_of(instrument)
    scores = [score_of(row) for row in shown]
    latest = score_of(history.latest)
    svg = trend_chart(instrument, shown) if len(shown) > 1 else None
    return ScoreCard(
        title=instrument.title,
        slug=instrument.slug,
        latest=history.latest,
        figures=tuple((label, _points(latest.of(code))) for code, label in parts),
        band=history.latest.band,
        flags=tuple(f.text for f in latest.flags if f.group is None or f.group == group),
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


def _points(value: float | None) -> str:
    return "—" if value is None else str(value)
