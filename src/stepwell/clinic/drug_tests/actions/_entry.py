"""What every write of drug tests needs: the day at the site, the row under lock, the entry in the trail."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from stepwell.accounts.actor import Actor
from stepwell.audit import trail
from stepwell.clinic.drug_tests.models import Collection, TestOrder
from stepwell.clinic.people.models import Site
from stepwell.clinic.prepared import Prepared

_ORDER_LOCKED = Prepared(
    lambda *, order_id: (
        TestOrder.objects.select_for_update(of=["self"]).select_related("patient").filter(pk=order_id)
    )
)
_COLLECTED = Prepared(lambda *, order_id: Collection.objects.filter(order_id=order_id))


def _locked(order: TestOrder) -> TestOrder:
    """The row of a test, held until the end of the transaction. Raises `TestOrder.DoesNotExist`."""
    found: TestOrder = _ORDER_LOCKED.one(TestOrder.DoesNotExist, order_id=order.pk)
    return found


def _taken(order: TestOrder) -> Collection | None:
    """The specimen or the refusal on file."""
    return next(iter(_COLLECTED.rows(order_id=order.pk)), None)


def _day(at: datetime, site: Site) -> date:
    return at.astimezone(ZoneInfo(site.zone)).date()


def _write(
    by: Actor, at: datetime, action: str, row: object, patient_id: int, **detail: str | int | bool
) -> None:
    subject = f"{type(row).__name__} {row.pk}"  # type: ignore[attr-defined] # every row here has a key
    trail.record(by=by, at=at, action=action, subject=subject, patient_id=patient_id, detail=detail)
