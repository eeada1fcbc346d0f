"""The clinic lived from its first day until now, in one transaction."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.models import User
from stepwell.audit import trail
from stepwell.cli.demo import (
    PASSWORD,
    admitting,
    asking,
    availability,
    caring,
    eligibility,
    helping,
    is_loaded,
    laboratory,
    looking_again,
    money,
    moving,
    open_work,
    places,
    planning,
    registering,
    scheduling,
    setting_up,
)
from stepwell.cli.demo.data import read
from stepwell.cli.demo.diary import Diary
from stepwell.cli.demo.one_piece import in_one_piece
from stepwell.cli.demo.world import Clinic, Life
from stepwell.clinic.people.queries import all_sites
from stepwell.clinic.timetable import actions as timetable
from stepwell.project.unready import Unready

WEEKS_BEHIND = 12
WEEKS_AHEAD = 2
_COUNTED = (11, 8, 4)
"""Mondays, in weeks before now, on which the planner is told of the rows that have come to be."""
_ONE_AT_A_TIME = 427203


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
    with in_one_piece():
        live(at)
    _tell_the_planner()
    return True


def _tell_the_planner() -> None:
    """How many rows there are now: PostgreSQL finds out by itself only after the commit."""
    own = [model for model in apps.get_models() if model.__module__.startswith("stepwell.")]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(sorted(model._meta.db_table for model in own)))


def live(at: datetime) -> Clinic:
    """The whole story until the instant `at`."""
    diary = Diary(now=at, zone=ZoneInfo(read("clinic")["site"]["zone"]))
    clinic = Clinic(diary)
    began = diary.moment(diary.monday(WEEKS_BEHIND + 1), "07:00")
    setting_up.set_up(clinic, began)
    money.follow_rules(clinic, began)
    clinic.lives = [Life(number, facts) for number, facts in enumerate(read("people")["people"])]
    for life in clinic.lives:
        if life.stage in ("treatment", "discharged"):
            _foresee(clinic, life, began)
    asking.foresee(clinic)
    open_work.foresee(clinic)
    eligibility.foresee(clinic)
    laboratory.foresee(clinic)
    helping.foresee(clinic)
    looking_again.foresee(clinic)
    for week in range(WEEKS_BEHIND, -1, -1):
        _foresee_week(clinic, week)
    for week in _COUNTED:
        diary.note(diary.moment(diary.monday(week), "04:00"), lambda _: _tell_the_planner())
    diary.live()
    _look_ahead(clinic, at)
    places.show(clinic, at)
    User.objects.update(password=make_password(PASSWORD))
    trail.record(by=stepwell_itself(), at=at, action="demo.load", subject=f"Site {clinic.site.pk}")
    return clinic


def _foresee(clinic: Clinic, life: Life, began: datetime) -> None:
    """The days of coming: record, assessment, admission in the week before the first group, plan in the first."""
    diary, facts = clinic.diary, life.facts
    monday = diary.monday(facts["admitted_weeks_ago"])
    day = monday - timedelta(days=7 - life.number % 5)
    minute = life.number * 7 % 60
    asking.foresee_first_call(clinic, life, day, began)
    path = {"step-up": "day-mwf", "step-down": "day-mwf"}.get(facts["track"], facts["track"])
    diary.note(diary.moment(day, "09:00", minute), lambda at: registering.register(clinic, life, at))
    diary.note(diary.moment(day, "13:00", minute), lambda at: admitting.assess(clinic, life, at))
    diary.note(diary.moment(day, "15:00", minute), lambda at: _admitted(clinic, life, path, monday, at))
    signing = monday + timedelta(days=1 + life.number % 3)
    diary.note(diary.moment(signing, "12:30", minute % 25), lambda at: planning.first_plan(clinic, life, at))
    if facts["track"] == "step-down":
        lower = diary.monday(1 + life.number % 2)
        friday = diary.moment(lower - timedelta(days=3), "14:10", minute)
        diary.note(friday, lambda at: moving.step_down(clinic, life, lower, at))
    if facts["track"] == "step-up":
        moving.step_up_story(clinic, life)
    if life.stage == "discharged":
        last = diary.monday(facts["discharged_weeks_ago"]) - timedelta(days=3)
        diary.note(diary.moment(last, "15:00", minute), lambda at: moving.discharge(clinic, life, at))


def _admitted(clinic: Clinic, life: Life, path: str, monday: date, at: datetime) -> None:
    admitting.admit(clinic, life, path, monday, at)
    open_work.waits_for_a_dose(clinic, life)
    money.authorize(clinic, life, path, monday, at + timedelta(hours=1))


def _foresee_week(clinic: Clinic, week: int) -> None:
    """What returns every week: sessions, tests and check-ins, charges, calls; statements every fourth."""
    diary = clinic.diary
    monday = diary.monday(week)
    diary.note(diary.moment(monday, "05:00"), lambda at: scheduling.begin_week(clinic, monday, at))
    diary.note(diary.moment(monday, "05:20"), lambda at: caring.begin_week(clinic, monday, at))
    diary.note(diary.moment(monday, "05:30"), lambda at: moving.plan_calls(clinic, at))
    friday = diary.moment(monday + timedelta(days=4), "15:20")
    if week % 2:
        diary.note(friday, lambda at: money.charge(clinic, monday - timedelta(days=1), at))
    if week in (5, 1):
        diary.note(friday + timedelta(minutes=40), lambda at: money.statements(clinic, at))


def _look_ahead(clinic: Clinic, at: datetime) -> None:
    timetable.extend_horizon(by=stepwell_itself(), at=at, weeks=WEEKS_AHEAD, site=clinic.site)
    begun = at >= clinic.diary.moment(clinic.diary.monday(0), "05:00")
    for week in range(1 if begun else 0, WEEKS_AHEAD + 1):
        scheduling.single_sessions(clinic, clinic.diary.monday(-week), at)
    availability.patients_windows(clinic, at)
