"""Where the public finds the clinic, what it reads of its programs, and two small sites beside it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.cli.demo.data import read
from stepwell.cli.demo.world import Clinic
from stepwell.clinic.coverage import actions as coverage
from stepwell.clinic.people import actions as people
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.queries import programs_for

_YEAR = timedelta(days=365)


def show(clinic: Clinic, at: datetime) -> None:
    """Everything that the public reads."""
    facts = read("places")
    _place(clinic.site, facts["home"], at)
    for program in programs_for(clinic.actors["director"]):
        if program.name in facts["listings"]:
            _publish(clinic, program, facts["listings"][program.name], at)
    for site in facts["sites"]:
        _open(clinic, site, at)


def _open(clinic: Clinic, facts: dict[str, Any], at: datetime) -> None:
    """A small site: one room, one counselor, one program whose groups meet from this week on."""
    by, monday = stepwell_itself(), clinic.diary.monday(0)
    site = people.open_site(
        by=by, at=at, name=facts["name"], zone=str(clinic.diary.zone), facts=facts["facts"]
    )
    hours = [(day, time.fromisoformat(a), time.fromisoformat(b)) for day, a, b in facts["hours"]]
    people.set_opening_hours(by=by, at=at, site=site, hours=hours)
    _place(site, facts, at)
    room = people.add_room(by=by, at=at, site=site, name=facts["room"][0], capacity=facts["room"][1])
    one = facts["staff"]
    started = clinic.diary.today - _YEAR
    leads = people.add_staff(
        by=by, at=at, site=site, name=one["name"], short_name=one["short_name"],
        email=f"{one['key']}@demo.example", roles=[Role.COUNSELOR, Role.FACILITATOR], starts_on=started,
    )  # fmt: skip
    people.add_credential(
        by=by, at=at, staff=leads, kind=one["credential"], issued_on=started,
        expires_on=clinic.diary.today + _YEAR, number=f"SAMPLE-{one['key']}", state="GA",
    )  # fmt: skip
    people.set_roles(by=by, at=at, staff=clinic.staff["director"], site=site, roles=[Role.DIRECTOR])
    told = facts["program"]
    program = timetable.set_up_program(
        by=by, at=at, site=site, name=told["name"], level=told["level"],
        minutes_least=told["minutes_least"], minutes_most=told["minutes_most"],
        facts={"days_least": told["days"][0], "days_most": told["days"][1]},
    )  # fmt: skip
    coverage.set_rate(
        by=by, at=at, site=site, code=program.service_code, amount=Decimal(facts["charge"]), starts_on=started,
        source="Fee schedule of the demo clinic",
    )  # fmt: skip
    name, kind = facts["track"]
    track = timetable.set_up_track(by=by, at=at, program=program, name=name, kind=kind)
    for title, treatment, mode, weekday, clock, minutes in facts["groups"]:
        group = timetable.set_up_group(
            by=by, at=at, site=site, name=title, kind=treatment, facilitator=leads, capacity=8,
            starts_on=monday, room=None if mode == "video" else room, tracks=[track], facts={"mode": mode},
        )  # fmt: skip
        timetable.add_meeting(
            by=by, at=at, group=group, weekday=weekday, starts_at=time.fromisoformat(clock), minutes=minutes,
            first_on=monday,
        )  # fmt: skip
    timetable.extend_horizon(by=by, at=at, site=site)
    _publish(clinic, program, facts["listing"], at)


def _place(site: Any, facts: dict[str, Any], at: datetime) -> None:
    words = {name: facts[name] for name in ("zip_code", "directions_en", "directions_es")}
    people.place_site(by=stepwell_itself(), at=at, site=site, **words)


def _publish(clinic: Clinic, program: Any, facts: dict[str, Any], at: datetime) -> None:
    timetable.list_program(
        by=stepwell_itself(),
        at=at,
        program=program,
        words={name: facts[name] for name in ("words_en", "words_es", "family_en", "family_es")},
        populations=facts["populations"],
        languages=facts["languages"],
        insurers=[clinic.payers[name] for name in facts["insurers"]],
        published=True,
    )
