"""May this person offer a seat, or answer an offer?"""

from __future__ import annotations

from stepwell.accounts.actor import Actor
from stepwell.clinic.people.models import Patient
from stepwell.clinic.refusal import Denied
from stepwell.clinic.timetable.policies import may_book


def may_offer(by: Actor, site_id: int) -> None:
    """Hold a seat for a patient, and let it go again: whoever may book seats."""
    may_book(by, site_id)


def may_answer(by: Actor, patient: Patient) -> None:
    """Only the patient says yes or no to an offer; what the patient says on the phone is booked as a seat."""
    if by.patient_id is None or by.patient_id != patient.pk:
        raise Denied("Only the patient can answer this. Book the seat, or withdraw the offer instead.")


def may_close_lapsed(by: Actor) -> None:
    """Writing down that offers ran out is Stepwell's own work."""
    if not by.is_system:
        raise Denied("Offers that ran out are closed by Stepwell itself.")
