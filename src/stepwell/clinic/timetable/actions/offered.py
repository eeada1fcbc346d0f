"""Seats held for somebody who was offered them: taken for everybody else, until the offer is answered or runs out.

The offers themselves are made and answered in the step `hours`; here is what every action that gives seats asks.
Whoever calls has locked the session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from stepwell.clinic.timetable.models import MakeUpOffer, OfferAnswer


def _held(
    occurrence_ids: Iterable[int], at: datetime, *, but: int | None = None
) -> dict[int, dict[int, int]]:
    """Session -> seat number -> patient for whom it is held at `at`; `but` leaves out one patient's own."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    offers = MakeUpOffer.objects.filter(
        occurrence__in=list(occurrence_ids), answered_at__isnull=True, held_until__gt=at
    ).exclude(patient=but)
    for occurrence, number, patient in offers.values_list("occurrence_id", "number", "patient_id"):
        found[occurrence][number] = patient
    return found


def _answer(offers: Any, at: datetime, answer: OfferAnswer, *, because: str = "") -> int:
    """Writes the answer down for those of the queryset that are still open; returns how many.

    One that has run out by then has lapsed, whatever happens to its session afterwards.
    """
    still_open = offers.filter(answered_at__isnull=True)
    still_open.filter(held_until__lte=at).update(answered_at=at, answer=OfferAnswer.LAPSED)
    written: int = still_open.filter(held_until__gt=at).update(
        answered_at=at, answer=answer, because=because[:200]
    )
    return written
