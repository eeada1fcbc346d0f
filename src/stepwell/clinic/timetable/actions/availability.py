"""When staff can lead, how much, and which kinds of treatment: the director's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Site, Staff
from stepwell.clinic.plan.rules import Kind
from stepwell.clinic.refusal import Refused
from stepwell.clinic.saying import day_words
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.models import StaffAvailability, StaffLoad, StaffTreatment
from stepwell.clinic.timetable.rules.windows import Window, problems, tidy


@transaction.atomic
def set_staff_availability(
    *, by: Actor, at: datetime, staff: Staff, windows: Sequence[Window], first_on: date
) -> list[StaffAvailability]:
    """The whole set holds from `first_on` on: new rows, the old ones end the day before. Raises `Refused`."""
    policies.may_set_up(by, staff.site_id)
    site = _begins_not_in_a_week_that_is_over(staff.site_id, at, first_on)
    wrong = problems(windows)
    if wrong:
        raise Refused(" ".join(wrong))
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    _end_before(StaffAvailability.objects.filter(staff=staff), first_on)
    rows = StaffAvailability.objects.bulk_create(
        StaffAvailability(
            staff=staff,
            site=site,
            weekday=window.weekday,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            first_on=first_on,
        )
        for window in tidy(windows)
    )
    announce(f"site:{site.pk}")
    trail.record(
        by=by,
        at=at,
        action="timetable.set_staff_availability",
        subject=f"Staff {staff.pk}",
        detail={"first_on": first_on.isoformat(), "windows": len(rows)},
    )
    return rows


@transaction.atomic
def set_staff_load(
    *,
    by: Actor,
    at: datetime,
    staff: Staff,
    first_on: date,
    day_most: int,
    week_most: int,
    week_usual: int,
    rest: int,
    travel: int,
) -> StaffLoad:
    """How many minutes somebody leads, from `first_on` on; earlier limits stay for earlier days. Raises `Refused`."""
    policies.may_set_up(by, staff.site_id)
    _begins_not_in_a_week_that_is_over(staff.site_id, at, first_on)
    if week_usual > week_most:
        raise Refused("The usual hours of a week are above the most. Lower them or raise the most.")
    if not 0 <= day_most <= 1440 or not 0 <= week_most <= 10080 or week_usual < 0:
        raise Refused("A day has 24 hours and a week seven days. Write fewer hours.")
    if not 0 <= rest <= 240 or not 0 <= travel <= 240:
        raise Refused("A break and the time between places take at most four hours. Write fewer minutes.")
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    StaffLoad.objects.filter(staff=staff, first_on__gte=first_on).delete()
    load = StaffLoad.objects.create(
        staff=staff,
        first_on=first_on,
        day_most=day_most,
        week_most=week_most,
        week_usual=week_usual,
        rest=rest,
        travel=travel,
    )
    trail.record(
        by=by,
        at=at,
        action="timetable.set_staff_load",
        subject=f"Staff {staff.pk}",
        detail={"first_on": first_on.isoformat(), "day_most": day_most, "week_most": week_most},
    )
    return load


@transaction.atomic
def set_staff_treatments(
    *, by: Actor, at: datetime, staff: Staff, leads: Iterable[str], coleads: Iterable[str] = ()
) -> list[StaffTreatment]:
    """The kinds of treatment somebody leads, and those in which they only co-lead: both sets as a whole."""
    policies.may_set_up(by, staff.site_id)
    kinds: Mapping[str, bool] = {**dict.fromkeys(coleads, False), **dict.fromkeys(leads, True)}
    if set(kinds) - {kind.value for kind in Kind}:
        raise Refused("Choose kinds of treatment from the list; nothing was saved.")
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    StaffTreatment.objects.filter(staff=staff).delete()
    rows = StaffTreatment.objects.bulk_create(
        StaffTreatment(staff=staff, kind=kind, leads=lead) for kind, lead in sorted(kinds.items())
    )
    trail.record(
        by=by,
        at=at,
        action="timetable.set_staff_treatments",
        subject=f"Staff {staff.pk}",
        detail={"leads": [k for k, lead in sorted(kinds.items()) if lead], "kinds": len(rows)},
    )
    return rows


def _end_before(rows: QuerySet, first_on: date) -> None:  # type: ignore[type-arg] # two models with the same days
    """The rows in force end the day before; those that would begin on the day or later never come to hold."""
    rows.filter(first_on__gte=first_on).delete()
    rows.filter(Q(last_on__isnull=True) | Q(last_on__gte=first_on)).update(
        last_on=first_on - timedelta(days=1)
    )


def _begins_not_in_a_week_that_is_over(site_id: int, at: datetime, first_on: date) -> Site:
    """Weeks that are over keep what was true then. Returns the site."""
    site = Site.objects.get(pk=site_id)
    today = at.astimezone(ZoneInfo(site.zone)).date()
    week = today - timedelta(days=(today.weekday() - site.week_starts_on) % 7)
    if first_on < week:
        raise Refused(f"Weeks that are over stay as they were. Choose a day from {day_words(week)} on.")
    return site
