"""Names of patients in a note: a full name where it must not stand, and a first name that may be a plain word."""

import re
from collections.abc import Iterable

from .notes import NoteDraft, PersonPart


def named_in(text: str, names: Iterable[str]) -> bool:
    """Whether one of these full names stands in the text, whatever its capitals and line breaks."""
    return any(_names(text, name) for name in names)


def _names(text: str, full_name: str) -> bool:
    folded, words = text.casefold(), full_name.casefold().split()
    if not all(word in folded for word in words):
        return (
            False  # nearly always; the search below is dear when twelve parts are held against twelve names
        )
    pattern = r"\s+".join(map(re.escape, words))
    return re.search(rf"(?<!\w){pattern}(?!\w)", folded) is not None


def first_names(note: NoteDraft) -> Iterable[str]:
    """A first name alone may be a word like any other ("Will", "Hope"), so it is said and stops nothing."""
    whose = [("The shared part", "", f"{note.topic} {note.shared}")]
    whose += [(f"{part.called}'s part", part.called, all_of(part)) for part in note.parts]
    for what, own, text in whose:
        for called in dict.fromkeys(part.called for part in note.parts):
            if called != own and called in text and re.search(rf"(?<!\w){re.escape(called)}(?!\w)", text):
                yield f"{what} says “{called}”. If that is another person, take the name out."


def all_of(part: PersonPart) -> str:
    """All that somebody has written in a part, as one text."""
    return " ".join([part.text, part.skill, part.done, *part.sections.values()])
