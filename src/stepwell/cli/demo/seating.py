"""Which groups somebody belongs to: the path of the week, with the next group when one is full."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from stepwell.cli.demo.data import read
from stepwell.cli.demo.world import Clinic, Life
from stepwell.clinic.timetable import actions as timetable


def enroll(clinic: Clinic, life: Life, path: str, starts_on: date, at: datetime) -> None:
    """Into the groups of a path; where each alternative is full, the week stays short."""
    clinic.expected.clear()
    life.path = path
    by = clinic.actors[clinic.counselor_of(life)]
    for wish in read("clinic")["paths"][path]["groups"]:
        for key in [wish] if isinstance(wish, str) else wish:
            group = clinic.groups[key]
            if key in life.enrolled or clinic.seats[key] >= group.capacity or starts_on < group.starts_on:
                continue
            life.enrolled[key] = timetable.enroll(
                by=by, at=at, patient=life.patient, group=group, starts_on=starts_on
            )
            clinic.seats[key] += 1
            break


def leave(clinic: Clinic, life: Life, last_on: date, because: str, at: datetime) -> None:
    """Out of every group after a day."""
    clinic.expected.clear()
    by = clinic.actors[clinic.counselor_of(life)]
    for key, enrollment in list(life.enrolled.items()):
        timetable.end_enrollment(by=by, at=at, enrollment=enrollment, last_on=last_on, because=because)
        clinic.seats[key] -= 1
        del life.enrolled[key]


def leave_at_once(clinic: Clinic, life: Life, because: str, at: datetime) -> None:
    """At discharge: groups and every coming seat."""
    clinic.expected.clear()
    by = clinic.actors[clinic.counselor_of(life)]
    timetable.leave_all(by=by, at=at, patient=life.patient, because=because)
    for key in life.enrolled:
        clinic.seats[key] -= 1
    life.enrolled.clear()


def path_of(name: str) -> dict[str, Any]:
    """Level, minutes, days and groups of a path."""
    found: dict[str, Any] = read("clinic")["paths"][name]
    return found
