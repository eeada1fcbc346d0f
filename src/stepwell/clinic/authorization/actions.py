"""Every write about authorizations: what was asked of the payer, and each of its answers."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.authorization import policies
from stepwell.clinic.authorization.models import (
    Authorization,
    AuthorizationDecision,
    AuthorizationDecisionOutcome,
    AuthorizationUnit,
)
from stepwell.clinic.authorization.rules import load_asking
from stepwell.clinic.coverage.models import Policy
from stepwell.clinic.people.models import Patient
from stepwell.clinic.placement.rules import offered_levels
from stepwell.clinic.refusal import Refused


@transaction.atomic
def request_authorization(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    policy: Policy,
    service_code: str,
    level: str,
    unit: str,
    units_asked: int,
    starts_on: date,
    ends_on: date,
) -> Authorization:
    """Keep what was asked of the payer. `unit`: 'day' or 'hour'; `level`: a code such as '2.1'.

    Raises `Refused` for another patient's policy, dates out of order, a level or unit that is not known, units
    out of range, and for the same request a second time while the first one waits.
    """
    staff_id = policies.may_record(by, patient.site_id)
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    code = service_code.strip().upper()
    if policy.patient_id != patient.pk:
        raise Refused("This policy belongs to somebody else. Choose again; nothing was saved.")
    if not code:
        raise Refused("Name the service code that the payer is asked for.")
    _checked(unit=unit, units=units_asked, level=level, starts_on=starts_on, ends_on=ends_on)
    same = Authorization.objects.filter(
        patient=patient, policy=policy, service_code=code, starts_on=starts_on, ends_on=ends_on
    )
    if same.filter(decisions__isnull=True).exists():
        raise Refused("The payer was asked for the same days already and has not answered yet.")
    row = Authorization.objects.create(
        patient=patient,
        policy=policy,
        service_code=code,
        level=level,
        unit=unit,
        units_asked=units_asked,
        starts_on=starts_on,
        ends_on=ends_on,
        asked_at=at,
        asked_by_id=staff_id,
    )
    trail.record(
        by=by,
        at=at,
        action="authorization.request",
        subject=f"Authorization {row.pk}",
        patient_id=patient.pk,
        detail={"policy": policy.pk, "code": code, "level": level, "units": units_asked, "unit": unit},
    )
    return row


@transaction.atomic
def record_decision(
    *,
    by: Actor,
    at: datetime,
    authorization: Authorization,
    outcome: str,
    number: str = "",
    units: int = 0,
    level: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    note: str = "",
) -> AuthorizationDecision:
    """Keep the payer's answer; an earlier answer stays and the newest holds.

    An approval needs the payer's number, units and days; the authorized level may differ from what was asked
    and from the clinical level, which does not change by it. A denial needs the payer's reason in `note`.
    Raises `Refused` otherwise, and for the same answer twice.
    """
    staff_id = policies.may_record(by, authorization.patient.site_id)
    locked = Authorization.objects.select_for_update().get(pk=authorization.pk)
    if outcome not in AuthorizationDecisionOutcome.values:
        raise Refused("Choose the payer's answer: approved, approved in part, denied or pended.")
    approved = outcome in (AuthorizationDecisionOutcome.APPROVED, AuthorizationDecisionOutcome.PARTLY)
    if approved:
        level = level or locked.level
        if not number.strip() or starts_on is None or ends_on is None:
            raise Refused("An approval needs the payer's number, the units, and the first and last day.")
        _checked(unit=locked.unit, units=units, level=level, starts_on=starts_on, ends_on=ends_on)
        if outcome == AuthorizationDecisionOutcome.APPROVED and units < locked.units_asked:
            raise Refused(
                f"{units} of {locked.units_asked} were approved: choose “approved in part” and say what was cut."
            )
    elif outcome == AuthorizationDecisionOutcome.DENIED and not note.strip():
        raise Refused("Write down the payer's reason for the denial: the appeal rests on it.")
    facts = {
        "outcome": outcome,
        "number": number.strip() if approved else "",
        "units": units if approved else 0,
        "level": level if approved else "",
        "starts_on": starts_on if approved else None,
        "ends_on": ends_on if approved else None,
        "note": note.strip(),
    }
    last = locked.decisions.order_by("-at", "-pk").first()
    if last is not None and all(getattr(last, name) == value for name, value in facts.items()):
        raise Refused("This answer is on file already; nothing was changed.")
    row = AuthorizationDecision.objects.create(authorization=locked, at=at, recorded_by_id=staff_id, **facts)
    trail.record(
        by=by,
        at=at,
        action="authorization.decide",
        subject=f"AuthorizationDecision {row.pk}",
        patient_id=locked.patient_id,
        detail={"authorization": locked.pk, "outcome": outcome, "units": row.units, "level": row.level},
    )
    return row


def _checked(*, unit: str, units: int, level: str, starts_on: date, ends_on: date) -> None:
    if unit not in AuthorizationUnit.values:
        raise Refused("The payer counts days or hours; choose one.")
    most = load_asking().most_units
    if not 0 < units <= most:
        raise Refused(f"The number of units must lie between 1 and {most}.")
    if level not in {offered.value for offered in offered_levels()}:
        raise Refused("Choose a level of care that the program offers.")
    if ends_on < starts_on:
        raise Refused("The last day lies before the first. Check the two dates; nothing was saved.")
