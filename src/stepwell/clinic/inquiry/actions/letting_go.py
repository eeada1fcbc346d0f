"""What an inquiry holds is let go: the people and the room of an intake, and papers still on their way."""

from __future__ import annotations

from datetime import datetime

from stepwell.accounts.actor import Actor
from stepwell.clinic.inquiry.models import Inquiry, IntakeAppointment, Packet
from stepwell.clinic.people.models import Reservation


def _let_go(intake: IntakeAppointment, at: datetime) -> None:
    """Cancels the intake and frees who and what it held; the rows stay."""
    intake.cancelled_at = at
    intake.save(update_fields=["cancelled_at"])
    Reservation.objects.filter(subject=Reservation.For.INTAKE, subject_id=intake.pk, released_at=None).update(
        released_at=at
    )


def _end_packets(by: Actor, at: datetime, row: Inquiry, because: str) -> None:
    """Papers that are still on their way can be opened no more."""
    Packet.objects.filter(inquiry=row, accepted_at=None, ended_at=None).update(
        ended_at=at, ended_by_id=by.staff_id, ended_because=because
    )
