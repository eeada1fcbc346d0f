"""The small drawings as SVG: the well, the seats, marks and icons.

SVG keeps its fills on paper and under forced colours, and needs no style attribute, which the content
security policy forbids. Shapes carry classes; colours come from the stylesheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from stepwell.ui.filters import hours, hours_short

MOST_DOTS = 20

# A page draws the same few wells and rows of seats over and over, and all of them are pure: they are kept.


@dataclass(frozen=True)
class Reading:
    """What a well says in words. `tone` is good, warn, bad or quiet."""

    figure: str
    word: str
    tone: str
    sentence: str


@lru_cache(maxsize=4096)
def read_well(ordered: float, delivered: float, booked: float, at_risk: float, unit: str = "h") -> Reading:
    """Ordered hours against what was delivered, is booked and is at risk (all in minutes)."""
    reached = delivered + booked
    if ordered <= 0:
        word, tone = "nothing ordered", "quiet"
    elif delivered >= ordered:
        word, tone = "complete", "good"
    elif reached >= ordered:
        word, tone = "on course", "good"
    elif reached + at_risk >= ordered:
        word, tone = "at risk", "warn"
    else:
        word, tone = f"short {_said(ordered - reached - at_risk, unit)}", "bad"
    parts = [f"{_said(delivered, unit)} delivered", f"{_said(booked, unit)} booked"]
    if at_risk > 0:
        parts.append(f"{_said(at_risk, unit)} at risk")
    return Reading(
        figure=f"{_said(reached, unit).removesuffix(' ' + unit)} / {_said(ordered, unit)}",
        word=word,
        tone=tone,
        sentence=f"{_said(reached, unit)} of {_said(ordered, unit)}, {word}: {', '.join(parts)}",
    )


def _said(minutes: float, unit: str) -> str:
    return hours_short(minutes) if unit == "h" else f"{hours(minutes)} {unit}"


@lru_cache(maxsize=4096)
def read_gauge(used: float, booked: float, total: float, unit: str = "h") -> Reading:
    """An authorization or a set of seats: used and booked against a total, all in `unit`."""
    left = total - used - booked
    said = f" {unit}" if unit else ""
    if total <= 0:
        word, tone = "none approved", "quiet"
    elif left < 0:
        word, tone = f"over by {_number(-left)}", "bad"
    elif left == 0:
        word, tone = "all taken", "warn"
    else:
        word, tone = f"{_number(left)} left", "good"
    return Reading(
        figure=f"{_number(used + booked)} / {_number(total)}{said}",
        word=word,
        tone=tone,
        sentence=f"{_number(used)} used and {_number(booked)} booked of {_number(total)}{said}, {word}",
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def bar(parts: Sequence[tuple[str, float]], total: float, sentence: str) -> Markup:
    """One water bar. `parts` are (class, amount) from the left; beyond `total` a mark shows where it lay.

    Without a sentence the bar is decoration and is hidden from screen readers.
    """
    filled = sum(max(0.0, amount) for _, amount in parts)
    scale = max(total, filled, 1.0)
    drawn, x = [Markup('<rect class="empty" x="0" y="0" width="100%" height="100%"/>')], 0.0
    for kind, amount in parts:
        if amount <= 0:
            continue
        width = 100 * amount / scale
        drawn.append(_hatch(x, width) if kind == "risk" else _fill(kind, x, width))
        x += width
    if filled > total > 0:
        at = f"{100 * total / scale:.2f}%"
        drawn.append(Markup('<line class="full" x1="{0}" x2="{0}" y1="0" y2="100%"/>').format(at))
    said = Markup('role="img" aria-label="{}"').format(sentence) if sentence else Markup('aria-hidden="true"')
    return Markup('<svg class="bar" {} width="100%" height="10">{}</svg>').format(
        said, Markup("").join(drawn)
    )


def _fill(kind: str, x: float, width: float) -> Markup:
    return Markup('<rect class="{}" x="{}%" y="0" width="{}%" height="100%"/>').format(
        kind, f"{x:.2f}", f"{width:.2f}"
    )


def _hatch(x: float, width: float) -> Markup:
    # A thick dashed line, slanted inside its own clipping frame: hatching without a pattern id, so that
    # many wells can stand on one page.
    return Markup(
        '<svg x="{}%" y="0" width="{}%" height="100%"><rect class="risk" width="100%" height="100%"/>'
        '<line class="hatch" x1="-20" x2="900" y1="50%" y2="50%" transform="skewX(-45)"/></svg>'
    ).format(f"{x:.2f}", f"{width:.2f}")


@lru_cache(maxsize=4096)
def well(ordered: float, delivered: float, booked: float, at_risk: float, sentence: str) -> Markup:
    """The week's hours as water (minutes)."""
    return bar([("delivered", delivered), ("booked", booked), ("risk", at_risk)], ordered, sentence)


@lru_cache(maxsize=4096)
def gauge(used: float, booked: float, total: float, sentence: str) -> Markup:
    """The same drawing for authorizations and seats."""
    inside = max(0.0, min(booked, total - used))
    return bar([("delivered", used), ("booked", inside), ("risk", booked - inside)], total, sentence)


