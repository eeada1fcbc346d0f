"""The clinic before its first patient: site, staff with credentials, payers and rates, programs and groups."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from stepwell.accounts.actor import stepwell_itself
from stepwell.accounts.roles import Role
from stepwell.cli.demo import availability
from stepwell.cli.demo.data import read
from stepwell.cli.demo.world import Clinic
from stepwell.clinic.coverage import actions as coverage
from stepwell.clinic.coverage.good_faith import actions as good_faith
from stepwell.clinic.people import actions as people
from stepwell.clinic.people.queries import actor_of
from stepwell.clinic.timetable import actions as timetable
from stepwell.clinic.timetable.curriculum import actions as curricula
from stepwell.edi.demo_payer import IN_THE_DEMO

_ADDRESS = "127.0.0.1"
_YEAR = timedelta(days=365)


def set_up(clinic: Clinic, at: datetime) -> None:
    """Everything that stands before somebody can be admitted."""
    facts = read("clinic")
    _site(clinic, facts, at)
    _staff(clinic, facts, at)
    _credentials(clinic, facts, at)
    _payers(clinic, facts, at)
    _groups(clinic, facts, at)
    availability.staff_hours(clinic, at)


def _site(clinic: Clinic, facts: dict[str, Any], at: datetime) -> None:
    site, by = facts["site"], stepwell_itself()
    columns = {k: site[k] for k in ("week_starts_on", "address", "phone", "crisis_line", "npi")}
    clinic.site = people.open_site(by=by, at=at, name=site["name"], zone=site["zone"], facts=columns)
    hours = [
        (day, time.fromisoformat(opens), time.fromisoformat(closes)) for day, opens, closes in site["hours"]
    ]
    people.set_opening_hours(by=by, at=at, site=clinic.site, hours=hours)
    for name, capacity, features in site["rooms"]:
        clinic.rooms[name] = people.add_room(
            by=by, at=at, site=clinic.site, name=name, capacity=capacity, features=features
        )


def _staff(clinic: Clinic, facts: dict[str, Any], at: datetime) -> None:
    started = clinic.diary.day_of(at) - 2 * _YEAR
    for one in facts["staff"]:
        row = people.add_staff(
            by=stepwell_itself(),
            at=at,
            site=clinic.site,
            name=one["name"],
            short_name=one["short_name"],
            email=f"{one['key']}@demo.example",
            roles=[Role(role) for role in one["roles"]],
            phone="404-555-0100",
            starts_on=started,
        )
        clinic.staff[one["key"]] = row
    for key, row in clinic.staff.items():
        clinic.actors[key] = actor_of(row.user, at=at, address=_ADDRESS)


def _credentials(clinic: Clinic, facts: dict[str, Any], at: datetime) -> None:
    today = clinic.diary.today
    for number, one in enumerate(facts["staff"]):
        if one["credential"] is None:
            continue
        key = one["key"]
        soon = facts["credential_soon"].get(key)
        supervisor = facts["supervised"].get(key)
        people.add_credential(
            by=clinic.actors["director"],
            at=at,
            staff=clinic.staff[key],
            kind=one["credential"],
            issued_on=today - 2 * _YEAR,
            expires_on=today + (timedelta(days=soon) if soon else _YEAR + timedelta(days=37 * number)),
            number=f"SAMPLE-{number:04}",
            state="GA",
            supervisor=clinic.staff[supervisor] if supervisor else None,
        )
    # The credential goes under every signature, so the actors are asked for again.
    for key, row in clinic.staff.items():
        clinic.actors[key] = actor_of(row.user, at=at, address=_ADDRESS)


def _payers(clinic: Clinic, facts: dict[str, Any], at: datetime) -> None:
    from_day = clinic.diary.day_of(at)
    director = clinic.actors["director"]
    source = "Fee schedule of the demo clinic"

    def rate(code: str, amount: int, payer: Any = None) -> None:
        coverage.set_rate(
            by=director, at=at, site=clinic.site, code=code, amount=Decimal(amount), starts_on=from_day,
            source=source, payer=payer,
        )  # fmt: skip

    for code, amount in facts["charges"].items():
        rate(code, amount)
    good_faith.set_identity(
        by=director, at=at, site=clinic.site, legal_name=f"{clinic.site.name} Recovery LLC (sample)", npi="1234567893",
        tin="000000000", state="GA", address=clinic.site.address.replace("\n", ", ") or "12 Specimen Street",
    )  # fmt: skip
    for name, kind, _rules, allowed in facts["payers"]:
        payer = coverage.record_payer(
            by=clinic.actors["biller"], at=at, name=name, kind=kind,
            payer_code=IN_THE_DEMO if name == facts["asked_electronically"] else "",
        )  # fmt: skip
        clinic.payers[name] = payer
        for code, amount in allowed.items():
            rate(code, amount, payer)


def _groups(clinic: Clinic, facts: dict[str, Any], at: datetime) -> None:
    director = clinic.actors["director"]
    programs = {
        row["name"]: timetable.set_up_program(
            by=director,
            at=at,
            site=clinic.site,
            name=row["name"],
            level=row["level"],
            minutes_least=row["minutes_least"],
            minutes_most=row["minutes_most"],
            facts={"service_code": row["service_code"]},
        )
        for row in facts["programs"]
    }
    tracks = {
        name: timetable.set_up_track(by=director, at=at, program=programs[program], name=name, kind=kind)
        for program, name, kind in facts["tracks"]
    }
    for row in facts["groups"]:
        first_on = clinic.diary.monday(row["since_weeks_ago"])
        group = timetable.set_up_group(
            by=director,
            at=at,
            site=clinic.site,
            name=row["name"],
            kind=row["kind"],
            facilitator=clinic.staff[row["facilitator"]],
            capacity=row["capacity"],
            starts_on=first_on,
            room=clinic.rooms[row["room"]] if row["room"] else None,
            tracks=[tracks[name] for name in row["tracks"]],
            facts={"mode": row["mode"], "needs": row.get("needs", [])},
        )
        group = curricula.give_curriculum(by=director, at=at, group=group, key=row["curriculum"])
        clinic.groups[row["key"]] = group
        for weekday, clock, minutes in row["meetings"]:
            timetable.add_meeting(
                by=director, at=at, group=group, weekday=weekday, starts_at=time.fromisoformat(clock),
                minutes=minutes, first_on=first_on,
            )  # fmt: skip
