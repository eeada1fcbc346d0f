"""Makes a site with groups, people who can lead and patients with orders, for the tests of planned weeks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from stepwell.accounts.actor import Actor, stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.clinic.people.models import Patient, Site, SiteHours, Staff
from stepwell.clinic.timetable import actions
from stepwell.clinic.timetable.actions import planning
from stepwell.clinic.timetable.models import (
    StaffAvailability,
    StaffTreatment,
    TherapyGroup,
    WeekVersion,
)
from stepwell.clinic.timetable.rules.windows import Window
from tests.clinic.timetable.making import admitted, make_group
from tests.making import NOW, actor, make_room, make_staff

NEXT_MONDAY = date(2026, 3, 23)


class Clinic:
    """Two groups of 90 minutes (Tuesday and Thursday at 6 pm), two who may lead both, four patients."""

    def __init__(self, site: Site, *, patients: int = 4, minutes: int = 180) -> None:
        self.site = site
        for weekday in range(6):
            SiteHours.objects.create(site=site, weekday=weekday, opens=time(8), closes=time(21))
        self.director = make_staff(site, Role.DIRECTOR, name="Ruth Abara")
        self.by: Actor = actor(self.director)
        self.room, self.other_room = make_room(site, name="Room A"), make_room(site, name="Room B")
        self.okafor = self.leader("Nia Okafor")
        self.haddad = self.leader("Sami Haddad")
        self.skills = self.group("Relapse prevention", "skills", self.okafor, (1, time(18)))
        self.process = self.group(
            "Process group", "process", self.haddad, (3, time(18)), room=self.other_room
        )
        self.patients = [self.patient(n, minutes) for n in range(patients)]
        for one in self.patients:
            for group in (self.skills, self.process):
                actions.enroll(by=self.by, at=NOW, patient=one, group=group, starts_on=NEXT_MONDAY)

    def leader(self, name: str) -> Staff:
        staff = make_staff(self.site, Role.FACILITATOR, name=name)
        StaffAvailability.objects.bulk_create(
            StaffAvailability(
                staff=staff,
                site=self.site,
                weekday=weekday,
                starts_at=time(9),
                ends_at=time(21),
                first_on=date(2026, 1, 1),
            )
            for weekday in range(5)
        )
        for kind in ("skills", "process", "individual"):
            StaffTreatment.objects.create(staff=staff, kind=kind)
        return staff

    def group(self, name: str, kind: str, leader: Staff, *meets: Any, **facts: Any) -> TherapyGroup:
        return make_group(
            self.site,
            leader,
            name=name,
            kind=kind,
            capacity=8,
            least=2,
            meets=meets,
            room=facts.pop("room", self.room),
            **facts,
        )

    def patient(self, number: int, minutes: int = 180) -> Patient:
        patient = admitted(self.site, f"Ana{number}", "Reyes", minutes=minutes)
        actions.set_patient_windows(
            by=self.by,
            at=NOW,
            patient=patient,
            windows=[Window(weekday=day, starts_at=time(17), ends_at=time(21)) for day in range(5)],
            first_on=NEXT_MONDAY,
        )
        return patient

    def opened(self, at: datetime = NOW) -> WeekVersion:
        return planning.open_week(by=self.by, at=at, site=self.site, starts_on=NEXT_MONDAY)

    def computed(self, at: datetime = NOW, seconds: int = 3) -> WeekVersion:
        """Asked for, computed in this process, and written down."""
        from weekplan.solving import solve

        week = self.opened(at).week
        asked = planning.ask_solve(by=self.by, at=at, week=week, seconds=seconds)
        claim = planning.claim_solve(by=stepwell_itself(), at=at, solve_id=asked.pk)
        assert claim is not None
        plan = solve(claim.case, seconds=seconds, workers=1)
        made = planning.finish_solve(
            by=stepwell_itself(), at=at + timedelta(seconds=5), claim=claim, plan=plan
        )
        assert made is not None
        return made
