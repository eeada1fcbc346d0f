"""The clinic lived from its first day until now, in one transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.models import User
from stepwell.audit import trail
from stepwell.cli.demo import PASSWORD, is_loaded
from stepwell.cli.demo.admitting import admit, assess
from stepwell.cli.demo.data import read
from stepwell.cli.demo.diary import Diary
from stepwell.cli.demo.planning import first_plan
from stepwell.cli.demo.registering import register
from stepwell.cli.demo.scheduling import begin_week, single_sessions
from stepwell.cli.demo.setting_up import set_up
from stepwell.cli.demo.world import Clinic, Life
from stepwell.clinic.people.queries import all_sites
from stepwell.clinic.timetable import actions as timetable
from stepwell.project.environment import Unready

WEEKS_BEHIND = 12
WEEKS_AHEAD = 2
_ONE_AT_A_TIME = 427203


@contextmanager
def _in_one_piece() -> Iterator[None]:
    """Every action within is part of the one transaction, without a savepoint of its own: a refusal ends it all.

    Thousands of savepoints and the collector's walks over what is kept anyway would double the time.
    """
    saves = connection.features.uses_savepoints
    connection.features.uses_savepoints = False
    gc.disable()
    try:
        yield
    finally:
        connection.features.uses_savepoints = saves
        gc.enable()


@transaction.atomic
def load_once(at: datetime) -> bool:
    """Everything or nothing; False when it is there already. Two that load at once wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        # Losing the demo to a power cut costs a second start, so the commit need not wait for the disk.
        cursor.execute("SET LOCAL synchronous_commit = off")
    if is_loaded():
        return False
    if all_sites().exists():
        raise Unready("This database holds another clinic; the demo's invented people do not belong in it.")
    with _in_one_piece():
        live(at)
    return True


def live(at: datetime) -> Clinic:
    """The whole story until the instant `at`."""
    diary = Diary(now=at, zone=ZoneInfo(read("clinic")["site"]["zone"]))
    clinic = Clinic(diary)
    first = diary.monday(WEEKS_BEHIND + 1)
    set_up(clinic, diary.moment(first, "07:00"))
    clinic.lives = [Life(number, facts) for number, facts in enumerate(read("people")["people"])]
    for life in clinic.lives:
        _foresee(clinic, life)
    for week in range(WEEKS_BEHIND, -1, -1):
        monday = diary.monday(week)
        diary.note(
            diary.moment(monday, "05:00"), lambda then, monday=monday: begin_week(clinic, monday, then)
        )
    diary.live()
    _look_ahead(clinic, at)
    User.objects.update(password=make_password(PASSWORD))
    trail.record(by=stepwell_itself(), at=at, action="demo.load", subject=f"Site {clinic.site.pk}")
    return clinic


def _foresee(clinic: Clinic, life: Life) -> None:
    """The days of coming: record, assessment, admission in the week before the first group, plan in the first."""
    if life.stage not in ("treatment", "discharged"):
        return
    diary = clinic.diary
    monday = diary.monday(life.facts["admitted_weeks_ago"])
    day = monday - timedelta(days=7 - life.number % 5)
    minute = life.number * 7 % 60
    path = {"step-up": "day-mwf", "step-down": "day-mwf"}.get(life.facts["track"], life.facts["track"])
    diary.note(diary.moment(day, "09:00", minute), lambda at: register(clinic, life, at))
    diary.note(diary.moment(day, "13:00", minute), lambda at: assess(clinic, life, at))
    diary.note(diary.moment(day, "15:00", minute), lambda at: admit(clinic, life, path, monday, at))
    signing = monday + timedelta(days=1 + life.number % 3)
    diary.note(diary.moment(signing, "12:30", minute % 25), lambda at: first_plan(clinic, life, at))


def _look_ahead(clinic: Clinic, at: datetime) -> None:
    timetable.extend_horizon(by=stepwell_itself(), at=at, weeks=WEEKS_AHEAD, site=clinic.site)
    for week in range(1, WEEKS_AHEAD + 1):
        single_sessions(clinic, clinic.diary.monday(-week), at)
