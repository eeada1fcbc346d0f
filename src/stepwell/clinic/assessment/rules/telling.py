"""A score in words and as plain data, for whoever is not a program of ours."""

from typing import Any

from stepwell.clinic.assessment.rules.instruments import Instrument, Item, MissingRule
from stepwell.clinic.assessment.rules.scoring import Points, Score


def as_plain(instrument: Instrument, found: Score) -> dict[str, Any]:
    """The score as JSON values. `score` is null when it is incomplete or the instrument has no total."""
    bands = {s.code: s.band.label for s in found.subscales if s.band is not None}
    return {
        "instrument": found.instrument,
        "title": instrument.title,
        "version": found.version,
        "edition": instrument.edition,
        "complete": found.complete,
        "score": found.total,
        "subscales": {s.code: s.points for s in found.subscales},
        "band": found.band.label if found.band else None,
        "subscale_bands": bands,
        "flags": [{"code": f.code, "for": f.group, "text": f.text} for f in found.flags],
        "alerts": [
            {"code": a.code, "item": a.item, "answer": a.answer, "text": a.text} for a in found.alerts
        ],
        "missing": list(found.missing),
        "prorated": found.estimate is not None,
        "estimate": found.estimate,
        "meaning": meaning(instrument, found),
    }


def meaning(instrument: Instrument, found: Score) -> list[str]:
    """What the score says, one sentence each, the alerts first."""
    said = [alert.text for alert in found.alerts]
    if found.missing:
        said.append(incomplete(instrument, found))
    if found.total is not None and instrument.levels:
        said.append(f"{instrument.title}: {instrument.total_label.lower()} {_band(found)}.")
    elif found.total is not None:
        label = "comes to" if instrument.total_label == "Total" else f"({instrument.total_label.lower()}) is"
        said.append(f"{instrument.title} {label} {_plain(found.total)}{_range(instrument)}: {_band(found)}.")
    for part in found.subscales:
        if part.points is not None and (found.total is None or part.band is not None):
            named = f", {part.band.label}" if part.band else ""
            said.append(f"{part.label}: {_plain(part.points)}{named}.")
    said += [flag.text for flag in found.flags]
    return [*said, "A score supports a decision; it is never a diagnosis."]


def skip_sentence(instrument: Instrument, item: Item) -> str:
    """When this question is not asked, as a sentence for whoever asks; empty for one that is always asked."""
    asked: dict[str, set[int]] = {}
    for condition in item.asked_when:
        asked.setdefault(condition.question, set()).add(condition.value)
    parts = []
    for link, values in asked.items():
        rest = [o.label for o in instrument.item(link).options if o.value not in values]
        parts.append(f"question {link} is answered {' or '.join(f'“{label}”' for label in rest)}")
    return f"Leave out when {' and '.join(parts)}." if parts else ""


def incomplete(instrument: Instrument, found: Score) -> str:
    """One sentence: what is missing and what was done about it."""
    one = len(found.missing) == 1
    asked = f"question {found.missing[0]} is" if one else f"questions {_listed(found.missing)} are"
    if found.estimate is not None:
        return (
            f"{instrument.title} has no total because {asked} not answered; "
            f"with the mean of the others in the place it would be about {found.estimate}."
        )
    unasked = [alert.item for alert in instrument.alerts if alert.item in found.missing]
    if unasked and instrument.missing_rule is not MissingRule.REJECT:
        ask = f"; question {unasked[0]} is about safety and has to be asked"
        return f"{instrument.title} has no total because {asked} not answered{ask}."
    if instrument.missing_rule is MissingRule.REJECT:
        seen = (
            f"; question {found.alerts[0].item} must be looked at today all the same" if found.alerts else ""
        )
        return f"{instrument.title} is not scored because {asked} not answered{seen}."
    return f"{instrument.title} has no total because {asked} not answered."


def _listed(links: tuple[str, ...]) -> str:
    if len(links) > 12:
        return f"{', '.join(links[:12])} and {len(links) - 12} more"
    return f"{', '.join(links[:-1])} and {links[-1]}"


def _band(found: Score) -> str:
    return found.band.label if found.band else "no bands are published"


def _range(instrument: Instrument) -> str:
    span = instrument.total_range
    return f" of {span[1]}" if span else ""


def _plain(points: Points) -> str:
    return f"{points:g}"
