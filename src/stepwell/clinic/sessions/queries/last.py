"""The last signed parts of everybody in a session: what a part about to be signed is held against."""

from __future__ import annotations

from collections import defaultdict

from stepwell.clinic.prepared import planned_once
from stepwell.clinic.timetable.models import Occurrence


def last_parts(occurrence: Occurrence, most: int) -> dict[int, list[str]]:
    """Patient id -> texts of the person's newest signed parts of other sessions, up to `most`. One statement.

    For rules that compare: the texts themselves are shown to nobody.
    """
    with planned_once() as cursor:
        cursor.execute(_LAST, [most, occurrence.pk])
        rows = cursor.fetchall()
    found = defaultdict(list)
    for patient_id, text in rows:
        found[patient_id].append(text)
    return dict(found)


_LAST = """
SELECT seat.patient_id, concat_ws(' ', nullif(last.text, ''), last.sections)
FROM clinic_seat seat CROSS JOIN LATERAL (
    SELECT part.note_id, part.text,
        (SELECT string_agg(section.value, ' ' ORDER BY section.key) FROM jsonb_each_text(part.sections) section) AS sections
    FROM clinic_notepart part JOIN clinic_note note ON note.id = part.note_id
    WHERE part.patient_id = seat.patient_id AND note.signed_at IS NOT NULL
        AND (part.text <> '' OR part.sections <> '{}'::jsonb)
    ORDER BY part.note_id DESC LIMIT %s::int
) last
WHERE seat.occurrence_id = %s AND seat.released_at IS NULL
ORDER BY seat.id, last.note_id DESC
"""
