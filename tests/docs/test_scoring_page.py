"""What the page about scores says is what the program does, and its table is what the files hold."""

from __future__ import annotations

from pathlib import Path

from stepwell.clinic.assessment.rules import Instrument, instruments, load_instrument

PAGE = Path(__file__).resolve().parents[2] / "docs" / "algorithms" / "scoring.md"


def row(instrument: Instrument) -> list[str]:
    span = instrument.total_range
    total = f"{span[0]} to {span[1]}" if span else "by scale"
    if instrument.overall_highest:
        total = "by substance"
    bands = [*instrument.bands, *(band for part in instrument.subscales for band in part.bands)]
    first = [*bands, *instrument.flags, *instrument.changes][0]
    words = "whole" if instrument.licence.text_shipped else "labels"
    return [
        instrument.title,
        f"`{instrument.slug}`",
        str(len(instrument.items)),
        total,
        instrument.missing_rule.value,
        f"{instrument.licence.kind}, {words}",
        instrument.edition,
        first.confidence,
    ]


def test_every_instrument_is_in_the_table_as_its_file_has_it():
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[1:] == [row(load_instrument(slug)) for slug in instruments()]
