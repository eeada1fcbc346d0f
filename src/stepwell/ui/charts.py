"""Charts as SVG, drawn on the server. Pages print the numbers beneath with `ui.chart(...)`.

Series differ by shape and dash as well as by colour; colours come from the stylesheet.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 560, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 30


@dataclass(frozen=True)
class Series:
    """One row of numbers with its name; None is a gap: not measured."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Band:
    """A horizontal band behind a line, such as the range of a severity, in the line's units."""

    name: str
    low: float
    high: float


def nice_top(highest: float) -> float:
    """The next round number at or above `highest`, so that the axis ends on a readable figure."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    for step in (1, 2, 2.5, 3, 4, 5, 6, 8, 10):
        if highest <= step * power:
            return step * power
    return 10 * power


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _frame(inner: Markup, top: float, says: str) -> Markup:
    lines = Markup("")
    for part in range(5):
        value = top * part / 4
        y = f"{_y(value, top):.1f}"
        lines += Markup(
            '<line class="grid" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/><text class="tick" x="{3}" y="{2}" dy="4">{4}</text>'
        ).format(LEFT, WIDTH - RIGHT, y, LEFT - 7, _number(value))
    return Markup('<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}">{}{}</svg>').format(
        says, WIDTH, HEIGHT, lines, inner
    )


def _names(categories: Sequence[str], places: Sequence[float]) -> Markup:
    every = max(1, math.ceil(len(categories) / 9))
    return Markup("").join(
        Markup('<text class="name" x="{}" y="{}">{}</text>').format(f"{x:.1f}", HEIGHT - 10, name)
        for number, (name, x) in enumerate(zip(categories, places, strict=True))
        if number % every == 0 or len(categories) <= 9
    )


def _point(shape: int, x: float, y: float) -> Markup:
    if shape % 3 == 1:
        return Markup('<rect class="point" x="{}" y="{}" width="7" height="7"/>').format(
            f"{x - 3.5:.1f}", f"{y - 3.5:.1f}"
        )
    if shape % 3 == 2:
        path = f"M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z"
        return Markup('<path class="point" d="{}"/>').format(path)
    return Markup('<circle class="point" cx="{}" cy="{}" r="3.6"/>').format(f"{x:.1f}", f"{y:.1f}")


def line(
    categories: Sequence[str],
    series: Sequence[Series],
    bands: Sequence[Band] = (),
    top: float | None = None,
    says: str = "Line chart",
) -> Markup:
    """Lines over `categories` (left to right), one per series; a None breaks the line.

    Raises ValueError when a series is not as long as the categories.
    """
    _same_length(categories, series)
    highest = max([0.0, *(v for s in series for v in s.values if v is not None)])
    top = top or nice_top(max([highest, *(b.high for b in bands)]))
    room = WIDTH - LEFT - RIGHT
    places = [LEFT + room * (n + 0.5) / max(1, len(categories)) for n in range(len(categories))]
    drawn = Markup("")
    for number, band in enumerate(bands):
        high, low = _y(min(band.high, top), top), _y(max(band.low, 0), top)
        drawn += Markup(
            '<rect class="band b-{}" x="{}" y="{}" width="{}" height="{}"/><text class="band-name" x="{}" y="{}">{}</text>'
        ).format(
            min(number, 3),
            LEFT,
            f"{high:.1f}",
            room,
            f"{low - high:.1f}",
            WIDTH - RIGHT - 4,
            f"{high + 13:.1f}",
            band.name,
        )
    for number, row in enumerate(series):
        path, points, pen = "", Markup(""), "M"
        for x, value in zip(places, row.values, strict=True):
            if value is None:
                pen = "M"
                continue
            path += f"{pen}{x:.1f} {_y(value, top):.1f}"
            points += _point(number, x, _y(value, top))
            pen = "L"
        drawn += Markup('<g class="series s{}"><path class="line" d="{}"/>{}</g>').format(
            number % 4 + 1, path, points
        )
    return _frame(drawn + _names(categories, places), top, says) + legend(series)


def bars(
    categories: Sequence[str], series: Sequence[Series], top: float | None = None, says: str = "Bar chart"
) -> Markup:
    """Grouped upright bars: one group per category, one bar per series.

    Raises ValueError when a series is not as long as the categories.
    """
    _same_length(categories, series)
    top = top or nice_top(max([0.0, *(v for s in series for v in s.values if v is not None)]))
    room = (WIDTH - LEFT - RIGHT) / max(1, len(categories))
    width = min(38.0, room * 0.72 / max(1, len(series)))
    places = [LEFT + room * (n + 0.5) for n in range(len(categories))]
    drawn = Markup("")
    for number, row in enumerate(series):
        shapes = Markup("")
        for x, value in zip(places, row.values, strict=True):
            if value is None:
                continue
            left = x - width * len(series) / 2 + width * number
            y = _y(min(value, top), top)
            shapes += Markup('<rect class="column" x="{}" y="{}" width="{}" height="{}"/>').format(
                f"{left + 1:.1f}", f"{y:.1f}", f"{width - 2:.1f}", f"{HEIGHT - BOTTOM - y:.1f}"
            )
        drawn += Markup('<g class="series s{}">{}</g>').format(number % 4 + 1, shapes)
    return _frame(drawn + _names(categories, places), top, says) + legend(series, columns=True)


_LINE = Markup('<path class="line" d="M0 6h26"/>')
_COLUMN = Markup('<rect class="column" x="12" y="1" width="10" height="10"/>')


def legend(series: Sequence[Series], columns: bool = False) -> Markup:
    """The names of the series with their shapes, lines or columns; nothing for a single one, the caption says it."""
    if len(series) < 2:
        return Markup("")
    entries = Markup("").join(
        Markup(
            '<li><svg class="key" width="26" height="12" aria-hidden="true"><g class="series s{}">'
            "{}</g></svg>{}</li>"
        ).format(n % 4 + 1, _COLUMN if columns else _LINE + _point(n, 13, 6), row.name)
        for n, row in enumerate(series)
    )
    return Markup('<ul class="chart-key" role="list">{}</ul>').format(entries)


def _same_length(categories: Sequence[str], series: Sequence[Series]) -> None:
    for row in series:
        if len(row.values) != len(categories):
            raise ValueError(
                f"The series {row.name} has {len(row.values)} values for {len(categories)} categories."
            )
