"""What presence in the room says of who came, confirmed into attendance."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from stepwell.accounts.actor import Actor
from stepwell.clinic.refusal import Refused
from stepwell.clinic.sessions import actions as sessions
from stepwell.clinic.sessions.models import Attendance
from stepwell.clinic.sessions.video import queries
from stepwell.clinic.sessions.video.queries import Guest


@transaction.atomic
def confirm_attendance(
    *, by: Actor, at: datetime, guest: Guest, patient_ids: Collection[int]
) -> list[Attendance]:
    """What presence in the room proposes of these people becomes their attendance, by video.

    Raises `Refused` when one of them was not in, and for whatever attendance itself refuses.
    """
    found = {p.patient.pk: p for p in queries.proposals(guest.occurrence, at)}
    entries = []
    for number in patient_ids:
        proposed = found.get(number)
        if proposed is None or proposed.proposal is None:
            raise Refused(
                "Somebody on this list was not in the room. Load the page again; nothing was saved."
            )
        one = proposed.proposal
        entries.append(
            sessions.Entry(
                patient_id=number,
                outcome=Attendance.Outcome.PRESENT,
                arrived=one.arrived,
                left=one.left,
                stepped_out=one.away,
                mode="video",
            )
        )
    if not entries:
        raise Refused("Choose whose attendance you confirm.")
    return sessions.record_attendance(by=by, at=at, occurrence=guest.occurrence, entries=entries)
