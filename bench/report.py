"""The table of `make bench`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure, the floor's beside it, their ratio, and the goal it is held against."""

    what: str
    ours: float
    floor: float | None
    unit: str
    goal: str
    held: bool

    @property
    def ratio(self) -> str:
        return "" if not self.floor else f"{self.ours / self.floor:.2f}"


def print_table(rows: list[Row]) -> None:
    head = ("what", "Stepwell", "floor", "ratio", "goal", "")
    lines = [head]
    for row in rows:
        floor = "" if row.floor is None else f"{row.floor:.1f} {row.unit}"
        lines.append(
            (
                row.what,
                f"{row.ours:.1f} {row.unit}",
                floor,
                row.ratio,
                row.goal,
                "held" if row.held else "MISSED",
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
