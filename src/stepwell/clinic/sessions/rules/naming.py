"""Names of patients in a note: a full name where it must not stand, and a first name that may be a plain word."""

import re
from collections.abc import Iterable, Sequence

from .notes import NoteDraft, PersonPart


def named_in(text: str, names: Iterable[str]) -> bool:
    """Whether one of these full names stands in the text, whatever its capitals and line breaks."""
    folded = text.casefold()
    return any(_stands_in(folded, name.casefold().split()) for name in names)


def who_name_others(note: NoteDraft) -> frozenset[int | str]:
    """Whose parts hold another one's full name. Two people may share a name: one that is one's own as well is not
    the other's. Each text and name is folded once, as twelve parts are held against the names of twelve people."""
    names = [(part.patient_id, {name.casefold() for name in part.names}) for part in note.parts]
    cut = {name: name.split() for _, own in names for name in own}
    found = set()
    for part, (_, own) in zip(note.parts, names, strict=True):
        folded = all_of(part).casefold()
        of_others = {name for whose, theirs in names if whose != part.patient_id for name in theirs} - own
        if any(_stands_in(folded, cut[name]) for name in of_others):
            found.add(part.patient_id)
    return frozenset(found)


def _stands_in(folded: str, words: Sequence[str]) -> bool:
    if not all(word in folded for word in words):
        return False  # nearly always; the search below is dear
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
