"""Planning a week against real processes: two planners publish at once; a worker is killed or told to stop in the
middle of computing; the weeks of several sites are computed by several workers of which one dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as wall

import holidays
import psutil
import pytest
from bench.week.sites import fill_sites
from bench.week_sites import compute
from django.db import connection

from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Reservation
from stepwell.clinic.timetable import actions
from stepwell.clinic.timetable.actions import planning
from stepwell.clinic.timetable.models import (
    Occurrence,
    Publication,
    Seat,
    Solve,
    StaffAvailability,
    StaffTreatment,
    WeekVersion,
)
from tests import postgres
from tests.clinic.timetable.making import admitted, make_group
from tests.making import actor, make_room, make_site, make_staff

pytestmark = pytest.mark.processes
PATIENCE = 60


class Clinic:
    """A group on two evenings of the next week, somebody who leads it, four patients."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.site = make_site()
        self.director = make_staff(self.site, Role.DIRECTOR, name="Ruth Abara")
        self.other = make_staff(self.site, Role.DIRECTOR, name="Lou Berg")
        self.by = actor(self.director)
        leader = make_staff(self.site, Role.FACILITATOR)
        today = self.now.date()
        mondays = [today + timedelta(days=7 * n - today.weekday()) for n in range(1, 9)]
        closed = holidays.country_holidays("US", years=[today.year, today.year + 1])
        self.monday = next(m for m in mondays if not any(m + timedelta(days=n) in closed for n in range(7)))
        for weekday in range(5):
            StaffAvailability.objects.create(
                staff=leader,
                site=self.site,
                weekday=weekday,
                starts_at=wall(9),
                ends_at=wall(21),
                first_on=today - timedelta(days=30),
            )
        StaffTreatment.objects.create(staff=leader, kind="skills")
        self.group = make_group(
            self.site,
            leader,
            room=make_room(self.site),
            capacity=8,
            least=2,
            meets=((1, wall(18)), (3, wall(18))),
            starts_on=today,
            made_at=self.now,
        )
        self.patients = [admitted(self.site, f"Ana{n}", minutes=180) for n in range(4)]
        for patient in self.patients:
            actions.enroll(by=self.by, at=self.now, patient=patient, group=self.group, starts_on=self.monday)

    def opened(self) -> WeekVersion:
        return planning.open_week(by=self.by, at=self.now, site=self.site, starts_on=self.monday)

    def later(self, place: int, hours: int) -> WeekVersion:
        """A draft in which one of the two evenings begins later."""
        draft = planning.copy_version(by=self.by, at=self.now, version=self.opened())
        session = draft.sessions.order_by("starts")[place]
        session.starts += timedelta(hours=hours)
        session.ends += timedelta(hours=hours)
        session.save()
        return draft


def test_two_planners_publish_at_once_and_one_week_is_published(pages, cookie_of, all_at_once):
    clinic = Clinic()
    one, other = clinic.later(0, 1), clinic.later(1, 1)
    ruth, lou = cookie_of(clinic.director), cookie_of(clinic.other)
    answers = all_at_once(
        lambda: pages.post(f"/planning/versions/{one.pk}/publication/", ruth, {"because": ""}),
        lambda: pages.post(f"/planning/versions/{other.pk}/publication/", lou, {"because": ""}),
    )
    assert sorted(answer.status for answer in answers) == [302, 422]
    said = next(answer.said for answer in answers if answer.status == 422)
    assert "meanwhile. The calendar has changed since this draft was made" in said
    assert "Bring it up to date" in said
    assert Publication.objects.count() == 1
    held = Reservation.objects.filter(
        released_at=None, patient__in=clinic.patients, during__startswith__gt=clinic.now
    )
    weeks = Occurrence.objects.filter(
        local_date__gte=clinic.monday, local_date__lt=clinic.monday + timedelta(days=7)
    )
    assert held.filter(subject_id__in=weeks.values("pk")).count() == 8
    assert Seat.objects.filter(occurrence__in=weeks, released_at=None).count() == 8
    assert WeekVersion.objects.filter(week=one.week, dropped_at=None).count() == 3


