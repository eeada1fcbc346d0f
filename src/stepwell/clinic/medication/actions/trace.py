"""What every write of this step shares: its entry in the trail, the day at the site, and one effect for one form."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Refused
from stepwell.clinic.site_days import site_day


def _write(
    by: Actor, at: datetime, action: str, row: object, patient_id: int, **detail: str | int | bool | None
) -> None:
    subject = f"{type(row).__name__} {row.pk}"  # type: ignore[attr-defined] # every row here has a key
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=patient_id, detail=detail)


def _day(at: datetime, patient: Patient) -> date:
    return site_day(patient.site, at)


def _sent_before(model: Any, once_key: str, **owner: int) -> Any:
    """The row of the same form sent before; `Refused` when that form was sent for somebody else. None: a new form."""
    if not once_key or len(once_key) > 64:
        raise Refused("The form is out of date; open the page again.")
    earlier = model.objects.filter(once_key=once_key).first()
    if earlier is not None and any(getattr(earlier, name) != value for name, value in owner.items()):
        raise Refused("This form was sent for another order; open the list again.")
    return earlier
