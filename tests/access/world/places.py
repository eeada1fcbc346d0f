"""Sites with their staff, rooms, groups, curricula and weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from stepwell.accounts.actor import Actor
from stepwell.accounts.models import User
from stepwell.accounts.roles import STAFF_ROLES, Role
from stepwell.clinic.people.models import Credential, Patient, Site, SiteHours
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.actions import planning
from stepwell.clinic.timetable.curriculum import actions as curriculum_actions
from stepwell.clinic.timetable.curriculum import rules as curricula
from stepwell.clinic.timetable.models import Meeting, Occurrence, TherapyGroup
from tests.access.world.ground import B, Clinic, Ground, P, Q, S
from tests.clinic.timetable.making import make_group
from tests.making import NOW, TODAY, actor, make_room, make_site, make_staff


class Places(Ground):
    """Places and staff."""

    def clinic(self, name: str, staff_name: str) -> Clinic:
        site = make_site(name, phone="404-555-0000")
        for day in range(7):
            SiteHours.objects.create(site=site, weekday=day, opens=time(8), closes=time(21))
        staff = {}
        for role in sorted(STAFF_ROLES):
            credential = {Role.PRESCRIBER: "MD", Role.NURSE: "RN"}.get(role, "LPC")
            staff[role] = make_staff(site, role, name=f"{staff_name} {role.value}", credential=credential)
        if staff_name == B:
            User.objects.filter(pk=staff[Role.DIRECTOR].user_id).update(email=f"{B}-director@example.org")
        leader = staff[Role.FACILITATOR]
        group = make_group(
            site, leader, name=f"{staff_name} mornings", meets=((0, time(9)), (2, time(9)), (4, time(9))),
            minutes=60, capacity=12, made_at=NOW - timedelta(days=5),
        )  # fmt: skip
        self._curriculum(site, actor(staff[Role.DIRECTOR]), group, staff_name)
        found = {o.local_date: o for o in Occurrence.objects.filter(group=group)}
        spare = make_group(site, leader, name=f"{staff_name} evenings", capacity=12)
        clinic = Clinic(
            site, staff, session=found[TODAY], signed=found[date(2026, 3, 16)],
            coming=found[date(2026, 3, 20)], group=group, rows={"spare": spare},
        )  # fmt: skip
        self._places(clinic, staff_name)
        return clinic

    def _curriculum(self, site: Site, by: Actor, group: TherapyGroup, word: str) -> None:
        """The site's own, with the topic that the notes of its sessions name."""
        shipped = curricula.load("early-recovery")
        triggers = replace(shipped.topics[1], key="triggers", title="Triggers", handout=f"{word} hand-out")
        own = replace(shipped, about=f"{word} about", topics=(triggers, *shipped.topics))
        at = NOW - timedelta(days=4)
        curriculum_actions.take_curriculum(by=by, at=at, site=site, curriculum=own)
        curriculum_actions.give_curriculum(by=by, at=at, group=group, key=own.key)

    def planning(self, clinic: Clinic, people: dict[str, Patient]) -> None:
        """A draft of the next week as the calendar stands."""
        draft = planning.open_week(
            by=clinic.by(Role.DIRECTOR), at=NOW, site=clinic.site, starts_on=date(2026, 3, 23)
        )
        asked = planning.ask_solve(by=clinic.by(Role.DIRECTOR), at=NOW, week=draft.week)
        for who in people:
            self.put("week_version", who, draft.pk)
            self.put("planned_session", who, draft.sessions.order_by("pk")[0].pk)
            self.put("week", who, draft.week_id)
            self.put("solve", who, asked.pk)
        self._published(clinic, people)

    def _published(self, clinic: Clinic, people: dict[str, Patient]) -> None:
        """The week after it with one group an hour later: those in it, and who leads it, are told."""
        by = clinic.by(Role.DIRECTOR)
        later = planning.open_week(by=by, at=NOW, site=clinic.site, starts_on=date(2026, 3, 30))
        for session in later.sessions.filter(group=clinic.group):
            session.starts += timedelta(hours=1)
            session.ends += timedelta(hours=1)
            session.save()
        told = planning.publish_week(by=by, at=NOW, version=later).notices.order_by("pk")
        for who, patient in people.items():
            self.put("staff_notice", who, told.filter(patient=None)[0].pk)
            self.put("week_notice", who, told.get(patient=patient).pk)

    def kept_apart(self, clinic: Clinic, people: dict[str, Patient], other: Patient) -> None:
        first = next(iter(people.values()))
        kept = timetable.keep_apart(
            by=clinic.by(Role.DIRECTOR), at=NOW, patient=first, other=other,
            because=f"{' and '.join(people)} know each other.",
        )  # fmt: skip
        for who in people:
            self.put("kept", who, kept.pk)

    def _places(self, clinic: Clinic, name: str) -> None:
        own = [P, Q] if name != B else [S]
        director = clinic.by(Role.DIRECTOR)
        program = timetable.set_up_program(
            by=director, at=NOW, site=clinic.site, name=f"{name} program", level="2.1",
            minutes_least=540, minutes_most=1140, facts={},
        )  # fmt: skip
        timetable.set_up_track(by=director, at=NOW, program=program, name=f"{name} track", kind="day")
        room = make_room(clinic.site, name=f"{name} room")
        colleague = make_staff(clinic.site, Role.COUNSELOR, name=f"{name} colleague")
        tomorrow = {
            "starts": NOW + timedelta(days=1),
            "ends": NOW + timedelta(days=2),
            "because": f"{name} reason",
        }
        away = timetable.declare_absence(by=director, at=NOW, staff=colleague, **tomorrow)
        out = timetable.take_room_out(by=director, at=NOW, room=room, **tomorrow)
        closed, _ = timetable.close_day(
            by=director, at=NOW, site=clinic.site, on=date(2026, 3, 29), because=f"{name} closed"
        )
        for who in own:
            self.put("site", who, clinic.site.pk)
            self.put("room", who, room.pk)
            self.put("absence", who, away.pk)
            self.put("room_out", who, out.pk)
            self.put("closure", who, closed.pk)
            self.put("program", who, program.pk)
            self.put("group", who, clinic.group.pk)
            self.put("meeting", who, Meeting.objects.filter(group=clinic.group)[0].pk)
            self.put("staff", who, colleague.pk)
            self.put("credential", who, Credential.objects.get(staff=colleague).pk)
            self.put("login", who, colleague.user_id)
            self.put("session", who, clinic.session.pk)
            self.put("coming_session", who, clinic.coming.pk)
        for role, staff in clinic.staff.items():
            place = "other site's " if name == B else ""
            self.logins[f"{place}{role.value}"] = staff.user_id
