"""What the public reads of a program: a site writes it itself, and says whether it is published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.coverage.models import Payer
from stepwell.clinic.people.rules import languages as known_languages
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.models import Program, ProgramListing
from stepwell.clinic.timetable.rules.finding import populations as known_populations

_TEXTS = ("words_en", "words_es", "family_en", "family_es")


@transaction.atomic
def list_program(
    *,
    by: Actor,
    at: datetime,
    program: Program,
    words: Mapping[str, str],
    populations: Collection[str] = (),
    languages: Collection[str] = (),
    insurers: Collection[Payer] = (),
    tracks: Collection[int] | None = None,
    published: bool = False,
) -> ProgramListing:
    """Everything the public reads of `program` at once; `words` are words_en, words_es, family_en and family_es.

    `tracks` are the ids of those that are shown, None: as before. Raises `Refused`; nothing is saved then.
    """
    policies.may_list(by, program.site_id)
    if set(words) - set(_TEXTS):
        raise Refused("Only the public's words are written here; nothing was saved.")
    texts = {name: words.get(name, "").strip() for name in _TEXTS}
    chosen = {
        "populations": [code for code in known_populations() if code in set(populations)],
        "languages": [code for code in known_languages() if code in set(languages)],
    }
    if set(populations) - set(chosen["populations"]) or set(languages) - set(chosen["languages"]):
        raise Refused("Choose only from the lists shown; nothing was saved.")
    # The row of the program stands for the listing, which may not be there yet.
    locked = Program.objects.select_for_update(of=("self",)).select_related("site").get(pk=program.pk)
    if published:
        if not texts["words_en"]:
            raise Refused("Say in English what the program is before it is published; nothing was saved.")
        if not locked.site.zip_code:
            raise Refused(
                f"{locked.site.name} has no ZIP code yet, so nobody could find it. Give it one first; "
                "nothing was saved."
            )
    before = ProgramListing.objects.filter(program=locked).first()
    row = before or ProgramListing(program=locked)
    now = {**texts, **chosen, "published": published}
    changed = sorted(name for name, value in now.items() if getattr(row, name) != value)
    for name, value in now.items():
        setattr(row, name, value)
    row.changed_at, row.changed_by_id = at, by.staff_id
    row.save()
    held = set(row.insurers.values_list("pk", flat=True)) if before else set()
    if held != {payer.pk for payer in insurers}:
        row.insurers.set(insurers)
        changed.append("insurers")
    if tracks is not None and _show(locked, set(tracks)):
        changed.append("tracks")
    trail.record(
        by=by,
        at=at,
        action="timetable.list_program",
        subject=f"Program {locked.pk}",
        detail={"changed": changed, "published": published},
    )
    return row


def _show(program: Program, shown: set[int]) -> bool:
    """Exactly these tracks are listed; whether that changed anything."""
    own = program.tracks.all()
    if shown - {track.pk for track in own}:
        raise Refused("Choose only tracks of this program; nothing was saved.")
    more = own.filter(pk__in=shown, listed=False).update(listed=True)
    return bool(own.filter(listed=True).exclude(pk__in=shown).update(listed=False) or more)
