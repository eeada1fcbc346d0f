"""What the payer approved, the weekly charges, what was paid, and statements."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from stepwell.cli.demo.data import read
from stepwell.cli.demo.seating import path_of
from stepwell.cli.demo.world import Clinic, Life
from stepwell.clinic.authorization import actions as authorization
from stepwell.clinic.billing import actions as billing
from stepwell.clinic.billing import queries as account_queries

NOT_RENEWED = {"Ben Thornton", "Isaac Goldberg"}
STILL_PENDING = {"Zoe Albright"}
_CENT = Decimal("0.01")


def follow_rules(clinic: Clinic, at: datetime) -> None:
    """Which dated rules each payer follows: one for each level of care and service."""
    first = clinic.diary.day_of(at)
    for name, _kind, followed, _allowed in read("clinic")["payers"]:
        for rule in followed:
            billing.follow_rule(
                by=clinic.actors["biller"], at=at, payer=clinic.payers[name], rule=rule, starts_on=first
            )


def authorize(clinic: Clinic, life: Life, path: str, first_day: date, at: datetime) -> None:
    """Days asked of the payer for some weeks; the answer comes on the next day, and the next asking before the end."""
    level = path_of(path)["level"]
    if life.policy is None or level == "1":
        return
    medicaid = life.facts["payer"] == "State Medicaid"
    weeks = 4 if level == "2.5" else 8 if medicaid else 6
    days = path_of(path)["days"][0]
    last = first_day + timedelta(days=7 * weeks - 1)
    asked = authorization.request_authorization(
        by=clinic.actors["biller"],
        at=at,
        patient=life.patient,
        policy=life.policy,
        service_code="H2036" if level == "2.5" else "H0015",
        level=level,
        unit="day",
        units_asked=days * weeks,
        starts_on=first_day,
        ends_on=last,
    )
    renewal = first_day > clinic.diary.day_of(life.episode.admitted_at) + timedelta(days=14)
    if (level == "2.5" and renewal) or (life.name in STILL_PENDING and renewal):
        return  # the payer has not answered yet
    answer = clinic.diary.moment(clinic.diary.day_of(at) + timedelta(days=1), "10:40", life.number % 45)
    clinic.diary.note(answer, lambda then: _approve(clinic, life, asked, days * weeks, then))
    if life.name not in NOT_RENEWED:
        again = clinic.diary.moment(last - timedelta(days=5), "15:30", life.number % 45)
        clinic.diary.note(again, lambda then: _renew(clinic, life, last + timedelta(days=1), then))


def _renew(clinic: Clinic, life: Life, first_day: date, at: datetime) -> None:
    if life.in_treatment and path_of(life.path)["level"] != "1":
        authorize(clinic, life, life.path, first_day, at)


def _approve(clinic: Clinic, life: Life, asked: Any, units: int, at: datetime) -> None:
    partly = life.number % 9 == 4
    asked.patient = life.patient
    authorization.record_decision(
        by=clinic.actors["biller"],
        at=at,
        authorization=asked,
        outcome="partly" if partly else "approved",
        number=f"SAMPLE-A{life.number:02}{asked.starts_on:%m%d}",
        units=units * 2 // 3 if partly else units,
        level=asked.level,
        starts_on=asked.starts_on,
        ends_on=asked.ends_on,
        note="The reviewer wants a new look at the scores before the rest." if partly else "",
    )


def charge(clinic: Clinic, through: date, at: datetime) -> None:
    """Every other Friday the biller charges what is ready through the Sunday before; money comes two weeks later."""
    batch = billing.make_charges(by=clinic.actors["biller"], at=at, through=through)
    shares: dict[int, tuple[Decimal, Decimal]] = {}
    for row in batch.charges:
        payer, own = shares.get(row.patient_id, (Decimal(0), Decimal(0)))
        share = row.patient_share or Decimal(0)
        rest = (row.allowed if row.allowed is not None else row.amount) - share
        shares[row.patient_id] = (payer + rest, own + share)
    clinic.diary.note(at + timedelta(days=14), lambda then: _paid(clinic, shares, through, then))


def _paid(clinic: Clinic, shares: dict[int, tuple[Decimal, Decimal]], through: date, at: datetime) -> None:
    """The payer's part for most, and what some patients pay; the rest is owed."""
    people = clinic.by_patient()
    for patient_id, (payer, own) in sorted(shares.items()):
        life = people[patient_id]
        if life.policy is not None and payer > 0 and life.number % 7:
            _post(clinic, life, "payer", payer, through, at)
        if own > 0 and life.number % 3 == 0:
            _post(clinic, life, "patient", (own if life.number % 2 else own / 2).quantize(_CENT), through, at)


def _post(clinic: Clinic, life: Life, source: str, amount: Decimal, through: date, at: datetime) -> None:
    billing.post_payment(
        by=clinic.actors["biller"],
        at=at,
        patient=life.patient,
        source=source,
        amount=amount,
        once_key=f"demo-{source}-{life.number}-{through}",
        reference=f"SAMPLE-{source.upper()}-{through:%m%d}",
    )


def statements(clinic: Clinic, at: datetime) -> None:
    """For half of those who owe something."""
    for owing in account_queries.balances(clinic.actors["biller"])[::2]:
        billing.make_statement(by=clinic.actors["biller"], at=at, patient=owing)
