"""Makes attended, signed days and people whose payer follows a rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from stepwell.accounts.roles import Role
from stepwell.clinic.billing import actions
from stepwell.clinic.billing.models import PayerRule
from stepwell.clinic.coverage.models import Payer, Policy
from stepwell.clinic.people.models import Patient, Site, Staff
from stepwell.clinic.sessions.models import Attendance, Note, NoteSignature
from stepwell.clinic.timetable.models import Occurrence, Seat
from tests.clinic.authorization.making import authorized
from tests.clinic.coverage.making import make_payer, make_policy, make_rates, tell_benefits
from tests.clinic.timetable.making import admitted, make_session
from tests.making import NOW, TODAY, actor, make_staff

YESTERDAY = NOW - timedelta(days=1)


def follow(payer: Payer | None = None, rule: str = "H0015-per-diem") -> PayerRule:
    return PayerRule.objects.get_or_create(
        payer=payer or make_payer(), rule=rule, defaults={"starts_on": TODAY - timedelta(days=365)}
    )[0]


def insured(site: Site, given_name: str = "Ana", *, approve: int | None = 12, **told: Any) -> Patient:
    """In treatment, with a policy, benefits, the payer's rule, rates, and so many approved days."""
    patient = admitted(site, given_name)
    policy: Policy = make_policy(patient)
    follow()
    if not Payer.objects.get().rates.filter(site=site).exists():
        make_rates(patient)
    tell_benefits(policy, **told)
    if approve:
        authorized(patient, policy=policy, units_asked=approve)
    return patient


def attend(
    patient: Patient,
    leader: Staff | None = None,
    *,
    starts: datetime = YESTERDAY,
    minutes: int = 180,
    signed: bool = True,
    kind: str = "individual",
    cosigner: Staff | None = None,
) -> Occurrence:
    """One session of the patient that is over, with its minutes, signed unless told otherwise."""
    leader = leader or make_staff(patient.site, Role.COUNSELOR)
    session = make_session(
        patient.site, leader, [patient], starts=starts, ends=starts + timedelta(minutes=minutes), kind=kind
    )
    done = starts + timedelta(minutes=minutes)
    Attendance.objects.create(
        seat=Seat.objects.get(occurrence=session, patient=patient),
        occurrence=session,
        patient=patient,
        outcome="present",
        arrived_at=starts,
        left_at=done,
        minutes=minutes,
        recorded_at=done,
        locked_at=done if signed else None,
    )
    note = Note.objects.create(
        occurrence=session,
        format="DAP",
        shared="Worked on triggers.",
        author=leader,
        begun_at=done,
        saved_at=done,
        signed_at=done if signed else None,
        content_hash="h" if signed else "",
        cosigner=cosigner,
    )
    if signed:
        NoteSignature.objects.create(
            note=note,
            role="author",
            staff=leader,
            name=leader.name,
            credential="LPC",
            content_hash="h",
            at=done,
        )
    return session


def charged(patient: Patient, *, at: datetime = NOW) -> actions.Batch:
    """Everything that is ready, charged by a biller made for it."""
    return actions.make_charges(by=actor(make_staff(patient.site, Role.BILLER)), at=at, through=TODAY)