@lru_cache(maxsize=4096)
def seats(taken: int, capacity: int) -> Markup:
    """A dot per seat: full when taken, a ring when free, a square when it is one too many."""
    said = f"{taken} of {capacity} seats taken"
    if max(taken, capacity) > MOST_DOTS or capacity < 1:
        return Markup(
            '<span class="seats" title="{0}">{1}/{2}<span class="unseen"> seats taken</span></span>'
        ).format(said, taken, capacity)
    dots = []
    for seat in range(max(taken, capacity)):
        x = 8 * seat + 4
        if seat >= capacity:
            dots.append(Markup('<rect class="over" x="{}" y="1" width="6" height="6"/>').format(x - 3))
        else:
            kind = "taken" if seat < taken else "free"
            dots.append(Markup('<circle class="{}" cx="{}" cy="4" r="2.9"/>').format(kind, x))
    width = 8 * len(dots)
    return Markup(
        '<svg class="seats" role="img" aria-label="{0}" viewBox="0 0 {1} 8" width="{1}" height="8">{2}</svg>'
    ).format(said, width, Markup("").join(dots))


# Marks stand before a status word, so that no status is told by colour alone.
MARKS = {
    "good": '<path d="M2 6.5 5 9.5 10 3" class="stroke"/>',
    "warn": '<path d="M6 1 11.5 11h-11z"/>',
    "bad": '<path d="M2.5 2.5l7 7m0-7-7 7" class="stroke"/>',
    "water": '<path d="M6 .8C8 3.6 10 5.6 10 7.8a4 4 0 0 1-8 0C2 5.6 4 3.6 6 .8z"/>',
    "quiet": '<circle cx="6" cy="6" r="3.6" class="ring"/>',
    "dash": '<path d="M2 6h8" class="stroke"/>',
    "half": '<circle cx="6" cy="6" r="4.4" class="ring"/><path d="M6 1.6a4.4 4.4 0 0 1 0 8.8z"/>',
    "lock": '<path d="M3 5.2h6v5H3z"/><path d="M4.2 5.2V3.6a1.8 1.8 0 0 1 3.6 0v1.6" class="ring"/>',
    "clock": '<circle cx="6" cy="6" r="4.6" class="ring"/><path d="M6 3.4V6l1.8 1.2" class="ring"/>',
}

ICONS = {
    "today": '<path d="M3 18h4v-4h4v-4h4V6h4"/>',
    "week": '<rect x="3" y="4.5" width="16" height="14" rx="2"/><path d="M3 9h16M8 2.5v4M14 2.5v4"/>',
    "plan": '<path d="M6 3h10v16H6zM9 8h4M9 12h4"/>',
    "messages": '<path d="M3 4.5h16v11h-8l-4 4v-4H3z"/>',
    "check-in": '<circle cx="11" cy="11" r="8"/><path d="m7.5 11 2.5 2.5 4.5-5"/>',
    "help": '<path d="M11 19S3 14 3 8.5A4.2 4.2 0 0 1 11 6.6a4.2 4.2 0 0 1 8 1.9C19 14 11 19 11 19z"/>',
    "menu": '<path d="M3 6h16M3 11h16M3 16h16"/>',
    "close": '<path d="m5 5 12 12M17 5 5 17"/>',
    "print": '<path d="M6 8V3h10v5M6 15H3V8h16v7h-3M6 13h10v6H6z"/>',
    "search": '<circle cx="9.5" cy="9.5" r="6"/><path d="m14 14 5 5"/>',
    "back": '<path d="M13 4 6 11l7 7"/>',
    "next": '<path d="m9 4 7 7-7 7"/>',
    "video": '<rect x="2" y="6" width="12" height="10" rx="2"/><path d="m14 10 6-3.5v9L14 12z"/>',
    "light": '<circle cx="11" cy="11" r="7.5"/><path d="M11 3.5v15a7.5 7.5 0 0 0 0-15z" class="solid"/>',
}


@lru_cache(maxsize=4096)
def mark(name: str) -> Markup:
    """A 12 px status mark, decorative: the word beside it is what is read. KeyError on an unknown name."""
    return Markup(
        '<svg class="mark" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{}</svg>'
    ).format(
        Markup(MARKS[name])  # noqa: S704 - our own constant
    )


@lru_cache(maxsize=4096)
def icon(name: str) -> Markup:
    """A 22 px line icon, decorative. KeyError on an unknown name."""
    return Markup(
        '<svg class="icon" viewBox="0 0 22 22" width="22" height="22" aria-hidden="true">{}</svg>'
    ).format(
        Markup(ICONS[name])  # noqa: S704 - our own constant
    )


@lru_cache(maxsize=4096)
def brand() -> Markup:
    """The Stepwell mark: three steps down into water."""
    return Markup(
        '<svg class="brand-mark" viewBox="0 0 26 22" width="26" height="22" aria-hidden="true">'
        '<path d="M0 0h7v5h6v5h6v5h7v7H0z"/></svg>'
    )


def attributes(values: dict[str, object]) -> Markup:
    """HTML attributes from a dictionary; True is a bare attribute, None and False are left out.

    `style` and `on…` are refused with ValueError: the content security policy would drop them silently.
    """
    written = Markup("")
    for name, value in values.items():
        if name == "style" or name.startswith("on"):
            raise ValueError(f"The attribute {name} is not allowed: use a class or a custom element.")
        if value is None or value is False:
            continue
        written += (
            Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, escape(value))
        )
    return written
