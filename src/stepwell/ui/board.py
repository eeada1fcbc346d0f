"""Where a session stands on the week's board.

The content security policy forbids style attributes, so places are class names and `static/ui/board.css`
holds one rule per five minutes. `tests/ui` checks that every class made here has its rule.
"""

from functools import lru_cache

STEP = 5  # minutes per grid row
LAST_ROW = 24 * 60 // STEP
LONGEST = 10 * 60 // STEP
COLUMNS = 12
KINDS = ("skills", "process", "education", "family", "medical", "peer", "holistic")


def kind_class(kind: str | None) -> str:
    """The hue class of a kind of session; kinds without a hue of their own are drawn in grey."""
    return f"k-{kind}" if kind in KINDS else "k-other"


@lru_cache(maxsize=4096)
def place(start_minute: int, minutes: int, first_hour: int, lane: int = 0, lanes: int = 1) -> str:
    """Class names for a block: minutes since midnight, length, and its lane (from 0) among `lanes`."""
    row = min(max(0, (start_minute - first_hour * 60) // STEP), LAST_ROW)
    rows = min(max(1, -(-minutes // STEP)), LONGEST)
    lanes = min(max(1, lanes), COLUMNS)
    width = COLUMNS // lanes
    column = min(max(0, lane), lanes - 1) * width
    return f"r-{row} s-{rows} c-{column} w-{width}"


def hour_name(hour: int) -> str:
    """'9 am', '12 pm'."""
    return f"{hour % 12 or 12} {'am' if hour % 24 < 12 else 'pm'}"


def minute_name(minute: int) -> str:
    """'9:05 am' from minutes since midnight."""
    hour, rest = divmod(minute % (24 * 60), 60)
    return f"{hour % 12 or 12}:{rest:02} {'am' if hour < 12 else 'pm'}"


@lru_cache(maxsize=4096)
def span_name(start_minute: int, minutes: int) -> str:
    """'6:00 – 7:30 pm' from minutes since midnight."""
    first, last = minute_name(start_minute), minute_name(start_minute + minutes)
    return f"{first[:-3] if first[-2:] == last[-2:] else first} – {last}"


def stylesheet() -> str:
    """The text of `board.css`, one rule per possible place."""
    rows = "".join(f"  > .r-{n} {{ grid-row-start: {n + 1} }}\n" for n in range(LAST_ROW + 1))
    spans = "".join(f"  > .s-{n} {{ grid-row-end: span {n} }}\n" for n in range(1, LONGEST + 1))
    starts = "".join(f"  > .c-{n} {{ grid-column-start: {n + 1} }}\n" for n in range(COLUMNS))
    widths = "".join(f"  > .w-{n} {{ grid-column-end: span {n} }}\n" for n in range(1, COLUMNS + 1))
    days = "".join(f".days-{n} {{ --days: {n} }}\n" for n in range(1, 8))
    lengths = "".join(f".hours-{n} {{ --hours: {n} }}\n" for n in range(1, 25))
    note = "/* Places on the week's board, as stepwell.ui.board.stylesheet() writes them; a test keeps them equal. */\n"
    return f"{note}@layer components {{\n.board-grid {{\n{rows}{spans}{starts}{widths}}}\n{days}{lengths}}}\n"


def hour_rows(first_hour: int, last_hour: int) -> list[tuple[str, str]]:
    """(place, name) of each hour line of a board."""
    return [
        (place((first_hour + n) * 60, 60, first_hour), hour_name(first_hour + n))
        for n in range(last_hour - first_hour)
    ]