@pytest.fixture
def worker() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    more = {
        "DATABASE_URL": postgres.url_of(connection.settings_dict),
        "STEPWELL_HOME": str(postgres.test_environment().home),
        "PYTHONPATH": str(postgres.CHECKOUT / "src"),
    }

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-m", "stepwell", "worker"], env=os.environ | more))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(PATIENCE)


def until(what: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return False


def kill(process: subprocess.Popen[bytes]) -> None:
    """The worker and whatever it has started, in this moment."""
    family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for one in family:
        one.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)


def test_a_week_whose_worker_is_killed_is_computed_by_another_and_written_once(committed_database, worker):
    clinic = Clinic()
    draft = clinic.later(0, 1)
    solve = planning.ask_solve(by=clinic.by, at=datetime.now(UTC), week=draft.week, seconds=20)
    first = worker()
    assert until(lambda: Solve.objects.get(pk=solve.pk).state == "running")
    kill(first)
    assert Solve.objects.get(pk=solve.pk).state == "running"
    # A minute later: its last sign of life is old, and the timer gives the work back.
    Solve.objects.filter(pk=solve.pk).update(heard_at=datetime.now(UTC) - timedelta(minutes=1), seconds=3)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    planning.give_back_solves(by=clinic.by, at=datetime.now(UTC))
    worker()
    assert until(lambda: Solve.objects.get(pk=solve.pk).state == "done")
    done = Solve.objects.get(pk=solve.pk)
    assert done.attempts == 2
    assert WeekVersion.objects.filter(week=draft.week, origin="solved").count() == 1
    assert done.result.sessions.count() == 2
    draft.refresh_from_db()
    assert (draft.dropped_at, draft.sessions.count()) == (None, 2)


def test_a_worker_told_to_stop_gives_its_week_back_and_the_next_one_computes_it(committed_database, worker):
    (week,) = fill_sites(datetime.now(UTC), 1, 30)  # nobody proves such a week to be the best in a minute
    draft = week.versions.get()
    by = actor(make_staff(week.site, Role.DIRECTOR))
    before = list(draft.sessions.order_by("pk").values())
    solve = planning.ask_solve(by=by, at=datetime.now(UTC), week=week, seconds=60)
    first = worker()
    assert until(lambda: Solve.objects.get(pk=solve.pk).cost is not None)
    told = time.monotonic()
    first.send_signal(signal.SIGTERM)
    assert until(lambda: Solve.objects.get(pk=solve.pk).state == "waiting")
    assert first.wait(PATIENCE) == 0
    assert time.monotonic() - told < 15
    left = Solve.objects.get(pk=solve.pk)
    assert (left.attempts, left.result, left.message) == (1, None, "")
    assert WeekVersion.objects.filter(week=draft.week, origin="solved").count() == 0
    assert list(draft.sessions.order_by("pk").values()) == before

    Solve.objects.filter(pk=solve.pk).update(seconds=3)  # nobody need wait a minute here
    worker()
    assert until(lambda: Solve.objects.get(pk=solve.pk).state == "done")
    done = Solve.objects.get(pk=solve.pk)
    assert done.attempts == 2
    assert list(WeekVersion.objects.filter(week=draft.week, origin="solved")) == [done.result]
    draft.refresh_from_db()
    assert (draft.dropped_at, list(draft.sessions.order_by("pk").values())) == (None, before)


def test_the_weeks_of_three_sites_are_computed_once_each_though_one_of_two_workers_is_killed(
    committed_database,
):
    weeks = fill_sites(datetime.now(UTC), 3, 6)
    run = compute(
        weeks, postgres.url_of(connection.settings_dict), workers=2, seconds=6, kill=True, at_once=True
    )
    assert (run.killed, run.sites, run.once, run.lost, run.twice) == (True, 3, 3, 0, 0)
    assert run.taken_over >= 1
    assert Solve.objects.exclude(state="done").count() == 0
