"""Who can when: hours and kinds of the staff, and each patient's windows round the week she has."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from stepwell.cli.demo.data import read
from stepwell.cli.demo.world import Clinic, Life, dice
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable import queries as timetables
from stepwell.clinic.timetable.rules.windows import Window, tidy

_PATHS = {"step-down": "op", "step-up": "php", "": "evening"}


def staff_hours(clinic: Clinic, at: datetime) -> None:
    """Weekly hours, limits and kinds of treatment of everybody who works here."""
    director = clinic.actors["director"]
    first_on = clinic.diary.day_of(at)
    for key, row in read("availability")["staff"].items():
        staff = clinic.staff[key]
        timetable.set_staff_availability(
            by=director, at=at, staff=staff, windows=_weekly(row["hours"]), first_on=first_on
        )
        timetable.set_staff_load(by=director, at=at, staff=staff, first_on=first_on, **row["load"])
        timetable.set_staff_treatments(
            by=director, at=at, staff=staff, leads=row["leads"], coleads=row["coleads"]
        )


def patients_windows(clinic: Clinic, at: datetime) -> None:
    """When each person can come from this week on, what groups ask of them, and two who are kept apart."""
    monday = clinic.diary.monday(0)
    coming = _coming(clinic, at)
    for life in clinic.lives:
        if life.patient is None or life.left or life.stage == "discharged":
            continue
        by = clinic.actors[clinic.counselor_of(life)]
        timetable.set_patient_windows(
            by=by, at=at, patient=life.patient, windows=_windows(clinic, life, coming), first_on=monday
        )
        tags = _tags(life)
        if tags:
            timetable.set_patient_tags(by=by, at=at, patient=life.patient, tags=tags)
    one, other, because = read("availability")["apart"]
    timetable.keep_apart(
        by=clinic.actors["counselor"], at=at, because=because,
        patient=clinic.life(one).patient, other=clinic.life(other).patient,
    )  # fmt: skip


def _coming(clinic: Clinic, at: datetime) -> dict[int, list[Any]]:
    """The sessions of the next three weeks by patient, in the order of time."""
    seats = timetables.seats_for(clinic.actors["director"]).filter(
        occurrence__ends__gt=at, occurrence__starts__lt=at + timedelta(days=21)
    )
    found: dict[int, list[Any]] = {}
    for seat in seats.select_related("occurrence").order_by("occurrence__starts", "pk"):
        found.setdefault(seat.patient_id, []).append(seat.occurrence)
    return found


def _windows(clinic: Clinic, life: Life, coming: dict[int, list[Any]]) -> list[Window]:
    """The path's usual times, some more by chance, and the hours of the sessions that are booked already."""
    path = life.path or _PATHS.get(life.facts["track"], life.facts["track"])
    usual = read("availability")["windows"][path]
    thrown = dice("windows", life.number)
    rows = _weekly(usual["always"])
    rows += [row for row in _weekly(usual["some"]) if thrown.random() < 0.4]
    for occurrence in coming.get(life.patient.pk, ()):
        rows = _with_session(rows, occurrence, clinic)
    return list(tidy(rows))


def _with_session(rows: list[Window], occurrence: Any, clinic: Clinic) -> list[Window]:
    """A window round a session that none holds yet: she does come to it, so she can."""
    starts, ends = (m.astimezone(clinic.diary.zone) for m in (occurrence.starts, occurrence.ends))
    day = [r for r in rows if r.weekday == starts.weekday()]
    if any(r.starts_at <= starts.time() and ends.time() <= r.ends_at for r in day):
        return rows
    begins = time(starts.hour)
    until = time(ends.hour + 1) if ends.minute else time(ends.hour)
    touching = [r for r in day if r.starts_at < until and begins < r.ends_at]
    rest = [r for r in rows if r not in touching]
    return [
        *rest,
        Window(
            weekday=starts.weekday(),
            starts_at=min([begins, *(r.starts_at for r in touching)]),
            ends_at=max([until, *(r.ends_at for r in touching)]),
            preferred=all(r.preferred for r in touching) if touching else False,
        ),
    ]


def _tags(life: Life) -> list[str]:
    """What the clinic's groups ask for, and the language if it is not English."""
    of_path = read("availability")["windows"][life.path]["tags"] if life.path else []
    second = life.facts["second"] or ("", "")
    found = set(of_path) | ({"trauma"} if second[0].startswith("F43.1") else set())
    return sorted(found | ({"spanish"} if life.facts["language"] == "es" else set()))


def _weekly(rows: list[list[Any]]) -> list[Window]:
    """From [[weekdays], from, to] and, if it is not both preferred and any way, those two."""
    return [
        Window(
            weekday=day,
            starts_at=time.fromisoformat(starts),
            ends_at=time.fromisoformat(ends),
            preferred="possible" not in more,
            on_site="video" not in more,
        )
        for days, starts, ends, *more in rows
        for day in days
    ]
