"""When each patient can come, as a case of the week has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from stepwell.clinic.timetable.queries.case_of_site import meetings_of
from stepwell.clinic.timetable.queries.patient_rows import About
from stepwell.clinic.timetable.queries.week_rows import DAY, WeekRows
from stepwell.clinic.timetable.rules.windows import Window as SaidWindow
from stepwell.clinic.timetable.rules.windows import joined as joined_windows
from stepwell.clinic.timetable.rules.windows import window_of
from weekplan.case import Mode, Span, Window
from weekplan.fitting import joined


def windows_of_patient(about: About, patient_id: int, tracks: list[int]) -> tuple[tuple[Window, ...], bool]:
    """When she can come: as she said, or else when she comes now and when her track meets."""
    rows, grid = about.rows, about.grid
    taken = [
        (rows.minute_of(r.during.lower), rows.minute_of(r.during.upper))
        for r in rows.reservations
        if r.patient_id == patient_id
    ]
    said = [row for row in about.windows[patient_id] if _holds(rows, row)]
    if said:
        spans = [
            (_span(rows, window), window.preferred, _modes(window))
            for window in joined_windows(window_of(row) for row in said)
        ]
    else:
        now = [one.span for one in about.calendar.of_patient(patient_id)]
        for row in about.enrollments[patient_id]:
            if row.ends_on is None and row.group_id in about.groups:
                now += [span for _, span in meetings_of(rows, about.groups[row.group_id])]
        also = [
            span
            for group in rows.groups
            if tracks and {track.pk for track in group.tracks.all()} & set(tracks)
            for _, span in meetings_of(rows, group)
        ]
        spans = [(span, True, frozenset(Mode)) for span in joined(now)]
        spans += [(span, False, frozenset(Mode)) for span in joined([*now, *also])]
    found = []
    for span, preferred, modes in spans:
        for part in _without(span, taken):
            start, end = -(-part.start // grid) * grid, part.end // grid * grid
            if start < end:
                found.append(Window(Span(start, end), preferred, modes))
    found.sort(key=lambda one: (one.span.start, one.span.end, not one.preferred))
    return tuple(dict.fromkeys(found)), not said


def _without(span: Span, taken: Sequence[tuple[int, int]]) -> list[Span]:
    parts = [span]
    for start, end in taken:
        parts = [
            piece
            for part in parts
            for piece in (Span(part.start, min(part.end, start)), Span(max(part.start, end), part.end))
            if piece.start < piece.end
        ]
    return parts


def _holds(rows: WeekRows, row: Any) -> bool:
    day = rows.starts_on + timedelta(days=(row.weekday - rows.starts_on.weekday()) % 7)
    return bool(row.first_on <= day and (row.last_on is None or day <= row.last_on))


def _span(rows: WeekRows, window: SaidWindow) -> Span:
    midnight = (window.weekday - rows.starts_on.weekday()) % 7 * DAY
    starts, ends = window.starts_at, window.ends_at
    return Span(midnight + starts.hour * 60 + starts.minute, midnight + ends.hour * 60 + ends.minute)


def _modes(window: SaidWindow) -> frozenset[Mode]:
    return frozenset(([Mode.ON_SITE] if window.on_site else []) + ([Mode.VIDEO] if window.video else []))
