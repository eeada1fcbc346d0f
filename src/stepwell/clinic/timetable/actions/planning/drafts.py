"""Versions of a week: the first is the calendar as it stands; more are copied, computed, or put aside."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.accounts.live_topics import announce
from stepwell.audit import trail
from stepwell.clinic.people.models import Site
from stepwell.clinic.refusal import Refused
from stepwell.clinic.timetable import policies
from stepwell.clinic.timetable.actions.horizon import _extend
from stepwell.clinic.timetable.actions.planning.made import (
    _locked_draft,
    _locked_week,
    _new_version,
    _rows_of_calendar,
    _rows_of_version,
)
from stepwell.clinic.timetable.models import VersionOrigin, Week, WeekVersion
from stepwell.clinic.timetable.queries.versions import stood_of
from stepwell.clinic.timetable.rules.planning import load_defaults


@transaction.atomic
def open_week(*, by: Actor, at: datetime, site: Site, starts_on: date) -> WeekVersion:
    """A draft of the week as the calendar stands; the groups' sessions are made first where they are not yet.

    Doing it again while the calendar stands as the newest such draft has it gives that draft. Raises `Refused` for a
    day that does not begin the site's week, a week that is over, or one too far ahead.
    """
    policies.may_set_up(by, site.pk)
    today = at.astimezone(ZoneInfo(site.zone)).date()
    this_week = today - timedelta(days=(today.weekday() - site.week_starts_on) % 7)
    if starts_on.weekday() != site.week_starts_on:
        raise Refused("A week is planned from its first day on. Choose that day.")
    if starts_on < this_week:
        raise Refused("This week is over, so it stays as it was. Choose this week or one to come.")
    farthest = load_defaults().weeks_ahead
    if starts_on > this_week + timedelta(weeks=farthest):
        raise Refused(f"Plan at most {farthest} weeks ahead. Choose an earlier week.")
    _extend(at, site, (starts_on - this_week).days // 7)
    week, _ = Week.objects.get_or_create(site=site, starts_on=starts_on)
    week = _locked_week(week.pk)
    stood = stood_of(week)
    same = (
        week.versions.filter(
            origin=VersionOrigin.CALENDAR, dropped_at__isnull=True, publication__isnull=True, revision=0
        )
        .order_by("-number")
        .first()
    )
    if same is not None and same.stood == stood:
        return same
    version = _new_version(by, at, week, VersionOrigin.CALENDAR, _rows_of_calendar(stood), stood=stood)
    _tell(by, at, version, "open_week")
    return version


@transaction.atomic
def copy_version(*, by: Actor, at: datetime, version: WeekVersion, note: str = "") -> WeekVersion:
    """A draft with the same sessions and seats, to be changed without touching the first."""
    policies.may_set_up(by, version.week.site_id)
    week = _locked_week(version.week_id)
    base = WeekVersion.objects.get(pk=version.pk)
    copy = _new_version(
        by,
        at,
        week,
        VersionOrigin.COPY,
        _rows_of_version(base),
        base=base,
        note=note.strip()[:200],
        because=base.because,
        shortfalls=base.shortfalls,
        short_minutes=base.short_minutes,
        stood=base.stood,
    )
    _tell(by, at, copy, "copy_version")
    return copy


@transaction.atomic
def rename_version(*, by: Actor, at: datetime, version: WeekVersion, note: str) -> WeekVersion:
    """What planners call a draft. Raises `Refused` for a closed one."""
    policies.may_set_up(by, version.week.site_id)
    draft = _locked_draft(version.pk)
    draft.note = " ".join(note.split())[:200]
    draft.save(update_fields=["note"])
    _tell(by, at, draft, "rename_version")
    return draft


@transaction.atomic
def drop_version(*, by: Actor, at: datetime, version: WeekVersion) -> WeekVersion:
    """Puts a draft aside: its rows stay, it is no longer shown. Raises `Refused` for a published one."""
    policies.may_set_up(by, version.week.site_id)
    draft = _locked_draft(version.pk)
    draft.dropped_at = at
    draft.save(update_fields=["dropped_at"])
    _tell(by, at, draft, "drop_version")
    return draft


def _tell(by: Actor, at: datetime, version: WeekVersion, verb: str) -> None:
    announce(f"week:{version.week_id}")
    trail.record(
        by=by,
        at=at,
        action=f"timetable.{verb}",
        subject=f"WeekVersion {version.pk}",
        detail={"week": version.week_id, "number": version.number},
    )
