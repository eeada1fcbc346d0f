"""The questions of an instrument as whoever answers sees them: on the desk, the tablet and the phone alike."""

from dataclasses import dataclass

from stepwell.clinic.assessment.rules.instruments import Instrument, Item
from stepwell.clinic.assessment.rules.telling import skip_sentence


@dataclass(frozen=True)
class Question:
    """One question. `skip`: when it is left out, as a sentence; `options`: (value, words) of each answer."""

    number: str
    text: str
    section: str
    skip: str
    options: tuple[tuple[str, str], ...]


def questions_of(instrument: Instrument) -> tuple[Question, ...]:
    """In the order of the form. Where some answers are numbers alone, every answer begins with its number."""
    numbered = any(option.label.isdigit() for item in instrument.items for option in item.options)
    return tuple(
        Question(
            number=item.link_id,
            text=item.text,
            section=item.section,
            skip=skip_sentence(instrument, item),
            options=_options(item, numbered=numbered),
        )
        for item in instrument.items
    )


def _options(item: Item, *, numbered: bool) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            str(option.value),
            f"{option.value} {option.label}" if numbered and not option.label[:1].isdigit() else option.label,
        )
        for option in item.options
    )
