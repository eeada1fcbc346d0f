"""Instruments in the words that a site has brought for them. They belong to nobody: no patient stands in them."""

from __future__ import annotations

from collections import defaultdict

from stepwell.clinic.assessment import rules
from stepwell.clinic.assessment.models import InstrumentText


def worded_instrument(slug: str, language: str = "en") -> rules.Instrument:
    """The instrument as it is shown: in the words that were loaded, else in those that ship.

    No statement where English words ship, one where they do not. Raises `Refused` for an unknown instrument.
    """
    instrument = rules.load_instrument(slug)
    if language == "en" and instrument.licence.text_shipped:
        return instrument
    words = wording(slug, language)
    return rules.worded(instrument, words) if words else instrument


def wording(slug: str, language: str) -> rules.Wording | None:
    """The words that hold: those loaded last. One statement."""
    row = (
        InstrumentText.objects.filter(instrument=slug, language=language)
        .order_by("-loaded_at", "-pk")
        .first()
    )
    if row is None:
        return None
    return rules.Wording(
        instrument=row.instrument,
        language=row.language,
        preface=row.preface,
        questions=row.questions,
        answers={link: tuple(answers) for link, answers in row.answers.items()},
    )


def languages_loaded() -> dict[str, tuple[str, ...]]:
    """Instrument -> the languages in which words were loaded for it. One statement."""
    found: dict[str, set[str]] = defaultdict(set)
    for slug, language in InstrumentText.objects.values_list("instrument", "language"):
        found[slug].add(language)
    return {slug: tuple(sorted(languages)) for slug, languages in found.items()}
