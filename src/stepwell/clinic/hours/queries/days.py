"""Days and minutes of attendance, as authorizations and payers count them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from stepwell.accounts.actor import Actor
from stepwell.clinic.hours.queries.statements import (
    attended_minutes,
    whose_hours,
)
from stepwell.clinic.timetable.models import Seat


@dataclass(frozen=True, kw_only=True)
class Days:
    """Minutes a local day: attended, and booked for what is still to come."""

    attended: Mapping[date, int] = field(default_factory=dict)
    booked: Mapping[date, int] = field(default_factory=dict)

    def used_days(self, minimum: int = 1) -> int:
        """Days with at least so many minutes attended."""
        return sum(minutes >= minimum for minutes in self.attended.values())

    def booked_days(self, minimum: int = 1) -> int:
        """Days not used yet that reach the minimum if everything booked takes place."""
        return sum(
            self.attended.get(day, 0) < minimum <= self.attended.get(day, 0) + minutes
            for day, minutes in self.booked.items()
        )

    @property
    def used_minutes(self) -> int:
        """All minutes attended."""
        return sum(self.attended.values())

    @property
    def booked_minutes(self) -> int:
        """All minutes still to come."""
        return sum(self.booked.values())


def days_of(
    *,
    by: Actor,
    at: datetime,
    patient_ids: Collection[int],
    first: date,
    last: date,
    signed_only: bool = False,
) -> dict[int, Days]:
    """Patient id -> minutes attended and booked on the local days first to last, both included. One statement.

    What an authorization or a claim counts; `signed_only` takes attendance only once its note is signed.
    """
    rows = (
        Seat.objects.filter(
            patient__in=whose_hours(by).filter(pk__in=patient_ids),
            released_at__isnull=True,
            occurrence__cancelled_at__isnull=True,
            occurrence__local_date__gte=first,
            occurrence__local_date__lte=last,
        )
        .order_by()
        .values_list(
            "patient_id",
            "occurrence__local_date",
            "occurrence__starts",
            "occurrence__ends",
            "attendance__outcome",
            "attendance__minutes",
            "attendance__left_at",
            "attendance__locked_at",
        )
    )
    attended: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    booked: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for patient, day, starts, ends, outcome, minutes, left, locked in rows:
        done = attended_minutes(outcome, minutes, left, ends, at)
        if done is not None:
            if locked is not None or not signed_only:
                attended[patient][day] += done
        elif at < ends:
            booked[patient][day] += int((ends - starts).total_seconds() // 60)
    return {
        patient: Days(attended=dict(attended[patient]), booked=dict(booked[patient]))
        for patient in patient_ids
    }
