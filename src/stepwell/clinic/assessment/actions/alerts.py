"""Alerts: raised, answered by saying what was done, and told to others while nobody answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.assessment import policies, queries, rules
from stepwell.clinic.assessment.models import Alert, AlertAcknowledgement, AlertSeverity, AlertTold
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused


@transaction.atomic
def raise_alert(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    kind: str,
    sentence: str,
    subject: str,
    urgent: bool = True,
) -> Alert:
    """Something that somebody must look at now. `subject`: the row it came from, such as 'CheckIn 12'."""
    policies.may_raise_alert(by, patient)
    alert = Alert.objects.create(
        patient=patient,
        kind=kind,
        severity=AlertSeverity.URGENT if urgent else AlertSeverity.SOON,
        sentence=sentence,
        subject=subject,
        raised_at=at,
    )
    trail.record(
        by=by,
        at=at,
        action="assessment.raise_alert",
        subject=f"Alert {alert.pk}",
        patient_id=patient.pk,
        detail={"kind": kind, "from": subject},
    )
    return alert


@transaction.atomic
def acknowledge_alert(*, by: Actor, at: datetime, alert: Alert, done: str) -> AlertAcknowledgement:
    """Somebody has looked, and says what was done. Raises `Refused` when blank or done by another already."""
    staff_id = policies.may_acknowledge(by, alert.patient)
    if not done.strip():
        raise Refused("Write what was done about the alert; that is what the next person needs.")
    locked = Alert.objects.select_for_update().get(pk=alert.pk)
    earlier = AlertAcknowledgement.objects.filter(alert=locked).select_related("by").first()
    if earlier is not None:
        raise Refused(f"{earlier.by.name} has acknowledged this alert already; nothing was changed.")
    row = AlertAcknowledgement.objects.create(alert=locked, by_id=staff_id, at=at, done=done.strip())
    trail.record(
        by=by,
        at=at,
        action="assessment.acknowledge_alert",
        subject=f"Alert {locked.pk}",
        patient_id=locked.patient_id,
        detail={"kind": locked.kind},
    )
    return row


@transaction.atomic
def escalate_alerts(*, by: Actor, at: datetime) -> int:
    """Tell supervisors and directors of alerts nobody has answered in time (`data/alerting.json`).

    For the timer; a second run tells nobody twice. Gives how many were told. Six statements at most, however many.
    """
    policies.may_escalate(by)
    waiting = queries.alerts_to_escalate(at)
    if not waiting:
        return 0
    known = queries.told_of(waiting)
    whom = queries.whom_to_tell({alert.patient.site_id for alert in waiting}, at)
    rows: list[AlertTold] = []
    for alert in waiting:
        for step in rules.steps_due(alert.severity, alert.raised_at, at):
            for staff_id in whom[alert.patient.site_id, step.to]:
                if staff_id not in known[alert.pk]:
                    known[alert.pk].add(staff_id)
                    rows.append(
                        AlertTold(
                            alert=alert,
                            staff_id=staff_id,
                            role=step.to,
                            after_minutes=step.after_minutes,
                            at=at,
                        )
                    )
    AlertTold.objects.bulk_create(rows, ignore_conflicts=True)
    told: dict[Alert, int] = defaultdict(int)
    for row in rows:
        told[row.alert] += 1
    if told:
        trail.record_each(
            by=by,
            at=at,
            action="assessment.escalate_alerts",
            of=[(alert.patient_id, f"Alert {alert.pk}", {"told": count}) for alert, count in told.items()],
        )
    return len(rows)
